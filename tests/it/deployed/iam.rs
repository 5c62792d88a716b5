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
pub(super) fn each(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().flat_map(each).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

/// A call as a role names it. A transaction needs the rights of its parts.
fn actions(call: &Call) -> Vec<String> {
    let service = match call.operation.as_str() {
        "TransactWriteItems" => return call.writes.iter().map(|it| format!("dynamodb:{}", it.action)).collect(),
        "SendMessage" | "ChangeMessageVisibility" | "GetQueueAttributes" => "sqs",
        "GetParameters" | "PutParameter" | "DescribeParameters" => "ssm",
        _ => "dynamodb",
    };
    vec![format!("{service}:{}", call.operation)]
}

/// The table of the template, and the stage of the tests.
const TABLE: &str = "tenantcheck-${Stage}${TableSuffix}";
const STAGE: &str = "/tenantcheck/test/";

/// An action with a resource of it. A call that names several resources needs the right to each.
pub(crate) type Pair = (String, String);

/// A call's actions with what each is about, in the words of the template. `table` and `queue` are what the test calls its own.
pub(crate) fn pairs(call: &Call, table: &str, queue: &str) -> Vec<Pair> {
    let words = |resource: &String| match resource.strip_prefix("table/").and_then(|name| name.strip_prefix(table)) {
        Some(rest) => format!("table/{TABLE}{rest}"),
        None if *resource == format!("queue/{queue}") => "Queue.Arn".to_owned(),
        None => resource.replace(STAGE, "/tenantcheck/${Stage}/"),
    };
    let resources: Vec<String> = call.resources.iter().map(words).collect();
    let with = |action: String| resources.iter().map(move |resource| (action.clone(), resource.clone()));
    actions(call).into_iter().flat_map(with).collect()
}

/// Every action of these statements with every resource of it, but for what stands in `others`.
pub(crate) fn allowed_pairs(statements: &[Value], others: &BTreeSet<&str>) -> BTreeSet<Pair> {
    let of = |statement: &Value| -> Vec<Pair> {
        let resources: Vec<&str> = each(&statement["Resource"]).into_iter().map(short).collect();
        let actions = each(&statement["Action"]).into_iter().filter(|action| !others.contains(action));
        actions.flat_map(|action| resources.iter().map(move |it| (action.to_owned(), (*it).to_owned()))).collect()
    };
    statements.iter().flat_map(of).collect()
}

/// What of an ARN tells one resource of an account from another.
fn short(resource: &str) -> &str {
    resource.split_once(":${AWS::AccountId}:").map_or(resource, |(_, rest)| rest)
}

/// Holds that each pair that was made is allowed, and that each pair that is allowed was made.
pub(crate) fn assert_used_and_allowed(who: &str, made: &BTreeSet<Pair>, allowed: &BTreeSet<Pair>) {
    let covers = |right: &Pair, call: &Pair| right.0 == call.0 && is_like(&call.1, &right.1);
    let missing: Vec<_> = made.iter().filter(|call| !allowed.iter().any(|right| covers(right, call))).collect();
    assert!(missing.is_empty(), "{who} does what it may not: {missing:#?}");
    let unused: Vec<_> = allowed.iter().filter(|right| !made.iter().any(|call| covers(right, call))).collect();
    assert!(unused.is_empty(), "{who} may do what it was not seen to do: {unused:#?}");
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
