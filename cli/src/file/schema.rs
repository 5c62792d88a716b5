//! `schemas/directory.schema.json`, compiled when this program is.

use domain::id::InvalidGuid;
use domain::onboarding::InvalidStep;
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::{Path, Problem, Step};

#[jsonschema::validator(
    path = "../schemas/directory.schema.json",
    draft = Draft202012,
    validate_formats = true,
    methods = { is_valid = false, validate = false }
)]
struct DirectorySchema;

/// Everything that the schema has against a document.
pub(super) fn problems(document: &Value) -> Vec<Problem> {
    DirectorySchema::iter_errors(document).map(|error| problem(&error)).collect()
}

fn problem(error: &ValidationError<'_>) -> Problem {
    let path = Path::from(error.instance_path());
    let name = match path.last() {
        Some(Step::Property(name)) => name.as_str(),
        Some(Step::Index(_)) | None => "",
    };
    let message = match error.kind() {
        ValidationErrorKind::FalseSchema => never(name),
        ValidationErrorKind::Enum { options } => format!("is none of {}", words(options)),
        ValidationErrorKind::Pattern { .. } if name == "current_step" => InvalidStep.to_string(),
        ValidationErrorKind::Pattern { .. } if name.ends_with("_id") && name != "user_id" => InvalidGuid.to_string(),
        ValidationErrorKind::Pattern { .. } => "has a control character".to_owned(),
        // Masked: the value itself may be a secret. The kinds are the library's own, and more may come.
        _ => error.masked().to_string(),
    };
    Problem { path, message: printable(&message) }
}

/// What stands at the places where the schema says "never".
fn never(name: &str) -> String {
    match name {
        "verification_operation_run_id" => "a session's run pointer is never written by apply".to_owned(),
        "cancelled_at" => "a session is completed or cancelled, not both".to_owned(),
        // A credential's property that another kind of credential has.
        name => format!("a credential of this kind has no {name}"),
    }
}

fn words(options: &Value) -> String {
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    options.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// A message may name a property of the file, and that goes to a terminal.
fn printable(message: &str) -> String {
    message.replace(char::is_control, "?")
}
