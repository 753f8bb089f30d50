//! Other teams' audits: at one content, from a path or an address.

use crate::review::bot;
use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, Fault, Repo};
use sha2::{Digest as _, Sha256};

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `bot`, and the audits of a team that certified it.
fn theirs() -> (Sandbox, String) {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    let text = sandbox.read("models.audits.toml");
    std::fs::remove_file(sandbox.path("models.audits.toml")).unwrap();
    (sandbox, text)
}

fn import(sandbox: &Sandbox, from: &str, sha256: &str) {
    sandbox.write(
        "models.audits.toml",
        format!("version = 1\n\n[[import]]\nname = \"sec\"\n{from}\nsha256 = \"{sha256}\"\n"),
    );
}

/// Serves `text` at an address of the Hub's own port. Returns the repo and the line for the import.
fn served(sandbox: &Sandbox, text: &str) -> (Repo, String) {
    let repo = sandbox.hub.model("sec/audits");
    let commit = repo.commit(&[("models.audits.toml", Content::git(text))]);
    (repo, format!("url = \"{}/sec/audits/resolve/{commit}/models.audits.toml\"", sandbox.hub.endpoint()))
}

const STANDING: &str = "standing  certified by Jo <jo@acme.example> (import sec) as safe-to-run";

#[test]
fn audits_of_another_file_count() {
    let (sandbox, text) = theirs();
    sandbox.grant("projects.\"PROJECT\".imports = [\"../sec.toml\", \"~/sec.toml\"]");
    for path in ["audits/sec.toml", "../sec.toml", "../home/sec.toml"] {
        sandbox.write(path, &text);
        import(&sandbox, &format!("path = \"{path}\""), &sha256(text.as_bytes()));
        sandbox.run("review bot --offline").ok().says(STANDING);
    }
    sandbox.certify("bot").refused(2).says("an audit by Jo <jo@acme.example> (import sec)");
}

#[test]
fn a_change_on_top_of_an_imported_audit_is_certified_here() {
    let (sandbox, text) = theirs();
    sandbox.write("sec.toml", &text);
    import(&sandbox, "path = \"sec.toml\"", &sha256(text.as_bytes()));
    sandbox.hub.model("acme/bot").commit(&[("util.py", Content::lfs("import math  # more\n"))]);
    sandbox.run("update bot");
    sandbox.run("review bot --since").ok().says("certified by Jo <jo@acme.example> (import sec)");
    sandbox.certify("bot --delta").ok().says("(import sec)");
    sandbox.run("review bot").ok().says("standing  certified by Jo <jo@acme.example> as");
}

