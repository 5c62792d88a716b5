//! The verification report and its seal.
//!
//! A [`SealedReport`] is the only thing that the store takes, and only [`Report::seal`] makes one: counts, overall and fingerprint are
//! computed from the checks themselves, the document is checked against the published schema, and what is stored is the sealed text
//! byte for byte. A report that breaks one of these rules cannot be written.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::check::{Check, CheckStatus};
use crate::evidence_limit;
use crate::failure::Failures;
use crate::fingerprint::Fingerprint;
use crate::id::{ClientId, ConnectionId, RunId, TenantId, WorkspaceId};
use crate::names::names;
use crate::naming::NamingDigest;
use crate::operation::Operation;
use crate::run_header::RunHeader;
use crate::schema::ReportSchema;
use crate::time::Timestamp;

/// The report format that this program writes.
pub const SCHEMA_VERSION: &str = "1.5.0";

/// The most bytes of a sealed report.
pub const MAX_JSON_BYTES: usize = 1 << 20;

/// The most bytes of a sealed report in gzip: an item of the table holds 400 KB in all.
pub const MAX_GZIP_BYTES: usize = 300_000;

names! {
    /// What a report comes to.
    Overall: "an overall" {
        /// Everything is in order.
        Ready = "ready",
        /// Something should be looked at.
        NeedsAttention = "needs_attention",
        /// Something stops the connection from being used.
        Blocked = "blocked",
    }
}

impl Overall {
    /// What these checks come to. A skipped check never changes it.
    #[must_use]
    pub fn of(checks: &[Check]) -> Self {
        if checks.iter().any(Check::is_blocker) {
            Overall::Blocked
        } else if checks.iter().any(|check| check.verdict.problem().is_some()) {
            Overall::NeedsAttention
        } else {
            Overall::Ready
        }
    }
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// All checks.
    pub total: u32,
    /// Those that passed.
    pub pass: u32,
    /// Those that failed.
    pub fail: u32,
    /// Those that warn.
    pub warn: u32,
    /// Those that were skipped.
    pub skip: u32,
    /// Those that are not finished: none, in whatever this program writes.
    pub running: u32,
}

impl Counts {
    /// Counts these checks.
    #[must_use]
    pub fn of(checks: &[Check]) -> Self {
        let mut counts = Counts::default();
        for check in checks {
            counts.total += 1;
            *match check.verdict.status() {
                CheckStatus::Pass => &mut counts.pass,
                CheckStatus::Fail => &mut counts.fail,
                CheckStatus::Warn => &mut counts.warn,
                CheckStatus::Skip => &mut counts.skip,
            } += 1;
        }
        counts
    }
}

/// The report of the latest earlier run of the same identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousReport {
    /// The run, whose id is the report's id.
    pub run_id: RunId,
    /// The last verified report up to it: its own, or one before it.
    pub last_verified: Option<VerifiedReport>,
}

/// A report of a check that could see what it asked for. Later ones are compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReport {
    /// The run, whose id is the report's id.
    pub run_id: RunId,
    /// What it said.
    pub fingerprint: Fingerprint,
    /// What it named; none when an earlier program wrote it.
    pub naming: Option<NamingDigest>,
}

/// A report before it is sealed.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The run it belongs to.
    pub run: &'a RunHeader,
    /// The app that was verified, or would have been; none when it is not known.
    pub client_id: Option<&'a ClientId>,
    /// When it was made.
    pub generated_at: Timestamp,
    /// The latest earlier report of the same identity.
    pub previous: Option<PreviousReport>,
    /// The checks in their fixed order.
    pub checks: Vec<Check>,
}

/// Why a report cannot be sealed. Each is a fault of this program, never of its input.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Two checks have the same key.
    #[error("the check {0} stands twice in the report")]
    DuplicateKey(String),
    /// The document breaks the schema.
    #[error("the report breaks its schema: {0}")]
    Schema(String),
    /// The document has no JSON form.
    #[error("the report has no JSON form")]
    Json(#[from] serde_json::Error),
    /// Compressing failed.
    #[error("the report could not be compressed")]
    Gzip(#[from] std::io::Error),
    /// Too large even without evidence.
    #[error("the report is too large even without evidence")]
    TooLarge,
}

/// A report that holds every rule, as the text that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedReport {
    run_id: RunId,
    json: Vec<u8>,
    gzip: Vec<u8>,
    overall: Overall,
    counts: Counts,
    fingerprint: Fingerprint,
    naming: NamingDigest,
    previous: Option<PreviousReport>,
    failures: Option<Failures>,
}

