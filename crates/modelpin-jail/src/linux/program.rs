//! The command's own files: itself, its interpreter, and the installation of Python that it is part of.

use crate::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The most that is read of a script's first line (Linux reads 256 bytes) or of a `pyvenv.cfg`.
const HEAD: u64 = 4096;
/// A script may name a script as its interpreter; Linux follows five.
const DEPTH: usize = 5;

/// What of an installation a program needs. Not all of it: its folder may be a home or a project. Nor what links among
/// them lead to, as an environment may have come with a clone: see [`parts`].
const PARTS: &[&str] = &["bin", "include", "lib", "lib64", "pyvenv.cfg", "share"];

/// A command that was found.
#[derive(Debug)]
pub(super) struct Program {
    /// Its file, as it was named: whether Python is in a virtual environment depends on it.
    pub(super) path: PathBuf,
    /// What it needs to be read and run.
    pub(super) own: Vec<PathBuf>,
}

/// Finds the command `word`; `search` is the value of `PATH`, and nothing of an installation that covers one of
/// `hidden` is its own.
///
/// # Errors
/// No such file, or a launcher that would look for the program in a home folder.
pub(super) fn find(word: &OsStr, search: &OsStr, hidden: &[PathBuf]) -> Result<Program, Error> {
    let path = locate(word, search).ok_or_else(|| Error::NoProgram(word.to_owned()))?;
    if path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "shims") {
        return Err(Error::Shim(path));
    }
    let mut own = Vec::new();
    gather(&path, search, &mut own, DEPTH);
    let hidden: Vec<PathBuf> = hidden.iter().filter_map(|path| path.canonicalize().ok()).collect();
    own.retain(|open| !hidden.iter().any(|hidden| hidden.starts_with(open)));
    Ok(Program { path, own })
}

fn locate(word: &OsStr, search: &OsStr) -> Option<PathBuf> {
    if word.as_bytes().contains(&b'/') {
        return std::path::absolute(word).ok().filter(|path| runs(path));
    }
    let folders = std::env::split_paths(search).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(word)).find(|path| !word.is_empty() && runs(path))
}

fn runs(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Adds what the program at `path` needs to `own`.
fn gather(path: &Path, search: &OsStr, own: &mut Vec<PathBuf>, depth: usize) {
    let Ok(real) = path.canonicalize() else { return };
    for place in [path, &real] {
        // A script elsewhere in a project makes nothing of it an environment.
        let folder = place.parent().filter(|folder| folder.ends_with("bin"));
        if let Some(prefix) = folder.and_then(Path::parent) {
            installation(prefix, own);
        }
    }
    own.push(real.clone());
    // What does not run is no interpreter, whatever a script says: it could be a key.
    if let Some(interpreter) = interpreter(&real, search).filter(|path| depth > 0 && runs(path)) {
        gather(&interpreter, search, own, depth - 1);
    }
}

/// Adds the parts of a Python at `prefix`: a virtual environment with the Python that it was made from, or a Python.
fn installation(prefix: &Path, own: &mut Vec<PathBuf>) {
    let Some(home) = home_of(prefix) else {
        if is_python(prefix) {
            own.extend(parts(prefix));
        }
        return;
    };
    own.extend(parts(prefix));
    // `bin`, as of every Python: what lies elsewhere is none, whatever the file says.
    let home = Path::new(&home).canonicalize().ok().filter(|found| found.ends_with("bin"));
    if let Some(base) = home.as_deref().and_then(Path::parent).filter(|base| is_python(base)) {
        own.extend(parts(base));
    }
}

/// The parts of the installation at `prefix`, without links. A part may be a link to another (`lib64` to `lib`); one
/// that leads elsewhere, out of the installation or to the rest of its folder, is left out.
fn parts(prefix: &Path) -> Vec<PathBuf> {
    let Ok(prefix) = prefix.canonicalize() else { return Vec::new() };
    let real = PARTS.iter().filter_map(|part| prefix.join(part).canonicalize().ok());
    let within = |path: &PathBuf| {
        let first = path.strip_prefix(&prefix).ok().and_then(|rest| rest.components().next());
        first.is_some_and(|first| PARTS.iter().any(|part| first.as_os_str() == *part))
    };
    real.filter(within).collect()
}

/// The folder of the executable of the Python that the virtual environment at `prefix` was made from, as `pyvenv.cfg`
/// says (<https://docs.python.org/3/library/site.html>).
fn home_of(prefix: &Path) -> Option<String> {
    let text = String::from_utf8(head(&prefix.join("pyvenv.cfg"))?).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "home" && Path::new(value.trim()).is_absolute()).then(|| value.trim().to_owned())
    })
}

/// Whether a Python's library is at `prefix`: `os.py` is the mark by which Python finds it itself.
fn is_python(prefix: &Path) -> bool {
    let Ok(entries) = prefix.join("lib").read_dir() else { return false };
    entries
        .flatten()
        .any(|entry| entry.file_name().as_bytes().starts_with(b"python3") && entry.path().join("os.py").is_file())
}

