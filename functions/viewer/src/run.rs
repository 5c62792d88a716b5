//! One run: its canonical link, and its report alone. Whether it is absent or somebody else's cannot be told from outside.

use domain::access::Capability;
use domain::id::{RunId, UserId};
use domain::time::Timestamp;
use web::{Problem, Reply};

use crate::app::App;
use crate::body::RunViewBody;
use crate::failure::unreadable_report;

/// `GET /runs/{run_id}`
pub(crate) async fn show(app: &App, run_id: RunId, user: &UserId, now: Timestamp) -> Result<Reply, Problem> {
    let opened = app.store.load_run_head(run_id, user, now).await?.open(Capability::ViewVerification)?;
    let stored = app.store.load_run_view(opened, now).await?.value;
    let body = RunViewBody::of(&stored, &app.bounds, now).map_err(|error| unreadable_report(run_id, &error))?;
    Ok(Reply::about(&stored.run, &body, now).tagged())
}

/// `GET /runs/{run_id}/report`
pub(crate) async fn show_report(app: &App, run_id: RunId, user: &UserId, now: Timestamp) -> Result<Reply, Problem> {
    let opened = app.store.load_run_head(run_id, user, now).await?.open(Capability::ViewVerification)?;
    let report = app.store.load_report_of(&opened, now).await?.ok_or(Problem::ReportNotAvailable(run_id))?;
    let text = String::from_utf8(report.json).map_err(|error| {
        tracing::error!(run.id = run_id.get(), %error, "a stored report is not text");
        Problem::Internal
    })?;
    // A report never changes, so its id is enough.
    Ok(Reply::document(text).packed_as(report.gzip).tagged_as(run_id.to_string()))
}
