//! An operator's extension of the manifest: a file of the same form that adds permissions, modules and further needs of areas. It can
//! take nothing away, so a check never becomes greener by it.

use serde_json::Value;

use super::{Area, Manifest, Needs, PermissionType};
use crate::encoding::{self, Utf16};
use crate::schema::PermissionManifestSchema;

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
    /// Named but nowhere defined.
    #[error("{user} names the {kind} permission {name}, which is not defined")]
    Undefined {
        /// Who names it.
        user: String,
        /// Its type.
        kind: PermissionType,
        /// Its name.
        name: String,
    },
}

impl Manifest {
    /// This manifest with what an operator's file adds to it.
    ///
    /// # Errors
    /// [`InvalidManifest`] with every breach of the schema, or the first name that is defined twice or not at all.
    pub fn extended(&self, file: &[u8]) -> Result<Manifest, InvalidManifest> {
        let document: Value = serde_json::from_slice(encoding::json(file)?)?;
        let breaches: Vec<_> = PermissionManifestSchema::iter_errors(&document)
            .map(|error| format!("{}: {}", error.instance_path(), error.masked()))
            .collect();
        if !breaches.is_empty() {
            return Err(InvalidManifest::Schema(breaches));
        }
        let extension: Manifest = serde_json::from_value(document)?;
        let mut extended = self.clone();
        extended.version = format!("{}+{}", self.version, extension.version);
        for (name, permission) in extension.application_permissions {
            if extended.application_permissions.insert(name.clone(), permission).is_some() {
                return Err(InvalidManifest::Redefined { what: "the application permission", name });
            }
        }
        for (name, permission) in extension.delegated_permissions {
            if extended.delegated_permissions.insert(name.clone(), permission).is_some() {
                return Err(InvalidManifest::Redefined { what: "the delegated permission", name });
            }
        }
        for (name, areas) in extension.modules {
            if extended.modules.insert(name.clone(), areas).is_some() {
                return Err(InvalidManifest::Redefined { what: "the module", name });
            }
        }
        for (area, needs) in extension.areas {
            let extended = extended.areas.entry(area).or_default();
            extended.read.add(needs.read);
            extended.write.add(needs.write);
        }
        extended.complete()
    }

    /// The manifest, if every name that it uses is defined.
    pub(super) fn complete(self) -> Result<Manifest, InvalidManifest> {
        for kind in PermissionType::ALL {
            let needs = self.areas.iter().flat_map(|(area, needs)| {
                let names = needs.read.of(*kind).iter().chain(needs.write.of(*kind));
                names.map(move |name| (user_of(*area), name))
            });
            let broader = self.permissions(*kind).iter().flat_map(|(user, permission)| {
                permission.satisfied_by.iter().map(move |name| (format!("the permission {user}"), name))
            });
            for (user, name) in needs.chain(broader) {
                if !self.permissions(*kind).contains_key(name) {
                    return Err(InvalidManifest::Undefined { user, kind: *kind, name: name.clone() });
                }
            }
        }
        Ok(self)
    }
}

impl Needs {
    fn add(&mut self, more: Needs) {
        self.application.extend(more.application);
        self.delegated.extend(more.delegated);
    }
}

fn user_of(area: Area) -> String {
    format!("the area {area}")
}
