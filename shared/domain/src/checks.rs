//! The checks of `provider.connection.check`: from facts to the list of checks, what came of the run, and what to store. Every row of
//! the specification's outcome table is decided here.

mod app_state;
mod cluster;
mod connection;
mod consent;
mod credential_expiry;
mod excessive;
mod inventory;
mod licence;
mod tenant_binding;

pub(crate) use connection::DEFINITION as CONNECTION;

use std::borrow::Cow;

use crate::check::{Check, CheckDefinition, Skip, Verdict};
use crate::connection::VerificationStatus;
use crate::evidence::{Evidence, EvidenceKind};
use crate::facts::{Facts, GraphFacts, Known};
use crate::manifest::{Manifest, Moment};
use crate::next_step::Subject;
use crate::permissions::{Grants, PermissionInventory};
use crate::preflight::{Rules, Runnable};
use crate::reason::{Reason, ReasonCode};
use crate::report::Overall;
use crate::time::Timestamp;

use licence::Licence;

/// What one check of a connection comes to.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The checks in their fixed order.
    pub checks: Vec<Check>,
    /// What the connection's health becomes; none when the check could not tell, so that it stays as it was.
    pub health: Option<HealthFinding>,
    /// The refreshed inventory; none when no source could be read, so that the stored one stays.
    pub inventory: Option<PermissionInventory>,
}

impl Evaluation {
    /// The first problem that may only be late, if there is one.
    #[must_use]
    pub fn may_be_late(&self) -> Option<Reason> {
        let mut problems = self.checks.iter().filter_map(|check| check.verdict.problem());
        problems.find(|reason| reason.may_be_late())
    }
}

/// What a conclusive check says of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthFinding {
    /// How it is.
    pub status: VerificationStatus,
    /// Reason of the first fail or warn in shown order.
    pub last_error: Option<ReasonCode>,
}

/// Decides from what Microsoft said.
#[must_use]
pub fn evaluate(facts: &Facts, runnable: &Runnable<'_>, rules: &Rules, now: Timestamp) -> Evaluation {
    let gate = connection::check(facts);
    let mut evaluation = match (facts, gate.verdict) {
        (Facts::Token(graph), Verdict::Pass) => after_first_gate(gate, graph, runnable, rules.manifest, now),
        (Facts::Token(_) | Facts::NoToken(_), _) => stopped(vec![gate]),
    };
    let principal = match facts {
        Facts::Token(graph) => graph.service_principal.known().map(|principal| principal.id.clone()),
        Facts::NoToken(_) => None,
    };
    let subject = Subject { principal, ..runnable.subject.clone() };
    let asked = consent::asked(facts);
    for check in &mut evaluation.checks {
        if let Some(problem) = check.verdict.problem() {
            let steps = consent::steps(problem, &check.evidence, asked);
            check.next_steps.extend(steps.into_iter().map(|step| rules.links.next_step(step, &subject)));
        }
    }
    evaluation
}

fn after_first_gate(
    gate: Check,
    graph: &GraphFacts,
    runnable: &Runnable<'_>,
    manifest: &Manifest,
    now: Timestamp,
) -> Evaluation {
    let binding = tenant_binding::check(graph, &runnable.app.entra_tenant_id);
    if matches!(binding.verdict, Verdict::Fail(_)) {
        return stopped(vec![gate, binding]);
    }
    let bound = binding.verdict == Verdict::Pass;
    let grants = Grants::from_facts(graph);
    let app = app_state::check(&graph.service_principal, runnable.connection_type, &runnable.app.entra_tenant_id, now);
    let expiry = credential_expiry::check(graph, runnable, now);
    let mut checks = vec![gate, binding, app, expiry, inventory::check(&grants)];
    let at = Moment { cloud: runnable.app.cloud, now };
    checks.extend(cluster::checks(&grants, &runnable.requirements, &Licence::of(graph), at));
    checks.push(excessive::check(&grants, &runnable.requirements, manifest));
    let inventory = match &grants {
        Known::Known(grants) => Some(PermissionInventory::compare(grants, &runnable.requirements, manifest, at)),
        Known::Unknown(_) => None,
    };
    if !bound || inventory.is_none() {
        return Evaluation { checks, health: None, inventory };
    }
    let status = match Overall::of(&checks) {
        Overall::Ready => VerificationStatus::Healthy,
        Overall::NeedsAttention => VerificationStatus::Degraded,
        Overall::Blocked => VerificationStatus::Blocked,
    };
    let health = Some(HealthFinding { status, last_error: first_problem(&checks) });
    Evaluation { checks, health, inventory }
}

/// A gate did not pass: every later check is skipped and says which gate stopped it.
fn stopped(mut checks: Vec<Check>) -> Evaluation {
    let gate = checks.last().expect("the gate that stopped it").clone();
    let later =
        [tenant_binding::DEFINITION, app_state::DEFINITION, credential_expiry::DEFINITION, inventory::DEFINITION]
            .into_iter()
            .chain(cluster::definitions())
            .chain([excessive::DEFINITION]);
    let expiry = credential_expiry::of_refusal(&gate);
    for definition in later {
        if checks.iter().all(|check| check.key != definition.key) {
            let known = expiry.clone().filter(|expiry| expiry.key == definition.key);
            checks.push(known.unwrap_or_else(|| skipped(&definition, &gate)));
        }
    }
    let is_conclusive = gate.verdict.problem().is_some_and(|reason| !reason.is_transient());
    let health =
        is_conclusive.then(|| HealthFinding { status: VerificationStatus::Error, last_error: first_problem(&checks) });
    Evaluation { checks, health, inventory: None }
}

fn skipped(definition: &CheckDefinition, gate: &Check) -> Check {
    let evidence = vec![Evidence::text(EvidenceKind::StoppedBy, gate.key.as_str())];
    Check::new(definition, Verdict::Skip(Skip::NotApplicable), evidence)
        .with_message(Cow::Owned(format!("Not checked, because \"{}\" did not pass.", gate.title)))
}

/// Reason of the first fail or warn in the order in which people read checks.
fn first_problem(checks: &[Check]) -> Option<ReasonCode> {
    let problems = checks.iter().filter_map(|check| Some((check.shown_rank(), check.verdict.problem()?)));
    problems.min_by_key(|(rank, _)| *rank).map(|(_, reason)| reason.into())
}

#[cfg(test)]
mod tests;
