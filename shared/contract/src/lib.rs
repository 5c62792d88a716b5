//! The published contract of the HTTP API. Its source is `schemas/openapi.yaml`; the build makes one document of it and of the schemas
//! and examples that it refers to, so nothing is read or put together when a function runs.

/// The whole document as compact JSON, OpenAPI 3.1.
pub const OPENAPI_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The same document in gzip.
pub const OPENAPI_JSON_GZIP: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use serde_json::Value;

    use super::*;

    /// Every `$ref` and `externalValue` of the document.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    if let ("$ref" | "externalValue", Value::String(reference)) = (key.as_str(), member) {
                        found.push(reference);
                    }
                    references(member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn the_gzip_is_of_the_document() {
        let mut unpacked = String::new();
        GzDecoder::new(OPENAPI_JSON_GZIP).read_to_string(&mut unpacked).expect("gzip of a text");
        assert!(unpacked == OPENAPI_JSON);
    }

    #[test]
    fn the_document_stands_alone() {
        let document: Value = serde_json::from_str(OPENAPI_JSON).expect("JSON");
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 200);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} is another file"));
            assert!(document.pointer(pointer).is_some(), "{reference} points to nothing");
        }
    }

    #[test]
    fn every_component_is_used() {
        let document: Value = serde_json::from_str(OPENAPI_JSON).expect("JSON");
        let mut found = Vec::new();
        references(&document, &mut found);
        for (kind, components) in document["components"].as_object().expect("components") {
            for name in components.as_object().expect("components by name").keys() {
                // Named by `security`, and by no operation: see the description of that response.
                let used = ["bearer", "MethodNotAllowed"].contains(&name.as_str())
                    || found.contains(&format!("#/components/{kind}/{name}").as_str());
                assert!(used, "nothing refers to {kind}/{name}");
            }
        }
    }
}
