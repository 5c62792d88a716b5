//! What an item is: the attribute `entity`. Each word stands here once.

use std::sync::Arc;

use super::{Item, attribute, key_of};
use crate::error::{Damaged, Unreadable};

/// Makes the enum, and both directions between its variants and their words.
macro_rules! entities {
    ($($variant:ident = $word:literal,)+) => {
        /// What an item is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Entity {
            $($variant,)+
        }

        impl Entity {
            /// The word in the table.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Entity::$variant => $word,)+
                }
            }

            /// What the word means, if this program knows it.
            pub(super) fn named(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Entity::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

entities! {
    Workspace = "workspace",
    Membership = "membership",
    Entitlement = "entitlement",
    Tenant = "tenant",
    EntraReservation = "entra_claim",
    ConnectionReservation = "connection_claim",
    AppReservation = "app_claim",
    Connection = "connection",
    Slot = "active_slot",
    State = "state",
    Run = "run",
    Report = "report",
    Audit = "audit_event",
    Session = "onboarding_session",
    Acknowledgement = "acknowledgement",
    AcknowledgedCauses = "acknowledged_causes",
    Idempotency = "idempotency",
    StartCounter = "start_counter",
    GivenRun = "given_run",
}

impl Entity {
    /// What an item is; none when a newer program wrote it, which is no damage.
    pub(crate) fn of(item: &Item) -> Result<Option<Self>, Damaged> {
        match attribute(item, "entity") {
            "" => {
                let source = Arc::new(Unreadable::Missing("entity"));
                Err(Damaged { entity: "unmarked", key: key_of(item), source })
            }
            word => Ok(Self::named(word)),
        }
    }
}
