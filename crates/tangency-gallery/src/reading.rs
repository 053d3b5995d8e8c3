//! Reading a table of numbers, and saying exactly where it goes wrong.

use std::fmt;
use std::path::Path;

/// Names under which the time column is known.
const TIME_NAMES: [&str; 3] = ["t", "time", "year"];

/// A place in a file: what every message begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, as the user named it.
    pub file: String,
    /// The line, counted from 1; 0 for the file as a whole.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A control character in a file's name must not break the message into lines.
        let file: String = self.file.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
        if self.line == 0 { write!(f, "{file}") } else { write!(f, "{file}:{}", self.line) }
    }
}

/// Why a table cannot be used. Every message is one line, and begins with file and line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ReadError {
    /// The file cannot be opened or read.
    #[error("{place}: cannot be read: {source}")]
    Unreadable { place: Place, source: std::io::Error },
    /// Bytes that are not UTF-8.
    #[error("{place}: byte {byte} of the file is not UTF-8 text")]
    NotText { place: Place, byte: usize },
    /// No header.
    #[error("{place}: the file is empty; expected a header naming column t and two species")]
    Empty { place: Place },
    /// A needed column is not there.
    #[error("{place}: column t (or time, or year) is missing; the header has {header:?}")]
    MissingTime { place: Place, header: Vec<String> },
    /// There are not two columns beside the time.
    #[error("{place}: expected two columns of species beside column {time:?}, got {got}: {header:?}")]
    NotTwoSpecies { place: Place, time: String, got: usize, header: Vec<String> },
    /// Two columns of the same name.
    #[error("{place}: column {column:?} stands twice in the header")]
    DuplicateColumn { place: Place, column: String },
    /// A row that is longer or shorter than the header.
    #[error("{place}: column {column}: expected {expected} fields in the row, got {got}")]
    RowLength { place: Place, column: usize, expected: usize, got: usize },
    /// Something else in a number's place.
    #[error("{place}: column {column:?}: expected a number, got {text:?}")]
    NotANumber { place: Place, column: String, text: String },
    /// A time that does not come after the one before.
    #[error("{place}: column {column:?}: times must increase, got {value} after {previous}")]
    NotIncreasing { place: Place, column: String, previous: f64, value: f64 },
    /// A population that has no logarithm.
    #[error(
        "{place}: column {column:?}: a population must be positive, because the fit is to its logarithm; got {value}"
    )]
    NotPositive { place: Place, column: String, value: f64 },
    /// Not enough to determine the unknowns.
    #[error("{place}: the file ends after {got} rows of numbers; the fit needs at least {needed}")]
    TooFewRows { place: Place, got: usize, needed: usize },
}

/// Two populations at increasing times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TwoSpecies {
    /// The name of the time column.
    pub time_name: String,
    /// The names of the species, in the order of the file.
    pub names: [String; 2],
    /// The times, increasing.
    pub times: Vec<f64>,
    /// The populations at each time.
    pub values: Vec<[f64; 2]>,
}

impl TwoSpecies {
    /// Reads the file at `path`: a header with `t` (or `time`, or `year`) and two species, then at least `least` rows,
    /// all populations positive.
    ///
    /// # Errors
    ///
    /// [`ReadError`], naming file, line and column.
    pub(crate) fn read(path: &Path, least: usize) -> Result<Self, ReadError> {
        let file = path.display().to_string();
        match std::fs::read(path) {
            Ok(bytes) => Self::parse(&file, &bytes, least),
            Err(source) => Err(ReadError::Unreadable { place: Place { file, line: 0 }, source }),
        }
    }

    /// As [`read`](Self::read), from the content of a file called `file`.
    ///
    /// # Errors
    ///
    /// [`ReadError`], naming file, line and column.
    pub(crate) fn parse(file: &str, bytes: &[u8], least: usize) -> Result<Self, ReadError> {
        let at = |line| Place { file: file.to_string(), line };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let byte = error.valid_up_to();
            ReadError::NotText { place: at(line_at(bytes, byte)), byte }
        })?;
        // Spreadsheets like to begin with a byte order mark.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        // The text is UTF-8 and in memory, so that the reader has nothing left to fail at.
        let mut records = reader.records().filter_map(Result::ok);
        let header = match records.next() {
            Some(record) if record.iter().any(|field| !field.is_empty()) => record,
            _ => return Err(ReadError::Empty { place: at(1) }),
        };
        let header_line = line_of(text, &header);
        let header: Vec<String> = header.iter().map(shortened).collect();
        let (time, species) = columns(&header, &at(header_line))?;

        let mut table = Self {
            time_name: header[time].clone(),
            names: species.map(|n| header[n].clone()),
            times: Vec::new(),
            values: Vec::new(),
        };
        for record in records.filter(|record| record.iter().any(|field| !field.is_empty())) {
            // Counted only when it is asked for: a pass over the text for each row would be quadratic.
            let here = || at(line_of(text, &record));
            if record.len() != header.len() {
                let (expected, got) = (header.len(), record.len());
                return Err(ReadError::RowLength {
                    place: here(),
                    column: got.min(expected) + 1,
                    expected,
                    got,
                });
            }
            let number = |column: usize| match record[column].parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                _ => Err(ReadError::NotANumber {
                    place: here(),
                    column: header[column].clone(),
                    text: shortened(&record[column]),
                }),
            };
            let value = number(time)?;
            if let Some(&previous) = table.times.last()
                && value <= previous
            {
                let column = header[time].clone();
                return Err(ReadError::NotIncreasing { place: here(), column, previous, value });
            }
            table.times.push(value);
            let values = [number(species[0])?, number(species[1])?];
            for (n, value) in values.into_iter().enumerate() {
                if value <= 0.0 {
                    let column = header[species[n]].clone();
                    return Err(ReadError::NotPositive { place: here(), column, value });
                }
            }
            table.values.push(values);
        }
        let got = table.times.len();
        if got < least {
            let line = text.trim_end().lines().count() as u64;
            return Err(ReadError::TooFewRows { place: at(line), got, needed: least });
        }
        Ok(table)
    }
}

