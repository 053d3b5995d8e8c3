//! Over-relaxation that adapts, and that cannot do harm.

/// The largest factor: 2 is where the method stops to converge.
const LARGEST: f64 = 1.99;
/// Iterations between two estimates of the rate.
const WINDOW: usize = 8;

/// The factor ω of $f \leftarrow f + \omega (T g - f)$.
///
/// Near the fixed point Sinkhorn's iteration is linear with a factor η, and the relaxed one is successive over-relaxation:
/// its factor ρ satisfies $(\rho + \omega - 1)^2 = \rho \omega^2 \eta$ for $\omega$ up to the best, $2 / (1 + \sqrt{1 -
/// \eta})$, where $\rho = \omega - 1$. So η is known from an observed ρ, whatever ω was in use.
#[derive(Debug, Clone)]
pub(super) struct Relaxation {
    omega: f64,
    adaptive: bool,
    /// Iterations since the factor was last changed, and the error then.
    count: usize,
    first: f64,
}

impl Relaxation {
    /// A factor for good, or one that begins with 1 and adapts.
    pub(super) fn new(fixed: Option<f64>) -> Self {
        Self { omega: fixed.unwrap_or(1.0), adaptive: fixed.is_none(), count: 0, first: f64::NAN }
    }

    /// Begins to observe anew, with the factor as it is: that of one ε is a good guess for the next.
    pub(super) fn restart(&mut self) {
        self.count = 0;
    }

    /// The factor for the next iteration, given the error before it.
    pub(super) fn next(&mut self, error: f64) -> f64 {
        if !self.adaptive {
            return self.omega;
        }
        if self.count == 0 {
            self.first = error;
        }
        // The first steps after a change are not yet at the new rate, which is why they count only half.
        if self.count == WINDOW / 2 {
            self.first = error;
        }
        if self.count >= WINDOW + WINDOW / 2 {
            let rate = (error / self.first).powf(1.0 / WINDOW as f64);
            self.adapt(rate);
            self.count = 0;
            self.first = error;
        }
        self.count += 1;
        self.omega
    }

    fn adapt(&mut self, rate: f64) {
        if !rate.is_finite() || rate >= 1.0 {
            self.omega = 1.0;
            return;
        }
        let excess = rate + self.omega - 1.0;
        let eta = excess * excess / (rate * self.omega * self.omega);
        // A rate below ω − 1 is beyond what the theory allows: the error still falls for another reason, and tells nothing.
        if eta < 1.0 && rate > self.omega - 1.0 {
            self.omega = (2.0 / (1.0 + (1.0 - eta).sqrt())).clamp(1.0, LARGEST);
        }
    }
}

/// The factor that may be used for a half step: `omega` if it raises the dual value by at least half of what it would raise
/// it near the fixed point, where the ratio of its gain to that of the plain step is $\omega (2 - \omega)$; otherwise 1.
///
/// `ln_ratios` are the logarithms $-t_i$ of the ratios of the margins to the weights. The step adds $\varepsilon \omega t_i$
/// to the potential and so $\varepsilon a_i (\omega t_i - e^{-t_i} (e^{\omega t_i} - 1))$ to the dual value. A sequence of
/// such half steps raises it in every step, as plain ones do.
pub(super) fn safe(omega: f64, weights: &[f64], ln_ratios: &[f64]) -> f64 {
    if omega <= 1.0 {
        return omega;
    }
    let largest = ln_ratios.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if largest < 1e-3 {
        return omega; // the limit is reached to a part in a thousand, and the differences below would cancel
    }
    // For each element ω t − (e^{(ω−1)t} − e^{−t}) with t = −x.
    let gain = |omega: f64| -> f64 {
        let pairs = weights.iter().zip(ln_ratios).filter(|(w, _)| **w > 0.0);
        pairs.map(|(w, x)| w * (-omega * x - ((1.0 - omega) * x).exp_m1() + x.exp_m1())).sum()
    };
    let (relaxed, plain) = (gain(omega), gain(1.0));
    if relaxed >= 0.5 * omega * (2.0 - omega) * plain { omega } else { 1.0 }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "a factor is kept or it is not")]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_relaxed_iteration_gives_the_same_factor_as_that_of_a_plain_one() {
        let eta: f64 = 0.9;
        let best = 2.0 / (1.0 + (1.0 - eta).sqrt());
        let mut plain = Relaxation::new(None);
        plain.adapt(eta);
        assert!((plain.omega - best).abs() < 1e-14);
        // ω = 1.2: the larger root of (ρ + ω − 1)² = ρ ω² η, by its quadratic.
        let omega: f64 = 1.2;
        let half = omega * omega * eta / 2.0 - (omega - 1.0);
        let rate = half + (half * half - (omega - 1.0).powi(2)).sqrt();
        let mut relaxed = Relaxation { omega, ..Relaxation::new(None) };
        relaxed.adapt(rate);
        assert!((relaxed.omega - best).abs() < 1e-13, "{} {best}", relaxed.omega);
    }

    #[test]
    fn a_step_that_would_lower_the_dual_value_is_not_relaxed() {
        // t = 3 with ω = 1.9: 5.7 − (e^{2.7} − e^{−3}) < 0.
        assert_eq!(safe(1.9, &[1.0], &[-3.0]), 1.0);
        assert_eq!(safe(1.9, &[1.0], &[0.01]), 1.9);
        assert_eq!(safe(1.9, &[0.0, 1.0], &[-3.0, 0.01]), 1.9);
    }
}
