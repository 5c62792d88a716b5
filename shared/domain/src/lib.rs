//! The rules of tenantcheck, without any I/O: values come in, decisions go out. No async, clock, environment, network, SDK or
//! randomness here; the current time is always an argument.

pub mod access;
pub mod acknowledgement;
pub mod audit;
pub mod bounds;
pub mod change;
pub mod check;
pub mod checks;
pub mod cloud;
pub mod cluster;
pub mod connection;
pub mod credential;
pub mod directory;
pub mod directory_role;
pub mod encoding;
pub mod evidence;
mod evidence_limit;
pub mod facts;
pub mod failure;
pub mod finding;
pub mod fingerprint;
pub mod freshness;
pub mod graph_permission;
pub mod guarded;
pub mod id;
pub mod idempotency;
pub mod identity;
pub mod look;
pub mod manifest;
mod names;
pub mod naming;
pub mod next_step;
pub mod onboarding;
pub mod operation;
pub mod operation_run;
mod parsed_text;
pub mod permission_standing;
pub mod permissions;
pub mod plain_text;
pub mod preflight;
pub mod propagation;
pub mod queue_message;
pub mod reason;
mod reason_table;
mod reason_text;
pub mod report;
mod run_header;
pub mod run_list;
pub mod run_status;
pub mod schema;
pub mod stub;
pub mod tenant;
#[cfg(test)]
mod testing;
pub mod time;

pub use names::UnknownName;
