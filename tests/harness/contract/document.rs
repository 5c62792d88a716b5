//! The contract's document, its operations and its schemas.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anyhow::{Result, ensure};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// What stands in `schemas/openapi.yaml`.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(contract::OPENAPI_JSON).expect("the contract is JSON"));
    &DOCUMENT
}

/// One method of one path.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// The path with names in braces.
    pub template: &'a str,
    /// The method, in upper case.
    pub method: &'static str,
    /// The whole operation.
    pub object: &'a Value,
    /// What it is answered with, by status.
    pub responses: &'a Map<String, Value>,
}

impl Operation<'_> {
    /// Whether this is the operation's path.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        let (expected, found) = (self.template.split('/'), path.split('/'));
        expected.clone().count() == found.clone().count()
            && expected.zip(found).all(|(expected, found)| expected.starts_with('{') || expected == found)
    }

    /// Its name.
    ///
    /// # Panics
    /// When the document gives it none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.object["operationId"].as_str().expect("every operation has an id")
    }
}

/// Every operation.
///
/// # Panics
/// When the document has another form than OpenAPI's.
pub fn operations() -> impl Iterator<Item = Operation<'static>> {
    let paths = document()["paths"].as_object().expect("paths by template");
    paths.iter().flat_map(|(template, path)| {
        let methods = [("GET", "get"), ("POST", "post"), ("PUT", "put"), ("PATCH", "patch"), ("DELETE", "delete")];
        methods.into_iter().filter_map(move |(method, member)| {
            let object = path.get(member)?;
            let responses = object["responses"].as_object().expect("responses by status");
            Some(Operation { template, method, object, responses })
        })
    })
}

/// The operation of a method and a path. HEAD is a GET without its body.
#[must_use]
pub fn find(method: &str, path: &str) -> Option<Operation<'static>> {
    let method = if method == "HEAD" { "GET" } else { method };
    operations().find(|operation| operation.method == method && operation.covers(path))
}

/// What a reference points to; anything else is itself.
///
/// # Panics
/// When it points to nothing.
#[must_use]
pub fn resolve(value: &'static Value) -> &'static Value {
    let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
    let found = reference.strip_prefix('#').and_then(|pointer| document().pointer(pointer));
    resolve(found.unwrap_or_else(|| panic!("{reference} points to nothing")))
}

/// Holds a value against a schema of the document, as JSON Schema 2020-12 and with its formats.
///
/// # Errors
/// Everything that is wrong with the value.
pub fn validate(schema: &Value, value: &Value) -> Result<()> {
    let validator = validator(schema);
    let problems: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{} at {:?}", error, error.instance_path().as_str()))
        .collect();
    ensure!(problems.is_empty(), "{}", problems.join("; "));
    Ok(())
}

/// Whether a schema of the document accepts a value.
#[must_use]
pub fn is_valid(schema: &Value, value: &Value) -> bool {
    validator(schema).is_valid(value)
}

/// Compiling takes longer than validating, and tests see thousands of answers.
fn validator(schema: &Value) -> Arc<Validator> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || Arc::new(compile(document(), schema));
    Arc::clone(compiled.entry(schema.to_string()).or_insert_with(make))
}

/// A schema of this document, ready to use.
///
/// # Panics
/// When it is no schema.
#[must_use]
pub fn compile(document: &Value, schema: &Value) -> Validator {
    // With the components at the root, the document's references are the schema's own.
    let whole = json!({ "allOf": [schema], "components": document["components"] });
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(&whole).unwrap_or_else(|error| panic!("{schema} is no schema: {error}"))
}
