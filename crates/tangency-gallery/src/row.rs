//! A number that a piece of work found, and what it is held against.

use crate::text::{digits, plain, typeset};

/// Number of significant digits shown, unless a row says otherwise.
const DIGITS: usize = 6;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A number.
    Number(f64),
    /// A word, such as a status.
    Word(String),
}

/// What a value has to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    /// Nothing: the value is reported, not checked.
    Open,
    /// Within `tolerance` of `value`.
    Near {
        /// The expected number.
        value: f64,
        /// The largest difference accepted.
        tolerance: f64,
    },
    /// At most this.
    AtMost(f64),
    /// In this closed interval.
    Between(f64, f64),
    /// This word.
    Word(&'static str),
}

/// One line of the table of results.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// What it is, with its unit in brackets if it has one.
    pub quantity: String,
    value: Value,
    standard_error: Option<f64>,
    expected: Expected,
    digits: usize,
}

impl Row {
    /// A number.
    pub(crate) fn number(quantity: &str, value: f64) -> Self {
        Self {
            quantity: quantity.to_string(),
            value: Value::Number(value),
            standard_error: None,
            expected: Expected::Open,
            digits: DIGITS,
        }
    }

    /// A number of things.
    pub(crate) fn count(quantity: &str, count: usize) -> Self {
        Self { digits: count.to_string().len(), ..Self::number(quantity, count as f64) }
    }

    /// A word, which should be `expected`.
    pub(crate) fn word(quantity: &str, value: &str, expected: &'static str) -> Self {
        Self {
            value: Value::Word(value.to_string()),
            expected: Expected::Word(expected),
            ..Self::number(quantity, 0.0)
        }
    }

    /// With its standard error.
    pub(crate) fn standard_error(self, error: f64) -> Self {
        Self { standard_error: Some(error), ..self }
    }

    /// Shown with this many significant digits. Default 6.
    pub(crate) fn digits(self, digits: usize) -> Self {
        Self { digits, ..self }
    }

    /// To be within `tolerance` of `value`.
    pub(crate) fn near(self, value: f64, tolerance: f64) -> Self {
        Self { expected: Expected::Near { value, tolerance }, ..self }
    }

    /// To be `limit` or less.
    pub(crate) fn at_most(self, limit: f64) -> Self {
        Self { expected: Expected::AtMost(limit), ..self }
    }

    /// To lie from `low` to `high`.
    pub(crate) fn between(self, low: f64, high: f64) -> Self {
        Self { expected: Expected::Between(low, high), ..self }
    }

    /// Whether the value is as expected; none if nothing is. A NaN never is.
    pub(crate) fn passes(&self) -> Option<bool> {
        match (&self.value, &self.expected) {
            (_, Expected::Open) => None,
            (Value::Number(x), Expected::Near { value, tolerance }) => Some((x - value).abs() <= *tolerance),
            (Value::Number(x), Expected::AtMost(limit)) => Some(x <= limit),
            (Value::Number(x), Expected::Between(low, high)) => Some(low <= x && x <= high),
            (Value::Word(word), Expected::Word(expected)) => Some(word == expected),
            _ => Some(false),
        }
    }

    /// What was found, in plain characters or typeset.
    pub(crate) fn got(&self, set: bool) -> String {
        let number = if set { typeset } else { plain };
        match (&self.value, self.standard_error) {
            (Value::Word(word), _) => word.clone(),
            (Value::Number(x), None) => number(*x, self.digits),
            (Value::Number(x), Some(e)) if set => format!("{} ± {}", number(*x, self.digits), number(e, 2)),
            (Value::Number(x), Some(e)) => format!("{} +- {}", number(*x, self.digits), number(e, 2)),
        }
    }

    /// What was expected, in plain characters or typeset.
    pub(crate) fn wanted(&self, set: bool) -> String {
        let number = |x: f64| if set { typeset(x, digits(x)) } else { plain(x, digits(x)) };
        let at_most = if set { "≤" } else { "<=" };
        match self.expected {
            Expected::Open => String::new(),
            Expected::Word(word) => word.to_string(),
            Expected::Near { value, tolerance: 0.0 } => number(value),
            Expected::Near { value, tolerance } => {
                let tolerance = if set { typeset(tolerance, 1) } else { plain(tolerance, 1) };
                format!("{} within {tolerance}", number(value))
            }
            Expected::AtMost(limit) => format!("{at_most} {}", number(limit)),
            Expected::Between(low, high) => format!("{} to {}", number(low), number(high)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_two_sided_and_closed_and_fails_on_nan() {
        let near = |x| Row::number("x", x).near(1.0, 0.25).passes();
        assert_eq!(
            [near(0.75), near(1.25), near(0.7), near(1.3)].map(Option::unwrap),
            [true, true, false, false]
        );
        assert_eq!(near(f64::NAN), Some(false));
        assert_eq!(Row::number("x", f64::NAN).at_most(1.0).passes(), Some(false));
        assert_eq!(Row::number("x", f64::NAN).between(0.0, 1.0).passes(), Some(false));
        assert_eq!(Row::number("x", 2.0).between(0.0, 1.0).passes(), Some(false));
        assert_eq!(Row::number("x", -1.0).between(0.0, 1.0).passes(), Some(false));
        assert_eq!(Row::number("x", 2.0).passes(), None);
        assert_eq!(Row::word("s", "stalled", "converged").passes(), Some(false));
    }

    #[test]
    fn a_row_reads_well() {
        let row = Row::number("r", 0.09930432).standard_error(0.00123).near(0.0993043, 1e-7);
        assert_eq!(
            (row.got(false), row.wanted(false)),
            ("0.0993043 +- 0.0012".into(), "0.0993043 within 1e-7".into())
        );
        let row = Row::count("n", 1023).near(1023.0, 0.0);
        assert_eq!((row.got(false), row.wanted(false)), ("1023".into(), "1023".into()));
        assert_eq!(Row::count("n", 0).got(false), "0");
        assert_eq!(Row::number("n", 1e-9).at_most(1e-8).wanted(true), "≤ 1\u{202F}×\u{202F}10⁻⁸");
    }
}
