//! `diff REV` and `review --since REV`: a revision is what git knows by that name, and nothing else.

use crate::sandbox::{Output, Sandbox};
use expect_test::expect;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

fn try_git(dir: &Path, words: &[&str]) -> bool {
    let mut command = Command::new("git");
    let settings = ["user.name=t", "user.email=t@localhost", "init.defaultBranch=main", "commit.gpgsign=false"];
    command.args(settings.iter().flat_map(|setting| ["-c", setting])).args(["-c", "protocol.file.allow=always"]);
    let kept = ["PATH"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    command.args(words).current_dir(dir).env_clear().envs(kept).output().unwrap().status.success()
}

fn git(dir: &Path, words: &[&str]) {
    assert!(try_git(dir, words), "git {words:?}");
}

/// A repository of the project with a lock, and another licence in the lock of the working tree.
fn changed() -> Sandbox {
    let (sandbox, _) = Sandbox::locked();
    let dir = sandbox.path("");
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "one"]);
    sandbox.edit("models.lock", "apache-2.0", "mit");
    sandbox
}

fn run_in(sandbox: &Sandbox, dir: &Path, words: &str) -> Output {
    sandbox.finish(sandbox.command(words).current_dir(dir))
}

/// The change report has the one change, and nothing else.
fn is_right(output: &Output) {
    output.ok().says("license  apache-2.0 -> mit");
    assert!(!output.stdout.contains("added"), "{output}");
}

