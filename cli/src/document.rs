//! The API's documents as far as they are printed. Read leniently, so that a newer API does not break an older command line: unknown
//! members are ignored, and words are texts.

mod change;
mod connection;
mod run;

pub use change::{Acknowledgement, AppChange, Change, CheckChange, Earlier, Finding, Named, Person};
pub use connection::{Connection, Connections, Credential};
pub use run::{Context, Failure, Initiator, Run, RunPage, TargetScope};
