//! Tables as they are printed: a heading, and columns as wide as they have to be.

use std::fmt;

use comfy_table::{Table, presets};

/// Rows of texts under a heading.
pub(crate) struct Grid(Table);

impl Grid {
    /// A table with these columns.
    pub(crate) fn new<const COLUMNS: usize>(heading: [&str; COLUMNS]) -> Self {
        let mut grid = Self::without_heading();
        grid.0.set_header(heading);
        grid
    }

    /// A table whose columns say themselves what they are.
    pub(crate) fn without_heading() -> Self {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        Self(table)
    }

    /// Adds a row.
    pub(crate) fn row<const COLUMNS: usize>(&mut self, cells: [String; COLUMNS]) {
        self.0.add_row(cells);
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The library pads every cell by a space on each side.
        for line in self.0.lines() {
            writeln!(f, "{}", line.strip_prefix(' ').unwrap_or(&line).trim_end())?;
        }
        Ok(())
    }
}
