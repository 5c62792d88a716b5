//! Logs: one JSON object a line on standard output, where Lambda takes it. Panics are logged there too, without their text.

use std::error::Error;
use std::fmt;
use std::panic;

use tracing::Level;

/// Fixed on purpose: below this level, the libraries that speak HTTP print headers and bodies, tokens among them.
const LEVEL: Level = Level::INFO;

/// Sends every event and the fields of its span to standard output as one line of JSON, and of a panic its place. To be called once.
pub fn init() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(LEVEL)
        .init();
    // The standard hook prints the panic's text, which may hold anything that the code had in its hands.
    panic::set_hook(Box::new(|panicked| {
        let place = panicked.location().map(ToString::to_string);
        tracing::error!(place, "a panic");
    }));
}

/// An error with its causes, in the words that each says of itself. Never its `Debug` form: the SDK's prints headers and bodies.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Wrappers that only forward would say everything twice.
            if text != said {
                write!(f, ": {text}")?;
                said = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::{env, str};

    use super::*;

    /// A hook belongs to a whole process: the test runs itself in one of its own, and panics there.
    #[test]
    fn a_panic_is_logged_with_its_place_and_without_its_text() {
        const TEXT: &str = "TEXT_OF_THE_PANIC";
        if let Ok(text) = env::var(TEXT) {
            init();
            panic!("{text}");
        }
        let this = "logs::tests::a_panic_is_logged_with_its_place_and_without_its_text";
        let mut itself = Command::new(env::current_exe().expect("the test's own program"));
        let done = itself.args(["--exact", this, "--nocapture"]).env(TEXT, "s3cret").output().expect("it runs");
        assert!(!done.status.success());
        let printed = [done.stdout, done.stderr].concat();
        let printed = str::from_utf8(&printed).expect("UTF-8");
        assert!(printed.contains(r#""message":"a panic","place":"shared/runtime/src/logs.rs:"#), "{printed}");
        assert!(!printed.contains("s3cret"), "{printed}");
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the table did not answer")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Middle(#[from] std::num::ParseIntError);

    #[test]
    fn an_error_is_told_with_its_causes() {
        let cause = "x".parse::<u8>().expect_err("not a number");
        let error = Outer(Middle(cause));
        assert_eq!(Chain(&error).to_string(), "the table did not answer: invalid digit found in string");
    }
}
