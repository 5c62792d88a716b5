//! The only crate that knows DynamoDB. Callers see the domain's types and, for each flow, an enum of the answers it can get; keys,
//! items, conditions, tokens and retries stay in here.
//!
//! Reads of the base table are strongly consistent and follow every page; keys that stay unprocessed are asked for again.

mod acknowledge;
#[cfg(feature = "administration")]
mod audit_trail;
mod backoff;
mod batch_get;
mod cancellation;
mod claim;
mod completion;
mod damage;
#[cfg(feature = "administration")]
mod directory;
#[cfg(feature = "administration")]
mod entries;
mod error;
mod execution;
#[cfg(feature = "administration")]
mod forget;
#[cfg_attr(not(feature = "administration"), allow(dead_code, reason = "every form and key stands in one place"))]
mod item;
#[cfg_attr(not(feature = "administration"), allow(dead_code, reason = "every form and key stands in one place"))]
mod key;
mod look_after;
mod permission_view;
mod query;
mod run_list;
mod run_view;
mod session_view;
mod start;
mod start_conditions;
mod start_limit;
mod table;
mod tenant_view;
#[cfg(test)]
mod testing;
mod transaction;

pub use acknowledge::Acknowledged;
pub use claim::{Claim, Returned};
pub use completion::{CompleteError, Completed, Origin, Saved};
#[cfg(feature = "administration")]
pub use directory::{DirectoryCause, DirectoryError, DirectorySubject};
pub use error::{AwsError, Damaged, StoreError, Unreadable};
pub use execution::ExecutionData;
#[cfg(feature = "administration")]
pub use forget::{Archived, Forgettable, Forgotten, Removed};
pub use item::acknowledgement::AcknowledgedCauses;
#[cfg(feature = "administration")]
#[cfg(feature = "administration")]
pub use item::fields::fields_of;
pub use item::inventory::StoredInventory;
pub use item::latest::Latest;
pub use item::report::StoredReport;
pub use item::slot::Slot;
pub use look_after::{ActiveEntry, FoundRun, Moved};
pub use permission_view::PermissionView;
pub use run_list::{Member, RunQuery};
pub use run_view::StoredRun;
pub use session_view::SessionView;
pub use start::{Deduplicated, Opened, StartData};
pub use start_conditions::{ConditionRefused, KeyUse, SessionVersion, StartConditions};
pub use start_limit::StartLimit;
pub use table::{Store, StoreSettings};
pub use tenant_view::TenantView;
