//! What people see of a file of decisions that is refused.

use expect_test::{Expect, expect};
use modelpin_schema::audits::{AuditsError, From};
use modelpin_schema::fault::Fault;
use modelpin_schema::lockfile::set_digest;
use modelpin_schema::{Audits, Digest};

const AUDIT: &str = "[[audit]]\nsource = \"hf:model/acme/chat\"\nrevision = \"1313131313131313131313131313131313131313\"\ndigest = \"DIGEST\"\ncriteria = \"safe-to-run\"\nwho = \"Jo <jo@acme.example>\"\n[audit.files]\n\"modeling_chat.py\" = \"0101010101010101010101010101010101010101010101010101010101010101\"\n";
const EXEMPTION: &str = "[[exemption]]\nsource = \"hf:model/acme/chat\"\nfile = \"pytorch_model.bin\"\nsha256 = \"0101010101010101010101010101010101010101010101010101010101010101\"\nreason = \"no other weights\"\nowner = \"Jo\"\nticket = \"SEC-1\"\nexpires = \"2026-12-31\"\n";
const IMPORT: &str = "[[import]]\nname = \"sec\"\nurl = \"https://sec.example/models.audits.toml\"\nsha256 = \"0101010101010101010101010101010101010101010101010101010101010101\"\n";

fn audit() -> String {
    let digest = set_digest([("modeling_chat.py", Digest::new([1; 32]))].into_iter());
    AUDIT.replace("DIGEST", &digest.to_string())
}

fn read(text: &str) -> Result<Audits, AuditsError> {
    Audits::read("models.audits.toml", &format!("version = 1\n{text}"))
}

/// What is wrong with a text that cannot be read.
fn fault(text: &str) -> Fault {
    match Audits::read("models.audits.toml", text) {
        Err(AuditsError::Unreadable(fault)) => *fault,
        other => panic!("{other:?}"),
    }
}

fn refused(text: &str, expect: &Expect) {
    let fault = fault(&format!("version = 1\n{text}"));
    let help = fault.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    expect.assert_eq(&format!("{fault}{help}\n"));
}

#[test]
fn decisions_are_read_with_their_places() {
    let read = read(&format!("{}{EXEMPTION}{IMPORT}", audit())).unwrap();
    let lines: Vec<usize> = [&read.audits[0].place, &read.exemptions[0].place, &read.imports[0].place]
        .map(|place| place.as_ref().unwrap().line)
        .into();
    assert_eq!(lines, [2, 10, 18]);
    assert!(read.exemptions[0].holds_on("2026-12-31".parse().unwrap()), "its last day is one of its days");
    assert!(!read.exemptions[0].holds_on("2027-01-01".parse().unwrap()));
    assert_eq!(read.imports[0].from, From::Url("https://sec.example/models.audits.toml".to_owned()));
}

