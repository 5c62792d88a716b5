//! `POST /workspaces/{workspace_id}/tenants/{tenant_id}/verifications` and `POST /onboarding-sessions/{session_id}/verifications`:
//! starts a verification.
//!
//! It authorizes and reads the request; the crate `starting` records the run and puts a message into the queue. Nobody here calls
//! Microsoft: whether the connection works is the worker's business, and the caller has the run's link long before.

mod app;
mod body;
mod failure;
mod request;

use lambda_http::http::Response;
use lambda_http::{Body, Request};

pub use app::App;

/// Answers one request.
pub async fn handle(app: &App, request: Request) -> Response<Body> {
    // Boxed: with every call to the table in it, the future is too large to be moved about.
    web::exchange(&request, &app.callers.user_id_claim, Box::pin(request::answer(app, &request))).await
}
