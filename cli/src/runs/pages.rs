//! Which page of a list comes next, and when there have been enough of them: whatever the API answers, a list comes to an end.

use std::collections::HashSet;
use std::fmt;

/// The most pages in a row without a run. The API looks at some 500 runs a page, so that these are what 25 tenants come to in five
/// months of a check every hour.
const EMPTY_PAGES: usize = 200;

/// The pages of one list, as far as it was followed.
#[derive(Debug, Default)]
pub(super) struct Pages {
    seen: HashSet<String>,
    /// Since the last one with a run.
    empty: usize,
}

/// Why a list is not followed any further.
#[derive(Debug, PartialEq, Eq)]
pub enum EndlessList {
    /// A page points to one that was read before.
    Circle {
        /// How many runs were found.
        found: usize,
    },
    /// There was nothing on too many pages in a row.
    Empty {
        /// How many runs were found before them.
        found: usize,
    },
}

impl Pages {
    /// The token of the next page, behind a page that has a run or none.
    ///
    /// # Errors
    /// [`EndlessList`] when following it leads nowhere.
    pub(super) fn follow(&mut self, next: String, is_empty: bool, found: usize) -> Result<String, EndlessList> {
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        if !self.seen.insert(next.clone()) {
            return Err(EndlessList::Circle { found });
        }
        if self.empty == EMPTY_PAGES {
            return Err(EndlessList::Empty { found });
        }
        Ok(next)
    }
}

impl std::error::Error for EndlessList {}

impl fmt::Display for EndlessList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = match self {
            EndlessList::Circle { found } => {
                writeln!(f, "the API's list of runs goes round in a circle: a next_page_token came twice")?;
                write!(
                    f,
                    "  tell whoever operates the API; a part may help (--tenant, --created-after, --created-before)"
                )?;
                found
            }
            EndlessList::Empty { found } => {
                writeln!(
                    f,
                    "the API has given {EMPTY_PAGES} pages in a row without a run, and says that there are more"
                )?;
                write!(f, "  ask for a part of the list (--tenant, --created-after, --created-before)")?;
                found
            }
        };
        match found {
            0 => Ok(()),
            _ => write!(f, "\n  what was found until then is listed with --limit {found}"),
        }
    }
}
