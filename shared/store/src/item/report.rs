//! A sealed report as it is stored: its gzip, byte for byte.

use std::io::Read;
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::finding::Findings;
use domain::id::RunId;
use domain::report::{MAX_JSON_BYTES, SealedReport};
use domain::time::Timestamp;
use flate2::read::GzDecoder;
use serde::Serialize;

use crate::error::{Damaged, Unreadable};
use crate::item::{self, Entity, Item};
use crate::key;

/// The attribute with the gzip.
const GZIP: &str = "report";

#[derive(Serialize)]
struct ReportItem {
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

/// Reads a report: the JSON that was sealed. It is looked into, so that whoever gets it can rely on its being one.
pub(crate) fn to_json(item: &Item) -> Result<Vec<u8>, Damaged> {
    item::require(Entity::Report, item)?;
    let unreadable = |source| item::damaged(Entity::Report, &item::key_of(item), source);
    let gzip = item.get(GZIP).and_then(|value| value.as_b().ok());
    let gzip = gzip.ok_or_else(|| unreadable(Unreadable::Missing(GZIP)))?;
    let mut json = Vec::new();
    // No sealed report is larger, so damaged bytes cannot fill the memory either.
    let mut bounded = GzDecoder::new(gzip.as_ref()).take(MAX_JSON_BYTES as u64);
    bounded.read_to_end(&mut json).map_err(|source| unreadable(source.into()))?;
    Findings::read(&json).map_err(|source| unreadable(Unreadable::Report(source)))?;
    Ok(json)
}
