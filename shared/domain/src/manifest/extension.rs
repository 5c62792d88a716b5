//! An operator's extension of the manifest: a file of the same form that adds operations, dangerous permissions, modules and further
//! calls of areas. What the built-in manifest says of an operation is replaced on purpose alone, with a reason that reports show.
//! The file is part of what is built, like code: nothing is read when a function starts, and no layer brings it.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::LazyLock;

use serde_json::Value;

use super::{Area, Manifest};
use crate::encoding::{self, Utf16};
use crate::schema::PermissionManifestSchema;

/// The operator's file in the source tree; an empty object there extends nothing.
pub const EXTENSION_FILE: &str = "shared/domain/permission-manifest.extension.json";

static DEPLOYED: LazyLock<Result<Cow<'static, Manifest>, InvalidManifest>> =
    LazyLock::new(|| with_extension(include_bytes!("../../permission-manifest.extension.json")));

/// Why a file cannot extend the manifest.
#[derive(Debug, thiserror::Error)]
pub enum InvalidManifest {
    /// Not UTF-8.
    #[error(transparent)]
    Encoding(#[from] Utf16),
    /// Not JSON.
    #[error("the permission manifest is not JSON")]
    Json(#[from] serde_json::Error),
    /// Not of the published form.
    #[error("the permission manifest breaks its schema: {}", .0.join("; "))]
    Schema(Vec<String>),
    /// Defined before, here or in the built-in manifest.
    #[error("{what} {name} is defined already")]
    Redefined {
        /// What it is.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Says that it overrides something, and does not.
    #[error("{0} is no operation of the built-in manifest, so nothing is overridden: leave `overrides` out")]
    OverridesNothing(String),
    /// Named but nowhere defined.
    #[error("the area {area} calls {operation}, which is not defined")]
    Undefined {
        /// Who names it.
        area: Area,
        /// Its name.
        operation: String,
    },
}

/// The built-in manifest with an operator's file, which may say that there is nothing to add.
pub(super) fn with_extension(file: &[u8]) -> Result<Cow<'static, Manifest>, InvalidManifest> {
    let document = parsed(file)?;
    if document.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(Cow::Borrowed(Manifest::built_in()));
    }
    Manifest::built_in().extended_by(document).map(Cow::Owned)
}

fn parsed(file: &[u8]) -> Result<Value, InvalidManifest> {
    Ok(serde_json::from_slice(encoding::json(file)?)?)
}

impl Manifest {
    /// The manifest of this deployment: the built-in one, extended by the file [`EXTENSION_FILE`] as it was when this program was
    /// built.
    ///
    /// # Errors
    /// [`InvalidManifest`] when that file does not extend the built-in manifest. A unit test of this crate says so before a deployment.
    pub fn deployed() -> Result<&'static Manifest, &'static InvalidManifest> {
        DEPLOYED.as_ref().map(Deref::deref)
    }

    /// This manifest with what an operator's file adds to it.
    ///
    /// # Errors
    /// [`InvalidManifest`] with every breach of the schema, or the first name that is defined twice or not at all.
    pub fn extended(&self, file: &[u8]) -> Result<Manifest, InvalidManifest> {
        self.extended_by(parsed(file)?)
    }

    fn extended_by(&self, document: Value) -> Result<Manifest, InvalidManifest> {
        let breaches: Vec<_> = PermissionManifestSchema::iter_errors(&document)
            .map(|error| format!("{}: {}", error.instance_path(), error.masked()))
            .collect();
        if !breaches.is_empty() {
            return Err(InvalidManifest::Schema(breaches));
        }
        let extension: Manifest = serde_json::from_value(document)?;
        let mut extended = self.clone();
        extended.version = format!("{}+{}", self.version, extension.version);
        for (name, operation) in extension.operations {
            let defined = self.operations.contains_key(&name);
            match (defined, &operation.overrides) {
                (true, None) => return Err(InvalidManifest::Redefined { what: "the operation", name }),
                (false, Some(_)) => return Err(InvalidManifest::OverridesNothing(name)),
                (true, Some(_)) | (false, None) => {}
            }
            extended.operations.insert(name, operation);
        }
        for (name, dangerous) in extension.dangerous_permissions {
            if extended.dangerous_permissions.insert(name.clone(), dangerous).is_some() {
                return Err(InvalidManifest::Redefined { what: "the dangerous permission", name });
            }
        }
        for (name, areas) in extension.modules {
            if extended.modules.insert(name.clone(), areas).is_some() {
                return Err(InvalidManifest::Redefined { what: "the module", name });
            }
        }
        for (area, calls) in extension.areas {
            let extended = extended.areas.entry(area).or_default();
            extended.read.extend(calls.read);
            extended.write.extend(calls.write);
        }
        extended.complete()
    }

    /// The manifest, if every operation that it uses is defined.
    pub(super) fn complete(self) -> Result<Manifest, InvalidManifest> {
        let called = self.areas.iter().flat_map(|(area, calls)| {
            let operations = calls.read.iter().chain(&calls.write);
            operations.map(move |operation| (*area, operation))
        });
        for (area, operation) in called {
            if !self.operations.contains_key(operation) {
                return Err(InvalidManifest::Undefined { area, operation: operation.clone() });
            }
        }
        Ok(self)
    }
}
