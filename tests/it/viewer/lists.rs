//! Lists of runs, by tenant and by workspace.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::access::Role;
use domain::directory::WantedWorkspace;
use domain::tenant::Tenant;
use domain::time::Timestamp;
use harness::directory::{membership, tenant};
use harness::edge::Edge;
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::run_attributes;
use harness::scene::{COLLEAGUE, OPERATOR, OUTSIDER, READER, Scene, now};
use serde_json::Value;

use crate::table::{self, Item};

const TENANT_RUNS: &str = "/workspaces/1/tenants/2/runs";
const WORKSPACE_RUNS: &str = "/workspaces/1/runs";
const MINUTE: Duration = Duration::from_mins(1);

/// A completed run as it is stored, to be copied.
async fn pattern(scene: &Scene) -> Item {
    scene.change_connection(|connection| connection.is_enabled = false).await;
    Edge::of(scene).start(OPERATOR, "/workspaces/1/tenants/2/verifications").await;
    table::stored(scene, "run").await.remove(0)
}

/// The same run of another tenant and time.
fn copy(pattern: &Item, tenant: u64, created_at: Timestamp) -> Item {
    let mut item = pattern.clone();
    item.extend(run_attributes(tenant, created_at));
    item
}

/// Stores a run of each minute before now; their ids, newest first.
async fn runs(scene: &Scene, pattern: &Item, tenant: u64, minutes: impl IntoIterator<Item = u32>) -> Vec<u64> {
    let mut ids = Vec::new();
    for minute in minutes {
        let item = copy(pattern, tenant, now() - MINUTE * minute);
        ids.push(item["id"].as_n().unwrap().parse().unwrap());
        table::put(scene, item).await;
    }
    ids
}

fn ids(page: &Value) -> Vec<u64> {
    page["runs"].as_array().expect("runs").iter().map(|run| run["id"].as_u64().expect("an id")).collect()
}

