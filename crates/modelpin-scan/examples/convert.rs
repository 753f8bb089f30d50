//! Converts a checkpoint of torch: `convert CHECKPOINT RESULT`. Says in JSON what became of it; exits with 1 where
//! it is refused. `tests/peers/convert_oracle.py` drives it.

use modelpin_scan::{Limits, Source, convert};
use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::process::ExitCode;

/// A file, read at any place.
struct Opened {
    file: File,
    size: u64,
}

impl Source for Opened {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at))?;
        file.read(into)
    }
}

fn main() -> ExitCode {
    match convert() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn convert() -> Result<(), Box<dyn Error>> {
    let [checkpoint, result] = <[String; 2]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "convert CHECKPOINT RESULT")?;
    let file = File::open(&checkpoint)?;
    let source = Opened { size: file.metadata()?.len(), file };
    let plan = convert::convert(&source, &checkpoint, &Limits::default())?;
    plan.write(&mut File::create(result)?)?;
    let (size, tensors) = (plan.size(), plan.tensors());
    let said = serde_json::json!({
        "size": size, "tensors": tensors, "aliases": plan.aliases(), "dropped": plan.dropped(),
    });
    writeln!(io::stdout(), "{said}")?;
    Ok(())
}
