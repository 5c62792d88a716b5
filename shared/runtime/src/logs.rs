//! Logs: one JSON object a line on standard output, where Lambda takes it.

use std::error::Error;
use std::fmt;

use tracing::Level;

/// Fixed on purpose: below this level, the libraries that speak HTTP print headers and bodies, tokens among them.
const LEVEL: Level = Level::INFO;

/// Sends every event and the fields of its span to standard output as one line of JSON. To be called once.
pub fn init() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(LEVEL)
        .init();
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
    use super::*;

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
