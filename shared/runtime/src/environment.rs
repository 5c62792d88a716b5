//! Settings come from environment variables, by name, once, at start-up. There are no fallbacks: a function with a missing or
//! malformed variable does not start, and says which variable it was.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use domain::manifest::{EXTENSION_FILE, InvalidManifest};

const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;

/// Why a setting cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// The variable is not set, or empty.
    #[error("the environment variable {name} is missing")]
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// The variable's text is not what it should be. The text itself is not repeated: it may be a secret put in the wrong place.
    #[error("the environment variable {name} is malformed")]
    Malformed {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The variable's value does not go together with others.
    #[error("the environment variable {name} cannot work: {problem}")]
    Unfit {
        /// The variable.
        name: &'static str,
        /// What it does not go together with.
        problem: String,
    },
    /// The extension of the permission manifest that this function was built with is none.
    #[error("{EXTENSION_FILE} cannot be used: correct it and build again")]
    Manifest(#[from] &'static InvalidManifest),
}

type Lookup = dyn Fn(&str) -> Option<String>;

/// The variables of this process, or a test's.
pub struct Environment {
    lookup: Box<Lookup>,
}

impl fmt::Debug for Environment {
    /// Nothing of the variables: credentials are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

impl Environment {
    /// Variables as `lookup` finds them.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { lookup: Box::new(lookup) }
    }

    /// The variables of this process. One that is not Unicode counts as missing.
    #[must_use]
    pub fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// The variable's text; none when it is not set or empty.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Option<String> {
        (self.lookup)(name).filter(|text| !text.is_empty())
    }

    /// The variable's text.
    ///
    /// # Errors
    /// [`SettingError::Missing`] when it is not set or empty.
    pub fn text(&self, name: &'static str) -> Result<String, SettingError> {
        self.optional(name).ok_or(SettingError::Missing { name })
    }

    /// The variable's text, parsed.
    ///
    /// # Errors
    /// [`SettingError`] when it is missing or does not parse.
    pub fn parsed<T>(&self, name: &'static str) -> Result<T, SettingError>
    where
        T: FromStr,
        T::Err: Error + Send + Sync + 'static,
    {
        self.text(name)?.parse().map_err(|source: T::Err| SettingError::Malformed { name, source: source.into() })
    }

    /// A number of whole seconds.
    ///
    /// # Errors
    /// [`SettingError`] when it is missing or no such number.
    pub fn seconds(&self, name: &'static str) -> Result<Duration, SettingError> {
        self.parsed(name).map(Duration::from_secs)
    }

    /// A number of whole days.
    ///
    /// # Errors
    /// [`SettingError`] when it is missing or no such number.
    pub fn days(&self, name: &'static str) -> Result<Duration, SettingError> {
        self.parsed::<u32>(name).map(|days| Duration::from_secs(u64::from(days) * SECONDS_OF_A_DAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::new(|name| match name {
            "DAYS" => Some("90".to_owned()),
            "WORD" => Some("soon".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn a_setting_is_read_or_its_variable_is_named() {
        assert_eq!(environment().days("DAYS").expect("a number"), Duration::from_hours(90 * 24));
        assert_eq!(environment().optional("EMPTY"), None);
        let wrong = |error: SettingError| error.to_string();
        assert_eq!(
            environment().text("EMPTY").map_err(wrong),
            Err("the environment variable EMPTY is missing".to_owned())
        );
        let malformed = environment().seconds("WORD").map_err(wrong);
        assert_eq!(malformed, Err("the environment variable WORD is malformed".to_owned()));
    }

    #[test]
    fn no_variable_is_printed_by_accident() {
        let environment = Environment::new(|_| Some("secret".to_owned()));
        assert!(!format!("{environment:?}").contains("secret"));
    }
}
