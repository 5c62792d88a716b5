//! Texts that only their parser makes: whoever holds one need not check it again.

/// Defines a newtype of a text. Its one constructor is the parser, a function from a text to the text that is kept; `as_str`,
/// `FromStr`, `TryFrom<String>`, `Into<String>`, `Display` and serde follow from it.
macro_rules! parsed_text {
    ($($(#[$doc:meta])* $name:ident, or $invalid:ident, by $parse:ident;)+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::borrow::Cow<'static, str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $invalid;

            fn try_from(text: String) -> Result<Self, $invalid> {
                $parse(text).map(|text| Self(text.into()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $invalid;

            fn from_str(text: &str) -> Result<Self, $invalid> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0.into_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}

pub(crate) use parsed_text;
