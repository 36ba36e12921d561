//! The command line: parse, call the command, exit code.

use clap::Parser;

/// A quality gate for data and models in CI.
#[derive(Parser)]
#[command(version)]
struct Cli {}

fn main() {
    Cli::parse();
}
