//! `tenantcheck apply`, called in process over a table of each test's own.

mod apps;
mod changes;
mod first;
mod moves;
mod races;
mod refusals;
mod sessions;
mod trouble;

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_types::SdkConfig;
use domain::credential_policy::CredentialPolicy;
use domain::directory::{AppMoves, Removals};
use domain::id::{TenantId, WorkspaceId};
use domain::time::Timestamp;
use dynoxide::Database;
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::scene;
use harness::shared;
use harness::table::TableDefinition;
use harness::views;
use serde_json::{Value, json};
use store::Store;
use tenantcheck::apply::{ApplyError, Options, plan};
use tenantcheck::summary::Summary;
use tokio::net::TcpListener;

/// Makes a test of each scenario on each emulator.
macro_rules! on_both_emulators {
    ($($scenario:ident,)+) => {
        mod ministack {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(crate::apply::Directory::on_ministack().await).await;
            })+
        }

        mod dynoxide {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(crate::apply::Directory::on_dynoxide().await).await;
            })+
        }
    };
}

use on_both_emulators;

/// Connection 3, tenant 2, in the example.
const CONNECTION: &str = "/workspaces/0/tenants/0/connections/0";

/// An empty table and the operator's command line before it.
struct Directory {
    aws: SdkConfig,
    client: Client,
    table: String,
    store: Store,
}

impl Directory {
    async fn on_ministack() -> Self {
        Self::on(shared::emulator().await.endpoint()).await
    }

    async fn on_dynoxide() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        // It ends with the test's runtime.
        tokio::spawn(dynoxide::server::serve_on(listener, Database::memory().unwrap()));
        Self::on(&endpoint).await
    }

    async fn on(endpoint: &str) -> Self {
        let (aws, table) = (sdk_config(endpoint), shared::unique_name());
        let client = Client::new(&aws);
        TableDefinition::from_template().unwrap().create(&client, &table).await.unwrap();
        Self { store: scene::store(&aws, &table), client, aws, table }
    }

    /// The same table, reached through a proxy.
    async fn through_proxy(mut self) -> (Self, FaultProxy) {
        let proxy = FaultProxy::in_front_of(self.aws.endpoint_url().unwrap()).await.unwrap();
        self.store = scene::store(&sdk_config(proxy.url()), &self.table);
        (self, proxy)
    }

    async fn apply_with(&self, file: &Value, options: &Options, now: &str) -> Result<Summary, ApplyError> {
        let planned = plan(&self.store, file.to_string().as_bytes(), options, time(now)).await?;
        planned.write(&self.store, harness::directory::operator(), time(now)).await?;
        Ok(planned.summary())
    }

    /// Applies a file at noon.
    async fn apply(&self, file: &Value) -> Result<Summary, ApplyError> {
        self.apply_with(file, &options(), "2026-11-01T12:00:00Z").await
    }

    /// Applies a file however much it removes.
    async fn replace(&self, file: &Value) -> Summary {
        let options = Options { removals: Removals::Allowed, ..options() };
        self.apply_with(file, &options, "2026-11-01T12:00:00Z").await.unwrap()
    }

    /// Everything in the table, by key.
    async fn items(&self) -> BTreeMap<(String, String), HashMap<String, AttributeValue>> {
        let pages = self.client.scan().table_name(&self.table).into_paginator().items().send();
        let items = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
        items.into_iter().map(|item| ((text(&item, "pk"), text(&item, "sk")), item)).collect()
    }

    /// The keys of everything in the table, with how often each item was written.
    async fn keys(&self) -> String {
        let mut lines: Vec<String> = self
            .items()
            .await
            .into_iter()
            .map(|((pk, sk), item)| {
                // Part of an audit event's key is random.
                let key = if pk.starts_with("AUDIT#") { "AUDIT#...".to_owned() } else { format!("{pk} / {sk}") };
                format!("{key} {} version {}\n", text(&item, "entity"), text(&item, "version"))
            })
            .collect();
        lines.sort();
        lines.concat()
    }

    async fn put(&self, pk: &str, sk: &str) {
        let put = self.client.put_item().table_name(&self.table);
        let text = |text: &str| AttributeValue::S(text.to_owned());
        put.item("pk", text(pk)).item("sk", text(sk)).item("entity", text("other")).send().await.unwrap();
    }

    async fn delete(&self, pk: &str, sk: &str) {
        let delete = self.client.delete_item().table_name(&self.table);
        let text = |text: &str| AttributeValue::S(text.to_owned());
        delete.key("pk", text(pk)).key("sk", text(sk)).send().await.unwrap();
    }

    /// The `updated_at` and version of the connections of a tenant.
    async fn versions(&self, tenant: u64) -> Vec<(u64, String, u64)> {
        let (workspace, tenant) = (WorkspaceId::try_from(1).unwrap(), TenantId::try_from(tenant).unwrap());
        let view = views::tenant(&self.store, (workspace, tenant), &scene::user("ada"), scene::now()).await.unwrap();
        view.connections.iter().map(|it| (it.id.get(), it.updated_at.to_string(), it.version)).collect()
    }
}

fn text(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        Some(_) | None => "-".to_owned(),
    }
}

fn options() -> Options {
    Options {
        credentials: CredentialPolicy::new("local".parse().unwrap(), "").unwrap(),
        workspace: None,
        removals: Removals::Limited,
        app_moves: AppMoves::Refused,
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The published example: workspace 1, members ada, grace and linus, tenant 2 with the connections 3 and 4, tenant 5 without, and
/// onboarding session 6 of tenant 5.
fn example() -> Value {
    serde_json::from_str(include_str!("../../../schemas/examples/directory.json")).unwrap()
}

/// The example with another value at this place.
fn example_with(pointer: &str, value: Value) -> Value {
    let mut file = example();
    *file.pointer_mut(pointer).expect("the example has this place") = value;
    file
}

/// A workspace without members, with one tenant.
fn other_workspace(workspace: u64, tenant: &Value) -> Value {
    json!({ "workspaces": [{ "id": workspace, "name": "Other", "memberships": [], "tenants": [tenant] }] })
}

/// A tenant alone.
fn tenant(id: u64, entra_tenant: &str) -> Value {
    json!({
        "id": id, "name": "Woodgrove", "entra_tenant_id": entra_tenant, "status": "active",
        "entitlements": [], "connections": []
    })
}

fn names(summary: &Summary) -> Vec<String> {
    summary.changes().map(ToString::to_string).collect()
}

fn refused(result: Result<Summary, ApplyError>) -> String {
    result.expect_err("a refusal").to_string()
}
