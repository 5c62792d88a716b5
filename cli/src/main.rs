//! The program `tenantcheck`: see `tenantcheck --help`.

use std::process::ExitCode;

use clap::Parser;
use tenantcheck::{arguments::Arguments, run::run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    run(&Arguments::parse()).await
}
