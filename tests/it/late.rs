//! What runs is found when a pin is made, whatever it is called; and what could not be found then is no lie of the lock.

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::corpus::build::{Zip, call, state_dict, torch_zip};
use modelpin_testkit::{Content, Sparse};

const PICKLE: &[u8] = b"\x80\x02}q\0(X\x01\0\0\0aK\x01u.";

/// How many errors were printed.
fn errors(output: &Output) -> usize {
    output.stderr.lines().filter(|line| line.starts_with("error:")).count()
}

fn numpy_objects(pickle: &[u8]) -> Vec<u8> {
    let mut header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".to_vec();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], &header, pickle].concat()
}

fn torch() -> Vec<u8> {
    torch_zip(&state_dict(&[("w", "0", &[1])]), &[("0", &[0; 4])]).bytes()
}

#[test]
fn what_runs_is_seen_at_add_whatever_it_is_called() {
    let agent = Zip::of(&[("data", b"{}"), ("policy.pth", &torch()), ("pytorch_variables.pth", &torch())]);
    for (path, bytes, kind) in [
        ("silero_vad.jit", torch(), "pickle"),
        ("model_best.pth.tar", torch(), "pickle"),
        ("word2vec.model", PICKLE.to_vec(), "pickle"),
        ("vectors.npy", numpy_objects(PICKLE), "pickle"),
        ("model.t7", torch(), "pickle"),
        ("forest.joblib.v2", PICKLE.to_vec(), "pickle"),
        ("model.safetensors", PICKLE.to_vec(), "pickle"),
        ("weights.dat", PICKLE.to_vec(), "pickle"),
        ("ppo-CartPole-v1.zip", agent.clone(), "archive"),
        ("agent.sb3", agent, "other"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.hub.model("acme/late").commit(&[("config.json", Content::git("{}")), (path, Content::lfs(&bytes))]);
        let output = sandbox.run("add acme/late");
        output.refused(5).says(path);
        assert_eq!(errors(&output), 1, "{output}");
        assert_eq!(sandbox.locked_kind(path), kind, "{path}");
        let lock = sandbox.read("models.lock");
        for words in ["sync --locked", "sync", "sync --locked"] {
            let output = sandbox.run(words);
            output.refused(5).says(path);
            assert_eq!(errors(&output), 1, "{words}\n{output}");
            assert_eq!(sandbox.read("models.lock"), lock, "{path}: all of it was seen");
        }
    }
}

/// An archive with more members than are looked at, one of them in the middle with objects in it.
fn late() -> Vec<u8> {
    let filler: Vec<(String, Vec<u8>)> = (0..700).map(|at| (format!("{at:05}.txt"), vec![b'a'; 9000])).collect();
    let mut members: Vec<(&str, &[u8])> =
        filler.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let objects = numpy_objects(&call("posix", "system", "true"));
    members.insert(350, ("objects.npy", &objects));
    Zip::of(&members)
}

#[test]
fn what_could_not_be_seen_is_one_error_with_a_decision_and_no_lie() {
    let sandbox = Sandbox::new();
    let bytes = late();
    sandbox.hub.model("acme/late").commit(&[("config.json", Content::git("{}")), ("arrays.npz", Content::lfs(&bytes))]);
    sandbox.run("add acme/late").ok();
    let written = sandbox.read("models.lock");
    for words in ["sync --locked", "sync --locked"] {
        let output = sandbox.run(words);
        output.refused(5).says("`arrays.npz`").says("modelpin exempt late arrays.npz");
        assert_eq!(errors(&output), 1, "{output}");
        assert_eq!(sandbox.read("models.lock"), written);
    }
    let output = sandbox.run("sync");
    output.refused(5);
    assert_eq!(errors(&output), 1, "{output}");
    assert_ne!(sandbox.read("models.lock"), written, "`sync` records it");
}

/// An archive of torch with this pickle, whose directory is longer than what is looked at.
pub(crate) fn late_pickle(pickle: &[u8]) -> Vec<u8> {
    let names: Vec<String> = (0..20_000).map(|at| format!("{at:0>60}")).collect();
    let mut storages: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    storages.push(("0", &[0; 4]));
    torch_zip(pickle, &storages).bytes()
}

#[test]
fn a_kind_that_is_wrong_for_what_nobody_could_see_is_no_forgery() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/late").commit(&[
        ("config.json", Content::git("{}")),
        ("weights.dat", Content::lfs(late_pickle(&state_dict(&[("w", "0", &[1])])))),
    ]);
    sandbox.run("add acme/late").ok();
    assert_eq!(sandbox.locked_kind("weights.dat"), "other");
    for words in ["sync --locked", "check", "sync --locked", "sync --frozen"] {
        let output = sandbox.run(words);
        output.refused(5).says("`weights.dat`");
        assert_eq!(errors(&output), 1, "{words}\n{output}");
        if words != "check" {
            output.says("run `modelpin sync` to record").says("modelpin exempt late weights.dat");
        }
    }
    sandbox.run("sync").refused(5);
    assert_eq!(sandbox.locked_kind("weights.dat"), "pickle");
    assert_eq!(errors(&sandbox.run("sync --locked")), 1);
}

