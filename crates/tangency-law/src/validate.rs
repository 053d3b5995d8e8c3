//! Checks of parameters.

use crate::{Law, LawError};

/// How far the sum of probabilities may be from 1, for each of them.
const SUM_TOLERANCE: f64 = 1e-12;

impl Law {
    /// Checks the parameters: each within its range, as documented beside it, and finite.
    ///
    /// Functions that take a law do this first. Whether a covariance matrix is positive definite is not looked at here but
    /// found where it is factored.
    ///
    /// # Errors
    ///
    /// [`LawError`], with the first parameter that is wrong.
    ///
    /// # Example: what is wrong
    ///
    /// ```
    /// use tangency_law::Law;
    ///
    /// let error = Law::Gamma { shape: 2.0, rate: -1.0 }.validate().unwrap_err();
    /// assert_eq!(error.to_string(), "the rate of the gamma distribution must be positive and finite, and it is -1");
    /// ```
    pub fn validate(&self) -> Result<(), LawError> {
        let family = self.family();
        let check = |what, range, value: f64, holds: bool| {
            if holds { Ok(()) } else { Err(LawError::Parameter { family, what, range, value }) }
        };
        let finite = |what, value: f64| check(what, "finite", value, value.is_finite());
        let positive =
            |what, value: f64| check(what, "positive and finite", value, value > 0.0 && value.is_finite());
        let share = |what, value: f64| check(what, "between 0 and 1", value, (0.0..=1.0).contains(&value));
        let positive_share =
            |what, value: f64| check(what, "above 0 and at most 1", value, value > 0.0 && value <= 1.0);
        let interval = |min: f64, max: f64| {
            finite("the lower end", min)?;
            finite("the upper end", max)?;
            finite("the width", max - min)?;
            check("the upper end", "above the lower end", max, max > min)
        };
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
            Self::Uniform { min, max } => interval(*min, *max),
            Self::Triangular { min, max, mode } => {
                interval(*min, *max)?;
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
            Self::Categorical { probabilities } => validate_probabilities(probabilities, family),
            Self::MultivariateNormal { mean, covariance } => {
                let (dimension, rows, columns) = (mean.len(), covariance.nrows(), covariance.ncols());
                if dimension == 0 || rows != dimension || columns != dimension {
                    return Err(LawError::CovarianceShape { dimension, rows, columns });
                }
                mean.iter().try_for_each(|value| finite("each mean", *value))?;
                for column in 0..columns {
                    for row in column..rows {
                        finite("each covariance", covariance[(row, column)])?;
                    }
                }
                Ok(())
            }
            Self::Dirichlet { concentration } => {
                let length = concentration.len();
                check("the number of concentrations", "at least 2", length as f64, length >= 2)?;
                concentration.iter().try_for_each(|value| positive("each concentration", *value))
            }
        }
    }
}

/// Checks that probabilities are such, and sum to one.
fn validate_probabilities(probabilities: &[f64], family: &'static str) -> Result<(), LawError> {
    let error = |what, range, value| Err(LawError::Parameter { family, what, range, value });
    if probabilities.is_empty() {
        return error("the number of probabilities", "at least 1", 0.0);
    }
    if let Some(value) = probabilities.iter().find(|value| !(0.0..=f64::MAX).contains(*value)) {
        return error("each probability", "finite and not negative", *value);
    }
    let sum: f64 = probabilities.iter().sum();
    let tolerance = SUM_TOLERANCE * probabilities.len() as f64;
    if (sum - 1.0).abs() > tolerance {
        return Err(LawError::NotNormalised { sum, tolerance });
    }
    Ok(())
}
