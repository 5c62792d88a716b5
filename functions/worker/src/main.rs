//! The worker's process: it wires, `lib` works.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    runtime::run(async |environment| worker::serve(worker::App::from(&environment)?).await).await
}
