//! Reference values made elsewhere.

use crate::hex;
use std::path::{Path, PathBuf};

/// A table of reference values, with the comments that say where they come from.
///
/// The format is a plain table: lines that begin with `#` carry the provenance (program, version, command), the first
/// other line names the columns, and every later line has one cell for each, separated by commas; there is no quoting.
/// A number is decimal, hexadecimal as Python's `float.hex` writes it (`0x1.8p-3`), `nan`, `inf` or `-inf`. A file
/// without any `#` line is refused: a number without provenance proves nothing.
///
/// # Example: a table of two functions
///
/// ```
/// use tangency_testing::Golden;
///
/// let table = Golden::parse("# mpmath 1.3.0, 50 digits\nfunction,x,value\nexp,0,1\nexp,1,2.718281828459045\nln,1,0\n")?;
/// assert_eq!(table.numbers("x")?, [0.0, 1.0, 1.0]);
/// assert_eq!(table.numbers_where("value", "function", "exp")?, [1.0, 1_f64.exp()]);
/// assert_eq!(table.provenance(), ["mpmath 1.3.0, 50 digits"]);
/// # Ok::<(), tangency_testing::GoldenError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Golden {
    path: PathBuf,
    provenance: Vec<String>,
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    line: usize,
    cells: Vec<String>,
}

/// A file of reference values could not be used; every variant names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GoldenError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no line that begins with `#`.
    #[error("{path}: no provenance: at least one line must begin with '#'")]
    NoProvenance {
        /// The file.
        path: PathBuf,
    },
    /// There is no line with the names of the columns.
    #[error("{path}: no header line")]
    NoHeader {
        /// The file.
        path: PathBuf,
    },
    /// Two columns have the same name, or a column has none.
    #[error("{path}:{line}: column {column} has no name, or the name of an earlier one")]
    BadHeader {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// A line has too few or too many cells.
    #[error("{path}:{line}: expected {expected} cells, got {got}")]
    CellCount {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The number of columns.
        expected: usize,
        /// The number of cells.
        got: usize,
    },
    /// There is no column of this name.
    #[error("{path}: no column {column:?}")]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The name that was asked for.
        column: String,
    },
    /// No row has this value in this column.
    #[error("{path}: no row with {key:?} in column {column:?}")]
    NoRow {
        /// The file.
        path: PathBuf,
        /// The column that was searched.
        column: String,
        /// The value that was asked for.
        key: String,
    },
    /// A cell that should be a number is not.
    #[error("{path}:{line}: column {column:?}: {cell:?} is not a number")]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column's name.
        column: String,
        /// What stands there.
        cell: String,
    },
}