#[test]
fn no_file_is_taken_for_a_revision() {
    let sandbox = changed();
    let dir = sandbox.path("");
    for name in ["v1.0", "old"] {
        git(&dir, &["tag", name]);
    }
    git(&dir, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(&dir, &["branch", "topic/x"]);
    let revisions = ["HEAD", "@", "HEAD^0", "v1.0", "old", "origin/main", "topic/x", "main", "refs/heads/main"];
    let lock = sandbox.read("models.lock");
    for file in revisions.iter().chain(&["HEAD~1", "origin/gone", "nothing"]) {
        sandbox.write(file, &lock);
    }
    is_right(&sandbox.run("diff"));
    for revision in revisions {
        is_right(&sandbox.run(&format!("diff {revision}")));
        sandbox
            .run(&format!("diff ./{revision}"))
            .ok()
            .says(&format!("no changes in models.lock since ./{revision}\n"));
        sandbox
            .run(&format!("diff --file {revision}"))
            .ok()
            .says(&format!("no changes in models.lock since {revision}\n"));
    }
    for word in ["HEAD~1", "origin/gone", "nothing", "", "-", "HEAD..main", "HEAD^{tree}", "./", "."] {
        let output = sandbox.finish(sandbox.command("diff").arg("--").arg(word));
        output.refused(2);
    }
    sandbox.run("diff HEAD --file old").exits(2);
}

#[test]
fn a_file_is_named_by_its_form() {
    let sandbox = changed();
    sandbox.run("diff").ok();
    std::fs::copy(sandbox.path("models.lock"), sandbox.path("same.lock")).unwrap();
    std::fs::copy(sandbox.path("models.lock"), sandbox.root().join("beside")).unwrap();
    let whole = sandbox.path("same.lock");
    for word in ["same.lock", "./same.lock", "../beside", whole.to_str().unwrap(), "../project/same.lock"] {
        sandbox.run(&format!("diff {word}")).ok().says("no changes in models.lock since ");
    }
    sandbox.write("sub/x", "");
    run_in(&sandbox, sandbox.root(), "-C project diff same.lock").ok();
    expect![[r#"
        error: file `gone.lock` not found
          expected:  a file (it begins with `./`, `../` or `/`, or ends in `.lock`), or a revision of git
        help: run `modelpin diff HEAD~1` to compare with a revision of git
        help: run `git show REV:./models.lock > old.lock` to make a file of one
    "#]]
    .assert_eq(&sandbox.run("diff gone.lock").refused(2).stderr);
    sandbox.run("diff ./sub").refused(2).says("a folder");
    sandbox.run("diff ./sub/x").exits(2);
    sandbox.run("review chat --file gone").refused(2);
}

#[test]
fn code_is_compared_with_the_revision_as_well() {
    let sandbox = Sandbox::new();
    let bot = sandbox.hub.model("acme/bot");
    let file = |text: &str| modelpin_testkit::Content::git(text);
    bot.commit(&[("config.json", file("{}")), ("modeling_bot.py", file("import os\n"))]);
    sandbox.run("add acme/bot").ok();
    let dir = sandbox.path("");
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "one"]);
    git(&dir, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    bot.commit(&[("modeling_bot.py", file("import os\nimport socket\n"))]);
    sandbox.run("update").ok();
    for file in ["origin/main", "HEAD", "old"] {
        sandbox.write(file, sandbox.read("models.lock"));
        sandbox.run(&format!("review bot --since ./{file}")).ok().says("no code file changed");
        sandbox.run(&format!("review bot --file {file}")).ok().says("no code file changed");
    }
    for revision in ["origin/main", "HEAD"] {
        sandbox.run(&format!("review bot --since {revision}")).ok().says("import socket");
    }
    sandbox.run("review bot --since old").refused(2);
    git(&dir, &["rm", "-q", "--cached", "models.lock"]);
    git(&dir, &["commit", "-qm", "no lock"]);
    sandbox.run("review bot --since HEAD").ok().says("`HEAD` has no models.lock");
}

#[test]
fn variables_that_name_another_repository_are_ignored() {
    let sandbox = changed();
    let other = sandbox.root().join("other");
    std::fs::create_dir(&other).unwrap();
    git(&other, &["init", "-q"]);
    git(&other, &["commit", "-q", "--allow-empty", "-m", "nothing"]);
    let there = other.join(".git");
    let variables = [
        ("GIT_DIR", there.as_os_str()),
        ("GIT_WORK_TREE", other.as_os_str()),
        ("GIT_INDEX_FILE", OsStr::new("/nowhere")),
        ("GIT_OBJECT_DIRECTORY", OsStr::new("/nowhere")),
        ("GIT_COMMON_DIR", there.as_os_str()),
        ("GIT_PREFIX", OsStr::new("svc/")),
        ("GIT_NAMESPACE", OsStr::new("x")),
        ("GIT_CEILING_DIRECTORIES", sandbox.root().as_os_str()),
        ("GIT_CONFIG_PARAMETERS", OsStr::new("'core.bare'='true'")),
        ("GIT_CONFIG_COUNT", OsStr::new("1")),
        ("GIT_CONFIG_KEY_0", OsStr::new("core.worktree")),
        ("GIT_CONFIG_VALUE_0", OsStr::new("/")),
        ("GIT_EXEC_PATH", OsStr::new("/nowhere")),
    ];
    for (name, value) in variables {
        is_right(&sandbox.finish(sandbox.command("diff").env(name, value)));
    }
    is_right(&sandbox.finish(sandbox.command("diff").envs(variables)));
}

#[test]
fn worktrees_and_submodules_use_their_own_history() {
    let sandbox = changed();
    let dir = sandbox.path("");
    let (tree, above) = (sandbox.root().join("tree"), sandbox.root().join("above"));
    git(&dir, &["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "side"]);
    std::fs::create_dir(&above).unwrap();
    git(&above, &["init", "-q"]);
    git(&above, &["submodule", "--quiet", "add", dir.to_str().unwrap(), "sub"]);
    git(&above, &["commit", "-qm", "one"]);
    let sub = above.join("sub");
    for place in [&tree, &sub] {
        std::fs::copy(sandbox.path("models.lock"), place.join("models.lock")).unwrap();
        is_right(&run_in(&sandbox, place, "diff"));
        let of_hook = sandbox.path(".git");
        is_right(&sandbox.finish(sandbox.command("diff HEAD").current_dir(place).env("GIT_DIR", of_hook)));
    }
}

#[test]
fn a_project_below_the_top_compares_its_own_lock() {
    let sandbox = changed();
    let dir = sandbox.path("");
    for file in ["models.toml", "models.lock"] {
        sandbox.write(&format!("svc/{file}"), sandbox.read(file));
    }
    run_in(&sandbox, &dir.join("svc"), "diff").ok().says("HEAD has no models.lock").says("chat added");
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "two"]);
    run_in(&sandbox, &dir.join("svc"), "diff")
        .ok()
        .says("no changes in models.toml, models.lock and models.audits.toml since HEAD");
    run_in(&sandbox, &dir.join("svc"), "diff HEAD~1").ok().says("chat added");
}

/// A program that leaves a mark where it runs.
fn trap(sandbox: &Sandbox) -> (PathBuf, PathBuf) {
    let (program, mark) = (sandbox.root().join("trap"), sandbox.root().join("ran"));
    std::fs::write(&program, format!("#!/bin/sh\ntouch {}\n", mark.display())).unwrap();
    executable(&program);
    (program, mark)
}

fn executable(program: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn nothing_that_the_repository_configures_runs() {
    let sandbox = changed();
    let dir = sandbox.path("");
    let (program, mark) = trap(&sandbox);
    let program = program.to_str().unwrap();
    sandbox.write(".gitattributes", "* filter=x diff=x merge=x\n");
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.x.textconv",
        "diff.x.command",
        "filter.x.smudge",
        "filter.x.process",
        "gpg.program",
        "pager.rev-parse",
        "pager.config",
        "uploadpack.packObjectsHook",
    ] {
        git(&dir, &["config", key, program]);
    }
    for alias in ["rev-parse", "ls-tree", "cat-file", "config", "for-each-ref"] {
        git(&dir, &["config", &format!("alias.{alias}"), &format!("!{program}")]);
    }
    let hooks = sandbox.root().join("hooks");
    std::fs::create_dir(&hooks).unwrap();
    std::fs::copy(program, hooks.join("post-index-change")).unwrap();
    git(&dir, &["config", "core.hooksPath", hooks.to_str().unwrap()]);
    is_right(&sandbox.run("diff HEAD"));
    sandbox.run("diff nothing").refused(2);
    sandbox.run("certify nothing").exits(2);
    assert!(!mark.exists());
}

#[test]
fn a_missing_object_is_reported_and_not_fetched() {
    let sandbox = changed();
    let dir = sandbox.path("");
    let (program, mark) = trap(&sandbox);
    let address = format!("ext::{}", program.display());
    for (key, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "evil"),
        ("remote.evil.url", address.as_str()),
        ("remote.evil.promisor", "true"),
        ("remote.evil.partialCloneFilter", "blob:none"),
        ("protocol.ext.allow", "always"),
        ("protocol.allow", "always"),
    ] {
        git(&dir, &["config", key, value]);
    }
    let id = |what: &str| {
        let output = Command::new("git").args(["rev-parse", what]).current_dir(&dir).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    for what in ["HEAD:models.lock", "HEAD^{tree}", "HEAD"] {
        let id = id(what);
        std::fs::remove_file(dir.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        assert!(!try_git(&dir, &["cat-file", "-p", &id]) && mark.exists(), "the trap works");
        std::fs::remove_file(&mark).unwrap();
        for words in ["diff", "diff HEAD", "diff main", &format!("diff {id}"), "diff HEAD~1"] {
            sandbox.run(words).refused(2);
        }
        sandbox.run("diff HEAD").says("this clone does not have all of `HEAD`").says("`git show HEAD:./models.lock`");
        assert!(!mark.exists(), "{what}");
    }
}

#[test]
fn replacement_objects_are_ignored() {
    let sandbox = changed();
    let dir = sandbox.path("");
    git(&dir, &["commit", "-qam", "two"]);
    git(&dir, &["replace", "HEAD~1", "HEAD"]);
    is_right(&sandbox.run("diff HEAD~1"));
}

#[test]
fn git_comes_from_an_absolute_folder() {
    let sandbox = changed();
    let (program, mark) = trap(&sandbox);
    for place in ["git", "bin/git", "git.exe"] {
        sandbox.write(place, "");
        std::fs::copy(&program, sandbox.path(place)).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    for start in ["", ".", "bin", "./bin", "../project"] {
        is_right(&sandbox.run_with(&[("PATH", &format!("{start}:{path}"))], "diff"));
        sandbox.run_with(&[("PATH", start)], "diff").refused(2).says("git not found");
    }
    sandbox.finish(sandbox.command("diff").env_remove("PATH")).refused(2).says("git not found");
    assert!(!mark.exists());
}

#[test]
fn a_folder_that_looks_like_a_repository_is_refused() {
    let sandbox = changed();
    let dir = sandbox.path("");
    std::fs::rename(dir.join(".git"), sandbox.root().join(".git")).unwrap();
    git(sandbox.root(), &["add", "-A", "project"]);
    git(sandbox.root(), &["commit", "-qm", "moved"]);
    sandbox.run("diff").ok().says("no changes in models.toml, models.lock and models.audits.toml since HEAD");
    git(&dir, &["init", "-q", "--bare", "."]);
    sandbox.run("diff").refused(2).says("looks like a git repository, and the project is in it");
    std::fs::create_dir(dir.join("svc")).unwrap();
    for file in ["models.toml", "models.lock"] {
        sandbox.write(&format!("svc/{file}"), sandbox.read(file));
    }
    git(&dir, &["--git-dir=.", "config", "core.bare", "false"]);
    git(&dir, &["--git-dir=.", "config", "core.worktree", "."]);
    run_in(&sandbox, &dir.join("svc"), "diff").refused(2).says("looks like a git repository, and the project is in it");
}

#[test]
fn the_reviewer_is_not_read_from_a_folder_of_the_checkout() {
    let sandbox = Sandbox::new();
    let bot = sandbox.hub.model("acme/bot");
    let file = |text: &str| modelpin_testkit::Content::git(text);
    bot.commit(&[("config.json", file("{}")), ("modeling_bot.py", file("import os\n"))]);
    sandbox.run("add acme/bot").ok();
    sandbox.run("review bot").ok();
    let dir = sandbox.path("");
    let certify = "certify bot --criteria safe-to-run";
    sandbox.run(certify).refused(2).says("no reviewer is named");
    git(&dir, &["init", "-q", "--bare", "."]);
    for (key, value) in [("user.name", "Boss"), ("user.email", "boss@acme.example")] {
        git(&dir, &["--git-dir=.", "config", key, value]);
    }
    sandbox.run(certify).refused(2).says("no reviewer is named");
    let home = sandbox.root().join("home/.gitconfig");
    std::fs::write(home, "[user]\n\tname = Jo\n\temail = jo@acme.example\n").unwrap();
    sandbox.run(certify).ok();
    assert!(sandbox.read("models.audits.toml").contains("Jo <jo@acme.example>"));
}

#[test]
fn each_reason_why_git_has_no_revision_has_its_own_error() {
    let sandbox = changed();
    let dir = sandbox.path("");
    git(&dir, &["commit", "-qam", "two"]);
    let shallow = sandbox.root().join("shallow");
    let address = format!("file://{}", dir.display());
    git(sandbox.root(), &["clone", "-q", "--depth", "1", &address, "shallow"]);
    expect![[r#"
        error: the history of this clone ends before `HEAD~2`
          got:       a shallow clone
        help: run `git fetch --deepen=2` to fetch it
        help: or run `git fetch --unshallow` to fetch the whole history
    "#]]
    .assert_eq(&run_in(&sandbox, &shallow, "diff HEAD~2").refused(2).stderr);
    run_in(&sandbox, &shallow, "diff HEAD^").refused(2).says("`git fetch --deepen=1`");
    run_in(&sandbox, &shallow, "diff HEAD").ok();
    git(&shallow, &["update-ref", "-d", "refs/remotes/origin/main"]);
    run_in(&sandbox, &shallow, "diff origin/main")
        .refused(2)
        .says("`git fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main`");
    let id = "01".repeat(20);
    run_in(&sandbox, &shallow, &format!("diff {id}")).refused(2).says(&format!("`git fetch origin {id}`"));
    git(&shallow, &["update-ref", "refs/remotes/origin/release", "HEAD"]);
    run_in(&sandbox, &shallow, "diff release").refused(2).says("did you mean `origin/release`?");
    run_in(&sandbox, &shallow, "diff mian").refused(2).says("did you mean `main`?");
    let alone = sandbox.root().join("alone");
    std::fs::create_dir(&alone).unwrap();
    for file in ["models.toml", "models.lock"] {
        std::fs::copy(sandbox.path(file), alone.join(file)).unwrap();
    }
    run_in(&sandbox, &alone, "diff").refused(2).says("is not in a git repository").says("not a git repository");
    git(&alone, &["init", "-q"]);
    run_in(&sandbox, &alone, "diff").ok().says("HEAD has no models.lock").says("chat added");
    run_in(&sandbox, &alone, "diff HEAD~1").refused(2);
    std::fs::remove_file(alone.join("models.toml")).unwrap();
}

#[test]
fn a_name_of_several_refs_is_refused_with_all_of_them() {
    let sandbox = changed();
    let dir = sandbox.path("");
    git(&dir, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    // The same commit by any name: nothing to choose.
    git(&dir, &["tag", "origin/main"]);
    is_right(&sandbox.run("diff origin/main"));
    git(&dir, &["commit", "-qam", "two"]);
    for words in [&["tag", "-f", "-m", "x", "origin/main"][..], &["branch", "origin/main"][..]] {
        git(&dir, &["tag", "-d", "origin/main"]);
        git(&dir, words);
        let output = sandbox.run("diff origin/main");
        output.refused(2).says("is ambiguous").says("`refs/remotes/origin/main`");
        sandbox.run("diff origin/main~0").refused(2).says("`refs/remotes/origin/main~0`");
        is_right(&sandbox.run("diff refs/remotes/origin/main"));
        git(&dir, &["tag", "-f", "origin/main", "HEAD~1"]);
    }
    // `HEAD` is the commit that is checked out, whatever has that name as well.
    git(&dir, &["update-ref", "refs/heads/HEAD", "HEAD~1"]);
    sandbox.run("diff").ok().says("no changes in models.toml, models.lock and models.audits.toml since HEAD");
}

#[test]
fn a_name_like_that_of_a_remote_branch_must_be_one() {
    let sandbox = changed();
    let dir = sandbox.path("");
    git(&dir, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(&dir, &["remote", "add", "origin", "/nowhere"]);
    for revision in ["origin/main", "origin/main~0", "origin/main^{commit}"] {
        is_right(&sandbox.run(&format!("diff {revision}")));
    }
    git(&dir, &["commit", "-qam", "two"]);
    git(&dir, &["update-ref", "-d", "refs/remotes/origin/main"]);
    for words in [["tag", "origin/main"], ["branch", "origin/main"]] {
        git(&dir, &words);
        for revision in ["origin/main", "origin/main~0"] {
            sandbox
                .run(&format!("diff {revision}"))
                .refused(2)
                .says("`git fetch origin +refs/heads/main:refs/remotes/origin/main`")
                .says(&format!("`modelpin diff refs/{}", if words[0] == "tag" { "tags" } else { "heads" }));
        }
        sandbox
            .run("diff refs/heads/main")
            .ok()
            .says("no changes in models.toml, models.lock and models.audits.toml since refs/heads/main");
        git(&dir, &[words[0], "-d", "origin/main"]);
    }
}

#[test]
fn a_lock_at_a_revision_must_be_an_ordinary_file() {
    let sandbox = changed();
    let dir = sandbox.path("");
    let lock = sandbox.read("models.lock");
    std::fs::remove_file(sandbox.path("models.lock")).unwrap();
    std::os::unix::fs::symlink("other", sandbox.path("models.lock")).unwrap();
    git(&dir, &["add", "models.lock"]);
    git(&dir, &["commit", "-qm", "link"]);
    std::fs::remove_file(sandbox.path("models.lock")).unwrap();
    sandbox.write("models.lock", &lock);
    sandbox.run("diff").refused(2).says("`models.lock` at `HEAD` cannot be read").says("a link, a folder");
    sandbox.write("models.lock", "");
    git(&dir, &["commit", "-qam", "empty"]);
    sandbox.write("models.lock", &lock);
    sandbox.run("diff").exits(2);
}

#[test]
fn a_repository_of_another_owner_is_refused_with_the_command_that_trusts_it() {
    let sandbox = changed();
    let dir = sandbox.path("");
    // Only root may give a folder away.
    let given = Command::new("chown").args(["-R", "4321", ".git"]).current_dir(&dir).output().unwrap();
    if !given.status.success() {
        return;
    }
    let _ = Command::new("chown").arg("4321").arg(&dir).output().unwrap();
    let output = sandbox.run("diff HEAD");
    output.refused(2).says("belongs to another user").says("`git config --global --add safe.directory [DIR]/project`");
    let home = sandbox.root().join("home");
    std::fs::write(
        home.join(".gitconfig"),
        format!("[safe]\n\tdirectory = {}\n", dir.canonicalize().unwrap().display()),
    )
    .unwrap();
    is_right(&sandbox.run("diff HEAD"));
}