#[test]
fn a_lock_that_contradicts_what_anyone_could_see_is_refused_as_a_forgery() {
    let sandbox = Sandbox::new();
    sandbox
        .hub
        .model("acme/late")
        .commit(&[("config.json", Content::git("{}")), ("weights.dat", Content::lfs(PICKLE))]);
    sandbox.run("add acme/late").refused(5);
    sandbox.edit("models.lock", "\"weights.dat\" = { kind = \"pickle\"", "\"weights.dat\" = { kind = \"other\"");
    let output = sandbox.run("sync --locked");
    output.refused(4).says("by its content it is pickle");
    assert_eq!(errors(&output), 1, "{output}");
}

#[test]
fn an_update_makes_no_truth_of_a_lie_about_the_same_bytes() {
    let sandbox = Sandbox::new();
    let late = sandbox.hub.model("acme/late");
    late.commit(&[("config.json", Content::git("{}")), ("model.safetensors", Content::lfs(PICKLE))]);
    sandbox.run("add acme/late").refused(5);
    let name = "\"model.safetensors\" = { kind = ";
    sandbox.edit("models.lock", &format!("{name}\"pickle\""), &format!("{name}\"safetensors\""));
    let lock = sandbox.read("models.lock");
    let facts = |line: &&str| line.starts_with("\"model.safetensors\" = [");
    let silent: Vec<&str> = lock.lines().filter(|line| !facts(line) && !line.ends_with("late.findings]")).collect();
    sandbox.write("models.lock", silent.join("\n") + "\n");
    late.commit(&[("README.md", Content::git("words\n"))]);
    sandbox.run("update");
    sandbox.run("sync --locked").refused(4).says("by its content it is pickle");
}

#[test]
fn of_bytes_that_the_pin_knows_nothing_is_looked_at_again() {
    let sandbox = Sandbox::new();
    let late = sandbox.hub.model("acme/late");
    let weights = |name: &str| (name.to_owned(), Content::Sparse(Sparse::safetensors(400, 10 << 20)));
    let commit = |config: &str, evil: &[u8]| {
        let files = [
            ("config.json".to_owned(), Content::git(config)),
            ("evil.dat".to_owned(), Content::lfs(evil)),
            weights("model.safetensors"),
            weights("adapter_model.safetensors"),
        ];
        late.commit(&files.each_ref().map(|(path, content)| (path.as_str(), content.clone())));
    };
    let evil = call("posix", "system", "true");
    commit("{}", &evil);
    sandbox.run("add acme/late").refused(5).says("evil.dat");
    let told = |lock: &str| {
        let said = lock.lines().filter(|line| line.starts_with("\"evil.dat\" = ")).map(str::to_owned);
        said.collect::<Vec<_>>()
    };
    let known = told(&sandbox.read("models.lock"));
    assert_eq!(known.len(), 3, "findings, globals and the file: {known:?}");
    // The tensors of an adapter are compared with its configuration, whichever of them is new.
    let other = [&evil[..], b"\0"].concat();
    for (config, bytes, looked_at) in [
        ("{\"a\": 1}", &evil, vec!["adapter_model.safetensors"]),
        ("{\"a\": 2}", &other, vec!["adapter_model.safetensors", "evil.dat"]),
    ] {
        commit(config, bytes);
        // What is in the store makes no difference.
        sandbox.remove_store();
        sandbox.hub.forget_requests();
        sandbox.run("update").exits(5).says("evil.dat");
        let large = sandbox.hub.requests().into_iter().filter(|request| request.cdn);
        let names: std::collections::BTreeSet<String> =
            large.filter_map(|request| Some(request.path.rsplit_once('/')?.1.to_owned())).collect();
        assert_eq!(names.iter().collect::<Vec<_>>(), looked_at, "{config}");
        let now = told(&sandbox.read("models.lock"));
        assert_eq!(now == known, bytes == &evil, "{now:?}");
    }
}

#[test]
fn many_shards_take_one_small_request_each() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (1..=163).map(|at| format!("model-{at:05}-of-000163.safetensors")).collect();
    let shard = Content::Sparse(Sparse::safetensors(400, 10 << 20));
    let mut files: Vec<(&str, Content)> = names.iter().map(|name| (name.as_str(), shard.clone())).collect();
    files.push(("config.json", Content::git("{}")));
    sandbox.hub.model("deepseek-ai/DeepSeek-V3").commit(&files);
    sandbox.hub.forget_requests();
    sandbox.run("add deepseek-ai/DeepSeek-V3").ok();
    let asked = sandbox.hub.requests();
    let ranges = asked.iter().filter(|request| request.cdn).filter_map(|request| request.headers.get("range"));
    let bytes = ranges.map(|range| {
        let (from, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        last.parse::<u64>().unwrap() + 1 - from.parse::<u64>().unwrap()
    });
    let bytes: Vec<u64> = bytes.collect();
    println!("{} requests in all, {} ranges, {} bytes", asked.len(), bytes.len(), bytes.iter().sum::<u64>());
    assert_eq!(bytes.len(), 163);
    assert_eq!(bytes.iter().sum::<u64>(), 163 * (16 << 10));
}
