//! What the contract says and the code does not do yet. The list is to become empty: an entry is deleted with the change that makes it
//! true, and from then on every test holds the code to it.

use NotYet::{Component, Field, Path};
use serde_json::Value;

/// One thing that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotYet {
    /// A path with its operations.
    Path(&'static str),
    /// A component, wherever the document refers to it: `kind/Name`.
    Component(&'static str),
    /// A field of a component schema.
    Field(&'static str, &'static str),
}

/// Everything that is still to come.
pub const NOT_YET: &[NotYet] = &[
    Path("/workspaces/{workspace_id}/tenants/{tenant_id}/permissions"),
    Path("/workspaces/{workspace_id}/tenants/{tenant_id}/runs"),
    Path("/workspaces/{workspace_id}/runs"),
    Path("/onboarding-sessions/{session_id}"),
    Path("/onboarding-sessions/{session_id}/verifications"),
    Component("schemas/SessionNotReadyProblem"),
    Component("schemas/SessionChangedProblem"),
    Path("/runs/{run_id}/checks/{check_key}/acknowledgement"),
    Component("schemas/RunNotCompletedProblem"),
    Component("schemas/CheckNotAcknowledgeableProblem"),
    Component("schemas/AlreadyAcknowledgedProblem"),
    Field("RunView", "acknowledgements"),
    Field("RunView", "previously_acknowledged"),
    Component("headers/ETag"),
    Component("parameters/IfNoneMatch"),
    Component("responses/NotModified"),
    Component("parameters/IdempotencyKey"),
    Component("schemas/IdempotencyKeyReusedProblem"),
];

/// The document without it.
pub(super) fn without(mut document: Value, not_yet: &NotYet) -> Value {
    match *not_yet {
        Path(template) => {
            let path = document["paths"].as_object_mut().and_then(|paths| paths.remove(template));
            assert!(path.is_some(), "{template} is no path of the contract");
        }
        Component(component) => {
            let (kind, name) = component.split_once('/').expect("kind/Name");
            let removed = document["components"][kind].as_object_mut().and_then(|components| components.remove(name));
            let removed = removed.unwrap_or_else(|| panic!("{component} is no component of the contract"));
            remove_references(&mut document, &format!("#/components/{component}"));
            if let Some(problem) = removed.pointer("/properties/type/const") {
                retain(&mut document["components"]["schemas"]["ProblemType"]["enum"], |item| item != problem);
            }
        }
        Field(schema, field) => {
            let schema = &mut document["components"]["schemas"][schema];
            let removed = schema["properties"].as_object_mut().and_then(|properties| properties.remove(field));
            assert!(removed.is_some(), "the contract has no field {field} there");
            retain(&mut schema["required"], |item| item != field);
        }
    }
    document
}

/// Removes whatever is nothing but a reference to this.
fn remove_references(value: &mut Value, reference: &str) {
    let is_other = |member: &Value| member.get("$ref").is_none_or(|found| found != reference);
    match value {
        Value::Object(members) => {
            members.retain(|_, member| is_other(member));
            for member in members.values_mut() {
                remove_references(member, reference);
            }
        }
        Value::Array(items) => {
            items.retain(is_other);
            for item in items {
                remove_references(item, reference);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn retain(list: &mut Value, keep: impl Fn(&Value) -> bool) {
    if let Some(items) = list.as_array_mut() {
        items.retain(keep);
    }
}
