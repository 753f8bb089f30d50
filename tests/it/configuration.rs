//! The person's own configuration: what is advised can be put into it as it stands, and nothing in it is dropped.

use crate::settings::{line, project, ungrant, wish};

#[test]
fn what_is_advised_grants_all_at_once_and_again() {
    let sandbox = project();
    let config = sandbox.root().join("home/.config/modelpin/config.toml");
    let mirrors = |urls: &[&str]| {
        let tables = urls.iter().map(|url| format!("[[mirror]]\nurl = '{url}'\n"));
        sandbox.write("models.toml", format!("[models]\nchat = \"acme/chat\"\n{}", tables.collect::<String>()));
    };
    for spelled in ["PROJECT", "PROJECT/", "~/../project"] {
        ungrant(&sandbox);
        sandbox.grant(&format!("projects.\"{spelled}\".trust-owner = true"));
        mirrors(&["../m1", "~/m2"]);
        let output = sandbox.run("sync --frozen");
        let first = line(&sandbox, output.refused(2).says("names mirrors outside").says("`../m1`, `~/m2`"));
        assert_eq!(output.stderr.matches("help: run `modelpin --mirror").count(), 1, "{output}");
        assert_eq!(output.stderr.matches("help: to allow it permanently").count(), 1, "{output}");
        sandbox.run("sync --frozen --mirror ../m1 --mirror $HOME/m2").ok();
        sandbox.grant(&first);
        sandbox.run("sync --frozen").ok();
        mirrors(&["../m1", "~/m2", "../m3"]);
        let output = sandbox.run("sync --frozen");
        output.refused(2).says("replace the line of `projects.").says(".mirrors` in [DIR]/home/.config");
        let text = std::fs::read_to_string(&config).unwrap();
        let changed = text.replace(&first, &line(&sandbox, &output));
        assert_ne!(changed, text);
        std::fs::write(&config, changed).unwrap();
        sandbox.run("sync --frozen").ok();
    }
    ungrant(&sandbox);
    mirrors(&[]);
    let hash = "0".repeat(64);
    let import =
        |name: &str| format!("[[import]]\nname = \"{name}\"\npath = \"../{name}.toml\"\nsha256 = \"{hash}\"\n");
    sandbox.write("models.audits.toml", format!("version = 1\n{}{}", import("a"), import("b")));
    let output = sandbox.run("check");
    let granted = line(&sandbox, output.refused(2).says("names imports outside"));
    assert!(granted.contains("/a.toml\", ") && granted.contains("/b.toml\"]"), "{granted}");
}

#[test]
fn the_folder_of_a_project_may_have_a_dollar_in_its_name() {
    for name in ["a$HOME", "${HOME}", "$", "a$", "~x", "a\tb", "a\nb"] {
        let sandbox = project();
        wish(&sandbox, "~/x");
        let named = sandbox.root().join(name);
        std::fs::create_dir(&named).unwrap();
        for file in ["models.toml", "models.lock"] {
            std::fs::copy(sandbox.path(file), named.join(file)).unwrap();
        }
        let run = || sandbox.finish(sandbox.command("sync --frozen").current_dir(&named));
        let line = line(&sandbox, run().refused(2));
        sandbox.grant(&line);
        run().ok();
    }
}

#[test]
fn a_project_is_named_once() {
    let sandbox = project();
    std::os::unix::fs::symlink("project", sandbox.root().join("link")).unwrap();
    for other in ["PROJECT/", "PROJECT/.", "PROJECT/../project", "~/../project", "PROJECT/../link"] {
        sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
        sandbox.grant(&format!("projects.\"{other}\".mirrors = [\"/x\"]"));
        let output = sandbox.run("verify");
        output.exits(2).says("config.toml:").says("is there twice").says("spell it alike");
        ungrant(&sandbox);
    }
    for twice in ["/nowhere/", "//nowhere", "/nowhere/./"] {
        sandbox.grant("projects.\"/nowhere\".target = \"hf-cache\"");
        sandbox.grant(&format!("projects.\"{twice}\".target = \"x\""));
        sandbox.run("verify").exits(2).says("is there twice");
        ungrant(&sandbox);
    }
    sandbox.grant("projects.\"PROJECT\".trust-owner = true");
    sandbox.grant("projects.\"PROJECT\".mirrors = []");
    sandbox.grant("projects.\"/nowhere\".target = \"x\"");
    sandbox.run("verify").ok();
}
