//! The `modelpin` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    modelpin::run()
}
