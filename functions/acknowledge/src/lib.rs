//! `POST /runs/{run_id}/checks/{check_key}/acknowledgement`: somebody has seen a finding and says why it may stand.
//!
//! The report stays as it is: an acknowledgement is stored beside it, once, and never changed.

mod app;
mod request;

use lambda_http::http::Response;
use lambda_http::{Body, Request};

pub use app::{App, ClaimNames};

/// Answers one request.
pub async fn handle(app: &App, request: Request) -> Response<Body> {
    // Boxed: with every call to the table in it, the future is too large to be moved about.
    web::exchange(&request, &app.callers.user_id_claim, Box::pin(request::answer(app, &request))).await
}
