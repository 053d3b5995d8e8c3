//! Snapshots whose numbers may differ by rounding.

use insta::{Comparator, Settings, Snapshot};

/// Compares two texts: numbers up to a tolerance, everything else exactly.
///
/// Two numbers $a$ and $b$ agree if they are equal, or finite and
///
/// $$ \lvert a - b \rvert \le \max(\varepsilon_{\mathrm{abs}}, \varepsilon_{\mathrm{rel}} \max(\lvert a \rvert, \lvert b \rvert)) . $$
///
/// A number is a run such as `2`, `-1.5`, `.5` or `+3e-7`, wherever it stands: `(1.5,` and `x=2.0` hold one each. These
/// are text, and compared exactly:
///
/// - digits that belong to a word, such as `x1`, `rk4` or `v1.5`, and runs with two points, such as `0.24.4`;
/// - `NaN` and `inf`, so a NaN agrees with a NaN and with nothing else, and an infinity with the same infinity.
///
/// Integers are counts: if neither side has a point or an exponent, they must be equal whatever the tolerance. Blanks
/// beside a number may differ in length (a sign moves a right-aligned column), but not appear or vanish.
///
/// Print more digits than the tolerance asks for: a value printed as `0.12` can turn into `0.13` by a rounding of
/// $10^{-17}$.
///
/// # Example: a snapshot that survives rounding
///
/// ```
/// use tangency_testing::NumericComparator;
///
/// NumericComparator { relative: 1e-9, ..Default::default() }.bind(|| {
///     insta::assert_snapshot!(format!("sum = {:.17}", 0.1 + 0.2), @"sum = 0.3");
/// });
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumericComparator {
    /// Tolerance relative to the larger of the two magnitudes, at least 0. Default `1e-9`.
    pub relative: f64,
    /// Tolerance on the difference itself, at least 0, for numbers that ought to be 0. Default `0.0`.
    pub absolute: f64,
}

impl Default for NumericComparator {
    fn default() -> Self {
        Self { relative: 1e-9, absolute: 0.0 }
    }
}

/// The first place where two texts differ by more than the tolerance.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// Two numbers are too far apart.
    #[error("line {line}: expected {expected:?}, got {got:?}")]
    Number {
        /// Line of the expected text, counted from 1.
        line: usize,
        /// The number there.
        expected: f64,
        /// The number in the other text.
        got: f64,
    },
    /// The text differs, or one side has a number where the other has none.
    #[error("line {line}: the text differs")]
    Text {
        /// Line of the expected text, counted from 1.
        line: usize,
    },
}

impl NumericComparator {
    /// Compares two texts.
    ///
    /// # Errors
    ///
    /// The first [`Difference`].
    pub fn compare(&self, expected: &str, got: &str) -> Result<(), Difference> {
        let mut line = 1;
        let mut left = Tokens::new(expected);
        let mut right = Tokens::new(got);
        loop {
            match (left.next(), right.next()) {
                (None, None) => return Ok(()),
                (Some(Token::Number(a)), Some(Token::Number(b))) => {
                    if !self.agree(a, b) {
                        return Err(Difference::Number { line, expected: value(a), got: value(b) });
                    }
                }
                (
                    Some(Token::Blank { beside_number: true, .. }),
                    Some(Token::Blank { beside_number: true, .. }),
                ) => {}
                (Some(a), Some(b)) if a.text() == b.text() => line += a.text().matches('\n').count(),
                _ => return Err(Difference::Text { line }),
            }
        }
    }

    /// Runs a closure of `insta` assertions under this comparator.
    pub fn bind<T>(&self, assertions: impl FnOnce() -> T) -> T {
        let mut settings = Settings::clone_current();
        settings.set_comparator(Box::new(*self));
        settings.bind(assertions)
    }

