//! Identifiers. Each is a newtype whose only constructors parse, so code that holds one need not check it again. Integer ids run
//! from 1 to 2^53-1, the range every JSON reader keeps exact (RFC 8259, section 6).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::parsed_text::parsed_text;
use crate::plain_text::is_obeyed;
use crate::time::Timestamp;

/// The largest integer id: 2^53-1.
pub const MAX_ID: u64 = (1 << 53) - 1;

/// Why a text or number is not an integer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not decimal digits alone, or with a leading zero: the same id must not have two spellings.
    #[error("an id is written in decimal digits without sign or leading zero")]
    NotDecimal,
    /// Outside 1..=2^53-1.
    #[error("an id is from 1 to 9007199254740991")]
    OutOfRange,
}

macro_rules! integer_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(u64);

        impl $name {
            /// The id as an integer from 1 to 2^53-1.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = InvalidId;

            fn try_from(value: u64) -> Result<Self, InvalidId> {
                if (1..=MAX_ID).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(InvalidId::OutOfRange)
                }
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> u64 {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_decimal(text).and_then(Self::try_from)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

integer_id!(
    /// A workspace: one MSP or one team of a SaaS.
    WorkspaceId
);
integer_id!(
    /// A customer's tenant inside a workspace (not the Entra tenant: see [`EntraTenantId`]).
    TenantId
);
integer_id!(
    /// A provider connection: one app registration's access to one tenant.
    ConnectionId
);
integer_id!(
    /// An operation run. Sorts by the time it was made.
    RunId
);
integer_id!(
    /// An onboarding session.
    SessionId
);
integer_id!(
    /// An audit event. Made like a run id, so events sort by time.
    EventId
);

fn parse_decimal(text: &str) -> Result<u64, InvalidId> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || !digits || text.starts_with('0') && text.len() > 1 {
        return Err(InvalidId::NotDecimal);
    }
    text.parse().map_err(|_| InvalidId::OutOfRange)
}

/// 2025-01-01T00:00:00Z in milliseconds since 1970: ids made from here on stay below 2^53 until 2094.
const EPOCH_MILLIS: i64 = 1_735_689_600_000;

/// Random bits below the milliseconds: 4,096 ids each millisecond, without a coordinator.
const RANDOM_BITS: u32 = 12;

fn timed(now: Timestamp, random: u16) -> u64 {
    let millis = u64::try_from(now.as_millis() - EPOCH_MILLIS).unwrap_or(0);
    let id = (millis << RANDOM_BITS) | u64::from(random & ((1 << RANDOM_BITS) - 1));
    id.clamp(1, MAX_ID)
}

impl RunId {
    /// A new id from the current time and at least 12 random bits. Two may collide: the store's condition finds out.
    #[must_use]
    pub fn new(now: Timestamp, random: u16) -> Self {
        Self(timed(now, random))
    }

    /// The id before this one; none before the first.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        Self::try_from(self.0 - 1).ok()
    }
}

impl EventId {
    /// A new id from the current time and at least 12 random bits.
    #[must_use]
    pub fn new(now: Timestamp, random: u16) -> Self {
        Self(timed(now, random))
    }
}

/// The most bytes a user id may have: the issuer's subjects are far shorter (OpenID Connect: 255), and it is part of a key.
const MAX_USER_ID_BYTES: usize = 255;

/// Why a text is not a user id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user id has 1 to {MAX_USER_ID_BYTES} bytes, and no character that moves a cursor or turns text round")]
pub struct InvalidUserId;

parsed_text! {
    /// A user, as the token's user id claim names them. Compared byte for byte.
    UserId, or InvalidUserId, by parse_user_id;
}

fn parse_user_id(text: String) -> Result<String, InvalidUserId> {
    let is_one = (1..=MAX_USER_ID_BYTES).contains(&text.len()) && !text.chars().any(is_obeyed);
    is_one.then_some(text).ok_or(InvalidUserId)
}

/// Why a text is not a GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a GUID has the form 00000000-0000-0000-0000-000000000000, in hexadecimal")]
pub struct InvalidGuid;

parsed_text! {
    /// A Microsoft Entra tenant (directory) id, in lower case.
    EntraTenantId, or InvalidGuid, by parse_guid;
    /// The application (client) id of an app registration, in lower case.
    ClientId, or InvalidGuid, by parse_guid;
    /// The id of an object in the directory (a service principal, an organization, an app role), in lower case.
    ObjectId, or InvalidGuid, by parse_guid;
}

fn parse_guid(mut text: String) -> Result<String, InvalidGuid> {
    let is_one = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    text.make_ascii_lowercase();
    is_one.then_some(text).ok_or(InvalidGuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling_from_1_to_2_pow_53_minus_1() {
        assert_eq!("1".parse::<RunId>().map(RunId::get), Ok(1));
        assert_eq!("9007199254740991".parse::<RunId>().map(RunId::get), Ok(MAX_ID));
        for text in ["", "-1", "+1", "01", "1.0", "1e3", " 1", "１", "abc"] {
            assert_eq!(text.parse::<RunId>(), Err(InvalidId::NotDecimal), "{text:?}");
        }
        for text in ["0", "9007199254740992", "99999999999999999999999"] {
            assert_eq!(text.parse::<RunId>(), Err(InvalidId::OutOfRange), "{text:?}");
        }
        assert!(serde_json::from_str::<RunId>("0").is_err());
        assert!(serde_json::from_str::<RunId>("9007199254740992").is_err());
        assert!(serde_json::from_str::<RunId>("1.5").is_err());
    }

    #[test]
    fn run_ids_sort_by_time_and_stay_exact_in_json_until_2094() {
        let early = RunId::new(Timestamp::from_millis(EPOCH_MILLIS + 5), 0xfff);
        let late = RunId::new(Timestamp::from_millis(EPOCH_MILLIS + 6), 0);
        assert!(early < late);
        assert_eq!(early.get(), 5 << 12 | 0xfff);
        let far: Timestamp = "2094-01-01T00:00:00Z".parse().expect("a date");
        assert!(RunId::new(far, 0xffff).get() < MAX_ID);
        assert_eq!(RunId::new(Timestamp::from_millis(0), 0).get(), 1);
    }

    #[test]
    fn guids_are_compared_in_lower_case() {
        let upper: EntraTenantId = "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE".parse().expect("a GUID");
        assert_eq!(upper.as_str(), "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
        for text in ["", "aaaaaaaabbbb4ccc8dddeeeeeeeeeeee", "{aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee}", "contoso.com"] {
            assert_eq!(text.parse::<ClientId>(), Err(InvalidGuid));
        }
    }

    #[test]
    fn user_ids_are_short_and_printable() {
        assert!(UserId::try_from("auth0|5f7c#8".to_owned()).is_ok());
        for text in [String::new(), "a\n".to_owned(), "x".repeat(256)] {
            assert_eq!(UserId::try_from(text), Err(InvalidUserId));
        }
    }
}
