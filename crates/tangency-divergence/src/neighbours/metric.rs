//! The two norms that neighbours are sought in.

/// A norm by its increasing function that is cheapest to compare: one coordinate's difference is added to what the others gave.
pub(crate) trait Metric: Send + Sync {
    /// `sum` with one more coordinate; increasing in both |`difference`| and `sum`.
    fn add(sum: f64, difference: f64) -> f64;

    /// The logarithm of the norm that `sum` stands for.
    fn ln_norm(sum: f64) -> f64;
}

/// The Euclidean norm, by its square.
///
/// Product and sum are rounded one after the other, on machines with fused multiply-add too: distances are those of the textbook
/// loop, bit for bit, and a box's distance never exceeds that of a point inside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Euclidean;

impl Metric for Euclidean {
    #[inline(always)]
    fn add(sum: f64, difference: f64) -> f64 {
        sum + difference * difference
    }

    fn ln_norm(sum: f64) -> f64 {
        sum.sqrt().ln()
    }
}

/// The maximum norm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maximum;

impl Metric for Maximum {
    #[inline(always)]
    fn add(sum: f64, difference: f64) -> f64 {
        larger(sum, difference.abs())
    }

    fn ln_norm(sum: f64) -> f64 {
        sum.ln()
    }
}

/// The larger of two numbers, neither of them NaN: one instruction, which `f64::max` is not.
#[inline(always)]
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
