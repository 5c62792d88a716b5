//! Wires the function: what it does is in the library.

use std::process::ExitCode;

use lambda_runtime::LambdaEvent;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let serve = async |environment| {
        let app = reconciler::App::wire(&environment).await?;
        // What the schedule sends says nothing.
        let look = async |LambdaEvent { context, .. }: LambdaEvent<serde_json::Value>| {
            reconciler::tick(&app, context.deadline().into()).await.map_err(runtime::BoxError::from)
        };
        lambda_runtime::run(lambda_runtime::service_fn(look)).await
    };
    runtime::run(serve).await
}
