//! Every `GET`, and what no route of the gateway matches.
//!
//! Answers come from stored data alone. There is no code here that calls Microsoft, writes to the table or makes a report.

mod app;
mod body;
mod connection;
mod failure;
mod permissions;
mod request;
mod run;
mod run_list;
mod session;
mod tenant;

use lambda_http::http::Response;
use lambda_http::{Body, Request};

pub use app::App;

/// Answers one request.
pub async fn handle(app: &App, request: Request) -> Response<Body> {
    // Boxed: with every call to the table in it, the future is too large to be moved about.
    web::exchange(&request, &app.callers.user_id_claim, Box::pin(request::answer(app, &request))).await
}
