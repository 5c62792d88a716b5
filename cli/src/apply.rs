//! `tenantcheck apply`: makes what is stored of the workspaces in a directory file equal to that file.

use std::fmt;

use domain::audit::{AppliedFile, FileDigest, OperatorArn};
use domain::credential_policy::CredentialPolicy;
use domain::directory::{AppMoves, Plan, Removals};
use domain::id::WorkspaceId;
use domain::manifest::{EXTENSION_FILE, InvalidManifest, Manifest};
use domain::time::Timestamp;
use store::{DirectoryCause, DirectoryError, Store, StoreError};

use crate::chain::Chain;
use crate::exit::{CommandError, Exit};
use crate::file::{self, InvalidFile, Problem};
use crate::places::Places;
use crate::summary::Summary;

/// How a file is applied.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the deployment's credentials may be.
    pub credentials: CredentialPolicy,
    /// The one workspace that the file may name; any when none is given.
    pub workspace: Option<WorkspaceId>,
    /// Whether more than a fifth of a workspace may be removed.
    pub removals: Removals,
    /// Whether apps may be taken from other workspaces.
    pub app_moves: AppMoves,
}

/// Why a file was not applied.
#[derive(Debug)]
pub enum ApplyError {
    /// This program was built with a permission manifest that defines no modules because it is none.
    Manifest(&'static InvalidManifest),
    /// The file is invalid by itself.
    Invalid(InvalidFile),
    /// The file is valid and does not fit what is stored. Every reason at once.
    Refused(Vec<Problem>),
    /// What is stored cannot be read.
    Load(StoreError),
    /// Not everything was written.
    Write(DirectoryError),
}

impl ApplyError {
    /// The program's exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            ApplyError::Invalid(_) | ApplyError::Refused(_) => Exit::Usage,
            ApplyError::Manifest(_) | ApplyError::Load(_) | ApplyError::Write(_) => Exit::Failed,
        }
    }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = |f: &mut fmt::Formatter<'_>, problems: &[Problem]| {
            for problem in problems {
                writeln!(f, "  {problem}")?;
            }
            write!(f, "nothing was written")
        };
        match self {
            ApplyError::Manifest(error) => write!(f, "built with {EXTENSION_FILE}, which cannot be used: {error}"),
            ApplyError::Invalid(InvalidFile::Encoding(error)) => write!(f, "{error}\nnothing was written"),
            ApplyError::Invalid(InvalidFile::Syntax(error)) => {
                write!(f, "the file cannot be read as JSON: {error}\nnothing was written")
            }
            ApplyError::Invalid(InvalidFile::Problems(found)) => {
                writeln!(f, "the file is not a valid directory:")?;
                problems(f, found)
            }
            ApplyError::Refused(found) => {
                writeln!(f, "the file does not fit what is stored:")?;
                problems(f, found)
            }
            ApplyError::Load(error) => write!(f, "the table cannot be read: {}\nnothing was written", Chain(error)),
            ApplyError::Write(error) => {
                writeln!(f, "{}", Chain(error))?;
                match error.cause {
                    DirectoryCause::Changed => write!(f, "apply the file again to compare it with what is stored now"),
                    DirectoryCause::Store(_) => write!(f, "apply the file again to write the rest"),
                }
            }
        }
    }
}

impl std::error::Error for ApplyError {}

/// What a directory file changes, found out and not written yet.
#[derive(Debug)]
pub struct Planned {
    plan: Plan,
    digest: FileDigest,
}

/// Compares the text of a directory file with what is stored.
///
/// # Errors
/// [`ApplyError`] but for [`ApplyError::Write`].
pub async fn plan(store: &Store, text: &[u8], options: &Options, now: Timestamp) -> Result<Planned, ApplyError> {
    let manifest = Manifest::deployed().map_err(ApplyError::Manifest)?;
    let wanted = file::parse(text, &options.credentials, manifest, now).map_err(ApplyError::Invalid)?;
    let places = Places::of(&wanted);
    let others = places.other_workspaces(options.workspace);
    if !others.is_empty() {
        return Err(ApplyError::Invalid(InvalidFile::Problems(others)));
    }
    let stored = store.load_directory(&wanted).await.map_err(ApplyError::Load)?;
    let plan = Plan::make(wanted, stored, options.removals, options.app_moves, now)
        .map_err(|refusals| ApplyError::Refused(refusals.iter().map(|it| places.problem(it)).collect()))?;
    Ok(Planned { plan, digest: FileDigest::of(text) })
}

impl Planned {
    /// Writes what changes, by this operator.
    ///
    /// # Errors
    /// [`ApplyError::Write`].
    pub async fn write(&self, store: &Store, operator: OperatorArn, now: Timestamp) -> Result<(), ApplyError> {
        let file = AppliedFile { operator, digest: self.digest.clone() };
        store.apply_directory(&self.plan, &file, now).await.map_err(ApplyError::Write)
    }

    /// What changes, for people.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.plan)
    }
}

impl From<ApplyError> for CommandError {
    fn from(error: ApplyError) -> Self {
        Self::new(error.exit(), &error)
    }
}
