//! Places in a JSON document, written as paths of RFC 9535: `$.workspaces[0].tenants[1].id`.

use std::fmt;

use jsonschema::paths::{Location, LocationSegment};

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into an object.
    Property(String),
    /// Into an array.
    Index(usize),
}

/// A place in a JSON document. Places sort by position in arrays, and by name in objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// The place of an object's property below this one.
    #[must_use]
    pub fn property(&self, name: &str) -> Self {
        self.down(Step::Property(name.to_owned()))
    }

    /// The place of an array's item below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.down(Step::Index(index))
    }

    /// The last step.
    #[must_use]
    pub fn last(&self) -> Option<&Step> {
        self.0.last()
    }

    fn down(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl From<&Location> for Path {
    fn from(location: &Location) -> Self {
        let step = |segment| match segment {
            LocationSegment::Property(name) => Step::Property(name.into_owned()),
            LocationSegment::Index(index) => Step::Index(index),
        };
        Self(location.iter().map(step).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.0 {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Property(name) if is_plain(name) => write!(f, ".{name}")?,
                // Escaped, so that a name can neither end the path nor move the terminal's cursor.
                Step::Property(name) => write!(f, "[{name:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    first && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
