//! The order of a request: who calls, what the path names, whether they may, what the body says, and only then the work. Nothing is
//! written before the last step.

use std::time::Duration;

use domain::access::{Authority, Capability, Scope, decide};
use domain::guarded::{Guarded, Opened};
use domain::id::{ConnectionId, SessionId, TenantId, UserId, WorkspaceId};
use domain::idempotency::RequestHash;
use domain::onboarding::Progress;
use domain::operation_run::Initiator;
use domain::time::Timestamp;
use lambda_http::{Request, RequestExt};
use runtime::metric::{self, Metric};
use serde::Serialize;
use starting::{Named, Start};
use store::{KeyUse, SessionVersion, StartConditions, StartData, StartLimit};
use tokio::time::Instant;
use web::route::{self, Route, Routed};
use web::{Problem, Reply, SessionHalt, caller, idempotency, input};

use crate::app::App;
use crate::body::{SessionStartRequest, StartRequest, reply};
use crate::failure::failed;

/// How often a start from a session is decided again when the session was changed in the meantime.
const SESSION_TRIES: u32 = 3;

/// What is left for the answer of a run that is recorded when the queue does not take its message.
const TIME_TO_ANSWER: Duration = Duration::from_millis(200);

/// Who calls, with what.
struct Call<'a> {
    app: &'a App,
    request: &'a Request,
    user: UserId,
    /// The caller's own name for the request, by its idempotency key. A malformed one is told after the rights are known.
    name: Result<Option<String>, Problem>,
    now: Timestamp,
}

pub(crate) async fn answer(app: &App, request: &Request) -> Result<Reply, Problem> {
    let user = app.callers.user(request)?;
    let name = idempotency::key(request).map(|key| key.map(|key| key.of_caller(&user)));
    let call = Call { app, request, user, name, now: app.clock.now() };
    match route::parse(request.method(), request.raw_http_path()) {
        Routed::To(Route::StartVerification(workspace_id, tenant_id)) => call.of_tenant(workspace_id, tenant_id).await,
        Routed::To(Route::StartFromSession(session_id)) => {
            // One start, however often it is decided.
            let mut uncounted = Some(call.limit());
            for _ in 0..SESSION_TRIES {
                match call.of_session(session_id, uncounted.take()).await {
                    Err(Problem::SessionChanged) => {}
                    answered => return answered,
                }
            }
            Err(Problem::SessionChanged)
        }
        Routed::WrongMethod { allow } => Err(Problem::MethodNotAllowed(allow)),
        // Other functions answer these.
        Routed::To(
            Route::Run(_)
            | Route::Report(_)
            | Route::LatestVerification(..)
            | Route::Connections(..)
            | Route::Permissions(..)
            | Route::TenantRuns(..)
            | Route::WorkspaceRuns(_)
            | Route::Session(_)
            | Route::Acknowledge(..)
            | Route::OpenApi,
        )
        | Routed::MalformedId
        | Routed::Unknown => Err(Problem::NotFound),
    }
}

impl Call<'_> {
    async fn of_tenant(&self, workspace_id: WorkspaceId, tenant_id: TenantId) -> Result<Reply, Problem> {
        // A malformed one is told after the rights are known.
        let body = input::json::<StartRequest>(self.request);
        let named = body.as_ref().ok().and_then(|body| body.provider_connection_id);
        let opened = self.load(workspace_id, tenant_id, named).await?.open(Capability::RunProvider)?;
        let key = self.key(&body?)?;
        let named = Named::ByRequest(named);
        self.start(&opened, named, StartConditions { key, session: None }, Some(self.limit())).await
    }

    async fn of_session(&self, session_id: SessionId, limit: Option<StartLimit>) -> Result<Reply, Problem> {
        let store = &self.app.starter.store;
        let Some(session) = store.load_session(session_id).await? else {
            // The same calls as for a session that the caller may not see.
            store.load_nobodys_start(&self.user).await?;
            return Err(Problem::NotFound);
        };
        let workspace = Scope::Workspace(session.workspace_id);
        let Some(tenant_id) = session.tenant_id else {
            let rights = store.rights(workspace, &self.user).await?;
            decide(workspace, rights, Capability::OnboardTenant)?;
            let body: SessionStartRequest = input::json(self.request)?;
            self.key(&body)?;
            return Err(Problem::SessionNotReady(SessionHalt::WithoutTenant));
        };
        // All connections, whatever the session selected: what it costs tells nobody what that is.
        let guarded = self.load(session.workspace_id, tenant_id, None).await?;
        let opened = guarded.open_in_workspace(Capability::OnboardTenant)?;
        opened.decide(Capability::RunProvider)?;
        let body: SessionStartRequest = input::json(self.request)?;
        let key = self.key(&body)?;
        // What was answered before is answered again, whatever became of the session.
        match (session.progress, &opened.value.remembered) {
            (Progress::Open, _) | (_, Some(_)) => {}
            (Progress::Completed(_), None) => return Err(Problem::SessionNotReady(SessionHalt::Completed)),
            (Progress::Cancelled(_), None) => return Err(Problem::SessionNotReady(SessionHalt::Cancelled)),
        }
        let session_version = SessionVersion { id: session.id, version: session.version };
        let conditions = StartConditions { key, session: Some(session_version) };
        self.start(&opened, Named::BySession(session.state.provider_connection_id), conditions, limit).await
    }

    async fn load(
        &self,
        workspace_id: WorkspaceId,
        tenant_id: TenantId,
        named: Option<ConnectionId>,
    ) -> Result<Guarded<StartData>, Problem> {
        let name = self.name.as_ref().ok().and_then(Option::as_deref);
        let store = &self.app.starter.store;
        Ok(store.load_start(workspace_id, tenant_id, &self.user, named, name, self.now).await?)
    }

    /// The use of the request's idempotency key, if it carries one.
    fn key(&self, body: &impl Serialize) -> Result<Option<KeyUse>, Problem> {
        let Some(caller) = self.name.clone()? else { return Ok(None) };
        let (method, path) = (self.request.method().as_str(), self.request.raw_http_path());
        Ok(Some(KeyUse { caller, request: RequestHash::of(method, path, body) }))
    }

    /// What the caller may start within this minute.
    fn limit(&self) -> StartLimit {
        StartLimit { user: self.user.clone(), per_minute: self.app.starts_per_minute, at: self.now }
    }

    async fn start(
        &self,
        opened: &Opened<StartData>,
        named: Named,
        conditions: StartConditions,
        limit: Option<StartLimit>,
    ) -> Result<Reply, Problem> {
        let app = self.app;
        let initiator = Initiator::user(self.user.clone(), caller::claim(self.request, &app.user_name_claim));
        let authority = Authority::Entitled(opened.decide(Capability::RunProvider)?);
        let send_by = web::deadline(self.request).checked_sub(TIME_TO_ANSWER).unwrap_or_else(Instant::now);
        let (data, now) = (&opened.value, self.now);
        let start = Start { authority, initiator, data, named, conditions, limit, now, send_by };
        let started = app.starter.start(start).await.map_err(|error| failed(&error))?;
        let starts = Metric::one("Starts", "result", started.as_str());
        // What was not sent is counted where it happens; that nothing was is told with each start, so that an alarm sees it end.
        metric::emit(&[starts, Metric::count("Unsent", 0)], self.now);
        reply(started, self.now)
    }
}
