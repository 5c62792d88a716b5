//! Text that came from elsewhere. A terminal obeys control characters, so a name could move the cursor, rewrite what stands above
//! it, or turn the reading direction round; they are replaced where text comes in.

use std::fmt;

use domain::plain_text::is_obeyed;
use serde::Deserialize;

/// What stands for a character that a terminal would obey.
const REPLACEMENT: char = '\u{fffd}';

/// Text without anything that a terminal obeys.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub struct Text(String);

impl Text {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.chars().map(|char| if is_obeyed(char) { REPLACEMENT } else { char }).collect())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Several lines, each of them clean.
pub(crate) fn clean_lines(text: &str) -> String {
    text.split('\n').map(|line| Text::from(line).0).collect::<Vec<_>>().join("\n")
}

/// JSON that says the same without a character that a terminal obeys. Such characters stand in strings alone, where JSON has escapes
/// for them.
pub(crate) fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        if is_obeyed(char) && char != '\n' {
            escaped.push_str(&format!("\\u{:04x}", u32::from(char)));
        } else {
            escaped.push(char);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_replaced() {
        assert_eq!(
            Text::from("Contoso \u{1b}[2J\r\n\u{9b}31m\u{7f}").as_str(),
            "Contoso \u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}31m\u{fffd}"
        );
        assert_eq!(Text::from("\u{202e}osotnoC").as_str(), "\u{fffd}osotnoC");
        assert_eq!(Text::from("Müller & Söhne 東京").as_str(), "Müller & Söhne 東京");
        assert_eq!(clean_lines("one\n\u{7}two"), "one\n\u{fffd}two");
    }

    #[test]
    fn escaped_json_is_the_same_document() {
        let document = serde_json::json!({ "name": "a\u{1b}[2J\u{9b}\u{202e}\n", "other": [1] });
        let text = escape(&serde_json::to_string_pretty(&document).expect("JSON"));
        assert!(text.chars().all(|char| char == '\n' || !is_obeyed(char)), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), document);
    }
}
