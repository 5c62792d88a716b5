//! Secrets, tokens and Microsoft's texts stay out of logs and facts.

use harness::microsoft::Scenario;
use tracing::Level;

use super::{Bench, calls};
use crate::log::Log;

#[tokio::test]
async fn no_secret_token_or_provider_text_is_logged_or_kept() {
    let log = Log::of_this_thread(Level::TRACE);
    let bench = Bench::start().await;
    let mut kept = Vec::new();
    let mut secrets = Vec::new();
    for scenario in [
        Scenario::Healthy,
        Scenario::WrongSecret,
        Scenario::ConditionalAccess,
        Scenario::UnknownErrorCode,
        Scenario::IdentityNotFound,
        Scenario::OpaqueTokenAndAssignmentsForbidden,
        Scenario::Garbage,
        Scenario::Redirect,
    ] {
        let tenant = bench.stand_in.tenant(scenario);
        kept.push(format!("{:?}", bench.check_tenant(&tenant, calls(5)).await.facts));
        secrets.push(tenant.secret);
    }
    let kept = kept.join("\n");
    let written = log.text() + &format!("{:?}", bench.provider);
    assert!(written.contains("asked Microsoft") && written.contains("Microsoft is replaced by other addresses"));
    // Every text of the stand-in names one of the first three, and every JWT begins with the fourth.
    let forbidden = ["adele", "Fabrikam", "203.0.113.7", "eyJ", "Bearer", "169.254", "Sign in to your account"];
    for word in forbidden.into_iter().chain(secrets.iter().map(String::as_str)) {
        assert!(!written.contains(word), "{word} is in the log: {written}");
        assert!(!kept.contains(word), "{word} is in the facts: {kept}");
    }
}