/// The program that runs the script at `path`, where it is a script.
fn interpreter(path: &Path, search: &OsStr) -> Option<PathBuf> {
    let head = head(path)?;
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(OsStr::from_bytes);
    let first = Path::new(words.next()?);
    if first.file_name()? != "env" {
        return Some(first.to_owned());
    }
    let named = words.find(|word| !word.as_bytes().starts_with(b"-") && !word.as_bytes().contains(&b'='))?;
    locate(named, search)
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    // Not a device or a pipe, which could keep us waiting.
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::{find, parts};
    use std::ffi::OsStr;
    use std::fs::{create_dir_all, set_permissions, write};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::{Path, PathBuf};

    /// A home with secrets, and a clone that has an environment.
    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
        let root = dir.path().canonicalize().unwrap_or_else(|error| unreachable!("{error}"));
        let home = root.join("home");
        let clone = root.join("home/clone");
        for folder in ["home/.ssh", "home/bin", "home/.local/bin", "home/clone/.venv/bin", "home/clone/.venv/lib"] {
            make(&root.join(folder));
        }
        (dir, home, clone)
    }

    fn make(folder: &Path) {
        create_dir_all(folder).unwrap_or_else(|error| unreachable!("{error}"));
    }

    fn link(to: impl AsRef<Path>, at: &Path) {
        symlink(to, at).unwrap_or_else(|error| unreachable!("{error}"));
    }

    fn script(path: &Path, text: &str) {
        write(path, text).unwrap_or_else(|error| unreachable!("{error}"));
        set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap_or_else(|error| unreachable!("{error}"));
    }

    fn own(program: &Path) -> Vec<PathBuf> {
        find(program.as_os_str(), OsStr::new("/usr/bin"), &[]).unwrap_or_else(|error| unreachable!("{error:?}")).own
    }

    #[test]
    fn links_among_the_parts_lead_to_parts_only() {
        let (_dir, home, clone) = place();
        let venv = clone.join(".venv");
        link("lib", &venv.join("lib64"));
        assert_eq!(parts(&venv), [venv.join("bin"), venv.join("lib"), venv.join("lib")]);
        for to in [home.join(".ssh"), home.clone(), "..".into(), ".".into(), "../.git".into(), "/".into(), "x".into()] {
            make(&clone.join(".git"));
            make(&venv.join("x"));
            link(&to, &venv.join("share"));
            link("share", &venv.join("include"));
            assert_eq!(parts(&venv), [venv.join("bin"), venv.join("lib"), venv.join("lib")], "{}", to.display());
            for name in ["share", "include"] {
                std::fs::remove_file(venv.join(name)).unwrap_or_else(|error| unreachable!("{error}"));
            }
        }
    }

    #[test]
    fn an_environment_opens_itself_and_a_real_python_only() {
        let (_dir, home, clone) = place();
        let venv = clone.join(".venv");
        let program = clone.join(".venv/bin/tool");
        script(&program, "#!/bin/sh\n");
        let config = |home: &Path| {
            write(venv.join("pyvenv.cfg"), format!("home = {}\n", home.display())).unwrap_or_default();
            own(&program)
        };
        for base in [home.clone(), home.join(".ssh"), home.join("bin"), home.join(".local/bin")] {
            for open in config(&base) {
                assert!(
                    open.starts_with(&venv) || !open.starts_with(&home),
                    "{} opens {}",
                    base.display(),
                    open.display()
                );
            }
        }
        // A folder that poses as a Python is opened, and what it links to is not.
        let base = clone.join("base");
        make(&base.join("lib/python3.11"));
        make(&base.join("bin"));
        write(base.join("lib/python3.11/os.py"), "").unwrap_or_default();
        link(home.join(".ssh"), &base.join("share"));
        let found = config(&base.join("bin"));
        assert!(found.contains(&base.join("lib")) && !found.iter().any(|open| open.starts_with(home.join(".ssh"))));
    }

    #[test]
    fn a_program_elsewhere_in_a_clone_opens_itself_only() {
        let (_dir, home, clone) = place();
        make(&clone.join("tools"));
        make(&clone.join("lib"));
        write(clone.join("pyvenv.cfg"), "home = /usr/bin\n").unwrap_or_default();
        write(home.join(".ssh/id"), "key").unwrap_or_default();
        let program = clone.join("tools/run");
        script(&program, &format!("#!{}\n", home.join(".ssh/id").display()));
        assert_eq!(own(&program), [program]);
    }

    #[test]
    fn what_covers_a_hidden_place_is_left_out() {
        let (_dir, home, _) = place();
        let prefix = home.join(".local");
        make(&prefix.join("lib/python3.11"));
        make(&prefix.join("share/keyrings"));
        write(prefix.join("lib/python3.11/os.py"), "").unwrap_or_default();
        script(&prefix.join("bin/python"), "#!/bin/sh\n");
        let found = find(prefix.join("bin/python").as_os_str(), OsStr::new(""), &[prefix.join("share")]);
        let own = found.unwrap_or_else(|error| unreachable!("{error:?}")).own;
        assert!(own.contains(&prefix.join("lib")) && !own.contains(&prefix.join("share")), "{own:?}");
    }
}
