//! What stands in for Microsoft and for AWS STS in the stage of tests: one variable, `STAND_INS`, with `NAME=VALUE` and commas between.

use std::cell::RefCell;
use std::collections::BTreeMap;

use runtime::{Environment, SettingError};

const VARIABLE: &str = "STAND_INS";

/// Why the variable is none. No part of it is repeated but names: it may be a secret put in the wrong place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidStandIns {
    #[error("each of them is NAME=VALUE")]
    Form,
    #[error("nothing is called {0}")]
    Unknown(String),
}

impl From<InvalidStandIns> for SettingError {
    fn from(error: InvalidStandIns) -> Self {
        Self::Malformed { name: VARIABLE, source: error.into() }
    }
}

/// The stand-ins of the deployment that nobody has asked for yet.
#[derive(Debug)]
pub(crate) struct StandIns(RefCell<BTreeMap<String, String>>);

impl StandIns {
    /// Reads `STAND_INS`; not set or empty, there are none.
    pub(crate) fn from(environment: &Environment) -> Result<Self, InvalidStandIns> {
        let text = environment.optional(VARIABLE).unwrap_or_default();
        let pairs = text.split(',').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').ok_or(InvalidStandIns::Form)?;
            Ok((name.to_owned(), value.to_owned()))
        });
        Ok(Self(RefCell::new(pairs.collect::<Result<_, _>>()?)))
    }

    /// The stand-in of this name.
    pub(crate) fn take(&self, name: &str) -> Option<String> {
        self.0.borrow_mut().remove(name)
    }

    /// Holds that each was asked for: of one whose name is wrong, the requests would go to Microsoft itself.
    pub(crate) fn none_left(self) -> Result<(), InvalidStandIns> {
        match self.0.into_inner().into_keys().next() {
            Some(name) => Err(InvalidStandIns::Unknown(name)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand_ins(text: &'static str) -> Result<StandIns, InvalidStandIns> {
        StandIns::from(&Environment::new(move |_| Some(text.to_owned())))
    }

    #[test]
    fn each_is_found_by_its_name_and_one_that_nobody_asks_for_is_refused() {
        let two = stand_ins("A=http://127.0.0.1:1,B=x=y").expect("two");
        assert_eq!((two.take("A").as_deref(), two.take("C")), (Some("http://127.0.0.1:1"), None));
        assert_eq!(two.none_left().expect_err("B").to_string(), "nothing is called B");
        assert!(stand_ins("").expect("none").none_left().is_ok());
        let error = SettingError::from(stand_ins("s3cret").expect_err("no pair")).to_string();
        assert_eq!(error, "the environment variable STAND_INS is malformed");
    }
}
