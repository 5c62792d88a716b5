//! The JSON of DynamoDB, and a little of that of SQS, as the fault proxy reads and changes it.

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// The keys that a request names, as text.
pub(super) fn keys(operation: &str, request: &Value) -> Vec<String> {
    match operation {
        "GetItem" | "UpdateItem" | "DeleteItem" => vec![key(&request["Key"])],
        "PutItem" => vec![key(&request["Item"])],
        "BatchGetItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values());
            let mut keys: Vec<_> = tables.flat_map(|table| elements(&table["Keys"])).map(key).collect();
            keys.sort_unstable();
            keys
        }
        "TransactWriteItems" => elements(&request["TransactItems"]).flat_map(transaction_keys).collect(),
        "Query" => vec![condition(request)],
        "SendMessage" => vec![format!("group {}", request["MessageGroupId"].as_str().unwrap_or("none"))],
        // Of a message nothing but how long it is hidden.
        "ChangeMessageVisibility" => vec![format!("{} s", request["VisibilityTimeout"])],
        _ => Vec::new(),
    }
}

/// Whether this reads the base table as it may have been a while ago.
pub(super) fn may_be_old(operation: &str, request: &Value) -> bool {
    let is_old = |read: &Value| read["ConsistentRead"] != true;
    match operation {
        "GetItem" => is_old(request),
        "Query" => request["IndexName"].is_null() && is_old(request),
        "BatchGetItem" => request["RequestItems"].as_object().is_some_and(|tables| tables.values().any(is_old)),
        _ => false,
    }
}

fn key(item: &Value) -> String {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
    format!("{}/{}", text("pk"), text("sk"))
}

fn transaction_keys(element: &Value) -> Vec<String> {
    let kinds = element.as_object().into_iter().flatten();
    let named = |(kind, body): (&String, &Value)| {
        let item = if body["Item"].is_null() { &body["Key"] } else { &body["Item"] };
        format!("{kind} {}", key(item))
    };
    kinds.map(named).collect()
}

/// The values of a key condition in the order in which the condition names them.
fn condition(request: &Value) -> String {
    let text = request["KeyConditionExpression"].as_str().unwrap_or_default();
    let values = text.split([' ', ',', '(', ')']).filter(|word| word.starts_with(':'));
    let values = values.filter_map(|name| request["ExpressionAttributeValues"][name]["S"].as_str());
    values.collect::<Vec<_>>().join(" ")
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// Takes away what lets DynamoDB recognize a transaction that comes again.
pub(super) fn remove_token(request: &mut Value) {
    if let Some(members) = request.as_object_mut() {
        members.remove("ClientRequestToken");
    }
}

/// Adds a condition that never holds, so that the emulator judges every other condition and writes nothing.
pub(super) fn never_commit(request: &mut Value) {
    remove_token(request);
    let first = request["TransactItems"][0].as_object().and_then(|kinds| kinds.values().next());
    let table = first.map_or(Value::Null, |body| body["TableName"].clone());
    if let Some(items) = request["TransactItems"].as_array_mut() {
        items.push(json!({ "ConditionCheck": {
            "TableName": table,
            "Key": { "pk": { "S": "NOTHING" }, "sk": { "S": "NOTHING" } },
            "ConditionExpression": "attribute_exists(pk)",
        } }));
    }
}

/// Removes the last keys of a batch; they are the ones that stay unprocessed.
pub(crate) fn leave_keys(request: &mut Value, count: usize) -> Value {
    let mut left = request["RequestItems"].clone();
    let tables = left.as_object_mut().into_iter().flat_map(|tables| tables.iter_mut());
    for (table, unprocessed) in tables {
        if let Some(keys) = request["RequestItems"][table]["Keys"].as_array_mut() {
            unprocessed["Keys"] = Value::Array(keys.split_off(keys.len().saturating_sub(count)));
        }
    }
    left
}

/// Whether a batch asks for no key any more, which no emulator takes.
pub(crate) fn asks_for_nothing(request: &Value) -> bool {
    keys("BatchGetItem", request).is_empty()
}

/// The answer with these keys unprocessed.
pub(super) async fn unprocessed(answer: Response<Full<Bytes>>, left: &Value) -> Result<Response<Full<Bytes>>> {
    let mut body = body(answer).await?;
    body["UnprocessedKeys"] = left.clone();
    Ok(respond(StatusCode::OK, &body))
}

/// The answer to a batch of which nothing was processed.
pub(super) fn nothing_processed(left: &Value) -> Response<Full<Bytes>> {
    respond(StatusCode::OK, &json!({ "Responses": {}, "UnprocessedKeys": left }))
}

/// The cancellation of a transaction that could never commit, with this reason at these places.
pub(super) async fn cancelled(
    answer: Response<Full<Bytes>>,
    code: &str,
    places: &[usize],
) -> Result<Response<Full<Bytes>>> {
    let mut body = body(answer).await?;
    let reasons = body["CancellationReasons"].as_array_mut().context("the emulator did not cancel the transaction")?;
    ensure!(
        reasons.pop().is_some_and(|reason| reason["Code"] == "ConditionalCheckFailed"),
        "nothing kept it from commit"
    );
    for place in places {
        let reason = reasons.get_mut(*place).context("the transaction has no item at this place")?;
        *reason = json!({ "Code": code, "Message": format!("injected: {code}") });
    }
    Ok(respond(StatusCode::BAD_REQUEST, &body))
}

/// An error of DynamoDB.
pub(super) fn error(code: &str) -> Response<Full<Bytes>> {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    respond(StatusCode::BAD_REQUEST, &json!({ "__type": kind, "message": format!("injected: {code}") }))
}

async fn body(answer: Response<Full<Bytes>>) -> Result<Value> {
    let bytes = answer.into_body().collect().await.context("the answer has no body")?.to_bytes();
    serde_json::from_slice(&bytes).context("the emulator's answer is not JSON")
}

fn respond(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.to_string().into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}

/// Asks DynamoDB to say what the call costs.
pub(super) fn ask_for_capacity(request: &mut Value) {
    if let Some(members) = request.as_object_mut() {
        members.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
    }
}

/// The answer and the capacity units that it says the call has cost.
pub(super) async fn capacity(answer: Response<Full<Bytes>>) -> Result<(Response<Full<Bytes>>, f64)> {
    let status = answer.status();
    let body = body(answer).await?;
    let consumed = &body["ConsumedCapacity"];
    let units = |consumed: &Value| consumed["CapacityUnits"].as_f64().unwrap_or_default();
    let units = consumed.as_array().map_or_else(|| units(consumed), |tables| tables.iter().map(units).sum());
    Ok((respond(status, &body), units))
}
