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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn with(file: &Path) -> Result<String, String> {
        let path = file.to_str().expect("a path of text").to_owned();
        let environment = Environment::new(move |name| (name == FILE).then(|| path.clone()));
        manifest(&environment).map(|manifest| manifest.version().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_operators_file_extends_the_manifest_or_the_function_does_not_start() {
        let built_in = Manifest::built_in().version();
        let unset = manifest(&Environment::new(|_| None)).expect("the product's own");
        assert_eq!(unset.version(), built_in);
        let file = std::env::temp_dir().join(format!("{}-manifest.json", uuid::Uuid::new_v4()));
        std::fs::write(&file, r#"{"version":"acme-1"}"#).expect("a file");
        assert_eq!(with(&file), Ok(format!("{built_in}+acme-1")));
        std::fs::write(&file, "no JSON").expect("the file");
        let malformed = Err(format!("the environment variable {FILE} is malformed"));
        assert_eq!(with(&file), malformed);
        std::fs::remove_file(&file).expect("the file");
        assert_eq!(with(&file), malformed, "a file that is not there is not passed over");
    }
}
