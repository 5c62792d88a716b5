//! What a call is about, as IAM names it: the end of a resource's ARN, after the account.

use std::collections::BTreeSet;

use serde_json::Value;

/// The resources that a request names. One that knows none is about `*`.
pub(super) fn resources(operation: &str, request: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // A parameter's name begins with the stroke that its ARN has before it.
    let parameter = |name: &Value| format!("parameter{}", text(name));
    match operation {
        "BatchGetItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| format!("table/{table}")).collect()
        }
        "TransactWriteItems" => {
            let actions = request["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            actions.flatten().map(|(_, body)| format!("table/{}", text(&body["TableName"]))).collect()
        }
        // An index is a resource of its own: whoever queries one needs no right to its table.
        "Query" if request["IndexName"].is_string() => {
            [format!("table/{}/index/{}", text(&request["TableName"]), text(&request["IndexName"]))].into()
        }
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" => {
            [format!("table/{}", text(&request["TableName"]))].into()
        }
        "GetParameters" => request["Names"].as_array().into_iter().flatten().map(parameter).collect(),
        "PutParameter" => [parameter(&request["Name"])].into(),
        _ if request["QueueUrl"].is_string() => {
            let url = text(&request["QueueUrl"]);
            [format!("queue/{}", url.rsplit('/').next().unwrap_or_default())].into()
        }
        _ => ["*".to_owned()].into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_resource_that_a_request_names_is_seen() {
        let of = |operation, request| resources(operation, &request).into_iter().collect::<Vec<_>>().join(" ");
        let batch = json!({ "RequestItems": { "b": { "Keys": [] }, "a": { "Keys": [] } } });
        assert_eq!(of("BatchGetItem", batch), "table/a table/b");
        let transaction =
            json!({ "TransactItems": [{ "Put": { "TableName": "a" } }, { "Delete": { "TableName": "b" } }] });
        assert_eq!(of("TransactWriteItems", transaction), "table/a table/b");
        assert_eq!(of("Query", json!({ "TableName": "a" })), "table/a");
        assert_eq!(of("Query", json!({ "TableName": "a", "IndexName": "i" })), "table/a/index/i");
        assert_eq!(of("UpdateItem", json!({ "TableName": "a" })), "table/a");
        assert_eq!(of("GetParameters", json!({ "Names": ["/s/1", "/s/2"] })), "parameter/s/1 parameter/s/2");
        assert_eq!(of("SendMessage", json!({ "QueueUrl": "http://sqs/000000000000/q" })), "queue/q");
        assert_eq!(of("DescribeParameters", json!({})), "*");
    }
}
