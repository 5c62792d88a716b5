//! Gate 1: Entra issued a token, and Graph gave a well-formed answer. "You may not read this" is one: it proves that the app is known
//! and the token accepted.

use crate::check::{Check, CheckDefinition, CheckKey, Severity, Verdict};
use crate::facts::{Cause, Facts, GraphFacts};
use crate::reason::Reason;

pub(crate) const DEFINITION: CheckDefinition = CheckDefinition {
    key: CheckKey::CONNECTION,
    title: "Connection to Microsoft",
    severity: Severity::Critical,
    blocking: true,
};

pub(super) fn check(facts: &Facts) -> Check {
    let refusal = match facts {
        Facts::NoToken(cause) => Some(cause),
        Facts::Token(graph) => refusal(graph),
    };
    match refusal {
        None => Check::pass(&DEFINITION, Vec::new()),
        Some(cause) => {
            let check = Check::new(&DEFINITION, Verdict::Fail(cause.reason), cause.evidence.clone());
            // Trouble that passes by itself proves nothing about the connection, so it blocks nothing.
            Check { blocking: !cause.reason.is_transient(), ..check }
        }
    }
}

/// Why no answer of Graph counts: a refusal says more than trouble that passes by itself.
fn refusal(graph: &GraphFacts) -> Option<&Cause> {
    let causes = [
        graph.organization.cause(),
        graph.service_principal.cause(),
        graph.assignments.cause(),
        graph.graph_resource.cause(),
    ];
    let answered = |cause: Option<&Cause>| cause.is_none_or(|cause| cause.reason == Reason::PermissionDenied);
    if causes.into_iter().any(answered) {
        return None;
    }
    let causes = || causes.iter().copied().flatten();
    causes().find(|cause| !cause.reason.is_transient()).or_else(|| causes().next())
}
