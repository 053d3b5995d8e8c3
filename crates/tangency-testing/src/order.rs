//! The order at which an error vanishes.

/// The fit of $e(h) = C h^p$ to measured errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The order $p$: the least-squares slope of $\ln e$ against $\ln h$.
    pub order: f64,
    /// The constant $C$.
    pub constant: f64,
    /// Standard error of the order, from the residuals; 0 for two points, which any line fits.
    pub standard_error: f64,
    /// The least order between two neighbours in step size.
    pub lowest: f64,
    /// The greatest order between two neighbours in step size.
    pub highest: f64,
}

/// An order could not be fitted.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// There must be as many errors as step sizes, and at least two.
    #[error(
        "expected as many errors as step sizes, and at least 2, got {errors} errors and {step_sizes} step sizes"
    )]
    Lengths {
        /// The number of step sizes.
        step_sizes: usize,
        /// The number of errors.
        errors: usize,
    },
    /// A step size or an error has no logarithm.
    #[error("point {index}: step size {step_size} and error {error} must be positive and finite")]
    NoLogarithm {
        /// Which point.
        index: usize,
        /// Its step size.
        step_size: f64,
        /// Its error.
        error: f64,
    },
    /// Two points have the same step size.
    #[error("the step size {step_size} occurs twice")]
    Repeated {
        /// The step size.
        step_size: f64,
    },
}

/// Fits the order of convergence to errors measured at several step sizes, in any order.
///
/// With $x_i = \ln h_i$ and $y_i = \ln e_i$,
///
/// $$ p = \frac{\sum_i (x_i - \bar x) (y_i - \bar y)}{\sum_i (x_i - \bar x)^2}, \quad
///    s_p^2 = \frac{\sum_i r_i^2}{(n - 2) \sum_i (x_i - \bar x)^2}, $$
///
/// where $r_i$ are the residuals. The slope averages; `lowest` and `highest` tell whether it had the right to: a test
/// of an order asserts all three, since a method that loses its order at the smallest step still has a decent slope.
///
/// # Errors
///
/// [`OrderError`] for fewer than two points, lengths that differ, a number that is not positive and finite (an error of
/// exactly 0 has no order), or equal step sizes.
///
/// # Example: the trapezoidal rule is of second order
///
/// ```
/// use tangency_testing::fit_order;
///
/// let trapezoid = |n: usize| {
///     let h = 1.0 / n as f64;
///     h * ((0.0_f64.exp() + 1.0_f64.exp()) / 2.0 + (1..n).map(|i| (i as f64 * h).exp()).sum::<f64>())
/// };
/// let (steps, errors): (Vec<_>, Vec<_>) =
///     [8, 16, 32, 64].map(|n| (1.0 / n as f64, (trapezoid(n) - (1_f64.exp() - 1.0)).abs())).into_iter().unzip();
/// let fit = fit_order(&steps, &errors)?;
/// assert!((fit.order - 2.0).abs() < 1e-3 && fit.standard_error < 1e-3);
/// # Ok::<(), tangency_testing::OrderError>(())
/// ```
pub fn fit_order(step_sizes: &[f64], errors: &[f64]) -> Result<Order, OrderError> {
    let n = step_sizes.len();
    if n != errors.len() || n < 2 {
        return Err(OrderError::Lengths { step_sizes: n, errors: errors.len() });
    }
    let mut points = Vec::with_capacity(n);
    for (index, (&step_size, &error)) in step_sizes.iter().zip(errors).enumerate() {
        if !(step_size > 0.0 && step_size.is_finite() && error > 0.0 && error.is_finite()) {
            return Err(OrderError::NoLogarithm { index, step_size, error });
        }
        points.push((step_size.ln(), error.ln()));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lowest = f64::INFINITY;
    let mut highest = f64::NEG_INFINITY;
    for pair in points.windows(2) {
        let run = pair[1].0 - pair[0].0;
        if run <= 0.0 {
            return Err(OrderError::Repeated { step_size: pair[0].0.exp() });
        }
        let local = (pair[1].1 - pair[0].1) / run;
        lowest = lowest.min(local);
        highest = highest.max(local);
    }
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n as f64;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n as f64;
    let spread = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum::<f64>();
    let order = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>() / spread;
    let squares = points.iter().map(|p| (p.1 - mean_y - order * (p.0 - mean_x)).powi(2)).sum::<f64>();
    let standard_error = if n > 2 { (squares / ((n - 2) as f64 * spread)).sqrt() } else { 0.0 };
    Ok(Order { order, constant: (mean_y - order * mean_x).exp(), standard_error, lowest, highest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, expected: f64) {
        assert!((got - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{got} is not {expected}");
    }

    #[test]
    fn an_exact_power_is_recovered() {
        let steps = [0.1, 0.025, 0.05, 0.2];
        let fit = fit_order(&steps, &steps.map(|h| 3.0 * h.powi(4))).unwrap();
        near(fit.order, 4.0);
        near(fit.constant, 3.0);
        near(fit.lowest, 4.0);
        near(fit.highest, 4.0);
        assert!(fit.standard_error < 1e-13);
    }

    #[test]
    fn the_standard_error_is_that_of_simple_regression() {
        // x = 0, 1, 2 and y = 0, 1, 0: slope 0, residuals -1/3, 2/3, -1/3, so s^2 = (6/9) / (1 * 2) = 1/3.
        let e = std::f64::consts::E;
        let fit = fit_order(&[1.0, e, e * e], &[1.0, e, 1.0]).unwrap();
        near(fit.order, 0.0);
        near(fit.constant, (1.0_f64 / 3.0).exp());
        near(fit.standard_error, (1.0_f64 / 3.0).sqrt());
        near(fit.lowest, -1.0);
        near(fit.highest, 1.0);
    }

    #[test]
    fn two_points_give_their_slope() {
        let fit = fit_order(&[0.5, 1.0], &[0.5, 4.0]).unwrap();
        near(fit.order, 3.0);
        near(fit.constant, 4.0);
        assert!(fit.standard_error.abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn a_floor_of_rounding_shows_in_the_lowest_order() {
        let steps = [0.1, 0.05, 0.025, 0.0125];
        let fit = fit_order(&steps, &steps.map(|h| h * h + 1e-3)).unwrap();
        near(fit.lowest, (1.625_f64 / 1.15625).log2());
        near(fit.highest, (11.0_f64 / 3.5).log2());
        assert!(fit.standard_error > 0.1, "{fit:?}");
    }

    #[test]
    fn bad_input_is_an_error() {
        let lengths = |step_sizes, errors| Err(OrderError::Lengths { step_sizes, errors });
        assert_eq!(fit_order(&[], &[]), lengths(0, 0));
        assert_eq!(fit_order(&[1.0], &[1.0]), lengths(1, 1));
        assert_eq!(fit_order(&[1.0, 2.0], &[1.0]), lengths(2, 1));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                fit_order(&[1.0, bad], &[1.0, 1.0]),
                Err(OrderError::NoLogarithm { index: 1, .. })
            ));
            assert!(matches!(
                fit_order(&[1.0, 2.0], &[bad, 1.0]),
                Err(OrderError::NoLogarithm { index: 0, .. })
            ));
        }
        assert_eq!(fit_order(&[1.0, 2.0, 1.0], &[1.0; 3]), Err(OrderError::Repeated { step_size: 1.0 }));
    }
}