    fn agree(&self, a: &str, b: &str) -> bool {
        if is_integer(a) && is_integer(b) {
            return normal_integer(a) == normal_integer(b);
        }
        let (x, y) = (value(a), value(b));
        // What overflows when read has lost its digits; then only the text can tell.
        if !(x.is_finite() && y.is_finite()) {
            return a == b;
        }
        // Closed at 0, so that no tolerance, not even a NaN, can tell a number from itself.
        let tolerance = self.absolute.max(self.relative * x.abs().max(y.abs())).max(0.0);
        (x - y).abs() <= tolerance
    }
}

impl Comparator for NumericComparator {
    fn matches(&self, reference: &Snapshot, test: &Snapshot) -> bool {
        let (Some(expected), Some(got)) = (reference.as_text(), test.as_text()) else {
            return reference.contents() == test.contents();
        };
        match self.compare(&expected.to_string(), &got.to_string()) {
            Ok(()) => true,
            Err(difference) => {
                // insta shows all lines that differ; this is the one that made it fail.
                eprintln!("beyond tolerance: {difference}");
                false
            }
        }
    }

    fn dyn_clone(&self) -> Box<dyn Comparator> {
        Box::new(*self)
    }
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    /// A decimal number with its sign.
    Number(&'a str),
    /// A run of spaces and tabs.
    Blank { text: &'a str, beside_number: bool },
    /// One character, a word, or a version such as `0.24.4`.
    Text(&'a str),
}

impl<'a> Token<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Number(text) | Self::Text(text) | Self::Blank { text, .. } => text,
        }
    }
}

/// Cuts a text into tokens.
struct Tokens<'a> {
    rest: &'a str,
    after_number: bool,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, after_number: false }
    }

    /// The next token, without taking it.
    fn peek(&self) -> Option<Token<'a>> {
        let first = self.rest.chars().next()?;
        let blank = run(self.rest, |c| c == ' ' || c == '\t');
        if blank > 0 {
            let after = Tokens::new(&self.rest[blank..]);
            let beside_number = self.after_number || matches!(after.peek(), Some(Token::Number(_)));
            return Some(Token::Blank { text: &self.rest[..blank], beside_number });
        }
        let word = run(self.rest, |c| c.is_alphabetic() || c == '_');
        if word > 0 {
            let mut end = run(self.rest, |c| c.is_alphanumeric() || c == '_');
            if self.rest[..end].ends_with(|c: char| c.is_ascii_digit()) && has_fraction(&self.rest[end..]) {
                end += run(&self.rest[end..], |c| c.is_ascii_digit() || c == '.');
            }
            return Some(Token::Text(&self.rest[..end]));
        }
        let number = number_len(self.rest);
        if number == 0 {
            // Several points in a row are a range, and not the beginning of a fraction.
            let points = run(self.rest, |c| c == '.');
            return Some(Token::Text(&self.rest[..points.max(first.len_utf8())]));
        }
        let after = &self.rest[number..];
        if has_fraction(after) {
            let end = number + run(after, |c| c.is_ascii_digit() || c == '.');
            return Some(Token::Text(&self.rest[..end]));
        }
        Some(Token::Number(&self.rest[..number]))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.rest = &self.rest[token.text().len()..];
        self.after_number = matches!(token, Token::Number(_));
        Some(token)
    }
}

