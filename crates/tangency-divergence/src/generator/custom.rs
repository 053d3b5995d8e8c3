//! A generator that the caller gives as a function.

use super::FDivergence;
use super::elementary::{sigmoid, softplus};
use crate::error::GeneratorError;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

type Function = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

/// An f-divergence whose generator is a function of the caller's.
///
/// $$ D_f(P \Vert Q) = \int q f(p/q) dx , $$
///
/// in whatever normalisation $f$ has. What the construction needs of $f$ it checks: $f(1) = 0$, and convexity on 321 points
/// between $10^{-12}$ and $10^{12}$, four to an octave. A function that is concave between two neighbours only, or by less
/// than rounding, passes.
///
/// The conjugate is found by bisection for $f^\prime(e^v) = t$, about 60 values of $f^\prime$; without a derivative, by
/// golden section and then bisection in what that leaves, about 300 values of $f$. Both cope with kinks. The value is nearly
/// as exact as $f$, since an error of the maximiser enters squared; what lies beyond $e^{\pm 600}$ is not looked at.
///
/// | | with $f^\prime$ given | without |
/// |---|---|---|
/// | $f^\prime$, [`critic`](FDivergence::critic) | as given | six-point differences, about $10^{-12}$ relative |
/// | $f^{\prime\prime}$, [`critic_derivative`](FDivergence::critic_derivative) | differences, $10^{-12}$ | differences, $10^{-9}$ |
///
/// $f(0)$ is what the function returns there; if that is NaN, as it is for $u \ln u$, and for $f^\prime(\infty)$, the limit
/// is judged from two extreme arguments; [`with_limits`](Self::with_limits) sets both. Near $u = 1$ the function has the
/// accuracy that it has: sums for $P \approx Q$ lose digits that the named types keep. It is taken to be smooth; at a kink
/// the derivative is a mean of both sides.
///
/// # Example: the exponential divergence
///
/// ```
/// use tangency_divergence::{Custom, FDivergence};
///
/// let f = Custom::with_derivative("exponential", |u| u * u.ln().powi(2), |u| u.ln().powi(2) + 2.0 * u.ln());
/// assert!(f.is_err()); // not convex for u < 1/e
/// let f = Custom::new("cubic", |u| (u - 1.0).powi(2) * (u + 2.0))?;
/// let (u, t) = (1.5, f.derivative(1.5));
/// assert!((f.conjugate(t) - (u * t - f.generator(u))).abs() < 1e-12);
/// # Ok::<(), tangency_divergence::GeneratorError>(())
/// ```
#[derive(Clone)]
pub struct Custom {
    name: Cow<'static, str>,
    function: Function,
    given_derivative: Option<Function>,
    at_zero: f64,
    slope_at_infinity: f64,
    slope_at_one: f64,
}

impl fmt::Debug for Custom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Custom").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Points to an octave of the grid on which convexity is checked.
const POINTS_PER_OCTAVE: i32 = 4;
/// Octaves of the grid on each side of 1.
const OCTAVES: i32 = 40;
/// Octaves on each side of 1 where the function must be finite.
const FINITE_OCTAVES: i32 = 8;
/// Where log-ratios are searched: the exponential neither overflows nor underflows.
const LOG_RATIO_BOUND: f64 = 600.0;

