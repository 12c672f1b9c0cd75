//! The program `smartetl`. Everything it does is in the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    smartetl::cli::main()
}
