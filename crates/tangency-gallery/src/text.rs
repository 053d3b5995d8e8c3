//! Text for markup: escaping, the width it will take, and numbers as one writes them.

use crate::figure::{minus, superscript};

/// `text` with the five characters that mean something in HTML and SVG replaced.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML allows no other control characters, not even escaped ones.
            c if c.is_control() && c != '\n' && c != '\t' => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// About how wide `text` is in a sans-serif font, in units of its size; on the generous side, because it keeps things
/// apart.
pub(crate) fn width(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.3,
            'f' | 't' | 'r' | '(' | ')' | '[' | ']' | ' ' | '/' | '-' => 0.37,
            '⁰'..='⁹' | '¹' | '²' | '³' | '⁻' | '₀'..='₉' => 0.4,
            'm' | 'w' | 'M' | 'W' | '%' => 0.9,
            c if c.is_uppercase() => 0.7,
            _ => 0.58,
        })
        .sum()
}

/// Splits a finite number into a mantissa of `digits` significant digits and a power of ten.
fn mantissa(x: f64, digits: usize) -> (String, i32) {
    let text = format!("{x:.*e}", digits.max(1) - 1);
    match text.split_once('e').and_then(|(m, e)| Some((m.to_string(), e.parse().ok()?))) {
        Some(parts) => parts,
        None => (text, 0), // NaN and infinities have no exponent
    }
}

/// `x` to `digits` significant digits, in plain characters: `0.0993043`, `9.56331e-5`, `1.5e7`.
pub(crate) fn plain(x: f64, digits: usize) -> String {
    written(x, digits, |m, e| format!("{m}e{e}"))
}

/// As [`plain`], set as one prints it: `9.56331 × 10⁻⁵`.
pub(crate) fn typeset(x: f64, digits: usize) -> String {
    minus(&written(x, digits, |m, e| format!("{m}\u{202F}×\u{202F}10{}", superscript(e))))
}

/// The number of significant digits in the shortest decimal that is `x`.
pub(crate) fn digits(x: f64) -> usize {
    let text = format!("{x:e}");
    text.split('e').next().unwrap_or_default().chars().filter(char::is_ascii_digit).count()
}

fn written(x: f64, digits: usize, scientific: impl Fn(&str, i32) -> String) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{}", x + 0.0);
    }
    let (mantissa, exponent) = mantissa(x, digits);
    if (-4..digits.max(5) as i32).contains(&exponent) {
        format!("{x:.*}", (digits as i32 - 1 - exponent).max(0) as usize)
    } else {
        scientific(&mantissa, exponent)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escape("<b a=\"1\">Tom & 'Jerry'</b>"),
            "&lt;b a=&quot;1&quot;&gt;Tom &amp; &#39;Jerry&#39;&lt;/b&gt;"
        );
        assert_eq!(escape("a\u{0}b\u{1b}[0m"), "a\u{FFFD}b\u{FFFD}[0m");
        assert_eq!(escape("r₁ × 10⁻⁵"), "r₁ × 10⁻⁵");
    }

    #[test]
    fn numbers_keep_their_significant_digits() {
        assert_eq!(plain(0.09930432, 6), "0.0993043");
        assert_eq!(plain(9.563312e-5, 6), "9.56331e-5");
        assert_eq!(plain(-26697508.591, 6), "-2.66975e7");
        assert_eq!(plain(99999.96, 6), "100000");
        assert_eq!(plain(282.4654868789, 10), "282.4654869");
        assert_eq!(plain(0.0, 6), "0");
        assert_eq!(plain(-0.0, 6), "0");
        assert_eq!(plain(f64::NAN, 6), "NaN");
        assert_eq!(plain(f64::NEG_INFINITY, 6), "-inf");
        assert_eq!(plain(12345.0, 3), "12345");
        assert_eq!(typeset(-9.563312e-5, 3), "−9.56\u{202F}×\u{202F}10⁻⁵");
    }

    #[test]
    fn the_shortest_decimal_has_its_digits_counted() {
        assert_eq!([0.1, 1500.0, 324.4187387890, 1.0 / 3.0].map(digits), [1, 2, 12, 16]);
    }

    #[test]
    fn width_grows_with_every_character() {
        assert!(width("") == 0.0 && width("a") < width("ab") && width("iii") < width("mmm"));
    }
}
