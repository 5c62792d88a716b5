//! The table, in memory and in this thread: a call is done when it returns.

use dynoxide::Database;
use dynoxide::errors::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::wire::Answer;

/// Its name.
pub(super) const NAME: &str = "chaos";

/// A table that speaks DynamoDB's JSON.
pub(super) struct Table(Database);

impl Table {
    pub(super) fn new() -> Self {
        Self(Database::memory().expect("a database in memory needs memory alone"))
    }

    /// Does what is asked for.
    pub(super) fn perform(&self, operation: &str, body: &str) -> Answer {
        let db = &self.0;
        match operation {
            "BatchGetItem" => answer(body, |request| db.batch_get_item(request)),
            "CreateTable" => answer(body, |request| db.create_table(request)),
            "GetItem" => answer(body, |request| db.get_item(request)),
            "PutItem" => answer(body, |request| db.put_item(request)),
            "Query" => answer(body, |request| db.query(request)),
            "TransactWriteItems" => answer(body, |request| db.transact_write_items(request)),
            "UpdateItem" => answer(body, |request| db.update_item(request)),
            "UpdateTimeToLive" => answer(body, |request| db.update_time_to_live(request)),
            other => panic!("no function calls {other}"),
        }
    }

    /// The item under a key as it is now.
    pub(super) fn item(&self, key: &Value) -> Option<Value> {
        let request = json!({ "TableName": NAME, "Key": key, "ConsistentRead": true });
        let mut answer = self.perform("GetItem", &request.to_string()).body;
        answer.get_mut("Item").map(Value::take)
    }
}

fn answer<Q: DeserializeOwned, A: Serialize>(body: &str, perform: impl FnOnce(Q) -> Result<A>) -> Answer {
    let request = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    match perform(request) {
        Ok(answer) => Answer { status: 200, body: serde_json::to_value(answer).expect("answers have a JSON form") },
        Err(error) => Answer {
            status: error.status_code(),
            body: serde_json::from_str(&error.to_json()).expect("errors have a JSON form"),
        },
    }
}
