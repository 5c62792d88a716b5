//! A table of a test's own, for the commands that speak to the table, and what they find in it.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::credential_policy::CredentialPolicy;
use domain::directory::{AppMoves, Removals};
use dynoxide::Database;
use harness::emulator::{REGION, sdk_config};
use harness::fault_proxy::FaultProxy;
use harness::scene;
use harness::shared;
use harness::table::TableDefinition;
use serde_json::{Value, json};
use store::Store;
use tenantcheck::apply::{Options, plan};
use tokio::net::TcpListener;

use super::program::{Done, tenantcheck};

pub(super) type Item = HashMap<String, AttributeValue>;

/// Whom the emulator names for these credentials.
pub(super) const OPERATOR_ARN: &str = "arn:aws:iam::000000000000:root";

/// An empty table.
pub(super) struct Table {
    endpoint: String,
    name: String,
    /// Where the program asks who it is.
    sts: String,
    client: Client,
    pub(super) store: Store,
}

impl Table {
    pub(super) async fn on_ministack() -> Self {
        Self::on(shared::emulator().await.endpoint()).await
    }

    pub(super) async fn on_dynoxide() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        // It ends with the test's runtime.
        tokio::spawn(dynoxide::server::serve_on(listener, Database::memory().unwrap()));
        Self::on(&endpoint).await
    }

    async fn on(endpoint: &str) -> Self {
        let sts = shared::emulator().await.endpoint().to_owned();
        let (aws, name) = (sdk_config(endpoint), shared::unique_name());
        let client = Client::new(&aws);
        TableDefinition::from_template().unwrap().create(&client, &name).await.unwrap();
        Self { endpoint: endpoint.to_owned(), sts, store: scene::store(&aws, &name), client, name }
    }

    /// A proxy before the table, for the program and the store; what a test does itself goes past it.
    pub(super) async fn behind_proxy(&mut self) -> FaultProxy {
        let proxy = FaultProxy::in_front_of(&self.endpoint).await.unwrap();
        proxy.url().clone_into(&mut self.endpoint);
        self.store = scene::store(&sdk_config(proxy.url()), &self.name);
        proxy
    }

    /// Where the table is.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What it is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Runs the program on the table.
    pub(super) async fn tenantcheck(&self, arguments: &[&str]) -> Done {
        tenantcheck(arguments, &self.environment()).await
    }

    /// By which the program finds the table.
    pub(super) fn environment(&self) -> [(&str, &str); 6] {
        [
            ("AWS_ENDPOINT_URL_DYNAMODB", self.endpoint.as_str()),
            ("AWS_ENDPOINT_URL_STS", &self.sts),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("TABLE_NAME", &self.name),
        ]
    }

    /// Applies the published example, with tenant 2 archived or not: workspace 1 with the tenants 2 (connections 3 and 4) and 5.
    pub(super) async fn apply_example(&self, status: &str) {
        let mut file: Value = serde_json::from_str(include_str!("../../../schemas/examples/directory.json")).unwrap();
        file["workspaces"][0]["tenants"][0]["status"] = json!(status);
        let neighbour = &mut file["workspaces"][0]["tenants"][1];
        neighbour["entitlements"] = json!([{ "user_id": "ada", "role": "owner" }]);
        let options = Options {
            credentials: CredentialPolicy::new("local".parse().unwrap(), "").unwrap(),
            workspace: None,
            removals: Removals::Allowed,
            app_moves: AppMoves::Refused,
        };
        let planned = plan(&self.store, file.to_string().as_bytes(), &options, scene::now()).await.unwrap();
        planned.write(&self.store, harness::directory::operator(), scene::now()).await.unwrap();
    }

    /// Everything in the table, by key.
    pub(super) async fn items(&self) -> BTreeMap<String, Item> {
        let scan = self.client.scan().table_name(&self.name).consistent_read(true);
        let items: Vec<Item> = scan.into_paginator().items().send().try_collect().await.unwrap();
        items.into_iter().map(|item| (format!("{} / {}", text(&item, "pk"), text(&item, "sk")), item)).collect()
    }

    pub(super) async fn put(&self, item: Item) {
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    /// What time leaves behind of a tenant of workspace 1: state, acknowledged causes, an idempotency
    /// record, an onboarding session, and these runs with report and acknowledgement.
    pub(super) async fn put_history(&self, tenant: u64, runs: std::ops::Range<u64>) {
        let partition = format!("TENANT#{tenant:016}");
        for (sk, entity) in
            [("STATE#abc", "state"), ("ACKED#abc", "acknowledged_causes"), ("~IDEMPOTENCY#abc", "idempotency_record")]
        {
            self.put(item(&partition, sk, entity)).await;
        }
        let session = format!("SESSION#{tenant:016}");
        let entry = [("gsi1pk", partition.as_str()), ("gsi1sk", &session)];
        self.put(with(item(&session, "SESSION", "onboarding_session"), &entry)).await;
        for run in runs {
            let run = format!("RUN#{run:016}");
            let workspace = format!("WORKSPACE#{:016}", 1);
            let entries = [("gsi1pk", partition.as_str()), ("gsi1sk", &run), ("gsi2pk", &workspace), ("gsi2sk", &run)];
            self.put(with(item(&run, "RUN", "run"), &entries)).await;
            self.put(item(&run, "REPORT", "report")).await;
            self.put(item(&run, "ACK#provider.connection.check", "acknowledgement")).await;
        }
    }
}

/// An item with nothing but its key and kind.
pub(super) fn item(pk: &str, sk: &str, entity: &str) -> Item {
    with(Item::new(), &[("pk", pk), ("sk", sk), ("entity", entity)])
}

/// The item with these texts.
pub(super) fn with(mut item: Item, texts: &[(&str, &str)]) -> Item {
    item.extend(texts.iter().map(|(name, text)| ((*name).to_owned(), AttributeValue::S((*text).to_owned()))));
    item
}

/// The item with these numbers.
pub(super) fn with_numbers(mut item: Item, numbers: &[(&str, u64)]) -> Item {
    item.extend(numbers.iter().map(|(name, number)| ((*name).to_owned(), AttributeValue::N(number.to_string()))));
    item
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}
