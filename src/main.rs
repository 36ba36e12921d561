//! The command line: parse, call the command, exit code.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(tollgate::cli::Cli::parse().execute())
}
