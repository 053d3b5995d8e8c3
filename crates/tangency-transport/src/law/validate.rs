//! Checks of parameters.

use super::Law;
use crate::error::{Side, TransportError};

/// How far the sum of probabilities may be from 1, for each of them.
const SUM_TOLERANCE: f64 = 1e-12;

impl Law {
    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// [`TransportError::Parameter`] for what is NaN, infinite or outside its range.
    pub(crate) fn validate(&self, side: Side) -> Result<(), TransportError> {
        let family = self.family();
        let check = |what, range, value: f64, holds: bool| {
            if holds { Ok(()) } else { Err(TransportError::Parameter { side, family, what, range, value }) }
        };
        let finite = |what, value: f64| check(what, "finite", value, value.is_finite());
        let positive =
            |what, value: f64| check(what, "positive and finite", value, value > 0.0 && value.is_finite());
        let share = |what, value: f64| check(what, "between 0 and 1", value, (0.0..=1.0).contains(&value));
        let positive_share =
            |what, value: f64| check(what, "above 0 and at most 1", value, value > 0.0 && value <= 1.0);
        match self {
            Self::Dirac { point } => finite("the point", *point),
            Self::Normal { mean, standard_deviation } => {
                finite("the mean", *mean)?;
                positive("the standard deviation", *standard_deviation)
            }
            Self::LogNormal { location, scale }
            | Self::Laplace { location, scale }
            | Self::Cauchy { location, scale }
            | Self::Gumbel { location, scale }
            | Self::Levy { location, scale } => {
                finite("the location", *location)?;
                positive("the scale", *scale)
            }
            Self::StudentsT { location, scale, freedom } => {
                finite("the location", *location)?;
                positive("the scale", *scale)?;
                positive("the number of degrees of freedom", *freedom)
            }
            Self::Exponential { rate } | Self::Poisson { rate } => positive("the rate", *rate),
            Self::Gamma { shape, rate } | Self::InverseGamma { shape, rate } => {
                positive("the shape", *shape)?;
                positive("the rate", *rate)
            }
            Self::Chi { freedom } => positive("the number of degrees of freedom", *freedom),
            Self::Beta { shape_a, shape_b } => {
                positive("the first shape", *shape_a)?;
                positive("the second shape", *shape_b)
            }
            Self::Weibull { shape, scale } | Self::Pareto { scale, shape } => {
                positive("the shape", *shape)?;
                positive("the scale", *scale)
            }
            Self::Uniform { min, max } => {
                finite("the lower end", *min)?;
                finite("the width", max - min)?;
                check("the upper end", "above the lower end", *max, max > min)
            }
            Self::Triangular { min, max, mode } => {
                finite("the lower end", *min)?;
                finite("the width", max - min)?;
                check("the upper end", "above the lower end", *max, max > min)?;
                check("the mode", "between the ends", *mode, (min..=max).contains(&mode))
            }
            Self::FisherSnedecor { freedom_1, freedom_2 } => {
                positive("the first number of degrees of freedom", *freedom_1)?;
                positive("the second number of degrees of freedom", *freedom_2)
            }
            Self::Bernoulli { probability } | Self::Binomial { probability, .. } => {
                share("the probability", *probability)
            }
            Self::Geometric { probability } => positive_share("the probability", *probability),
            Self::NegativeBinomial { successes, probability } => {
                positive("the number of successes", *successes)?;
                positive_share("the probability", *probability)
            }
            Self::Hypergeometric { population, successes, draws } => {
                check("the successes", "at most the population", *successes as f64, successes <= population)?;
                check("the draws", "at most the population", *draws as f64, draws <= population)
            }
            Self::DiscreteUniform { min, max } => {
                check("the greatest integer", "not below the least", *max as f64, max >= min)
            }
            Self::Categorical { probabilities } => validate_probabilities(probabilities, side, family),
        }
    }
}

/// Checks that probabilities are such, and sum to one.
fn validate_probabilities(
    probabilities: &[f64],
    side: Side,
    family: &'static str,
) -> Result<(), TransportError> {
    let error = |what, range, value| Err(TransportError::Parameter { side, family, what, range, value });
    if probabilities.is_empty() {
        return error("the number of probabilities", "at least 1", 0.0);
    }
    if let Some(value) = probabilities.iter().find(|value| !(0.0..=f64::MAX).contains(*value)) {
        return error("each probability", "finite and not negative", *value);
    }
    let sum: f64 = probabilities.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE * probabilities.len() as f64 {
        return error("the sum of the probabilities", "1 within 1e-12 for each", sum);
    }
    Ok(())
}
