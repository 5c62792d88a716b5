//! Secrets, tokens and Microsoft's texts stay out of logs and facts.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use harness::microsoft::Scenario;

use super::{Bench, calls};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_token_or_provider_text_is_logged_or_kept() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // While there is but one subscriber, whichever thread comes first to a line decides for all whether it is logged, and the other
    // tests' threads have none. With two, each thread is asked.
    let _silent = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _logging = tracing::subscriber::set_default(subscriber);

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
    assert!(written.contains("Microsoft answered") && written.contains("Microsoft is replaced by other addresses"));
    // Every text of the stand-in names one of the first three, and every JWT begins with the fourth.
    let forbidden = ["adele", "Fabrikam", "203.0.113.7", "eyJ", "Bearer", "169.254", "Sign in to your account"];
    for word in forbidden.into_iter().chain(secrets.iter().map(String::as_str)) {
        assert!(!written.contains(word), "{word} is in the log: {written}");
        assert!(!kept.contains(word), "{word} is in the facts: {kept}");
    }
}
