//! A store on an empty table of its own, with a proxy before the emulator and a client past it.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use dynoxide::Database;
use harness::damage;
use harness::emulator::sdk_config;
use harness::fault_proxy::FaultProxy;
use harness::shared;
use harness::table::TableDefinition;
use store::{Store, StoreSettings};
use tokio::net::TcpListener;

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) const RUN_RETENTION: Duration = Duration::from_hours(24 * 90);

pub(super) struct Bench {
    /// The store, through the proxy.
    pub(super) store: Store,
    /// What stands between the store and the emulator.
    pub(super) proxy: FaultProxy,
    table: String,
    direct: Client,
}

impl Bench {
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
        let (direct, table) = (Client::new(&sdk_config(endpoint)), shared::unique_name());
        TableDefinition::from_template().unwrap().create(&direct, &table).await.unwrap();
        let proxy = FaultProxy::in_front_of(endpoint).await.unwrap();
        let settings = StoreSettings {
            table: table.clone(),
            run_retention: RUN_RETENTION,
            audit_retention: Duration::from_hours(24 * 400),
            damaged: damage::note,
        };
        let store = Store::new(Client::new(&sdk_config(proxy.url())), settings);
        Self { store, proxy, table, direct }
    }

    /// Everything in the table, by key.
    pub(super) async fn everything(&self) -> BTreeMap<String, Item> {
        let scan = self.direct.scan().table_name(&self.table).consistent_read(true);
        let items: Vec<Item> = scan.into_paginator().items().send().try_collect().await.unwrap();
        items.into_iter().map(|item| (format!("{}/{}", text(&item, "pk"), text(&item, "sk")), item)).collect()
    }

    /// The keys of everything in the table.
    pub(super) async fn keys(&self) -> Vec<String> {
        self.everything().await.into_keys().collect()
    }

    /// The only item whose key contains this text.
    pub(super) async fn item(&self, part: &str) -> Item {
        let mut found: Vec<_> = self.everything().await.into_iter().filter(|(key, _)| key.contains(part)).collect();
        assert_eq!(found.len(), 1, "items whose key contains {part}");
        found.remove(0).1
    }

    /// Puts an item past the proxy.
    pub(super) async fn put(&self, item: Item) {
        self.direct.put_item().table_name(&self.table).set_item(Some(item)).send().await.unwrap();
    }

    /// Puts many items past the proxy.
    pub(super) async fn put_all(&self, items: Vec<Item>) {
        let put = |item: &Item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        // DynamoDB takes 25 at once.
        for items in items.chunks(25) {
            let requests = items.iter().map(put).collect();
            let written = self.direct.batch_write_item().request_items(&self.table, requests).send().await.unwrap();
            assert!(written.unprocessed_items.is_none_or(|left| left.is_empty()));
        }
    }

    /// Deletes an item past the proxy.
    pub(super) async fn delete(&self, item: &Item) {
        let key = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone())).into();
        self.direct.delete_item().table_name(&self.table).set_key(Some(key)).send().await.unwrap();
    }

    /// Holds that every injected fault has met a call.
    pub(super) fn assert_every_fault_was_met(&self) {
        assert_eq!(self.proxy.faults_left(), 0, "faults that met no call");
    }
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

pub(super) fn with(mut item: Item, name: &str, value: AttributeValue) -> Item {
    item.insert(name.to_owned(), value);
    item
}
