//! The attributes that a stored form may have, told by the wire structs themselves. The functions' roles list what each may put, and a
//! test holds the lists against this: one that lacks an attribute would refuse a write as soon as an item has it.

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::{Entity, acknowledgement, audit, idempotency, report, run, slot};

/// The attributes of a kind of item that functions put, besides key, index keys, `entity`, time to live and token. None for a kind that
/// is not put by them, or that nobody knows.
#[must_use]
pub fn fields_of(entity: &str) -> Option<&'static [&'static str]> {
    Some(match Entity::named(entity)? {
        Entity::Run => of::<run::RunItem>(),
        Entity::Report => of::<report::ReportItem>(),
        Entity::Slot => of::<slot::SlotItem>(),
        Entity::Audit => of::<audit::AuditItem>(),
        Entity::Acknowledgement => of::<acknowledgement::AcknowledgementItem>(),
        Entity::Idempotency => of::<idempotency::RememberedItem>(),
        Entity::GivenRun => &[],
        Entity::Workspace
        | Entity::Membership
        | Entity::Entitlement
        | Entity::Tenant
        | Entity::EntraReservation
        | Entity::ConnectionReservation
        | Entity::AppReservation
        | Entity::Connection
        | Entity::Session
        | Entity::State
        | Entity::AcknowledgedCauses
        | Entity::StartCounter => return None,
    })
}

/// The names of a struct's fields, as they are stored.
fn of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Always an error: nothing is read.
    drop(T::deserialize(Asked(&mut names)).err());
    names
}

/// Is asked for a struct, and notes which fields it would have.
struct Asked<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("no struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("nothing to read"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_tells_every_attribute_as_it_is_stored() {
        let slot = ["connection_id", "run_id", "type", "run_identity_hash", "written_by"];
        assert_eq!(fields_of("active_slot"), Some(&slot[..]), "renamed and optional ones among them");
        assert!(fields_of("run").is_some_and(|fields| fields.contains(&"interruption")));
        assert_eq!(fields_of("connection"), None);
        assert_eq!(fields_of("something_newer"), None);
    }
}
