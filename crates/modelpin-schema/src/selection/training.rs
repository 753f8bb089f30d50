//! What a training run leaves behind: the checkpoints on the way, and the state from which it could go on.

use super::choice::Reason;
use super::decision::Decision;
use super::listing::{File, Listing, upwards};
use super::pipeline::Pipelines;
use crate::RepoPath;
use std::collections::BTreeMap;

/// Leaves out what a trainer left behind, where the repo has weights outside of it.
pub(super) fn decide<'a>(listing: &Listing<'a>, pipelines: &Pipelines<'a>, decision: &mut Decision<'a>) {
    let anywhere = largest_weights(listing);
    // What is found in the folder above a checkpoint stays the same for all of its files.
    let mut replaced: BTreeMap<&str, Option<&'a RepoPath>> = BTreeMap::new();
    for file in &listing.files {
        let checkpoint = upwards(file.folder).filter(|folder| is_checkpoint(folder)).last();
        let whole = checkpoint.and_then(|folder| {
            let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            *replaced.entry(parent).or_insert_with(|| result(listing, pipelines, parent))
        });
        let beside =
            whole.or_else(|| is_state(file).then(|| result(listing, pipelines, file.folder).or(anywhere)).flatten());
        if let Some(beside) = beside {
            decision.leave_out(file.path, Reason::Training, beside);
        }
    }
}

/// What the training run came to: the weights in the folder that holds the checkpoints.
fn result<'a>(listing: &Listing<'a>, pipelines: &Pipelines<'a>, folder: &str) -> Option<&'a RepoPath> {
    listing.main_or_adapter(folder).or_else(|| pipelines.weights_of(folder))
}

/// Where nothing better is known: the largest file of weights that a trainer did not leave behind.
fn largest_weights<'a>(listing: &Listing<'a>) -> Option<&'a RepoPath> {
    let outside = |file: &&File<'a>| file.is_weights() && file.size > 0 && !is_state(file);
    let outside = listing.files.iter().filter(outside).filter(|file| !upwards(file.folder).any(is_checkpoint));
    outside.max_by_key(|file| (file.size, std::cmp::Reverse(file.path))).map(|file| file.path)
}

/// `checkpoint-500` (transformers, `trainer_utils.py`, `PREFIX_CHECKPOINT_DIR`), `last-checkpoint` (`trainer.py`,
/// `_push_from_checkpoint`), `global_step500` (DeepSpeed, `runtime/engine.py`, `save_checkpoint`).
fn is_checkpoint(folder: &str) -> bool {
    let name = folder.rsplit('/').next().unwrap_or_default();
    let numbered = |prefix| {
        let step: Option<&str> = name.strip_prefix(prefix);
        step.is_some_and(|step| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()))
    };
    name == "last-checkpoint" || numbered("checkpoint-") || numbered("global_step")
}

/// Names of a trainer's own files: transformers (`trainer.py`: `TRAINING_ARGS_NAME`, `OPTIMIZER_NAME`, `SCHEDULER_NAME`,
/// `SCALER_NAME`, `TRAINER_STATE_NAME`, `rng_state`), accelerate (`utils/constants.py`), TensorBoard's event files, and the
/// generator of a discriminator's pretraining (DeBERTa v3, ELECTRA), which no loader reads.
fn is_state(file: &File<'_>) -> bool {
    const NAMES: &[&str] = &[
        "training_args.bin",
        "trainer_state.json",
        "scheduler.pt",
        "scheduler.bin",
        "scaler.pt",
        "optimizer.pt",
        "optimizer.bin",
        "rng_state.pth",
        "pytorch_model.generator.bin",
    ];
    let Some((stem, extension)) = file.name.rsplit_once('.') else { return false };
    let numbered = |prefix| {
        let rest: Option<&str> = stem.strip_prefix(prefix);
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    NAMES.contains(&file.name)
        || file.name.starts_with("events.out.tfevents.")
        || (extension == "pth" && numbered("rng_state_"))
        || (extension == "pkl" && numbered("random_states_"))
        || (extension == "bin" && (numbered("optimizer_") || numbered("scheduler_")))
        || (extension == "pt" && stem.ends_with("_optim_states"))
}
