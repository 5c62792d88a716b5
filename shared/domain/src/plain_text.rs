//! Text that people read: characters that whoever shows it would obey have no place in it. A control character moves a cursor, and a mark
//! of direction turns round what stands after it, so that a name or a reason reads as something else.

/// Whether a terminal, a browser or an editor obeys the character instead of showing it.
#[must_use]
pub fn is_obeyed(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What of a claim is shown, at most so many characters: a token's issuer may not have looked at it.
pub(crate) fn of_claim(text: &str, most: usize) -> String {
    text.chars().filter(|char| !is_obeyed(*char)).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_a_text_round_or_moves_a_cursor_is_obeyed_and_letters_of_every_language_are_not() {
        for char in [
            '\0', '\n', '\u{1b}', '\u{7f}', '\u{9b}', '\u{61c}', '\u{200f}', '\u{2028}', '\u{202e}', '\u{2066}',
            '\u{2069}',
        ] {
            assert!(is_obeyed(char), "{char:?}");
        }
        for char in ['a', 'ü', '東', 'ש', 'ع', '\u{200d}', '🙂'] {
            assert!(!is_obeyed(char), "{char:?}");
        }
        assert_eq!(of_claim("a\u{202e}b\nc\u{1b}de", 4), "abcd");
    }
}
