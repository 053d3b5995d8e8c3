//! The error of a mean of exchangeable estimates, each made from all probes but one.

use super::target::Target;
use super::{TraceEstimate, TraceOptions, TraceStatus, probes_allowed};
use crate::MatrixError;
use crate::scalar::{RealScalar, Scalar};

/// Probes of the first round where a tolerance is given; each further round doubles them.
const FIRST: usize = 16;

/// Estimate, standard error and bound of the bias.
pub(super) type Round<T> = (T, <T as Scalar>::RealPart, Option<<T as Scalar>::RealPart>);

/// Rounds with more and more probes until the tolerance is reached; `round(m, target)` has m of them, with
/// `columns` products each.
pub(super) fn rounds<T: Scalar>(
    target: &mut dyn Target<T>,
    options: &TraceOptions<T::RealPart>,
    columns: usize,
    mut round: impl FnMut(usize, &mut dyn Target<T>) -> Result<Round<T>, MatrixError>,
) -> Result<TraceEstimate<T>, MatrixError> {
    let (probes, limited) = probes_allowed(target, options, columns)?;
    let probes = probes.min(target.order());
    let mut m = if options.tolerance == T::RealPart::ZERO { probes } else { FIRST.min(probes) };
    loop {
        let (estimate, standard_error, bias_bound) = round(m, target)?;
        let reached = standard_error <= options.tolerance;
        if reached || m == probes {
            let status = match (reached, limited) {
                (true, _) => TraceStatus::ToleranceReached,
                (false, true) => TraceStatus::ProductLimit,
                (false, false) => TraceStatus::AllProbes,
            };
            let (products, steps) = (target.products(), target.steps());
            return Ok(TraceEstimate {
                estimate,
                standard_error,
                bias_bound,
                products,
                probes: m,
                steps,
                status,
            });
        }
        m = probes.min(2 * m);
    }
}

/// Mean of the estimates $X_i$ and its standard error, from what each would be with one more probe left out.
///
/// $X_i$ uses the other probes to split the trace, and probe i for the rest, so that its mean is the trace whatever the
/// others are. The $X_i$ are not independent, and their spread alone understates the error of the mean $\bar X$. Let
/// $X_i^{(j)}$ be the same estimate where the split is made without probe j as well, and $D_{ij} = X_i - X_i^{(j)}$.
/// Given all probes but i and j, $X_i^{(j)} - \operatorname{tr} F$ depends on probe i alone and $D_{ji}$ has mean zero for
/// every value of probe i; so do the pair with i and j exchanged. Therefore
///
/// $$ \operatorname{Cov}(X_i, X_j) = E D_{ij} \bar D_{ji} , \quad
///    \operatorname{Var} \bar X = E \Bigl( \frac{s^2}{m} + \frac{2}{m(m-1)} \sum_{i<j} \operatorname{Re} D_{ij} \bar D_{ji} \Bigr) $$
///
/// with the sample variance $s^2$, exactly, for any operator and any independent probes.
///
/// Where the spectrum falls steeply single draws of the second term vary over orders of magnitude, which would make the
/// standard error mostly far too large. So it is kept between 0 and `largest_covariance` times the first. Measured over
/// 1000 seeds (n = 100; spectra flat, $0.8^i$, $0.5^i$, $0.2^i$, $i^{-2}$, $i^{-1/2}$, $i^{-6}$ and a smooth step with 4 to 30
/// probes, $10^{-8 i/n}$ and $\sin i$ with 4 to 16), root mean square of the standard error over the spread, where the latter is
/// above rounding:
///
/// | limit | XTrace | XNysTrace |
/// |---|---|---|
/// | 0 | 0.66 to 1.05 | 0.35 to 1.04 |
/// | 1 | 0.81 to 1.21 | 0.43 to 1.11 |
/// | 10 | 0.97 to 2.1 | 0.76 to 1.12 |
/// | 13 | | 0.82 to 1.15 |
/// | none | 0.97 to 7 | 0.93 to 3.0 |
///
/// A lower limit below 0 brings XTrace's ratio closer to 1, by making the error smaller where it is small already: then two
/// standard errors hold 65 to 75 % of the seeds instead of 80 to 92 %.
///
/// Not in the table: ten ones and a rest of 1e-3. With 12 or 16 probes the ratio comes out at 1.4 and 1.7 for XTrace, and means
/// nothing: hardly more probes than the rank make errors with heavy tails, and one seed in 1000 has 61 and 28 % of the sum of
/// their squares. With 14, 20 and 30 it is 1.18, 0.99 and 0.98.
pub(super) fn mean_and_error<T: Scalar>(
    estimates: &[T],
    largest_covariance: f64,
    mut differences: impl FnMut(usize, usize) -> (T, T),
) -> (T, T::RealPart) {
    let m = estimates.len();
    let count = T::RealPart::from_f64(m as f64);
    let one = T::RealPart::ONE;
    let mean = estimates.iter().fold(T::ZERO, |s, &x| s + x.scale(one / count));
    let spread = estimates.iter().fold(T::RealPart::ZERO, |s, &x| {
        let d = (x - mean).modulus();
        s + d * d
    });
    let mut covariance = T::RealPart::ZERO;
    for j in 0..m {
        for i in 0..j {
            let (d_ij, d_ji) = differences(i, j);
            covariance += (d_ij * d_ji.conj()).re();
        }
    }
    let pairs = T::RealPart::from_f64((m * (m - 1)) as f64);
    let two = one + one;
    let covariance = RealScalar::max(two * covariance / pairs, T::RealPart::ZERO);
    let largest = T::RealPart::from_f64(largest_covariance) * (spread / pairs);
    let covariance = RealScalar::min(covariance, largest);
    (mean, Scalar::sqrt(spread / pairs + covariance))
}

/// The 2 x 2 Hermitian positive definite matrix `[[a, b], [b̄, c]]`, to be solved with.
#[derive(Clone, Copy)]
pub(super) struct Pair<T: Scalar> {
    pub(super) a: T::RealPart,
    pub(super) b: T,
    pub(super) c: T::RealPart,
}

impl<T: Scalar> Pair<T> {
    /// Its inverse. A determinant that rounding has made zero is taken as what rounding leaves of it.
    pub(super) fn inverse(self) -> Self {
        let product = self.a * self.c;
        let floor = T::RealPart::from_f64(4.0) * T::RealPart::UNIT_ROUNDOFF * product;
        let modulus = self.b.modulus();
        let determinant = RealScalar::max(product - modulus * modulus, floor);
        let inverse = T::RealPart::ONE / determinant;
        Self { a: self.c * inverse, b: -self.b.scale(inverse), c: self.a * inverse }
    }

    /// Its product with a vector.
    pub(super) fn times(self, [x, y]: [T; 2]) -> [T; 2] {
        [x.scale(self.a) + self.b * y, self.b.conj() * x + y.scale(self.c)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_error_of_given_differences() {
        let x = [1.0_f64, 2.0, 6.0];
        // Σ d² = 14, over m (m - 1) = 6.
        let own = 14.0 / 6.0;
        // 2/6 of the sum over three pairs.
        for (product, limit, expected) in
            [(0.5, 1.0, 0.5), (-0.5, 1.0, 0.0), (9.0, 1.0, own), (9.0, 2.0, 2.0 * own)]
        {
            let (mean, error) = mean_and_error(&x, limit, |i, j| {
                assert!(i < j);
                (2.0, product / 2.0)
            });
            assert!(
                (mean - 3.0).abs() < 1e-15 && (error - (own + expected).sqrt()).abs() < 1e-14,
                "{product} {limit}"
            );
        }
    }
}
