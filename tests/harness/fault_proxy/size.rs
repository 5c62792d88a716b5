//! How large an item is, as DynamoDB counts it: names and values in UTF-8, numbers by two digits a byte, three bytes for a list or a map and
//! one for each of its members ("DynamoDB item sizes and formats", developer guide).

use serde_json::{Map, Value};

/// The bytes of an item in DynamoDB's JSON.
#[must_use]
pub fn item_size(item: &Map<String, Value>) -> usize {
    item.iter().map(|(name, value)| name.len() + of(value)).sum()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn of(value: &Value) -> usize {
    let Some((kind, value)) = members(value).next() else { return 0 };
    let text = value.as_str().unwrap_or_default();
    match kind.as_str() {
        "S" => text.len(),
        "N" => text.bytes().filter(u8::is_ascii_digit).count().div_ceil(2) + 1,
        // Base64: four characters for three bytes.
        "B" => text.trim_end_matches('=').len() * 3 / 4,
        "M" => 3 + members(value).map(|(name, value)| 1 + name.len() + of(value)).sum::<usize>(),
        "L" => 3 + value.as_array().into_iter().flatten().map(|value| 1 + of(value)).sum::<usize>(),
        "SS" => value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::len).sum(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_attribute_has_its_size() {
        let size = |item: &Value| item_size(item.as_object().unwrap());
        assert_eq!(
            size(&json!({ "pk": { "S": "RUN#1" }, "n": { "N": "1234" }, "b": { "B": "AAAA" }, "t": { "BOOL": true } })),
            7 + 4 + 4 + 2
        );
        let nested = json!({ "m": { "M": { "a": { "S": "xy" } } }, "l": { "L": [{ "N": "1" }, { "NULL": true }] } });
        assert_eq!(size(&nested), (1 + 3 + 1 + 1 + 2) + (1 + 3 + 1 + 2 + 1 + 1));
        assert_eq!(size(&json!({ "s": { "SS": ["ab", "c"] } })), 4);
    }
}