impl Custom {
    /// The divergence of $f$, with $f^\prime$ by differences.
    ///
    /// # Errors
    ///
    /// [`GeneratorError`]: [`NotZeroAtOne`](GeneratorError::NotZeroAtOne), [`NotConvex`](GeneratorError::NotConvex), or
    /// [`NotFinite`](GeneratorError::NotFinite) if $f$ is NaN anywhere, or infinite between $2^{-8}$ and $2^8$.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        f: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Result<Self, GeneratorError> {
        Self::build(name.into(), Arc::new(f), None)
    }

    /// The divergence of $f$ with its derivative.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`BelowTangent`](GeneratorError::BelowTangent) if the derivative is not that of $f$.
    pub fn with_derivative(
        name: impl Into<Cow<'static, str>>,
        f: impl Fn(f64) -> f64 + Send + Sync + 'static,
        derivative: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Result<Self, GeneratorError> {
        Self::build(name.into(), Arc::new(f), Some(Arc::new(derivative)))
    }

    /// The same with these limits, $f(0)$ and $f^\prime(\infty)$, either of which may be infinite.
    ///
    /// # Errors
    ///
    /// [`GeneratorError::OutOfRange`] if a limit is NaN or $-\infty$.
    pub fn with_limits(self, at_zero: f64, slope_at_infinity: f64) -> Result<Self, GeneratorError> {
        for (what, value) in [("f(0)", at_zero), ("the slope at infinity", slope_at_infinity)] {
            if value.is_nan() || value == f64::NEG_INFINITY {
                return Err(GeneratorError::OutOfRange { what, range: "a number or infinity", value });
            }
        }
        Ok(Self { at_zero, slope_at_infinity, ..self })
    }

    fn build(
        name: Cow<'static, str>,
        f: Function,
        derivative: Option<Function>,
    ) -> Result<Self, GeneratorError> {
        check(&*f, derivative.as_deref())?;
        let at_zero = match f(0.0) {
            value if value.is_nan() => limit(f(1e-60), f(1e-120)),
            value => value,
        };
        let slope_at_infinity = limit(f(1e60) / 1e60, f(1e120) / 1e120);
        for (argument, value) in [(0.0, at_zero), (f64::INFINITY, slope_at_infinity)] {
            if value.is_nan() || value == f64::NEG_INFINITY {
                return Err(GeneratorError::NotFinite { argument, value });
            }
        }
        let mut custom = Self {
            name,
            function: f,
            given_derivative: derivative,
            at_zero,
            slope_at_infinity,
            slope_at_one: 0.0,
        };
        custom.slope_at_one = custom.derivative(1.0);
        Ok(custom)
    }

    /// $tu - f(u)$ at $u = e^v$.
    fn gap(&self, t: f64, v: f64) -> f64 {
        let u = v.exp();
        let gap = t * u - (self.function)(u);
        if gap.is_nan() { f64::NEG_INFINITY } else { gap }
    }

    /// Bisection for $f^\prime(e^v) = t$, down to neighbouring numbers.
    fn crossing(&self, t: f64, mut low: f64, mut high: f64) -> [f64; 2] {
        loop {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high || high - low < 1e-17 {
                return [low, high];
            }
            if self.critic(middle) < t {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    /// Golden section for the largest gap, which is concave in $u$ and so has one peak in $v$. At a kink it finds the peak to
    /// the last digit, at a smooth one to half of them, which is all that values can tell. On a plateau of rounding it goes
    /// right: the left end is looked at anyway.
    fn peak(&self, t: f64) -> (f64, f64) {
        const SHARE: f64 = 0.618_033_988_749_894_9;
        let (mut low, mut high) = (-LOG_RATIO_BOUND, LOG_RATIO_BOUND);
        let (mut left, mut right) = (high - SHARE * (high - low), low + SHARE * (high - low));
        let (mut left_gap, mut right_gap) = (self.gap(t, left), self.gap(t, right));
        while high - low > 4e-16 * low.abs().max(high.abs()).max(1.0) {
            // Where both overflow, the peak is to the left.
            if left_gap > right_gap || right_gap == f64::NEG_INFINITY {
                (high, right, right_gap) = (right, left, left_gap);
                left = high - SHARE * (high - low);
                left_gap = self.gap(t, left);
            } else {
                (low, left, left_gap) = (left, right, right_gap);
                right = low + SHARE * (high - low);
                right_gap = self.gap(t, right);
            }
        }
        (low, high)
    }

    /// The argument at which $tu - f(u)$ is largest, and that value. 0 is a candidate too.
    fn maximum(&self, t: f64) -> (f64, f64) {
        let mut peak = f64::NEG_INFINITY;
        let (low, high) = if self.given_derivative.is_some() {
            (-LOG_RATIO_BOUND, LOG_RATIO_BOUND)
        } else {
            // Differences say nothing where f is flat to rounding, so they only polish.
            let (low, high) = self.peak(t);
            peak = high;
            let width = 1e-6 * low.abs().max(high.abs()).max(1.0);
            (low - width, high + width)
        };
        let mut best = (0.0, -self.at_zero);
        for v in self.crossing(t, low, high).into_iter().chain([peak]) {
            let gap = self.gap(t, v);
            if gap > best.1 {
                best = (v.exp(), gap);
            }
        }
        best
    }

    /// Whether $t$ lies in the domain of $f^\ast$.
    fn admits(&self, t: f64) -> bool {
        t < self.slope_at_infinity || (t == self.slope_at_infinity && self.is_domain_closed())
    }
}

/// The limit of a sequence from a term and one much farther on; $+\infty$ if they differ.
fn limit(near: f64, far: f64) -> f64 {
    if far == f64::INFINITY || (far - near).abs() > 1e-9 * near.abs().max(1.0) { f64::INFINITY } else { far }
}

/// Checks value at one, finiteness, convexity on a grid, and tangents.
fn check(
    f: &dyn Fn(f64) -> f64,
    derivative: Option<&(dyn Fn(f64) -> f64 + Send + Sync)>,
) -> Result<(), GeneratorError> {
    let steps = OCTAVES * POINTS_PER_OCTAVE;
    let mut grid = Vec::with_capacity(2 * steps as usize + 1);
    for step in -steps..=steps {
        let argument = (f64::from(step) / f64::from(POINTS_PER_OCTAVE)).exp2();
        let value = f(argument);
        let inside = step.abs() <= FINITE_OCTAVES * POINTS_PER_OCTAVE;
        if value.is_nan() || value == f64::NEG_INFINITY || (inside && value == f64::INFINITY) {
            return Err(GeneratorError::NotFinite { argument, value });
        }
        grid.push((argument, value));
    }
    let at_one = f(1.0);
    // Terms of order one may cancel in it.
    if !(at_one.abs() <= 1e-14) {
        return Err(GeneratorError::NotZeroAtOne { value: at_one });
    }
    // What rounding may do: terms of order 1, u and f(u) may cancel in f.
    let slack = |(u, value): (f64, f64)| 1e-13 * (1.0 + u + value.abs());
    for window in grid.windows(3) {
        let [left, middle, right] = [window[0], window[1], window[2]];
        if left.1.is_infinite() || right.1.is_infinite() {
            continue;
        }
        let share = (middle.0 - left.0) / (right.0 - left.0);
        let excess = middle.1 - (left.1 + share * (right.1 - left.1));
        if excess > slack(right) + slack(left) {
            return Err(GeneratorError::NotConvex { left: left.0, middle: middle.0, right: right.0, excess });
        }
    }
    let Some(derivative) = derivative else { return Ok(()) };
    for pair in grid.windows(2) {
        for (at, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
            let slope = derivative(at.0);
            if at.1.is_infinite() {
                continue;
            }
            let deficit = at.1 + slope * (other.0 - at.0) - other.1;
            if !(deficit <= slack(at) + slack(other) + 1e-13 * (slope * at.0).abs()) {
                return Err(GeneratorError::BelowTangent { touching: at.0, argument: other.0, deficit });
            }
        }
    }
    Ok(())
}

/// The first derivative from six values; the relative step balances the errors of formula and rounding.
fn slope(f: &dyn Fn(f64) -> f64, u: f64) -> f64 {
    let h = u / 256.0;
    let difference = |k: f64| f(u + k * h) - f(u - k * h);
    (45.0 * difference(1.0) - 9.0 * difference(2.0) + difference(3.0)) / (60.0 * h)
}

/// The second derivative from seven values.
fn curvature(f: &dyn Fn(f64) -> f64, u: f64) -> f64 {
    let h = u / 128.0;
    let sum = |k: f64| f(u + k * h) + f(u - k * h);
    (270.0 * sum(1.0) - 27.0 * sum(2.0) + 2.0 * sum(3.0) - 490.0 * f(u)) / (180.0 * h * h)
}

impl FDivergence for Custom {
    fn name(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    fn formula(&self) -> Cow<'static, str> {
        "given by the caller".into()
    }

    fn generator(&self, u: f64) -> f64 {
        if u < 0.0 {
            f64::INFINITY
        } else if u == 0.0 {
            self.at_zero
        } else if u == f64::INFINITY {
            // The limit, which for a slope of zero is that of the function itself.
            if self.slope_at_infinity == 0.0 { (self.function)(1e300) } else { self.slope_at_infinity * u }
        } else {
            (self.function)(u)
        }
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        self.generator(r.exp())
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        if r.exp() == f64::INFINITY {
            return f64::INFINITY;
        }
        let value = self.generator_of_log_ratio(r) - self.slope_at_one * r.exp_m1();
        if value < 0.0 { 0.0 } else { value }
    }

    fn derivative(&self, u: f64) -> f64 {
        if u == f64::INFINITY {
            return self.slope_at_infinity;
        }
        if u < 0.0 {
            return f64::NAN;
        }
        if let Some(derivative) = &self.given_derivative {
            return derivative(u);
        }
        if u == 0.0 {
            // The limit of secants, if they have one.
            let secant = |u: f64| ((self.function)(u) - self.at_zero) / u;
            return -limit(-secant(2.0_f64.powi(-14)), -secant(2.0_f64.powi(-26)));
        }
        let slope = slope(&*self.function, u);
        // Where the function overflows, the slope has long been what it will be.
        if slope.is_nan() && u > 1.0 { self.slope_at_infinity } else { slope }
    }

    fn second_derivative(&self, u: f64) -> f64 {
        if u < 0.0 {
            return f64::NAN;
        }
        // At the ends of the axis nothing is near enough to say more.
        let u = u.clamp(1e-100, 1e100);
        match &self.given_derivative {
            Some(derivative) => slope(&**derivative, u),
            None => curvature(&*self.function, u),
        }
    }

    fn conjugate(&self, t: f64) -> f64 {
        if t.is_nan() {
            t
        } else if t == f64::NEG_INFINITY {
            -self.at_zero
        } else if self.admits(t) {
            self.maximum(t).1
        } else {
            f64::INFINITY
        }
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        if t == f64::NEG_INFINITY {
            0.0
        } else if self.admits(t) {
            self.maximum(t).0
        } else {
            f64::NAN
        }
    }

    fn is_domain_closed(&self) -> bool {
        // Whether f'(∞) u - f(u) stays bounded; it grows at least like a logarithm if not.
        let rest = |u: f64| self.slope_at_infinity * u - (self.function)(u);
        self.slope_at_infinity.is_finite() && rest(2.0_f64.powi(36)) - rest(2.0_f64.powi(18)) < 1e-2
    }

    fn at_zero(&self) -> f64 {
        self.at_zero
    }

    fn slope_at_infinity(&self) -> f64 {
        self.slope_at_infinity
    }

    fn critic(&self, v: f64) -> f64 {
        self.derivative(v.exp())
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        if v == f64::NEG_INFINITY {
            return -self.at_zero;
        }
        let u = v.exp();
        if u == 0.0 || u == f64::INFINITY {
            return self.conjugate(self.critic(v));
        }
        u * self.derivative(u) - self.generator(u)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        let u = v.exp();
        if u == 0.0 || u == f64::INFINITY { 0.0 } else { u * self.second_derivative(u) }
    }

    fn classical_activation(&self, v: f64) -> f64 {
        if self.slope_at_infinity.is_finite() { self.slope_at_infinity - softplus(-v) } else { v }
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        if v.is_nan() {
            v
        } else if self.slope_at_infinity.is_finite() {
            sigmoid(-v)
        } else {
            1.0
        }
    }
}
