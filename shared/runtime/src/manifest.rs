//! The manifest of required permissions: the product's own, extended by an operator's file where one is deployed.

use std::borrow::Cow;

use domain::manifest::{InvalidManifest, Manifest};

use crate::environment::{Environment, SettingError};

/// The variable that names the operator's file, as a layer below `/opt` brings it.
const FILE: &str = "PERMISSION_MANIFEST_FILE";

/// Why the operator's file cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("the file cannot be read")]
    Unreadable(#[from] std::io::Error),
    #[error(transparent)]
    Invalid(#[from] InvalidManifest),
}

/// The manifest that this deployment uses.
///
/// # Errors
/// [`SettingError`] when the file that is named cannot be read or does not extend the manifest.
pub fn manifest(environment: &Environment) -> Result<Cow<'static, Manifest>, SettingError> {
    let Some(path) = environment.optional(FILE) else { return Ok(Cow::Borrowed(Manifest::built_in())) };
    let malformed = |error: Unusable| SettingError::Malformed { name: FILE, source: error.into() };
    let file = std::fs::read(path).map_err(|error| malformed(error.into()))?;
    let extended = Manifest::built_in().extended(&file).map_err(|error| malformed(error.into()))?;
    Ok(Cow::Owned(extended))
}
