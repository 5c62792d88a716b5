//! A sealed report as it is stored: its gzip, byte for byte.

use std::io::{self, Read};
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::finding::Findings;
use domain::id::RunId;
use domain::report::{MAX_JSON_BYTES, SealedReport};
use domain::time::Timestamp;
use flate2::bufread::GzDecoder;
use serde::{Deserialize, Serialize};

use crate::error::{Damaged, Unreadable};
use crate::item::{self, Entity, Item};
use crate::key;

/// The attribute with the gzip.
const GZIP: &str = "report";

/// A report as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    /// The JSON, byte for byte as it was sealed.
    pub json: Vec<u8>,
    /// What lies in the table: the gzip of this JSON, and nothing else.
    pub gzip: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReportItem {
    run_id: RunId,
}

/// The item of a report that was sealed for a run completed at this time.
pub(crate) fn of_report(report: &SealedReport, completed_at: Timestamp, retention: Duration) -> Item {
    let run_id = report.run_id();
    let mut item = item::build(Entity::Report, &key::report(run_id), &ReportItem { run_id });
    item.insert(GZIP.to_owned(), AttributeValue::B(Blob::new(report.gzip())));
    item::expire(&mut item, completed_at, retention);
    item
}

/// Reads a report. It is unpacked and looked into, so that whoever gets it can rely on its being one, in either form.
pub(crate) fn to_report(mut item: Item) -> Result<StoredReport, Damaged> {
    item::require(Entity::Report, &item)?;
    let gzip = item.remove(GZIP);
    let unreadable = |source| item::damaged(Entity::Report, &item::key_of(&item), source);
    let Some(AttributeValue::B(gzip)) = gzip else { return Err(unreadable(Unreadable::Missing(GZIP))) };
    let gzip = gzip.into_inner();
    let json = unpack(&gzip).map_err(|source| unreadable(source.into()))?;
    Findings::read(&json).map_err(|source| unreadable(Unreadable::Report(source)))?;
    Ok(StoredReport { json, gzip })
}

/// What the gzip holds, when nothing but a report can be in it.
fn unpack(gzip: &[u8]) -> Result<Vec<u8>, io::Error> {
    let mut json = Vec::new();
    // No sealed report is larger, so damaged bytes cannot fill the memory. One byte more is asked for, because the checksum is compared
    // at the end alone.
    let mut bounded = GzDecoder::new(gzip).take(MAX_JSON_BYTES as u64 + 1);
    bounded.read_to_end(&mut json)?;
    // What follows a report, or is too large for one, is not sent to anybody either.
    let rest = bounded.into_inner().into_inner();
    if rest.is_empty() { Ok(json) } else { Err(io::ErrorKind::InvalidData.into()) }
}