impl Golden {
    /// Reads a file; in a test, `concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/name.csv")`.
    ///
    /// # Errors
    ///
    /// [`GoldenError`] if the file cannot be read, or is not such a table.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, GoldenError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|source| GoldenError::Unreadable { path: path.to_path_buf(), source })?;
        Self::from_text(path.to_path_buf(), &text)
    }

    /// Reads a table from a text; errors name it `<text>`.
    ///
    /// # Errors
    ///
    /// [`GoldenError`] if it is not such a table.
    pub fn parse(text: &str) -> Result<Self, GoldenError> {
        Self::from_text(PathBuf::from("<text>"), text)
    }

    fn from_text(path: PathBuf, text: &str) -> Result<Self, GoldenError> {
        let mut provenance = Vec::new();
        let mut columns: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            if let Some(comment) = text.strip_prefix('#') {
                provenance.push(comment.trim().to_owned());
                continue;
            }
            if text.trim().is_empty() {
                continue;
            }
            let cells: Vec<String> = text.split(',').map(|cell| cell.trim().to_owned()).collect();
            if columns.is_empty() {
                let bad =
                    cells.iter().enumerate().find(|(i, name)| name.is_empty() || cells[..*i].contains(name));
                if let Some((i, _)) = bad {
                    return Err(GoldenError::BadHeader { path, line, column: i + 1 });
                }
                columns = cells;
            } else if cells.len() == columns.len() {
                rows.push(Row { line, cells });
            } else {
                return Err(GoldenError::CellCount { path, line, expected: columns.len(), got: cells.len() });
            }
        }
        if provenance.is_empty() {
            return Err(GoldenError::NoProvenance { path });
        }
        if columns.is_empty() {
            return Err(GoldenError::NoHeader { path });
        }
        Ok(Self { path, provenance, columns, rows })
    }

    /// The comment lines, without their `#`.
    pub fn provenance(&self) -> &[String] {
        &self.provenance
    }

    /// The names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of rows below the header.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A column as text.
    ///
    /// # Errors
    ///
    /// [`GoldenError::NoColumn`].
    pub fn texts(&self, column: &str) -> Result<Vec<&str>, GoldenError> {
        let at = self.position(column)?;
        Ok(self.rows.iter().map(|row| row.cells[at].as_str()).collect())
    }

    /// A column as numbers.
    ///
    /// # Errors
    ///
    /// [`GoldenError::NoColumn`], or [`GoldenError::NotANumber`] with the line.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, GoldenError> {
        let at = self.position(column)?;
        self.rows.iter().map(|row| self.number(row, at)).collect()
    }

    /// The numbers of a column in those rows that have the text `key` in the column `key_column`.
    ///
    /// # Errors
    ///
    /// As [`numbers`](Self::numbers), and [`GoldenError::NoRow`] if there is no such row: an empty comparison would
    /// always pass.
    pub fn numbers_where(&self, column: &str, key_column: &str, key: &str) -> Result<Vec<f64>, GoldenError> {
        let (at, key_at) = (self.position(column)?, self.position(key_column)?);
        let rows = self.rows.iter().filter(|row| row.cells[key_at] == key);
        let numbers = rows.map(|row| self.number(row, at)).collect::<Result<Vec<_>, _>>()?;
        if numbers.is_empty() {
            return Err(GoldenError::NoRow {
                path: self.path.clone(),
                column: key_column.to_owned(),
                key: key.to_owned(),
            });
        }
        Ok(numbers)
    }

    fn position(&self, column: &str) -> Result<usize, GoldenError> {
        let missing = || GoldenError::NoColumn { path: self.path.clone(), column: column.to_owned() };
        self.columns.iter().position(|name| name == column).ok_or_else(missing)
    }

    fn number(&self, row: &Row, at: usize) -> Result<f64, GoldenError> {
        let cell = &row.cells[at];
        hex::parse(cell).or_else(|| cell.parse().ok()).ok_or_else(|| GoldenError::NotANumber {
            path: self.path.clone(),
            line: row.line,
            column: self.columns[at].clone(),
            cell: cell.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<impl std::fmt::Debug, GoldenError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_table_is_read_with_its_provenance() {
        let text = "# made by x 1.2\n#   command: y\n\nname, x ,value\na,1,0x1.8p-3\n# between\nb,-2e-3,nan\nc,inf,-inf\n";
        let table = Golden::parse(text).unwrap();
        assert_eq!(table.provenance(), ["made by x 1.2", "command: y", "between"]);
        assert_eq!(table.columns(), ["name", "x", "value"]);
        assert_eq!(table.texts("name").unwrap(), ["a", "b", "c"]);
        assert_eq!(table.numbers("x").unwrap(), [1.0, -2e-3, f64::INFINITY]);
        let values = table.numbers("value").unwrap();
        assert_eq!((values[0], values[2]), (0.1875, f64::NEG_INFINITY));
        assert!(values[1].is_nan());
        assert_eq!(table.numbers_where("x", "name", "b").unwrap(), [-2e-3]);
        assert_eq!((table.len(), table.is_empty()), (3, false));
    }

    #[test]
    fn windows_line_ends_and_a_missing_last_line_end_are_fine() {
        let table = Golden::parse("# p\r\nx,y\r\n1,2\r\n3,4").unwrap();
        assert_eq!(table.numbers("y").unwrap(), [2.0, 4.0]);
    }

    #[test]
    fn errors_name_the_line_and_the_column() {
        assert_eq!(
            message(Golden::parse("x\n1\n")),
            "<text>: no provenance: at least one line must begin with '#'"
        );
        assert_eq!(message(Golden::parse("# p\n\n")), "<text>: no header line");
        assert_eq!(message(Golden::parse("# p\nx,y\n1,2\n3\n")), "<text>:4: expected 2 cells, got 1");
        assert_eq!(message(Golden::parse("# p\nx,y\n1,2,3\n")), "<text>:3: expected 2 cells, got 3");
        let header = "<text>:2: column 3 has no name, or the name of an earlier one";
        assert_eq!(message(Golden::parse("# p\nx,y,x\n")), header);
        assert_eq!(message(Golden::parse("# p\nx,y,\n")), header);
        let table = Golden::parse("# p\nx,y\n1,2\n3,four\n").unwrap();
        assert_eq!(message(table.numbers("y")), "<text>:4: column \"y\": \"four\" is not a number");
        assert_eq!(message(table.numbers("z")), "<text>: no column \"z\"");
        assert_eq!(message(table.numbers_where("y", "x", "7")), "<text>: no row with \"7\" in column \"x\"");
    }

    #[test]
    fn a_missing_file_is_named() {
        assert!(message(Golden::read("no/such/file.csv")).starts_with("no/such/file.csv: "));
    }

    #[test]
    fn a_file_is_read() {
        let path = std::env::temp_dir().join(format!("tangency-testing-{}.csv", std::process::id()));
        std::fs::write(&path, "# p\nx\nword\n").unwrap();
        let table = Golden::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let expected = format!("{}:3: column \"x\": \"word\" is not a number", path.display());
        assert_eq!(message(table.numbers("x")), expected);
    }
}
