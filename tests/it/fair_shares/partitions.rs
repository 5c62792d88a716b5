//! The table: which partitions two workspaces write both, so that one could use up what the other needs.

use std::collections::BTreeSet;

use harness::scene::OPERATOR;

use super::{OF_A_TENANT, QUIET, QUIET_VERIFICATIONS, Street, accepted, flood};
use crate::table::{items, text};
use crate::worker::{deliver, delivery};

/// What stands in the table, by key, and the partitions of table and indexes that it stands in.
async fn stored(street: &Street) -> Vec<(String, BTreeSet<String>)> {
    let partitions = |item: &_| {
        let named = ["pk", "gsi1pk", "gsi2pk", "gsi3pk"].map(|name| (name, text(item, name).to_owned()));
        named.into_iter().filter(|(_, partition)| !partition.is_empty()).map(|(_, it)| it).collect()
    };
    items(&street.scene).await.into_iter().map(|(key, item)| (key, partitions(&item))).collect()
}

/// The partitions of what was not there before.
fn new(before: &[(String, BTreeSet<String>)], after: &[(String, BTreeSet<String>)]) -> BTreeSet<String> {
    let known: BTreeSet<&String> = before.iter().map(|(key, _)| key).collect();
    after.iter().filter(|(key, _)| !known.contains(key)).flat_map(|(_, partitions)| partitions.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workspaces_write_nothing_in_common_but_the_shards_of_active_runs() {
    let street = Street::new().await;
    let edge = street.edge(&street.scene.sandbox.aws, 1000);
    let worker = street.scene.worker().await;
    let empty = stored(&street).await;
    let flooding = flood(&edge, OPERATOR, 0..OF_A_TENANT).await;
    let flooded = stored(&street).await;
    let quiet = accepted(&edge.start(QUIET, QUIET_VERIFICATIONS).await);
    let started = stored(&street).await;
    let (mut theirs, mut mine) = (new(&empty, &flooded), new(&flooded, &started));
    for run in flooding {
        assert!(deliver(&worker, [delivery(run, 1)]).await.is_empty());
    }
    let verified = stored(&street).await;
    theirs.extend(new(&started, &verified));
    assert!(deliver(&worker, [delivery(quiet, 1)]).await.is_empty());
    mine.extend(new(&verified, &stored(&street).await));
    assert!(theirs.iter().any(|it| it.starts_with("AUDIT#")) && mine.iter().any(|it| it.starts_with("AUDIT#")));
    let shared: Vec<&String> = theirs.intersection(&mine).collect();
    assert!(shared.iter().all(|partition| partition.starts_with("ACTIVE#")), "{shared:?}");
    let shards = theirs.iter().filter(|partition| partition.starts_with("ACTIVE#")).count();
    assert!(shards > 4, "one workspace's runs are spread over {shards} shards");
}