#[test]
fn an_address_is_asked_once_and_without_a_token() {
    let (sandbox, text) = theirs();
    let (_, url) = served(&sandbox, &text);
    import(&sandbox, &url, &sha256(text.as_bytes()));
    let output = sandbox.run("review bot --offline");
    output.refused(7);
    expect![[r#"
        error: the import `sec` is not on this machine
          --> models.audits.toml:3
          expected:  a file with sha256:9be304739d9c6ef6421529bcbbe5c502862806baa0e45e03b7b347b8d11d1e9b
        help: run `modelpin lock` once with a network to download it
    "#]]
    .assert_eq(&output.stderr);
    sandbox.hub.forget_requests();
    let output = sandbox.run_with(&[("HF_TOKEN", "hf_secret")], "review bot");
    output.ok().says(STANDING);
    assert!(output.requests > 0);
    let asked = sandbox.hub.requests();
    assert!(asked.iter().all(|request| !request.headers.iter().any(|(name, _)| name == "authorization")), "{asked:?}");
    let output = sandbox.run("review bot --offline");
    output.ok().says(STANDING);
    assert_eq!(output.requests, 0);
    sandbox.run("cache prune").ok();
    sandbox.run("review bot --offline").ok().says(STANDING);
}

#[test]
fn an_import_that_changed_does_not_count() {
    let (sandbox, text) = theirs();
    let changed = text.replace("Jo <", "Mallory <");
    sandbox.write("sec.toml", &changed);
    import(&sandbox, "path = \"sec.toml\"", &sha256(text.as_bytes()));
    let output = sandbox.run("review bot");
    output.refused(5);
    expect![[r#"
        error: the import `sec` is not the file that was imported
          --> models.audits.toml:3
          expected:  sha256:9be304739d9c6ef6421529bcbbe5c502862806baa0e45e03b7b347b8d11d1e9b
          got:       sha256:52e831082115c6b145669cb0009b373b388ace088c84da3f74787bb54060292f
          why:       decisions count only as they were when they were reviewed
        help: read what changed in `sec.toml`
        help: if it is right, write `sha256 = "52e831082115c6b145669cb0009b373b388ace088c84da3f74787bb54060292f"` into models.audits.toml
    "#]].assert_eq(&output.stderr);
    let (_, url) = served(&sandbox, &changed);
    import(&sandbox, &url, &sha256(text.as_bytes()));
    sandbox.run("review bot").refused(5).says(&format!("`sha256 = \"{}\"`", sha256(changed.as_bytes())));
    sandbox.certify("bot").refused(5);
    // Nothing of it was kept.
    sandbox.run("review bot --offline").refused(7);
}

#[test]
fn a_store_that_lies_about_an_import_is_not_believed() {
    let (sandbox, text) = theirs();
    let (_, url) = served(&sandbox, &text);
    let hex = sha256(text.as_bytes());
    import(&sandbox, &url, &hex);
    sandbox.write_blob(&hex, text.replace("Jo <", "Mo <"));
    sandbox.run("review bot --offline").refused(7);
    sandbox.run("review bot").ok().says(STANDING);
    sandbox.run("review bot --offline").ok().says(STANDING);
}

#[test]
fn a_mirror_has_imports_too() {
    let (sandbox, text) = theirs();
    let (_, url) = served(&sandbox, &text);
    let hex = sha256(text.as_bytes());
    import(&sandbox, &url, &hex);
    sandbox.write(&format!("mirror/blobs/sha256/{}/{hex}", &hex[..2]), &text);
    sandbox.write("models.toml", format!("{}\n[[mirror]]\nurl = \"mirror\"\n", sandbox.read("models.toml")));
    sandbox.run("review bot --offline").ok().says(STANDING);
}

#[test]
fn a_larger_file_than_is_read_is_refused() {
    let (sandbox, text) = theirs();
    let huge = format!("{text}#{}\n", "x".repeat(16 << 20));
    let hex = sha256(huge.as_bytes());
    sandbox.write("huge.toml", &huge);
    import(&sandbox, "path = \"huge.toml\"", &hex);
    sandbox.run("review bot").exits(2).says("larger than 16777216 bytes");
    let (_, url) = served(&sandbox, &huge);
    import(&sandbox, &url, &hex);
    sandbox.run("review bot").refused(7).says("more than 16777216 bytes");
    import(&sandbox, "path = \"/dev/zero\"", &hex);
    sandbox.run("review bot").refused(2).says("names an import outside of the project");
    sandbox.grant("projects.\"PROJECT\".imports = [\"/dev/zero\"]");
    sandbox.run("review bot").refused(2).says("not an ordinary file");
}

#[test]
fn a_redirect_to_plain_http_is_not_followed() {
    let (sandbox, text) = theirs();
    for location in ["http://audits.invalid/x", "file:///etc/passwd", "ftp://audits.invalid/x"] {
        sandbox.hub.heal();
        let (_, url) = served(&sandbox, &text);
        import(&sandbox, &url, &sha256(text.as_bytes()));
        let location: &'static str = location;
        sandbox.hub.fault(Fault::Status {
            path: "sec/audits",
            status: 302,
            times: 1,
            headers: vec![("location", location)],
        });
        sandbox.run("review bot").refused(7).says("sent a redirect that is not followed");
    }
}

#[test]
fn a_server_that_says_no_is_named() {
    let (sandbox, text) = theirs();
    let (repo, url) = served(&sandbox, &text);
    import(&sandbox, &url, &sha256(text.as_bytes()));
    repo.delete();
    let output = sandbox.run("review bot");
    output.refused(7).says("answered 401");
    for url in ["http://audits.example/a.toml", "ftp://audits.example/a.toml"] {
        import(&sandbox, &format!("url = \"{url}\""), &sha256(text.as_bytes()));
        sandbox.run("review bot").exits(2).says("`url` is an https address");
    }
    import(&sandbox, "url = \"https://jo:secret@audits.invalid/a.toml\"", &sha256(text.as_bytes()));
    let output = sandbox.run("review bot");
    output.exits(2).says("without a password");
    assert!(!output.stderr.contains("secret"), "{output}");
}

#[test]
fn imported_audits_let_code_in_and_out_again() {
    let (sandbox, text) = theirs();
    let (_, url) = served(&sandbox, &text);
    let placed = |sandbox: &Sandbox| sandbox.target().iter().any(|path| path.ends_with("/modeling_bot.py"));
    sandbox.run("sync --locked").ok();
    assert!(!placed(&sandbox));
    import(&sandbox, &url, &sha256(text.as_bytes()));
    sandbox.run("sync --locked").ok();
    assert!(placed(&sandbox), "{:?}", sandbox.target());
    assert_eq!(sandbox.run("sync --locked").ok().requests, 0);
    std::fs::remove_file(sandbox.path("models.audits.toml")).unwrap();
    sandbox.run("sync --locked").ok();
    assert!(!placed(&sandbox));
}

#[test]
fn only_audits_are_imported() {
    let (sandbox, text) = theirs();
    // An import of the imported file is not followed, or it would be refused: nothing is there.
    let more =
        format!("{text}\n[[import]]\nname = \"far\"\npath = \"nowhere.toml\"\nsha256 = \"{}\"\n", "0".repeat(64));
    sandbox.write("sec.toml", &more);
    import(&sandbox, "path = \"sec.toml\"", &sha256(more.as_bytes()));
    sandbox.run("review bot").ok().says(STANDING);
}

#[test]
fn an_imported_exemption_does_not_count() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/legacy").commit(&[("pytorch_model.bin", Content::lfs(b"\x80\x02}q\x00."))]);
    sandbox.write("models.toml", "[models]\nlegacy = \"acme/legacy\"\n");
    sandbox.run("lock");
    let words = "exempt legacy pytorch_model.bin --reason r --owner o --ticket T-1 --expires 30d";
    sandbox.run(words).ok();
    sandbox.run(words).refused(2).says("already");
    let text = sandbox.read("models.audits.toml");
    sandbox.write("sec.toml", &text);
    import(&sandbox, "path = \"sec.toml\"", &sha256(text.as_bytes()));
    // It has to be given here as well.
    sandbox.run(words).ok();
}

#[test]
fn an_import_that_is_none_is_refused() {
    let (sandbox, text) = theirs();
    import(&sandbox, "path = \"nowhere.toml\"", &sha256(text.as_bytes()));
    let output = sandbox.run("review bot");
    output.refused(2).says("models.audits.toml:3");
    let other = "[[import]]\n";
    sandbox.write("sec.toml", other);
    import(&sandbox, "path = \"sec.toml\"", &sha256(other.as_bytes()));
    sandbox.run("review bot").exits(2).says("models.audits.toml of the import `sec`");
}
