//! Mistakes that other products made with connections like these: each has its number and a test that tells why it is not made here.
//! What is looked at is what the worker stored.

mod altered_graph;
mod clouds;
mod credentials;
mod every_scenario;
mod permissions;
mod privacy;
mod schema;
mod trouble;
mod unknown;
mod viewing;

use domain::check::CheckKey;
use domain::evidence::EvidenceKind;
use domain::operation_run::{Completion, Outcome, RunState};
use harness::microsoft::Scenario;
use harness::scene::Scene;
use serde_json::Value;
use store::StoredRun;

use crate::worker::{deliver, delivery, report, stored};

/// The checks of the permission clusters, in their order.
const CLUSTERS: [CheckKey; 6] = [
    CheckKey::ADMIN_CONSENT,
    CheckKey::DIRECTORY_GROUPS,
    CheckKey::INTUNE_CONFIGURATION,
    CheckKey::INTUNE_APPS,
    CheckKey::INTUNE_RBAC_ASSIGNMENTS,
    CheckKey::SCRIPTS_REMEDIATIONS,
];

/// A connection after its verification came to an end.
#[derive(Debug)]
struct Verified {
    scene: Scene,
    stored: StoredRun,
    report: Value,
}

/// Verifies a connection to a tenant that behaves as the scenario says.
async fn verified(scenario: Scenario) -> Verified {
    let scene = Scene::new(scenario).await;
    let app = scene.worker().await;
    verified_by(&app, scene).await
}

/// Verifies the scene's connection with this worker, on the last delivery: trouble that passes ends the run, too.
async fn verified_by(app: &worker::App, scene: Scene) -> Verified {
    let run = scene.queued_run().await.header.id;
    let failed = deliver(app, [delivery(run, app.settings.max_receive_count)]).await;
    assert!(failed.is_empty(), "{}: {failed:?}", scene.fixture.scenario);
    let stored = stored(&scene, run).await;
    let report = report(&stored);
    Verified { scene, stored, report }
}

impl Verified {
    fn scenario(&self) -> Scenario {
        self.scene.fixture.scenario
    }

    fn overall(&self) -> &str {
        text(&self.report["summary"]["overall"])
    }

    fn checks(&self) -> &[Value] {
        self.report["checks"].as_array().expect("a report has checks")
    }

    fn check(&self, key: &CheckKey) -> &Value {
        let found = self.checks().iter().find(|check| check["key"] == key.as_str());
        found.unwrap_or_else(|| panic!("{}: {key} was left out", self.scenario()))
    }

    /// Status and reason of a check.
    fn answer(&self, key: &CheckKey) -> (&str, &str) {
        let check = self.check(key);
        (text(&check["status"]), text(&check["reason_code"]))
    }

    fn completion(&self) -> &Completion {
        match &self.stored.run.state {
            RunState::Completed(completion) => completion,
            state => panic!("{}: {state:?}", self.scenario()),
        }
    }

    /// Code and message of each cause that is kept of a failed run.
    fn failures(&self) -> Vec<(&str, &str)> {
        match &self.completion().outcome {
            Outcome::Failed(failures) => {
                let failures = failures.as_slice().iter();
                failures.map(|failure| (failure.code.as_str(), failure.message.as_str())).collect()
            }
            outcome => panic!("{}: {outcome:?}", self.scenario()),
        }
    }

    /// What the connection's health says: its status and its last error.
    async fn health(&self) -> Option<(String, Option<String>)> {
        self.scene.health().await.map(|health| {
            let last_error = health.last_error_reason_code.map(|code| code.as_str().to_owned());
            (health.verification_status.to_string(), last_error)
        })
    }
}

/// The values of one kind of evidence of a check.
fn evidence(check: &Value, kind: EvidenceKind) -> Vec<&Value> {
    let pieces = check["evidence"].as_array().expect("a check has evidence").iter();
    pieces.filter(|piece| piece["kind"] == kind.as_str()).map(|piece| &piece["value"]).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
