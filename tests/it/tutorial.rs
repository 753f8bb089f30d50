//! The tutorial on decisions, followed to its end on the embedded example, and what it promises on the way.

use crate::docs::{blocks, page, shell};
use crate::sandbox::Sandbox;
use modelpin_testkit::{Hub, folder};
use std::path::Path;
use std::process::Command;

const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn the_tutorial_on_decisions_can_be_followed() {
    let sandbox = crate::docs::ready();
    let script = format!("MODELPIN='{TOP}'\n{}", blocks(&page("docs/tutorial-decisions.md")).concat());
    let followed = shell(&sandbox, &script);
    followed.ok();
    for said in [
        // The first check, and the first sync.
        "error: `ranker` is refused: `pytorch_model.bin`: it can run code when it is loaded",
        "refused with 5",
        "standing  not certified",
        "security team certified its 2 code files",
        "is exempted until",
        "the pickle is nowhere in sight",
        "loaded in the jail: {'scale': Fraction(3, 4), 'weights': [0.25, 0.5]}",
        "the model cannot be changed",
        // The update that says less than it does.
        "network",
        "telemetry.example",
        "by then: 5",
    ] {
        followed.says(said);
    }
    assert_eq!(followed.requests, 0, "{followed}");
}

/// The example is what its scripts make of it, byte for byte.
#[test]
fn the_example_of_decisions_is_what_its_scripts_make() {
    let sandbox = Sandbox::new();
    let example = Path::new(TOP).join("examples/decisions");
    let repos = sandbox.root().join("repos");
    assert!(Command::new("python3").arg(example.join("make-repos.py")).arg(&repos).status().unwrap().success());
    let hub = Hub::start();
    folder::load(&hub, &repos, 100 << 10).unwrap();
    sandbox.write("models.toml", std::fs::read(example.join("models.toml")).unwrap());
    let run = |words: &str| sandbox.finish(sandbox.command(words).env("HF_ENDPOINT", hub.endpoint()));
    let made = |name: &str| std::fs::read_to_string(example.join(name)).unwrap();
    run("lock").refused(5);
    assert_eq!(sandbox.read("models.lock"), made("arriving.lock"), "examples/decisions/make.sh makes it anew");
    let locked = made("models.lock");
    let first = locked.split("[model.reader]").nth(1).unwrap().split("revision = \"").nth(1).unwrap();
    run(&format!("update reader --precise {}", &first[..40])).refused(5);
    assert_eq!(sandbox.read("models.lock"), locked, "examples/decisions/make.sh makes it anew");
    let gained = |lock: &str| lock.contains("capabilities = [\"network\"]");
    assert!(gained(&made("arriving.lock")) && !gained(&locked));
}