#[test]
fn a_slip_names_the_nearest_key() {
    refused(
        &EXEMPTION.replace("expires", "expire"),
        &expect![[r#"
        unknown field `expire`, expected one of `source`, `file`, `sha256`, `reason`, `owner`, `approver`, `ticket`, `expires`
         --> models.audits.toml:9:1
          |
        9 | expire = "2026-12-31"
          | ^^^^^^
        help: did you mean `expires`?
    "#]],
    );
}

#[test]
fn an_exemption_says_all_that_it_has_to() {
    for key in ["source", "file", "sha256", "reason", "owner", "ticket", "expires"] {
        let without: String =
            EXEMPTION.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect();
        assert!(fault(&format!("version = 1\n{without}")).message.contains(&format!("missing field `{key}`")), "{key}");
    }
    refused(
        &EXEMPTION.replace("expires = \"2026-12-31\"\n", ""),
        &expect![[r#"
            missing field `expires`
             --> models.audits.toml:2:1
              |
            2 | [[exemption]]
              | ^^^^^^^^^^^^^
            help: `modelpin certify` and `modelpin exempt` write every key that a decision has to have
        "#]],
    );
    refused(
        &EXEMPTION.replace("2026-12-31", "never"),
        &expect![[r#"
            `never` is not a day: expected YYYY-MM-DD
             --> models.audits.toml:9:11
              |
            9 | expires = "never"
              |           ^^^^^^^
        "#]],
    );
    refused(
        &EXEMPTION.replace("no other weights", ""),
        &expect![[r#"
        `` is not a line of text: expected 1 to 600 visible characters
         --> models.audits.toml:6:10
          |
        6 | reason = ""
          |          ^^
    "#]],
    );
    refused(
        &EXEMPTION.replace("pytorch_model.bin", "*.bin"),
        &expect![[r#"
        `file` names one file; there is no wildcard in an exemption
         --> models.audits.toml:2:1
          |
        2 | [[exemption]]
          | ^^^^^^^^^^^^^
    "#]],
    );
}

#[test]
fn an_audit_follows_from_its_files() {
    let forged = read(&audit().replace("\"01010", "\"01110")).unwrap_err();
    assert_eq!(forged.to_string(), "the audit of `hf:model/acme/chat` was edited by hand");
    assert!(
        matches!(forged, AuditsError::Edited { recorded, computed, place, .. } if recorded != computed && place.line == 2)
    );
    let itself = audit();
    let digest = itself.lines().find(|line| line.starts_with("digest")).unwrap();
    refused(
        &itself.replace(digest, &format!("{digest}\n{}", digest.replace("digest", "from"))),
        &expect![[r#"
            an audit of the change from a set to itself vouches for nothing
             --> models.audits.toml:2:1
              |
            2 | [[audit]]
              | ^^^^^^^^^
            help: take the audit back from git, or remove it; `modelpin certify` writes one about the code that is locked
        "#]],
    );
    refused(
        &audit().replace("safe-to-run", "safe-to-deploy"),
        &expect![[r#"
            `safe-to-deploy` is not a criterion: there is one, `safe-to-run`
             --> models.audits.toml:6:12
              |
            6 | criteria = "safe-to-deploy"
              |            ^^^^^^^^^^^^^^^^
        "#]],
    );
}

#[test]
fn an_import_is_one_place_that_can_be_trusted() {
    let url = "url = \"https://sec.example/models.audits.toml\"\n";
    refused(
        &IMPORT.replace(url, ""),
        &expect![[r#"
        an import has either `path` or `url`
         --> models.audits.toml:2:1
          |
        2 | [[import]]
          | ^^^^^^^^^^
    "#]],
    );
    refused(
        &IMPORT.replace(url, &format!("path = \"a.toml\"\n{url}")),
        &expect![[r#"
        an import has either `path` or `url`
         --> models.audits.toml:2:1
          |
        2 | [[import]]
          | ^^^^^^^^^^
    "#]],
    );
    refused(
        &IMPORT.replace("https:", "http:"),
        &expect![[r#"
        `url` is an https address, without a password
         --> models.audits.toml:2:1
          |
        2 | [[import]]
          | ^^^^^^^^^^
    "#]],
    );
    refused(
        &format!("{IMPORT}{IMPORT}"),
        &expect![[r#"
        `sec` is imported twice
         --> models.audits.toml:6:1
          |
        6 | [[import]]
          | ^^^^^^^^^^
    "#]],
    );
    for odd in [
        "https://jo:secret@sec.example/x",
        "https://",
        "https:///x",
        "https://sec.example/a b",
        "http://127.0.0.1.sec.example/x",
        "ftp://sec.example/x",
        "/etc/passwd",
    ] {
        assert!(read(&IMPORT.replace("https://sec.example/models.audits.toml", odd)).is_err(), "{odd}");
    }
    for odd in ["", "https://sec.example/x", "a\\u001bb", "a\\u202eb"] {
        assert!(read(&IMPORT.replace(url, &format!("path = \"{odd}\"\n"))).is_err(), "{odd}");
    }
    assert!(read(&IMPORT.replace(url, "path = \"../sec/models.audits.toml\"\n")).is_ok());
}

#[test]
fn another_version_and_a_merge_are_said_before_anything_else() {
    let refused = |text: &str, expect: &Expect| {
        let fault = fault(text);
        expect.assert_eq(&format!("{fault}\nhelp: {}\n", fault.help.as_deref().unwrap_or_default()));
    };
    refused(
        "version = 2\n[[trusted]]\nwho = \"sec\"\n",
        &expect![[r#"
        this is not a file of version 1, the only one that this modelpin understands
         --> models.audits.toml:1:11
          |
        1 | version = 2
          |           ^
        help: a newer modelpin wrote it: use that one; `modelpin --version` shows this one
    "#]],
    );
    refused(
        "[[exemption]]\n",
        &expect![[r#"
        the file does not say its version
          --> models.audits.toml
        help: it begins with `version = 1`; `modelpin certify` and `modelpin exempt` write it so
    "#]],
    );
    refused(
        &format!("version = 1\n<<<<<<< HEAD\n{EXEMPTION}=======\n>>>>>>> theirs\n"),
        &expect![[r#"
        git left a merge conflict here
         --> models.audits.toml:2:1
          |
        2 | <<<<<<< HEAD
          | ^^^^^^^^^^^^
        help: keep the decisions of both sides, one after the other, and remove the markers
    "#]],
    );
}

#[test]
fn hostile_text_is_refused() {
    let key = read("\"a\\u001b[2J\\u202e\" = 1\n").unwrap_err().to_string();
    assert!(key.contains("unknown field `a\\u{1b}[2J\\u{202e}`"), "{key:?}");
    assert!(fault(&format!("version = 1\n\"{}\" = 1\n", "x".repeat(1 << 20))).message.len() < 1000);
    for (from, to) in [
        ("no other weights", "a\\u001b[2Jb"),
        ("no other weights", "a\\u202eb"),
        ("pytorch_model.bin", "../pytorch_model.bin"),
        ("SEC-1", "SEC 1"),
        ("hf:model/acme/chat", "hf:model/../chat"),
        ("2026-12-31", "2026-02-30"),
    ] {
        let fault = read(&EXEMPTION.replace(from, to)).unwrap_err().to_string();
        assert!(!fault.contains(['\u{1b}', '\u{202e}']), "{fault:?}");
    }
    assert!(read(&EXEMPTION.replace("no other weights", &"x".repeat(601))).is_err());
}
