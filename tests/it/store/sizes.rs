//! Reports as large as they become: what is stored is under the table's limit, and comes back byte for byte.

use domain::check::{Check, CheckDefinition, CheckKey, Severity, Verdict};
use domain::evidence::{Evidence, EvidenceKind};
use domain::operation_run::OperationRun;
use domain::reason::Reason;
use domain::report::{MAX_GZIP_BYTES, MAX_JSON_BYTES, PreviousReport, Report, SealedReport};
use store::Completed;

use super::bench::{Bench, Item};
use super::on_both_emulators;
use super::seeds::{EXCESSIVE, claim, finished, id, made, now, open, saved};

on_both_emulators! {
    the_largest_reports_are_stored_and_come_back_byte_for_byte,
}

/// DynamoDB takes 400 KB with the attributes' names; which kilobytes are meant does not matter for less than this.
const MAX_ITEM_BYTES: usize = 400_000;

/// Two MiB of evidence, in items of 64 bytes.
fn seal(run: &OperationRun, compressible: bool, previous: Option<PreviousReport>) -> SealedReport {
    let mut random = fastrand::Rng::with_seed(7);
    let mut item = || {
        let digit = || if compressible { '7' } else { random.alphanumeric() };
        Evidence::text(EvidenceKind::UnknownRole, std::iter::repeat_with(digit).take(64).collect::<String>())
    };
    let evidence = (0..(2 << 20) / 64).map(|_| item()).collect();
    let key = CheckKey::EXCESSIVE;
    let definition = CheckDefinition { key, title: "Excessive", severity: Severity::High, blocking: false };
    let checks = vec![Check::new(&definition, Verdict::Warn(Reason::ProviderPermissionExcessive), evidence)];
    Report { run: &run.header, client_id: None, generated_at: now(), previous, checks }.seal().unwrap()
}

/// The bytes of an item that DynamoDB counts, as far as they are texts and bytes; a number has 21 at most.
fn bytes(item: &Item) -> usize {
    let value = |value: &aws_sdk_dynamodb::types::AttributeValue| match (value.as_s(), value.as_b()) {
        (Ok(text), _) => text.len(),
        (_, Ok(bytes)) => bytes.as_ref().len(),
        _ => 21,
    };
    item.iter().map(|(name, it)| name.len() + value(it)).sum()
}

async fn the_largest_reports_are_stored_and_come_back_byte_for_byte(bench: &Bench) {
    for (run, compressible) in [(41, false), (42, true)] {
        open(bench, run).await;
        let held = claim(bench, run, now()).await;
        let latest = bench.store.latest(id(2), &held.header.identity_hash, now()).await.unwrap();
        let finish = |previous: Option<PreviousReport>| {
            let report = seal(&held, compressible, previous.clone());
            let run = held.clone().finish(now(), &report).unwrap();
            made(Completed { run, report, ..finished(&held, now(), EXCESSIVE, previous) })
        };
        let completed = saved(bench.store.complete(now(), latest, finish).await.unwrap());
        let (json, gzip) = (completed.report.json(), completed.report.gzip());
        let full = if compressible { json.len() * 100 / MAX_JSON_BYTES } else { gzip.len() * 100 / MAX_GZIP_BYTES };
        assert!(full >= 95, "{full} % of what a report may have");
        let size = bytes(&bench.item(&format!("{run}/REPORT")).await);
        assert!(size < MAX_ITEM_BYTES, "an item of {size} bytes");
        let stored = bench.store.load_run_with_report(id(run), now()).await.unwrap().unwrap();
        assert_eq!(stored.run, completed.run);
        assert!(stored.report_json() == Some(json), "the report came back as another one");
    }
}
