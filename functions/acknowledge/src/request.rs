//! The order of a request: who calls, whether they may see the run, whether its report has the check, whether they may acknowledge,
//! what the body says, and only then the work.

use domain::access::{Capability, Entitled};
use domain::acknowledgement::{self, AckReason, Acknowledgement, Judged, Person, Refusal};
use domain::audit::{Actor, AuditAction, AuditEvent};
use domain::check::CheckKey;
use domain::finding::{AboutWhat, Findings};
use domain::id::EventId;
use domain::time::Timestamp;
use lambda_http::{Request, RequestExt};
use runtime::clock;
use serde::Deserialize;
use store::{Acknowledged, StoredRun};
use web::acknowledgement::AcknowledgementBody;
use web::route::{self, Route, Routed};
use web::{Problem, Reply, caller, input};

use crate::app::App;

/// The claim that says whether the address was verified (OpenID Connect Core 5.1). The gateway hands every claim over as a text.
const EMAIL_VERIFIED: &str = "email_verified";

/// What the caller says: `schemas/acknowledge-check.request.schema.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AcknowledgeRequest {
    ack_reason: AckReason,
    expires_at: Option<Timestamp>,
}

impl From<AcknowledgeRequest> for acknowledgement::Request {
    fn from(body: AcknowledgeRequest) -> Self {
        Self { reason: body.ack_reason, expires_at: body.expires_at }
    }
}

pub(crate) async fn answer(app: &App, request: &Request) -> Result<Reply, Problem> {
    let user = app.callers.user(request)?;
    let (run_id, check_key) = match route::parse(request.method(), request.raw_http_path()) {
        Routed::To(Route::Acknowledge(run_id, check_key)) => (run_id, check_key),
        Routed::WrongMethod { allow } => return Err(Problem::MethodNotAllowed(allow)),
        // Other functions answer these.
        Routed::To(
            Route::StartVerification(..)
            | Route::StartFromSession(_)
            | Route::Run(_)
            | Route::Report(_)
            | Route::LatestVerification(..)
            | Route::Connections(..)
            | Route::Permissions(..)
            | Route::TenantRuns(..)
            | Route::WorkspaceRuns(_)
            | Route::Session(_)
            | Route::OpenApi,
        )
        | Routed::MalformedId
        | Routed::Unknown => return Err(Problem::NotFound),
    };
    let now = app.clock.now();
    let opened = app.store.load_run_head(run_id, &user, now).await?.open(Capability::ViewVerification)?;
    let opened = app.store.load_run_to_acknowledge(opened, now).await?;
    let stored = &opened.value;
    let about = about(stored, &check_key)?;
    let entitled = opened.decide(Capability::AcknowledgeVerification)?;
    let body: AcknowledgeRequest = input::json(request)?;

    let claim = |name: &str| caller::claim(request, name);
    // An address that its issuer has not verified may be anybody's: it would name somebody else.
    let verified = claim(EMAIL_VERIFIED) == Some("true");
    let email = claim(&app.claims.user_email).filter(|_| verified);
    let person = Person::new(user, claim(&app.claims.user_name), email);
    let about = about.ok_or(Problem::RunNotCompleted(run_id))?;
    Acknowledging { app, entitled, stored, now }.acknowledge((check_key, &about), person, body.into()).await
}

/// What the run's report says of a check; none while there is no report.
fn about(stored: &StoredRun, check_key: &CheckKey) -> Result<Option<AboutWhat>, Problem> {
    let Some(report) = stored.report_json() else { return Ok(None) };
    let findings = Findings::read(report).map_err(|error| {
        tracing::error!(run.id = stored.run.header.id.get(), %error, "a stored report cannot be read");
        Problem::Internal
    })?;
    findings.about(check_key.as_str()).map(Some).ok_or(Problem::NotFound)
}

/// Everything that is known about a request before its check is looked at.
struct Acknowledging<'a> {
    app: &'a App,
    entitled: Entitled,
    stored: &'a StoredRun,
    now: Timestamp,
}

impl Acknowledging<'_> {
    async fn acknowledge(
        &self,
        (check_key, about): (CheckKey, &AboutWhat),
        person: Person,
        request: acknowledgement::Request,
    ) -> Result<Reply, Problem> {
        let (run_id, asked) = (self.stored.run.header.id, (person.id.clone(), request.clone()));
        let existing = self.stored.acknowledgements.iter().find(|it| it.check_key == check_key);
        let new = match acknowledgement::judge((run_id, check_key, &about.finding), existing, person, request, self.now)
        {
            Judged::New(acknowledgement) => acknowledgement,
            Judged::Repeated(existing) => return Ok(Reply::shown(&AcknowledgementBody::from(&existing))),
            Judged::Refused(refusal) => return Err(problem(refusal)),
        };
        let audit = self.audit(&new);
        let saved = self.app.store.acknowledge(self.entitled, self.stored, (about, &new), &audit).await;
        match saved? {
            Acknowledged::New => Ok(Reply::created(&AcknowledgementBody::from(&new))),
            // Somebody was faster: judged like one that was there before.
            Acknowledged::Already(existing) if existing.says(&asked.0, &asked.1) => {
                Ok(Reply::shown(&AcknowledgementBody::from(&*existing)))
            }
            Acknowledged::Already(_) => Err(Problem::AlreadyAcknowledged),
            Acknowledged::Gone => Err(Problem::NotFound),
        }
    }

    fn audit(&self, acknowledgement: &Acknowledgement) -> AuditEvent {
        let (id, action) = (EventId::new(self.now, clock::random()), AuditAction::VerificationCheckAcknowledged);
        AuditEvent {
            actor: Actor::User(acknowledgement.acknowledged_by.id.clone()),
            check_key: Some(acknowledgement.check_key.clone()),
            ..AuditEvent::of_run(id, self.now, action, &self.stored.run.header)
        }
    }
}

fn problem(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NothingToAcknowledge => Problem::CheckNotAcknowledgeable,
        Refusal::AlreadyAcknowledged => Problem::AlreadyAcknowledged,
        Refusal::Expired => {
            Problem::InvalidInput { field: "expires_at".to_owned(), reason: "it is in the past".to_owned() }
        }
    }
}
