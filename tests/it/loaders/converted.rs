//! What the Hub converts a dataset to.

use super::{repos, rows};
use crate::sandbox::Sandbox;
use modelpin_testkit::Content;

/// A dataset with a script, and the Hub's own conversion of its rows.
fn glue() -> Sandbox {
    let sandbox = Sandbox::new();
    let glue = sandbox.hub.dataset("acme/glue");
    glue.commit(&[("glue.py", Content::git("import datasets\n")), ("README.md", Content::git("# glue\n"))]);
    let file = |path: &str| Content::lfs(std::fs::read(repos().join("converted").join(path)).unwrap());
    let all = ["cola/train", "mnli/train", "mnli/test_matched", "mnli/test_mismatched"];
    let all = all.map(|split| format!("{split}/0000.parquet"));
    let files: Vec<(&str, Content)> = all.iter().map(|path| (path.as_str(), file(path))).collect();
    glue.convert_to("parquet", &files);
    sandbox
}

#[test]
fn rows_of_a_script_are_had_without_it() {
    let sandbox = glue();
    let offered = "`modelpin add acme/glue@refs/convert/parquet --dataset --name glue-parquet`";
    sandbox.run("add acme/glue --dataset").ok().says(offered);
    sandbox.run("add acme/glue@refs/convert/parquet --dataset --name glue-parquet").ok();
    sandbox.run("remove glue").ok();
    sandbox.run("sync --locked").ok();
    assert!(sandbox.below(".modelpin/hub").iter().all(|path| !path.ends_with(".py")));
    for list in [None, Some("datasets-3.6"), Some("datasets-2.21")] {
        let told = rows(&sandbox, list);
        let rows: Vec<_> = told.iter().map(|line| line.replace(" | None", "")).collect();
        let expected = [
            "glue-parquet/cola | train | text=cola train",
            "glue-parquet/mnli | test_matched | text=mnli test_matched",
            "glue-parquet/mnli | test_mismatched | text=mnli test_mismatched",
            "glue-parquet/mnli | train | text=mnli train",
        ];
        assert_eq!(rows, expected, "{list:?}");
    }
    sandbox.run("verify").ok();
    sandbox.run("outdated --exit-code").ok();
}
