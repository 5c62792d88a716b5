//! Bundles `schemas/openapi.yaml` with the files that it refers to into one JSON document that stands alone. A component schema that
//! is a reference to a schema file becomes that file; what the file defines for itself becomes components beside it, because
//! OpenAPI tools resolve `#/...` from the root of the whole document. An example's `externalValue` becomes its `value`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};

fn main() {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let mut document: Value =
        serde_saphyr::from_str(&read(&schemas.join("openapi.yaml"))).expect("openapi.yaml is YAML");
    let components = document["components"]["schemas"].as_object_mut().expect("openapi.yaml has component schemas");
    for name in components.keys().cloned().collect::<Vec<_>>() {
        let file = components[&name].get("$ref").and_then(Value::as_str).filter(|file| !file.starts_with('#'));
        if let Some(path) = file.map(|file| schemas.join(file)) {
            components.extend(bundled(&name, json(&path)));
        }
    }
    inline_examples(&mut document, &schemas);
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder"));
    let document = document.to_string();
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(document.as_bytes()).expect("memory can be written to");
    let packed = packed.finish().expect("memory can be written to");
    fs::write(target.join("openapi.json"), document).expect("the build folder can be written to");
    fs::write(target.join("openapi.json.gz"), packed).expect("the build folder can be written to");
}

/// The text of a file; cargo runs this again when it changes.
fn read(path: &Path) -> String {
    println!("cargo:rerun-if-changed={}", path.display());
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The components that a schema file comes to: itself, and its definitions under its name.
fn bundled(name: &str, mut schema: Value) -> Map<String, Value> {
    let own = schema.as_object_mut().expect("a schema file holds an object");
    own.remove("$schema");
    own.remove("$id");
    let definitions = own.remove("$defs").unwrap_or_default();
    let mut components = Map::from_iter([(name.to_owned(), schema)]);
    for (definition, schema) in definitions.as_object().into_iter().flatten() {
        components.insert(component(name, definition), schema.clone());
    }
    for schema in components.values_mut() {
        point_to_components(name, schema);
    }
    components
}

/// `next_step` of `VerificationReport` is `VerificationReportNextStep`.
fn component(name: &str, definition: &str) -> String {
    let words = definition.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    name.to_owned() + &words.collect::<String>()
}

fn point_to_components(name: &str, schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                let definition =
                    reference.strip_prefix("#/$defs/").expect("a schema file refers to its own definitions");
                *reference = format!("#/components/schemas/{}", component(name, definition));
            }
            members.values_mut().for_each(|member| point_to_components(name, member));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point_to_components(name, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn inline_examples(value: &mut Value, schemas: &Path) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(file)) = members.remove("externalValue") {
                members.insert("value".to_owned(), json(&schemas.join(file)));
            }
            members.values_mut().for_each(|member| inline_examples(member, schemas));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| inline_examples(item, schemas)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
