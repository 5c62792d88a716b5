//! What IAM decides about a write to the table, from the template's statements. The emulators decide nothing: they know no conditions.
//!
//! Of a `PutItem`, `dynamodb:Attributes` are the attributes of the item, of every write those of its key and its expressions (the
//! developer guide, "Using IAM policy conditions for fine-grained access control"). What a transaction does is allowed by the rights of
//! each of its actions; whether IAM sees the items of one action one by one or together is not said, so both must be allowed.

use std::collections::BTreeSet;

use harness::fault_proxy::{Call, Write};
use harness::template::resource_properties;
use serde_json::Value;

/// The statements of a function's role.
pub(super) fn statements(function: &str) -> Vec<Value> {
    let role: Value = resource_properties(&function.replace("Function", "Role")).unwrap();
    role["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap().clone()
}

/// One text, or each of several.
pub(crate) fn each(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().flat_map(each).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

/// A call as a role names it. A transaction needs the rights of its parts.
pub(crate) fn actions(call: &Call) -> Vec<String> {
    let service = match call.operation.as_str() {
        "TransactWriteItems" => return call.writes.iter().map(|it| format!("dynamodb:{}", it.action)).collect(),
        "SendMessage" | "ChangeMessageVisibility" | "GetQueueAttributes" => "sqs",
        "GetParameters" | "PutParameter" | "DescribeParameters" => "ssm",
        _ => "dynamodb",
    };
    vec![format!("{service}:{}", call.operation)]
}

/// What IAM is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Request {
    action: String,
    partitions: BTreeSet<String>,
    attributes: BTreeSet<String>,
}

impl Request {
    /// One action on one item, which names these attributes beside its key.
    pub(super) fn of(action: &str, partition: &str, attributes: &[&str]) -> Self {
        let named = ["pk", "sk"].iter().chain(attributes).map(|name| (*name).to_owned());
        Self { action: action.to_owned(), partitions: [partition.to_owned()].into(), attributes: named.collect() }
    }

    /// What IAM may be asked about a call: each write, and all writes of one action at once.
    pub(super) fn all(call: &Call) -> Vec<Self> {
        let one = |write: &Write| Self {
            action: write.action.clone(),
            partitions: [write.partition.clone()].into(),
            attributes: write.attributes.clone(),
        };
        let actions: BTreeSet<_> = call.writes.iter().map(|write| write.action.as_str()).collect();
        let together = actions.into_iter().map(|action| {
            let of_action = || call.writes.iter().filter(|write| write.action == action);
            Self {
                action: action.to_owned(),
                partitions: of_action().map(|write| write.partition.clone()).collect(),
                attributes: of_action().flat_map(|write| write.attributes.clone()).collect(),
            }
        });
        call.writes.iter().map(one).chain(together).collect()
    }
}

/// Whether one of these statements allows it.
///
/// # Panics
/// At a condition that nobody has taught this yet.
pub(super) fn allows(statements: &[Value], request: &Request) -> bool {
    let action = format!("dynamodb:{}", request.action);
    let holds = |(operator, keys): (&String, &Value)| {
        keys.as_object().unwrap().iter().all(|(key, patterns)| {
            let values = match key.as_str() {
                "dynamodb:LeadingKeys" => &request.partitions,
                "dynamodb:Attributes" => &request.attributes,
                other => panic!("what is {other} of a write?"),
            };
            let fits = match operator.as_str() {
                "ForAllValues:StringLike" => is_like,
                "ForAllValues:StringEquals" => |value: &str, pattern: &str| value == pattern,
                other => panic!("what does {other} compare?"),
            };
            values.iter().all(|value| each(patterns).iter().any(|pattern| fits(value, pattern)))
        })
    };
    statements.iter().any(|statement| {
        let acts = each(&statement["Action"]).contains(&action.as_str());
        acts && statement["Condition"].as_object().into_iter().flatten().all(holds)
    })
}

/// `StringLike` with a star at the end at most, as the template has it.
pub(super) fn is_like(text: &str, pattern: &str) -> bool {
    assert!(!pattern.trim_end_matches('*').contains(['*', '?']), "{pattern}");
    match pattern.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => text == pattern,
    }
}

/// The attributes that a statement's condition lists; none where it has no such condition.
pub(super) fn listed(statement: &Value) -> Vec<&str> {
    let operators = statement["Condition"].as_object().into_iter().flatten();
    operators.filter_map(|(_, keys)| keys.get("dynamodb:Attributes")).flat_map(each).collect()
}
