//! An error with everything that caused it.

use std::error::Error;
use std::fmt;

/// Prints an error and its causes on one line.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        f.write_str(&text)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            // The SDK's layers often say the same once more.
            let said = cause.to_string();
            if !text.contains(&said) {
                write!(f, ": {said}")?;
            }
            text = said;
            next = cause.source();
        }
        Ok(())
    }
}
