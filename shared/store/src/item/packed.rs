//! Gzip in an item: of a report, byte for byte, and of parts that are read as a whole and would be most of what they are stored with.

use std::fmt;
use std::io::{self, Read, Write};
use std::marker::PhantomData;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

/// More than any part of an item that was ever written: an item has 400 KB.
const MOST: usize = 1024 * 1024;

/// What a gzip holds, when it is at most so many bytes and nothing follows it.
pub(super) fn unpack(gzip: &[u8], most: usize) -> Result<Vec<u8>, io::Error> {
    let mut unpacked = Vec::new();
    // Damaged bytes cannot fill the memory. One byte more is asked for, because the checksum is compared at the end alone.
    let mut bounded = GzDecoder::new(gzip).take(most as u64 + 1);
    bounded.read_to_end(&mut unpacked)?;
    let rest = bounded.into_inner().into_inner();
    if rest.is_empty() { Ok(unpacked) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn pack(part: &impl Serialize) -> Result<Vec<u8>, io::Error> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&serde_json::to_vec(part)?)?;
    encoder.finish()
}

/// The part's JSON in gzip, for `#[serde(with)]`.
pub(super) fn serialize<T: Serialize, S: Serializer>(part: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(&pack(part).map_err(S::Error::custom)?)
}

pub(super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_byte_buf(Packed(PhantomData))
}

struct Packed<T>(PhantomData<T>);

impl<T: DeserializeOwned> Visitor<'_> for Packed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the gzip of JSON")
    }

    fn visit_bytes<E: Error>(self, gzip: &[u8]) -> Result<T, E> {
        let json = unpack(gzip, MOST).map_err(E::custom)?;
        serde_json::from_slice(&json).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_gzip_is_cut_off_or_is_too_large_is_refused() {
        let gzip = pack(&vec!["a"; 100]).expect("memory takes it");
        let json = unpack(&gzip, 401).expect("401 bytes");
        assert_eq!(serde_json::from_slice::<Vec<String>>(&json).expect("JSON").len(), 100);
        assert!(unpack(&gzip, 399).is_err(), "too large");
        assert!(unpack(&gzip[..gzip.len() - 1], 401).is_err(), "cut off");
        assert!(unpack(&[&gzip[..], b"x"].concat(), 401).is_err(), "something follows");
    }
}
