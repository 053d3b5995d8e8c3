//! Divergences that are not integrals themselves, but monotone functions of one.

use super::{Alpha, FDivergence, JensenShannon, SquaredHellinger};
use crate::error::GeneratorError;
use std::borrow::Cow;
use std::f64::consts::LN_2;

/// A monotone function of an f-divergence: Rényi's and Tsallis' divergences, Bhattacharyya's, and two metrics.
///
/// All but the last are functions of the affinity $A_\alpha = \int p^\alpha q^{1-\alpha} dx$, and so of [`Alpha`] or
/// [`SquaredHellinger`]:
///
/// | | formula | [`base`](Self::base) | range |
/// |---|---|---|---|
/// | [`Renyi`](Self::Renyi) | $\frac{1}{\alpha - 1} \ln A_\alpha$ | [`Alpha`] of order α | $\lbrack 0, \infty\rbrack$ |
/// | [`Tsallis`](Self::Tsallis) | $\frac{1}{\alpha - 1} (A_\alpha - 1)$ | [`Alpha`] of order α | $\lbrack 0, \frac{1}{1 - \alpha}\rbrack$ for $\alpha < 1$, else $\lbrack 0, \infty\rbrack$ |
/// | [`Bhattacharyya`](Self::Bhattacharyya) | $-\ln A_{1/2}$ | [`SquaredHellinger::half`] | $\lbrack 0, \infty\rbrack$ |
/// | [`HellingerDistance`](Self::HellingerDistance) | $\sqrt{1 - A_{1/2}}$ | [`SquaredHellinger::half`] | $\lbrack 0, 1\rbrack$ |
/// | [`JensenShannonDistance`](Self::JensenShannonDistance) | $\sqrt{\mathrm{JSD}}$ | [`JensenShannon::half`] | $\lbrack 0, \sqrt{\ln 2}\rbrack$ |
///
/// Rényi's and Tsallis' tend to Kullback and Leibler's for α → 1, and are computed so that they do in floating point. Rényi's
/// never decreases in α, and is $-2 \ln(1 - H^2)$ at ½, twice Bhattacharyya's. SciPy's `jensenshannon` is the last.
///
/// # Example: from a divergence, however it was found
///
/// ```
/// use tangency_divergence::DivergenceFunction;
///
/// let renyi = DivergenceFunction::renyi(2.0)?;
/// // ln(1 + χ²), as the α-divergence of order 2 is χ²/2.
/// assert_eq!(renyi.of_divergence(0.5), 2.0_f64.ln());
/// # Ok::<(), tangency_divergence::GeneratorError>(())
/// ```
///
/// # References
///
/// - T. van Erven, P. Harremoës, *Rényi divergence and Kullback-Leibler divergence*, IEEE Trans. Inform. Theory 60 (2014)
///   3797-3820.
/// - D. M. Endres, J. E. Schindelin, *A new metric for probability distributions*, IEEE Trans. Inform. Theory 49 (2003)
///   1858-1860.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum DivergenceFunction {
    /// Rényi's divergence of order α, by [`renyi`](Self::renyi).
    #[non_exhaustive]
    Renyi {
        /// α > 0.
        order: f64,
    },
    /// Tsallis' divergence of order α, by [`tsallis`](Self::tsallis).
    #[non_exhaustive]
    Tsallis {
        /// α > 0.
        order: f64,
    },
    /// Bhattacharyya's distance, which is not a metric.
    Bhattacharyya,
    /// The Hellinger distance, a metric.
    HellingerDistance,
    /// The root of the Jensen-Shannon divergence, a metric.
    JensenShannonDistance,
}

impl DivergenceFunction {
    /// Rényi's divergence.
    ///
    /// # Errors
    ///
    /// [`GeneratorError::OutOfRange`] unless α is positive and finite.
    pub fn renyi(order: f64) -> Result<Self, GeneratorError> {
        positive(order).map(|order| Self::Renyi { order })
    }

    /// Tsallis' divergence.
    ///
    /// # Errors
    ///
    /// [`GeneratorError::OutOfRange`] unless α is positive and finite.
    pub fn tsallis(order: f64) -> Result<Self, GeneratorError> {
        positive(order).map(|order| Self::Tsallis { order })
    }