/// Every page of a list, and how many runs each has.
async fn pages(edge: &Edge, user: &str, list: &str) -> (Vec<u64>, Vec<usize>) {
    let (mut all, mut sizes, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let answer = edge.get(user, &format!("{list}{token}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let page = answer.json();
        sizes.push(ids(&page).len());
        all.extend(ids(&page));
        match page["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => return (all, sizes),
        }
    }
}

/// Makes somebody a member who reads these new tenants.
async fn entitle(scene: &Scene, name: &str, tenants: impl IntoIterator<Item = u64>) {
    entitle_all(scene, &[(name, tenants.into_iter().collect())]).await;
}

/// Makes people members, each of whom reads these new tenants.
async fn entitle_all(scene: &Scene, people: &[(&str, BTreeSet<u64>)]) {
    let readable = |number: u64| {
        let entra_tenant_id = format!("00000000-0000-4000-8000-{number:012}");
        let of = Tenant { id: number.try_into().unwrap(), entra_tenant_id, ..scene.tenant.clone() };
        let readers = people.iter().filter(|(_, tenants)| tenants.contains(&number));
        tenant(&of, &[], &readers.map(|(name, _)| (*name, Role::Readonly)).collect::<Vec<_>>())
    };
    let add = |workspace: &mut WantedWorkspace| {
        let member = |(name, _): &(&str, _)| membership(scene.tenant.workspace_id, name, Role::Readonly);
        workspace.memberships.extend(people.iter().map(member));
        let tenants: BTreeSet<u64> = people.iter().flat_map(|(_, tenants)| tenants).copied().collect();
        workspace.tenants.extend(tenants.into_iter().map(readable));
    };
    scene.change(add).await;
}

#[tokio::test]
async fn a_run_is_listed_without_its_report_but_with_what_that_comes_to() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    assert_eq!(edge.get(READER, TENANT_RUNS).await.text, r#"{"runs":[]}"#);
    pattern(&scene).await;
    let mut listed = edge.get(READER, TENANT_RUNS).await.json()["runs"][0].take();
    for name in ["id", "created_at", "completed_at"] {
        assert!(!listed[name].take().is_null());
    }
    listed["context"]["target_scope"]["entra_tenant_id"].take();
    insta::assert_json_snapshot!("listed_run", listed);
    assert_eq!(edge.get(READER, WORKSPACE_RUNS).await.text, edge.get(READER, TENANT_RUNS).await.text);
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps_and_the_last_has_no_token() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (edge, pattern) = (Edge::of(&scene), pattern(&scene).await);
    let newest = pattern["id"].as_n().unwrap().parse().unwrap();
    let mut expected = vec![newest];
    expected.extend(runs(&scene, &pattern, 2, 1..=11).await);
    for list in [TENANT_RUNS, WORKSPACE_RUNS] {
        assert_eq!(pages(&edge, READER, &format!("{list}?page_size=5")).await, (expected.clone(), vec![5, 5, 2]));
        assert_eq!(pages(&edge, READER, &format!("{list}?page_size=6")).await, (expected.clone(), vec![6, 6]));
        assert_eq!(pages(&edge, READER, &format!("{list}?page_size=12")).await, (expected.clone(), vec![12]));
    }
}

#[tokio::test]
async fn filters_narrow_a_list() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (edge, pattern) = (Edge::of(&scene), pattern(&scene).await);
    let month = 30 * 24 * 60;
    let old = runs(&scene, &pattern, 2, [60, month - 1, month + 1]).await;
    scene.change_connection(|connection| connection.is_enabled = true).await;
    let active = scene.queued_run().await.header.id.get();
    let blocked = pattern["id"].as_n().unwrap().parse().unwrap();
    let list = async |query: &str| ids(&edge.get(READER, &format!("{TENANT_RUNS}?{query}")).await.json());
    assert_eq!(list("").await, [active, blocked, old[0], old[1]], "30 days unless it is said otherwise");
    assert_eq!(list("status=queued").await, [active]);
    assert_eq!(list("status=completed&outcome=blocked").await, [blocked, old[0], old[1]]);
    assert_eq!(list("outcome=succeeded").await, Vec::<u64>::new());
    assert_eq!(list("status=queued&outcome=blocked").await, Vec::<u64>::new());
    let hour_ago =
        |run: u64| format!("{}", Timestamp::from_millis(1_735_689_600_000 + i64::try_from(run >> 12).unwrap()));
    assert_eq!(
        list(&format!("created_after={}", hour_ago(old[0]))).await,
        [active, blocked, old[0]],
        "at that time or later"
    );
    assert_eq!(list(&format!("created_before={}", hour_ago(old[0]))).await, [old[1]], "before that time");
    assert_eq!(list("created_after=2025-01-01T00:00:00Z&status=completed").await, [blocked, old[0], old[1], old[2]]);
    assert_eq!(list("created_after=2099-01-01T00:00:00Z").await, Vec::<u64>::new());
    assert_eq!(list("created_before=1970-01-01T00:00:00Z").await, Vec::<u64>::new());
}

#[tokio::test]
async fn a_rare_outcome_is_found_among_many_runs_within_one_step() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (edge, pattern) = (Edge::of(&scene), pattern(&scene).await);
    runs(&scene, &pattern, 2, 1..=120).await;
    let mut rare = copy(&pattern, 2, now() - MINUTE * 121);
    rare.insert("outcome".to_owned(), AttributeValue::S("succeeded".to_owned()));
    let id = rare["id"].as_n().unwrap().parse().unwrap();
    table::put(&scene, rare).await;
    assert_eq!(
        pages(&edge, READER, &format!("{TENANT_RUNS}?outcome=succeeded&page_size=10")).await,
        (vec![id], vec![1])
    );
}

#[tokio::test]
async fn what_has_expired_is_not_listed() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (edge, pattern) = (Edge::of(&scene), pattern(&scene).await);
    let mut expired = copy(&pattern, 2, now() - MINUTE);
    expired.insert("ttl".to_owned(), AttributeValue::N(now().as_seconds().to_string()));
    table::put(&scene, expired).await;
    let older = runs(&scene, &pattern, 2, [2]).await;
    let newest = pattern["id"].as_n().unwrap().parse().unwrap();
    assert_eq!(pages(&edge, READER, &format!("{TENANT_RUNS}?page_size=1")).await.0, [newest, older[0]]);
}

