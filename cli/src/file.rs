//! Reads a directory file. Whatever is wrong with it is found at once, each problem with its JSON path, so that an operator corrects
//! the file once and not line by line.

mod constraints;
mod form;
mod node;
mod path;
mod schema;

use domain::credential_policy::CredentialPolicy;
use domain::directory::WantedWorkspace;
use domain::encoding::{self, Utf16};
use domain::manifest::Manifest;
use domain::time::Timestamp;
use serde_json::Value;

pub use path::{Path, Step};

/// Something wrong with one place of the file. Never repeats a value: it may be a secret that stands in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct Problem {
    /// Where.
    pub path: Path,
    /// What.
    pub message: String,
}

/// Why a file is not a directory.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFile {
    /// Not UTF-8.
    #[error(transparent)]
    Encoding(#[from] Utf16),
    /// Not JSON, or a name stands twice in an object; says the line and column.
    #[error("not JSON")]
    Syntax(#[source] serde_json::Error),
    /// JSON, but not a valid directory.
    #[error("{} problems", .0.len())]
    Problems(Vec<Problem>),
}

/// Reads the text of a file for a deployment: where its credentials may be, and the modules of its manifest. New connections count as updated `now`.
///
/// # Errors
/// [`InvalidFile`] with every problem of the file.
pub fn parse(
    text: &[u8],
    credentials: &CredentialPolicy,
    manifest: &Manifest,
    now: Timestamp,
) -> Result<Vec<WantedWorkspace>, InvalidFile> {
    let text = encoding::json(text)?;
    let document: Value = serde_json::from_slice(text).map_err(InvalidFile::Syntax)?;
    let mut problems = schema::problems(&document);
    problems.extend(constraints::problems(&document, credentials, manifest, &problems));
    if !problems.is_empty() {
        problems.sort_by(|one, other| one.path.cmp(&other.path));
        return Err(InvalidFile::Problems(problems));
    }
    // From the text and not from `document`, in which the last of two equal names has won.
    let form: form::File = serde_json::from_slice(text).map_err(InvalidFile::Syntax)?;
    Ok(form.into_directory(now))
}

#[cfg(test)]
mod tests;