    /// The usual name, with its order.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Renyi { order } => format!("Rényi({order})").into(),
            Self::Tsallis { order } => format!("Tsallis({order})").into(),
            Self::Bhattacharyya => "Bhattacharyya".into(),
            Self::HellingerDistance => "Hellinger distance".into(),
            Self::JensenShannonDistance => "Jensen-Shannon distance".into(),
        }
    }

    /// The f-divergence that this is a function of.
    pub fn base(&self) -> Box<dyn FDivergence> {
        match *self {
            Self::Renyi { order } | Self::Tsallis { order } => Box::new(Alpha::of_finite_order(order)),
            Self::Bhattacharyya | Self::HellingerDistance => Box::new(SquaredHellinger::half()),
            Self::JensenShannonDistance => Box::new(JensenShannon::half()),
        }
    }

    /// The order α of the affinity that this is a function of, if it is.
    pub fn affinity_order(&self) -> Option<f64> {
        match *self {
            Self::Renyi { order } | Self::Tsallis { order } => Some(order),
            Self::Bhattacharyya | Self::HellingerDistance => Some(0.5),
            Self::JensenShannonDistance => None,
        }
    }

    /// The value for a value of the [`base`](Self::base). Small negative values, which estimates may have, are kept negative:
    /// the roots are odd functions here.
    pub fn of_divergence(&self, divergence: f64) -> f64 {
        match *self {
            // A = 1 + α (α - 1) D, and the quotient by α - 1 is taken so that α = 1 is no exception. A divergence
            // beyond its largest value by rounding, or by the error of an estimate, counts as the largest.
            Self::Renyi { order } => {
                let excess = order * divergence;
                if order == 1.0 { excess } else { ln_1p_at_least((order - 1.0) * excess) / (order - 1.0) }
            }
            Self::Tsallis { order } => order * divergence,
            Self::Bhattacharyya => -ln_1p_at_least(-divergence),
            Self::HellingerDistance | Self::JensenShannonDistance => {
                divergence.abs().sqrt().copysign(divergence)
            }
        }
    }

    /// The value from $\ln A_\alpha$, which may be known where $A_\alpha$ overflows or underflows; `None` for the
    /// Jensen-Shannon distance, and for the order 1, whose affinity is always 1.
    pub fn of_ln_affinity(&self, ln_affinity: f64) -> Option<f64> {
        match *self {
            Self::Renyi { order } | Self::Tsallis { order } if order == 1.0 => None,
            Self::Renyi { order } => Some(ln_affinity / (order - 1.0)),
            Self::Tsallis { order } => Some(ln_affinity.exp_m1() / (order - 1.0)),
            Self::Bhattacharyya => Some(-ln_affinity),
            Self::HellingerDistance => Some(odd_root(-ln_affinity.exp_m1())),
            Self::JensenShannonDistance => None,
        }
    }

    /// The derivative of [`of_divergence`](Self::of_divergence): the factor by which it multiplies small standard errors and
    /// gradients. Infinite for the two roots at zero.
    pub fn derivative(&self, divergence: f64) -> f64 {
        match *self {
            Self::Renyi { order } => order / (1.0 + order * (order - 1.0) * divergence),
            Self::Tsallis { order } => order,
            Self::Bhattacharyya => 1.0 / (1.0 - divergence),
            Self::HellingerDistance | Self::JensenShannonDistance => 0.5 / divergence.abs().sqrt(),
        }
    }

    /// The least upper bound.
    pub fn supremum(&self) -> f64 {
        match *self {
            Self::Tsallis { order } if order < 1.0 => 1.0 / (1.0 - order),
            Self::Renyi { .. } | Self::Tsallis { .. } | Self::Bhattacharyya => f64::INFINITY,
            Self::HellingerDistance => 1.0,
            Self::JensenShannonDistance => LN_2.sqrt(),
        }
    }
}

/// $\ln(1 + x)$, and $-\infty$ below $-1$.
fn ln_1p_at_least(x: f64) -> f64 {
    if x < -1.0 { f64::NEG_INFINITY } else { x.ln_1p() }
}

/// $\sqrt x$, continued as an odd function.
fn odd_root(x: f64) -> f64 {
    x.abs().sqrt().copysign(x)
}

fn positive(order: f64) -> Result<f64, GeneratorError> {
    if order > 0.0 && order < f64::INFINITY {
        Ok(order)
    } else {
        Err(GeneratorError::OutOfRange { what: "α", range: "positive and finite", value: order })
    }
}