#[tokio::test]
async fn who_is_entitled_to_3_of_500_tenants_sees_only_these_and_cheaply() {
    let scene = Scene::new(Scenario::Healthy).await;
    let pattern = pattern(&scene).await;
    for tenant in 100..600 {
        runs(&scene, &pattern, tenant, [u32::try_from(tenant).unwrap()]).await;
    }
    entitle(&scene, "nora", [100, 350, 599]).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    let page = edge.get("nora", WORKSPACE_RUNS).await.json();
    let tenants: Vec<_> =
        page["runs"].as_array().unwrap().iter().map(|run| run["tenant_id"].as_u64().unwrap()).collect();
    assert_eq!(tenants, [100, 350, 599]);
    assert!(page.get("next_page_token").is_none());
    insta::assert_snapshot!("calls_of_3_tenants", crate::aws_calls::steps(&proxy.calls(), &[1, 1, 3]));
    assert_eq!(edge.get(COLLEAGUE, WORKSPACE_RUNS).await.text, r#"{"runs":[]}"#, "a member without any tenant");
    assert_eq!(edge.get(OUTSIDER, WORKSPACE_RUNS).await.status, 404);
}

#[tokio::test]
async fn above_25_tenants_the_workspaces_index_is_read_and_filtered() {
    let scene = Scene::new(Scenario::Healthy).await;
    let pattern = pattern(&scene).await;
    let mut expected = Vec::new();
    for tenant in 100..160_u32 {
        let ids = runs(&scene, &pattern, tenant.into(), [tenant, tenant + 100]).await;
        if tenant % 2 == 0 {
            expected.extend(ids);
        }
    }
    expected.sort_unstable_by(|one, other| other.cmp(one));
    entitle(&scene, "nora", (100..160).step_by(2)).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);
    for size in [7, 50, 100] {
        let (found, sizes) = pages(&edge, "nora", &format!("{WORKSPACE_RUNS}?page_size={size}")).await;
        assert_eq!(found, expected, "in pages of {size}: {sizes:?}");
        let calls = proxy.calls();
        assert!(calls.len() <= sizes.len() * 5, "{} calls for {} pages", calls.len(), sizes.len());
        assert!(calls.iter().all(|call| call.operation == "Query"));
    }
    edge.get("nora", WORKSPACE_RUNS).await;
    insta::assert_snapshot!("calls_of_30_tenants", crate::aws_calls::steps(&proxy.calls(), &[1, 1, 1]));
}

#[tokio::test]
async fn a_page_costs_little_where_a_workspace_is_ones_own_and_where_few_of_its_tenants_are() {
    let scene = Scene::new(Scenario::Healthy).await;
    let pattern = pattern(&scene).await;
    let (mine, all) = ([101, 105, 110, 119], 100..120_u32);
    let (mut seen_by_nora, mut seen_by_all) = (Vec::new(), Vec::new());
    for tenant in all.clone() {
        // The newest runs of all are one tenant's, and all the newest of nora's tenants are another one's.
        let newest = match tenant {
            100 => 1,
            105 | 110 | 119 => 1_000 + tenant,
            _ => tenant,
        };
        let ids = runs(&scene, &pattern, tenant.into(), (0..12).map(|run| newest + 7 * run)).await;
        if mine.contains(&tenant) {
            seen_by_nora.extend(ids.clone());
        }
        seen_by_all.extend(ids);
    }
    for ids in [&mut seen_by_nora, &mut seen_by_all] {
        ids.sort_unstable_by(|one, other| other.cmp(one));
    }
    let (mine, all) = (mine.map(u64::from).into(), all.map(u64::from).collect());
    entitle_all(&scene, &[("nora", mine), ("olga", all)]).await;
    let proxy = FaultProxy::in_front_of(scene.sandbox.aws.endpoint_url().unwrap()).await.unwrap();
    let edge = Edge::on(&sdk_config(proxy.url()), &scene.sandbox.table, &scene.sandbox.queues.verifications);

    edge.get("olga", &format!("{WORKSPACE_RUNS}?page_size=24")).await;
    insta::assert_snapshot!("calls_of_ones_own_workspace", crate::aws_calls::steps(&proxy.calls(), &[1, 1]));
    for size in [5, 24, 100] {
        let (found, sizes) = pages(&edge, "nora", &format!("{WORKSPACE_RUNS}?page_size={size}")).await;
        assert_eq!(found, seen_by_nora, "in pages of {size}: {sizes:?}");
        assert!(sizes.iter().rev().skip(1).all(|found| *found == size), "{sizes:?}");
        // Rights, the workspace, and of four tenants their heads and what else of them the page needs.
        assert!(proxy.calls().len() <= sizes.len() * (2 + 4 * 2), "in pages of {size}: {sizes:?}");
        assert_eq!(pages(&edge, "olga", &format!("{WORKSPACE_RUNS}?page_size={size}")).await.0, seen_by_all);
        drop(proxy.calls());
    }
}

#[tokio::test]
async fn rights_are_checked_on_every_page() {
    let scene = Scene::new(Scenario::Healthy).await;
    let (edge, pattern) = (Edge::of(&scene), pattern(&scene).await);
    runs(&scene, &pattern, 2, 1..=4).await;
    let first = edge.get(READER, &format!("{TENANT_RUNS}?page_size=2")).await.json();
    let token = first["next_page_token"].as_str().unwrap();
    let next = format!("{TENANT_RUNS}?page_size=2&page_token={token}");
    assert_eq!(edge.get(READER, &next).await.status, 200);
    // Somebody else's token is none of this list, and nobody without rights gets so far as to be told that.
    assert_eq!(edge.get(OPERATOR, &next).await.status, 422);
    assert_eq!(edge.get(OUTSIDER, &next).await.status, 404);
    scene.expel(READER).await;
    assert_eq!(edge.get(READER, &next).await.status, 404);
}
