//! A sealed report as it is stored: its gzip, byte for byte.

use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::finding::Findings;
use domain::id::RunId;
use domain::report::{MAX_JSON_BYTES, SealedReport};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Damaged, Unreadable};
use crate::item::{self, Entity, Item, packed};
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
    let json = packed::unpack(&gzip, MAX_JSON_BYTES).map_err(|source| unreadable(source.into()))?;
    Findings::read(&json).map_err(|source| unreadable(Unreadable::Report(source)))?;
    Ok(StoredReport { json, gzip })
}
