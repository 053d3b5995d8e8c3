//! Hexadecimal floating-point numbers, as Python's `float.hex` writes them.

/// Reads `[-+]0x1.8p-3`; `None` if `text` is not such a number, or does not fit `f64` exactly.
///
/// A decimal string of 17 digits also gives every `f64` back, but only through a correctly rounded reader; this form
/// needs none, and shows the bits.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let (sign, text) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let mut exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits = 0_u64;
    for digit in whole.chars().chain(fraction.chars()) {
        bits = bits.checked_mul(16)?.checked_add(u64::from(digit.to_digit(16)?))?;
    }
    exponent = exponent.checked_sub(i32::try_from(4 * fraction.len()).ok()?)?;
    if bits == 0 {
        return Some(sign * 0.0);
    }
    exponent += i32::try_from(bits.trailing_zeros()).ok()?;
    bits >>= bits.trailing_zeros();
    let top = exponent.checked_add(i32::try_from(bits.ilog2()).ok()?)?;
    if bits >= 1 << f64::MANTISSA_DIGITS || exponent < -1074 || top > 1023 {
        return None;
    }
    // Both factors of the scale are normal, and the result is representable, so no product rounds.
    let half = exponent / 2;
    Some(sign * (bits as f64 * 2_f64.powi(half)) * 2_f64.powi(exponent - half))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_come_back_bit_for_bit() {
        // Python 3.11's float.fromhex gives the same.
        for (text, expected) in [
            ("0x1.0000000000000p+0", 1.0_f64),
            ("-0x1.8000000000000p+1", -3.0),
            ("0x1.999999999999ap-4", 0.1),
            ("0x1.921fb54442d18p+1", std::f64::consts::PI),
            ("0x1.fffffffffffffp+1023", f64::MAX),
            ("0x0.0000000000001p-1022", 5e-324),
            ("0x0.fffffffffffffp-1022", f64::MIN_POSITIVE.next_down()),
            ("0x1p-1074", 5e-324),
            ("0x.8p0", 0.5),
            ("0x0.0p+0", 0.0),
            ("-0x0.0p+0", -0.0),
        ] {
            assert_eq!(parse(text).map(f64::to_bits), Some(expected.to_bits()), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_or_is_no_number_is_refused() {
        for text in [
            "",
            "0x",
            "1.5",
            "0x1.8",
            "0xp0",
            "0x1.gp0",
            "0x1p",
            "0x1p+1024",
            "0x1p-1075",
            "0x1.00000000000008p0",
            "-",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("0x1.00000000000000000001p0"), None);
    }
}
