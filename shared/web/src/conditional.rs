//! Conditional requests (RFC 9110, section 13): a caller who has the answer already is told so instead of being sent it again.

use headers::{ETag, HeaderMapExt, IfNoneMatch};
use lambda_http::Request;

/// The entity tag as a header has it.
pub(crate) fn entity_tag(tag: &str) -> ETag {
    format!("\"{tag}\"").parse().expect("tags are visible ASCII without quotes")
}

/// The same for an answer that is another one byte for byte.
pub(crate) fn weak_entity_tag(tag: &str) -> ETag {
    format!("W/\"{tag}\"").parse().expect("tags are visible ASCII without quotes")
}

/// Whether the request says that its caller has the answer with this tag.
pub(crate) fn has_it(request: &Request, tag: &ETag) -> bool {
    let asked = request.headers().typed_get::<IfNoneMatch>();
    asked.is_some_and(|condition| !condition.precondition_passes(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn any_of_the_callers_tags_may_be_the_one() {
        let tag = entity_tag("abc");
        let has = |value| has_it(&testing::with_header("if-none-match", value), &tag);
        for value in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert!(has(value), "{value}");
        }
        for value in ["\"abd\"", "abc", "", "\"x\", \"y\""] {
            assert!(!has(value), "{value}");
        }
        assert!(!has_it(&testing::with_header("if-match", "\"abc\""), &tag));
    }
}
