//! Wires the function: what it does is in the library.

use std::convert::Infallible;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let serve = async |environment| {
        let app = viewer::App::wire(&environment).await?;
        let answer = async |request| Ok::<_, Infallible>(viewer::handle(&app, request).await);
        web::serve(lambda_http::service_fn(answer)).await
    };
    runtime::run(serve).await
}