/// The line on which a record begins.
///
/// The reader's own count is that of the first empty line before it.
fn line_of(text: &str, record: &csv::StringRecord) -> u64 {
    let from = record.position().map_or(0, |position| position.byte() as usize);
    let begin = text.len() - text[from..].trim_start_matches(['\r', '\n']).len();
    line_at(text.as_bytes(), begin)
}

/// The line, counted from 1, that byte `index` is on.
fn line_at(bytes: &[u8], index: usize) -> u64 {
    bytes[..index].split(|&byte| byte == b'\n').count() as u64
}

/// Where time and species stand in the header.
fn columns(header: &[String], place: &Place) -> Result<(usize, [usize; 2]), ReadError> {
    for (n, column) in header.iter().enumerate() {
        if header[..n].contains(column) {
            return Err(ReadError::DuplicateColumn { place: place.clone(), column: column.clone() });
        }
    }
    let is_time = |name: &String| TIME_NAMES.contains(&name.to_lowercase().as_str());
    let Some(time) = header.iter().position(is_time) else {
        return Err(ReadError::MissingTime { place: place.clone(), header: header.to_vec() });
    };
    let rest: Vec<usize> = (0..header.len()).filter(|&n| n != time).collect();
    match <[usize; 2]>::try_from(rest) {
        Ok(species) => Ok((time, species)),
        Err(rest) => Err(ReadError::NotTwoSpecies {
            place: place.clone(),
            time: header[time].clone(),
            got: rest.len(),
            header: header.to_vec(),
        }),
    }
}

/// A field as a message or a title shows it.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_string() } else { text.chars().take(39).chain(['…']).collect() }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        TwoSpecies::parse("f.csv", text.as_bytes(), 2).unwrap_err().to_string()
    }

    #[test]
    fn reads_what_a_spreadsheet_writes() {
        let text = "\u{FEFF}hare, Year ,\"lynx, grey\"\r\n30,1900,4\r\n\r\n4.72e1,1901,6.1\r\n";
        let table = TwoSpecies::parse("f.csv", text.as_bytes(), 2).unwrap();
        assert_eq!(table.time_name, "Year");
        assert_eq!(table.names, ["hare", "lynx, grey"]);
        assert_eq!(table.times, [1900.0, 1901.0]);
        assert_eq!(table.values, [[30.0, 4.0], [47.2, 6.1]]);
    }

    #[test]
    fn every_error_names_its_place() {
        for (text, message) in [
            ("", "f.csv:1: the file is empty; expected a header naming column t and two species"),
            ("\n \n", "f.csv:1: the file is empty; expected a header naming column t and two species"),
            (
                "a,b,c\n",
                "f.csv:1: column t (or time, or year) is missing; the header has [\"a\", \"b\", \"c\"]",
            ),
            ("t,a\n", "f.csv:1: expected two columns of species beside column \"t\", got 1: [\"t\", \"a\"]"),
            ("t,a,a\n", "f.csv:1: column \"a\" stands twice in the header"),
            ("t,a,b\n0,1,2\n1,2\n", "f.csv:3: column 3: expected 3 fields in the row, got 2"),
            ("t,a,b\n0,1,2\n1,two,3\n", "f.csv:3: column \"a\": expected a number, got \"two\""),
            ("t,a,b\n0,1,\n", "f.csv:2: column \"b\": expected a number, got \"\""),
            ("t,a,b\n0,1,NaN\n", "f.csv:2: column \"b\": expected a number, got \"NaN\""),
            ("t,a,b\n0,1,2\n\n0,1,2\n", "f.csv:4: column \"t\": times must increase, got 0 after 0"),
            (
                "t,a,b\n0,1,-2\n",
                "f.csv:2: column \"b\": a population must be positive, because the fit is to its logarithm; got -2",
            ),
            ("t,a,b\n0,1,2\n", "f.csv:2: the file ends after 1 rows of numbers; the fit needs at least 2"),
            ("t,a,b\n", "f.csv:1: the file ends after 0 rows of numbers; the fit needs at least 2"),
        ] {
            assert_eq!(error(text), message);
        }
        let bytes = TwoSpecies::parse("f.csv", b"t,a,b\n0,\xff,1\n", 1).unwrap_err().to_string();
        assert_eq!(bytes, "f.csv:2: byte 8 of the file is not UTF-8 text");
        let missing = TwoSpecies::read(Path::new("/no/such.csv"), 1).unwrap_err().to_string();
        assert!(missing.starts_with("/no/such.csv: cannot be read: "), "{missing}");
    }

    #[test]
    fn messages_stay_on_one_short_line() {
        let long = "x".repeat(500);
        let message = error(&format!("t,a,b\n0,\"{long}\n\",1\n"));
        assert!(!message.contains('\n') && message.len() < 160, "{message}");
    }
}
