//! JSON files as editors save them. Some put a byte order mark before the text, which says nothing in UTF-8, and some write UTF-16,
//! of which a JSON parser could only say that it expected a value.

/// The mark, in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The file has two bytes a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is in UTF-16; save it as UTF-8")]
pub struct Utf16;

/// The text of a JSON file, without a mark before it. Whether it is UTF-8 is for the parser to say.
///
/// # Errors
/// [`Utf16`] when the file begins as JSON does in that encoding: with its mark, or with a zero beside the first character, which is
/// ASCII in JSON.
pub fn json(file: &[u8]) -> Result<&[u8], Utf16> {
    match file {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, ..] | [1..=255, 0, ..] => Err(Utf16),
        text => Ok(text.strip_prefix(MARK).unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mark_before_the_text_is_left_out() {
        for (file, text) in [
            (&b"\xef\xbb\xbf{}"[..], &b"{}"[..]),
            (b"\xef\xbb\xbf\xef\xbb\xbf{}", b"\xef\xbb\xbf{}"),
            (b"\xef\xbb\xbf", b""),
            (b"\xef\xbb{}", b"\xef\xbb{}"),
            (b"{}", b"{}"),
            (b"{", b"{"),
            (b"", b""),
        ] {
            assert_eq!(json(file), Ok(text));
        }
    }

    #[test]
    fn utf_16_is_known_in_both_byte_orders_with_and_without_a_mark() {
        for file in [&b"\xff\xfe{\0}\0"[..], b"\xfe\xff\0{\0}", b"{\0}\0", b"\0{\0}", b"\n\0{\0"] {
            assert_eq!(json(file), Err(Utf16));
        }
        assert_eq!(json(&[0; 8]), Ok(&[0; 8][..]), "zeros alone are no text at all");
    }
}
