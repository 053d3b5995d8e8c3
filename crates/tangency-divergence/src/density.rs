//! What the quadrature asks of a density on the line.

/// A probability density on the real line.
///
/// Two methods are enough. What the others tell makes the quadrature quicker and, where a density is narrow, has a kink or a
/// pole, sure: an adaptive rule refines what it sees, and it cannot see a peak that falls between all of its points.
///
/// The density must integrate to one; the quadrature checks that.
///
/// # Example: an own density against a named one
///
/// ```
/// use tangency_divergence::{Density, KullbackLeibler, Law, NamedDensity, EvaluationOptions, divergence_of_densities};
///
/// /// The logistic distribution.
/// struct Logistic;
/// impl Density for Logistic {
///     fn ln_density(&self, x: f64) -> f64 {
///         -x.abs() - 2.0 * (-x.abs()).exp().ln_1p()
///     }
/// }
///
/// let normal = NamedDensity::new(Law::Normal { mean: 0.0, standard_deviation: 1.7 })?;
/// let found = divergence_of_densities(&KullbackLeibler, &Logistic, &normal, &EvaluationOptions::default())?;
/// // −H(P) + ½ ln 2πσ² + (π²/3) / 2σ², with H(P) = 2.
/// let variance = 1.7 * 1.7;
/// let exact = -2.0 + 0.5 * (std::f64::consts::TAU * variance).ln() + std::f64::consts::PI.powi(2) / 6.0 / variance;
/// assert!((found.value - exact).abs() <= found.error_bound && found.error_bound < 1e-11);
/// # Ok::<(), tangency_divergence::DistributionError>(())
/// ```
pub trait Density {
    /// The logarithm of the density at a point inside the support; `-INFINITY` where the density is zero or underflows.
    fn ln_density(&self, x: f64) -> f64;

    /// The ends of the support, which must be an interval; the whole line by default.
    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Points at which to cut the line: every kink, every jump of a derivative, and a few points where most of the mass lies.
    /// Points outside the support are ignored. None by default, which suits a density on the scale of 1 around 0.
    fn landmarks(&self) -> Vec<f64> {
        Vec::new()
    }

    /// As [`ln_density`](Self::ln_density), for a point whose distances from the ends of the support are known better than
    /// by subtraction; worth writing for a density with a pole at an end.
    fn ln_density_at(&self, at: &Place) -> f64 {
        self.ln_density(at.x)
    }
}

/// A point on the line, and how far it is from the ends of a support.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The point. It may be equal to an end after rounding, and infinite where it overflows.
    pub x: f64,
    /// The logarithm of its distance from the lower end; `INFINITY` if there is none.
    pub ln_above: f64,
    /// The logarithm of its distance from the upper end; `INFINITY` if there is none.
    pub ln_below: f64,
}
