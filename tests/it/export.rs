//! `modelpin export`.

use crate::sandbox::Sandbox;

#[test]
fn export_is_what_sha256sum_reads() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.write("SUMS", sandbox.run("export --format sha256sums").ok().stdout.clone());
    let checked = std::process::Command::new("sha256sum")
        .args(["--check", "--quiet", "../../SUMS"])
        .current_dir(sandbox.path(".modelpin/hub"))
        .status();
    assert!(checked.unwrap().success());
}