/// Length in bytes of the longest prefix of characters that satisfy `accept`.
fn run(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

/// Length of the number at the beginning of `text`; 0 if there is none.
fn number_len(text: &str) -> usize {
    let digits = |at: usize| run(&text[at..], |c| c.is_ascii_digit());
    let mut at = usize::from(text.starts_with(['+', '-']));
    let whole = digits(at);
    at += whole;
    if text[at..].starts_with('.') && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    } else if whole == 0 {
        return 0;
    }
    if text[at..].starts_with(['e', 'E']) {
        let sign = usize::from(text[at + 1..].starts_with(['+', '-']));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    at
}

/// Whether `text` begins with a point and a digit.
fn has_fraction(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// Whether negative, and the digits without leading zeros; 0 has no sign.
fn normal_integer(number: &str) -> (bool, &str) {
    let digits = number.trim_start_matches(['+', '-']).trim_start_matches('0');
    (number.starts_with('-') && !digits.is_empty(), digits)
}

fn value(number: &str) -> f64 {
    number.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(expected: &str, got: &str) -> Result<(), Difference> {
        NumericComparator { relative: 1e-6, absolute: 1e-12 }.compare(expected, got)
    }

    fn number(line: usize, expected: f64, got: f64) -> Result<(), Difference> {
        Err(Difference::Number { line, expected, got })
    }

    #[test]
    fn a_digit_within_tolerance_passes_and_one_beyond_fails() {
        assert_eq!(same("a 1.0000000 b", "a 1.0000009 b"), Ok(()));
        assert_eq!(same("a 1.0000000 b", "a 1.0000011 b"), number(1, 1.0, 1.000_001_1));
        assert_eq!(same("a -2.5e10 b", "a -2.50001e10 b"), number(1, -2.5e10, -2.50001e10));
        assert_eq!(same("1.0\n2.0\n3.0", "1.0\n2.0\n3.1"), number(3, 3.0, 3.1));
    }

    #[test]
    fn the_tolerance_is_symmetric_and_its_edge_is_where_it_says() {
        // 2 - 1 = 1 = 0.5 * max(1, 2).
        let half = NumericComparator { relative: 0.5, absolute: 0.0 };
        assert_eq!(half.compare("1.0", "2.0"), Ok(()));
        assert_eq!(half.compare("2.0", "1.0"), Ok(()));
        assert!(half.compare("1.0", "2.0000001").is_err());
        let quarter = NumericComparator { relative: 0.0, absolute: 0.25 };
        assert_eq!(quarter.compare("8.0", "8.25"), Ok(()));
        assert!(quarter.compare("8.0", "8.2500001").is_err());
    }

    #[test]
    fn changed_text_fails() {
        assert_eq!(same("loss 1.0", "cost 1.0"), Err(Difference::Text { line: 1 }));
        assert_eq!(same("ok\nstatus: converged", "ok\nstatus: stalled"), Err(Difference::Text { line: 2 }));
        assert!(same("1.0", "1.0 ").is_err());
        assert!(same("1.0 x", "1.0").is_err());
        assert!(same("1.0", "").is_err());
        assert!(same("a  b", "a b").is_err());
        assert!(same("1.0\n\n2.0", "1.0\n2.0").is_err());
    }

    #[test]
    fn numbers_glued_to_punctuation_are_numbers() {
        assert_eq!(same("(1.5, x=2.0; [3.0])", "(1.50000001, x=2.00000001; [2.99999999])"), Ok(()));
        assert_eq!(same("(1.5, x=2.0)", "(1.5, x=2.1)"), number(1, 2.0, 2.1));
        assert_eq!(same("3.5%", "3.50000001%"), Ok(()));
        assert_eq!(same("5.0 ms.", "5.00000001 ms."), Ok(()));
        assert_eq!(same("κ=.5", "κ=0.5"), Ok(()));
        assert_eq!(same("1.0±0.5", "1.0±0.6"), number(1, 0.5, 0.6));
    }

    #[test]
    fn signs_and_exponents_belong_to_the_number() {
        assert_eq!(same("r = 1.0e-14", "r = -1.0e-14"), Ok(()));
        assert_eq!(same("r = 1.0e-3", "r = -1.0e-3"), number(1, 1e-3, -1e-3));
        assert_eq!(same("1.5E+03", "1500.0"), Ok(()));
        assert_eq!(same("1.0e5", "1.0e6"), number(1, 1e5, 1e6));
        // A letter e that begins a word is no exponent.
        assert_eq!(same("2.0eggs", "2.00000001eggs"), Ok(()));
        assert!(same("2.0eggs", "2.0legs").is_err());
    }

    #[test]
    fn columns_may_move_with_a_sign_but_not_vanish() {
        assert_eq!(same("|   1.0e-15 | 2 |", "|  -1.0e-15 | 2 |"), Ok(()));
        assert_eq!(same("1.00  done", "1.000001 done"), Ok(()));
        assert!(same("| 1.0 |", "|1.0 |").is_err());
        assert!(same("1.0 2.0", "1.02.0").is_err());
    }

    #[test]
    fn integers_are_exact_whatever_the_tolerance() {
        let loose = NumericComparator { relative: 0.5, absolute: 10.0 };
        assert_eq!(loose.compare("15 steps", "16 steps"), number(1, 15.0, 16.0));
        assert_eq!(loose.compare("15 steps", "+015 steps"), Ok(()));
        assert_eq!(loose.compare("0", "-0"), Ok(()));
        assert_eq!(loose.compare("5", "-5"), number(1, 5.0, -5.0));
        // Beyond 2^53 the digits still count.
        assert!(loose.compare("9007199254740993", "9007199254740992").is_err());
        // A number that lost its fraction is still a number.
        assert_eq!(loose.compare("15", "15.5"), Ok(()));
    }

    #[test]
    fn digits_inside_words_and_versions_are_text() {
        let loose = NumericComparator { relative: 1.0, absolute: 1.0 };
        assert!(loose.compare("x1 = 0.5", "x2 = 0.5").is_err());
        assert!(loose.compare("weight_2", "weight_3").is_err());
        assert!(loose.compare("v 0.10.1", "v 0.1.1").is_err());
        assert!(loose.compare("1..10", "1..11").is_err());
        assert!(loose.compare("κ1.5", "κ1.6").is_err());
        assert!(loose.compare("v1.5 0.5", "v1.6 0.5").is_err());
        assert_eq!(loose.compare("x1=1.5", "x1=1.6"), Ok(()));
    }

    #[test]
    fn nan_agrees_with_nan_and_infinities_with_themselves() {
        assert_eq!(same("NaN inf -inf", "NaN inf -inf"), Ok(()));
        let loose = NumericComparator { relative: f64::INFINITY, absolute: f64::INFINITY };
        assert!(loose.compare("NaN", "1.0").is_err());
        assert!(loose.compare("1.0", "NaN").is_err());
        assert!(loose.compare("inf", "-inf").is_err());
        assert!(loose.compare("inf", "1.0e308").is_err());
        assert!(loose.compare("1e400", "1e500").is_err());
        assert!(loose.compare("1e400", "1.0").is_err());
        assert_eq!(loose.compare("1e400", "1e400"), Ok(()));
    }

    #[test]
    fn a_nonsensical_tolerance_never_lets_a_change_pass() {
        for bad in [f64::NAN, -1.0] {
            let comparator = NumericComparator { relative: bad, absolute: bad };
            assert_eq!(comparator.compare("1.0", "1.00"), Ok(()));
            assert!(comparator.compare("1.0", "1.5").is_err());
        }
    }

    #[test]
    fn insta_uses_it() {
        let comparator = NumericComparator { relative: 1e-6, absolute: 0.0 };
        comparator.bind(|| insta::assert_snapshot!("x = 1.00000001, n = 3", @"x = 1.0, n = 3"));
        let file = |name: &str, text: &str| {
            let path =
                std::env::temp_dir().join(format!("tangency-testing-{}-{name}.snap", std::process::id()));
            std::fs::write(&path, format!("---\nsource: here\n---\n{text}\n")).unwrap();
            let snapshot = Snapshot::from_file(&path).unwrap();
            std::fs::remove_file(path).unwrap();
            snapshot
        };
        let reference = file("reference", "x = 1.0, n = 3");
        assert!(comparator.matches(&reference, &file("rounded", "x = 1.00000001, n = 3")));
        assert!(!comparator.matches(&reference, &file("number", "x = 1.00001, n = 3")));
        assert!(!comparator.matches(&reference, &file("count", "x = 1.0, n = 4")));
        assert!(!comparator.matches(&reference, &file("text", "y = 1.0, n = 3")));
        assert!(comparator.dyn_clone().matches(&reference, &reference));
    }
}
