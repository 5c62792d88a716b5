//! Wires the function: what it does is in the library.

use std::convert::Infallible;
use std::process::ExitCode;

use lambda_runtime::LambdaEvent;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let serve = async |environment| {
        let app = worker::App::wire(&environment).await?;
        let handle = async |LambdaEvent { payload, context }: LambdaEvent<_>| {
            Ok::<_, Infallible>(worker::handle(&app, payload, context.deadline().into()).await)
        };
        lambda_runtime::run(lambda_runtime::service_fn(handle)).await
    };
    runtime::run(serve).await
}
