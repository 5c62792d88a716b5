//! A SHA-256 as it is stored: its 32 bytes, half of what its hexadecimal digits take. For the forms that are written with every run, where
//! each kilobyte begun costs as much as a full one.

use std::fmt::{self, Display, Write};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::{Error as _, Serializer};

const BYTES: usize = 32;

fn bytes_of(digits: &str) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let pairs = digits.as_bytes().chunks_exact(2);
    if pairs.len() != BYTES {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

pub(super) fn serialize<T: Display, S: Serializer>(digest: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let bytes = bytes_of(&digest.to_string()).ok_or_else(|| S::Error::custom("a digest has 64 hexadecimal digits"))?;
    serializer.serialize_bytes(&bytes)
}

pub(super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_byte_buf(Digits(PhantomData))
}

struct Digits<T>(PhantomData<T>);

impl<T: FromStr> Visitor<'_> for Digits<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a SHA-256")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        let mut digits = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            write!(digits, "{byte:02x}").map_err(E::custom)?;
        }
        digits.parse().map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}

/// The same of one that may be missing; the field says `default` and is left out then.
pub(super) mod optional {
    use super::{Deserializer, Display, FromStr, Serializer};

    #[expect(clippy::ref_option, reason = "serde's form")]
    pub(in super::super) fn serialize<T: Display, S: Serializer>(
        digest: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match digest {
            Some(digest) => super::serialize(digest, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Form {
        #[serde(with = "super")]
        one: String,
        #[serde(default, with = "super::optional", skip_serializing_if = "Option::is_none")]
        two: Option<String>,
    }

    #[test]
    fn a_digest_is_stored_as_its_bytes_and_read_as_its_digits() {
        let digits = "00ff".repeat(16);
        for two in [None, Some("ab".repeat(32))] {
            let form = Form { one: digits.clone(), two };
            let item: crate::item::Item = serde_dynamo::to_item(&form).expect("an item");
            assert_eq!(item["one"].as_b().expect("bytes").as_ref(), [0, 0xff].repeat(16));
            assert_eq!(serde_dynamo::from_item::<_, Form>(item).expect("what was stored"), form);
        }
        for wrong in ["", "00ff", &"zz".repeat(32)] {
            assert!(serde_dynamo::to_item::<_, crate::item::Item>(&Form { one: wrong.to_owned(), two: None }).is_err());
        }
    }
}
