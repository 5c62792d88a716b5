//! A value of a document together with its place. The rules look at files that may break the schema, so everything here is optional:
//! what is missing or of another type has been reported by the schema.

use std::str::FromStr;

use serde_json::Value;

use super::Path;

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) path: Path,
    pub(super) value: &'a Value,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { path: Path::default(), value }
    }

    pub(super) fn field(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.as_object()?.get(name)?;
        Some(Node { path: self.path.property(name), value })
    }

    /// The items of an array.
    pub(super) fn items(&self, name: &str) -> Vec<Node<'a>> {
        let Some(array) = self.field(name) else { return Vec::new() };
        let items = array.value.as_array().map_or(&[][..], Vec::as_slice);
        items.iter().enumerate().map(|(index, value)| Node { path: array.path.index(index), value }).collect()
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.as_object()?.get(name)?.as_str()
    }

    /// A text as one of our types.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// A number as an id.
    pub(super) fn id<T: TryFrom<u64>>(&self, name: &str) -> Option<T> {
        self.value.as_object()?.get(name)?.as_u64()?.try_into().ok()
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.value.as_object()?.get(name)?.as_bool()
    }
}
