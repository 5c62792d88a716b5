//! What stops a check at its first gate, and what of it may only be late.

use super::*;
use crate::facts::ServicePrincipal;

#[test]
fn a_refusal_of_graph_says_more_than_trouble_that_passes() {
    let verdict = decide(&graph(|facts| {
        all(facts, &cause(Reason::Throttled));
        facts.assignments = Known::Unknown(cause(Reason::ProviderGraphTokenRejected));
    }));
    let gate = found(&verdict, &CheckKey::CONNECTION);
    assert_eq!((gate.verdict, gate.blocking), (Verdict::Fail(Reason::ProviderGraphTokenRejected), true));
}

#[test]
fn the_first_problem_that_may_be_late_is_told() {
    let pending = |facts: &mut GraphFacts| {
        facts.service_principal = Known::Known(ServicePrincipal { is_enabled: false, ..testing::service_principal() });
        assert!(facts.token.as_mut().expect("readable").roles.remove("DeviceManagementApps.Read.All"));
    };
    assert_eq!(decide(&graph(pending)).may_be_late(), Some(Reason::ProviderPermissionPending));
    assert_eq!(decide(&graph(|_| ())).may_be_late(), None);
    let invalid = Reason::ProviderCredentialSecretInvalid;
    assert_eq!(decide(&Facts::NoToken(cause(invalid))).may_be_late(), Some(invalid));
    assert_eq!(decide(&Facts::NoToken(cause(Reason::ProviderCredentialCertificateRevoked))).may_be_late(), None);
}