/// A document that is small enough to be stored.
struct SealedText {
    json: Vec<u8>,
    gzip: Vec<u8>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    flow: Operation,
    generated_at: Timestamp,
    fingerprint: &'a Fingerprint,
    previous_report_id: Option<RunId>,
    summary: Summary,
    checks: &'a [Check],
    report_id: RunId,
    identity: Identity<'a>,
}

#[derive(Serialize)]
struct Summary {
    overall: Overall,
    counts: Counts,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names, reason = "the names of the published format")]
struct Identity<'a> {
    workspace_id: WorkspaceId,
    tenant_id: TenantId,
    provider_connection_id: Option<ConnectionId>,
    entra_tenant_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a ClientId>,
}

impl Report<'_> {
    /// Seals the report: computes what follows from the checks, holds the rules and the schema, and fixes the text. When the text
    /// is too large, evidence is cut from the end and the messages say how much.
    ///
    /// # Errors
    /// A [`SealError`] when a rule is broken. Nothing of such a report may be stored.
    pub fn seal(self) -> Result<SealedReport, SealError> {
        let mut keys = BTreeSet::new();
        for check in &self.checks {
            if !keys.insert(&check.key) {
                return Err(SealError::DuplicateKey(check.key.to_string()));
            }
        }
        let fingerprint = Fingerprint::of(&self.checks);
        let naming = NamingDigest::of(self.client_id, &self.checks);
        let overall = Overall::of(&self.checks);
        let counts = Counts::of(&self.checks);
        let text = |checks: &[Check]| self.text(checks, overall, counts, &fingerprint);
        let SealedText { json, gzip } = evidence_limit::most(&self.checks, text)?.ok_or(SealError::TooLarge)?;
        let (run_id, previous, failures) = (self.run.id, self.previous, Failures::of(&self.checks));
        Ok(SealedReport { run_id, json, gzip, overall, counts, fingerprint, naming, previous, failures })
    }

    /// The document as text and in gzip, held against the schema; none when one of the two is too large.
    fn text(
        &self,
        checks: &[Check],
        overall: Overall,
        counts: Counts,
        fingerprint: &Fingerprint,
    ) -> Result<Option<SealedText>, SealError> {
        let document = self.document(checks, overall, counts, fingerprint)?;
        let json = serde_json::to_vec(&document)?;
        // Compressing is what takes long.
        if json.len() > MAX_JSON_BYTES {
            return Ok(None);
        }
        let gzip = gzip(&json)?;
        if gzip.len() > MAX_GZIP_BYTES {
            return Ok(None);
        }
        ReportSchema::validate(&document).map_err(|error| SealError::Schema(error.to_string()))?;
        Ok(Some(SealedText { json, gzip }))
    }

    /// The document with its keys sorted: `serde_json` keeps a map in the order of its keys.
    fn document(
        &self,
        checks: &[Check],
        overall: Overall,
        counts: Counts,
        fingerprint: &Fingerprint,
    ) -> Result<serde_json::Value, serde_json::Error> {
        let run = self.run;
        serde_json::to_value(Document {
            schema_version: SCHEMA_VERSION,
            flow: run.operation,
            generated_at: self.generated_at,
            fingerprint,
            previous_report_id: self.previous.as_ref().map(|previous| previous.run_id),
            summary: Summary { overall, counts },
            checks,
            report_id: run.id,
            identity: Identity {
                workspace_id: run.workspace_id,
                tenant_id: run.tenant_id,
                provider_connection_id: run.target.connection_id,
                entra_tenant_id: &run.target.entra_tenant_id,
                client_id: self.client_id,
            },
        })
    }
}

fn gzip(json: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 4), Compression::default());
    encoder.write_all(json)?;
    encoder.finish()
}

impl SealedReport {
    /// The run it belongs to; the report's id.
    #[must_use]
    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// The document: compact JSON with sorted keys.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// The document in gzip, as it is stored.
    #[must_use]
    pub fn gzip(&self) -> &[u8] {
        &self.gzip
    }

    /// What the report comes to.
    #[must_use]
    pub fn overall(&self) -> Overall {
        self.overall
    }

    /// How many checks ended how.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What the report says, in short.
    #[must_use]
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// What the report names, in short.
    #[must_use]
    pub fn naming(&self) -> &NamingDigest {
        &self.naming
    }

    /// Why the run did not succeed, as its checks say; none where it did.
    #[must_use]
    pub fn failures(&self) -> Option<&Failures> {
        self.failures.as_ref()
    }

    /// The report before it.
    #[must_use]
    pub fn previous(&self) -> Option<&PreviousReport> {
        self.previous.as_ref()
    }
}

#[cfg(test)]
mod tests;
