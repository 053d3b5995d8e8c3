//! Real numbers of twice the precision of `f64`.
//!
//! T. J. Dekker, *A floating-point technique for extending the available precision*, Numer. Math. 18 (1971);
//! Y. Hida, X. S. Li and D. H. Bailey, *Algorithms for quad-double precision floating point arithmetic*, ARITH 15
//! (2001); the error bounds in M. Joldes, J.-M. Muller and V. Popescu, ACM TOMS 44 (2017).

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// A real number as the unevaluated sum of two `f64`, with about 32 decimal digits.
///
/// The high part is the sum rounded to `f64`. The range is that of `f64`; below about 1e-290 the low part loses its
/// digits. The relative error of the arithmetic is a few $2^{-106}$, of the functions below 1e-30, unless said
/// otherwise. For functions of a matrix without derivatives ([`funm_derivative_free`](crate::funm_derivative_free)).
///
/// # Example: what f64 rounds away
///
/// ```
/// use tangency_matrix::DoubleDouble;
///
/// let third = DoubleDouble::from(1.0) / DoubleDouble::from(3.0);
/// let back = third * DoubleDouble::from(3.0) - DoubleDouble::from(1.0);
/// assert!(back.to_f64().abs() < 1e-31);
/// assert_eq!((third - DoubleDouble::from(1.0 / 3.0)).to_f64(), 1.850371707708594e-17);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DoubleDouble {
    high: f64,
    low: f64,
}

/// $a + b$ as rounded sum and exact error (Knuth).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let virtual_b = sum - a;
    (sum, (a - (sum - virtual_b)) + (b - virtual_b))
}

/// The same for $\lvert a \rvert \ge \lvert b \rvert$ (Dekker).
fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// $a b$ as rounded product and exact error.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// $\ln 2$ in three parts.
const LN_2: [f64; 3] = [std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17, 5.707_708_438_416_212e-34];
/// $\pi / 2$ in three parts.
const HALF_PI: [f64; 3] =
    [std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17, -1.497_384_904_859_169_8e-33];

/// $1/k!$, k = 0, ..., 31.
const RECIPROCAL_FACTORIALS: [[f64; 2]; 32] = [
    [1.0, 0.0],
    [1.0, 0.0],
    [0.5, 0.0],
    [0.16666666666666666, 9.25185853854297e-18],
    [0.041666666666666664, 2.3129646346357427e-18],
    [0.008333333333333333, 1.1564823173178714e-19],
    [0.001388888888888889, -5.300543954373577e-20],
    [0.0001984126984126984, 1.7209558293420705e-22],
    [2.48015873015873e-05, 2.1511947866775882e-23],
    [2.7557319223985893e-06, -1.858393274046472e-22],
    [2.755731922398589e-07, 2.3767714622250297e-23],
    [2.505210838544172e-08, -1.448814070935912e-24],
    [2.08767569878681e-09, -1.20734505911326e-25],
    [1.6059043836821613e-10, 1.2585294588752098e-26],
    [1.1470745597729725e-11, 2.0655512752830745e-28],
    [7.647163731819816e-13, 7.03872877733453e-30],
    [4.779477332387385e-14, 4.399205485834081e-31],
    [2.8114572543455206e-15, 1.6508842730861433e-31],
    [1.5619206968586225e-16, 1.1910679660273754e-32],
    [8.22063524662433e-18, 2.2141894119604265e-34],
    [4.110317623312165e-19, 1.4412973378659527e-36],
    [1.9572941063391263e-20, -1.3643503830087908e-36],
    [8.896791392450574e-22, -7.911402614872376e-38],
    [3.868170170630684e-23, -8.843177655482344e-40],
    [1.6117375710961184e-24, -3.6846573564509766e-41],
    [6.446950284384474e-26, -1.9330404233703465e-42],
    [2.4795962632247976e-27, -1.2953730964765229e-43],
    [9.183689863795546e-29, 1.4303150396787322e-45],
    [3.279889237069838e-30, 1.5117542744029879e-46],
    [1.1309962886447716e-31, 1.0498015412959506e-47],
    [3.7699876288159054e-33, 2.5870347832750324e-49],
    [1.216125041553518e-34, 5.586290567888806e-51],
];

/// $1/k!$.
fn reciprocal_factorial(k: usize) -> DoubleDouble {
    let [high, low] = RECIPROCAL_FACTORIALS[k];
    DoubleDouble { high, low }
}

impl DoubleDouble {
    /// 0.
    pub const ZERO: Self = Self { high: 0.0, low: 0.0 };
    /// 1.
    pub const ONE: Self = Self { high: 1.0, low: 0.0 };
    /// π.
    pub const PI: Self = Self { high: 2.0 * HALF_PI[0], low: 2.0 * HALF_PI[1] };
    /// ln 2.
    pub const LN_2: Self = Self { high: LN_2[0], low: LN_2[1] };

    /// The exact sum of two numbers.
    pub fn from_sum(a: f64, b: f64) -> Self {
        let (high, low) = two_sum(a, b);
        Self::finish(high, low)
    }

    /// The nearest `f64`.
    pub fn to_f64(self) -> f64 {
        self.high
    }

    /// The leading `f64` and the rest.
    pub fn parts(self) -> (f64, f64) {
        (self.high, self.low)
    }

    /// Normalised; an infinite or NaN high part stays what it is.
    fn finish(high: f64, low: f64) -> Self {
        let (sum, rest) = fast_two_sum(high, low);
        if sum.is_finite() { Self { high: sum, low: rest } } else { Self { high, low: 0.0 } }
    }

    /// Whether it is finite.
    pub fn is_finite(self) -> bool {
        self.high.is_finite()
    }

    /// Magnitude.
    pub fn abs(self) -> Self {
        if self.high < 0.0 { -self } else { self }
    }

    /// Product with $2^k$; exact unless it over- or underflows.
    pub fn ldexp(self, k: i32) -> Self {
        let scale = |x| crate::scalar::RealScalar::ldexp(x, k);
        Self { high: scale(self.high), low: scale(self.low) }
    }

    /// Square root; NaN below zero.
    pub fn sqrt(self) -> Self {
        if self.high <= 0.0 || !self.is_finite() {
            return Self { high: self.high.sqrt(), low: 0.0 };
        }
        // One step of Newton for 1/√a, with a brought near 1 so that squares neither over- nor underflow.
        let exponent = (self.high.log2().floor() as i32) & !1;
        let a = self.ldexp(-exponent);
        let root = a.high.sqrt();
        let residual = a - Self::square(root);
        Self::from_sum(root, residual.high / (2.0 * root)).refine_sqrt(a).ldexp(exponent / 2)
    }

    fn square(x: f64) -> Self {
        let (high, low) = two_product(x, x);
        Self { high, low }
    }

    /// A second step, whose residual is taken in double-double arithmetic.
    fn refine_sqrt(self, a: Self) -> Self {
        let residual = a - self * self;
        self + Self::from(residual.high / (2.0 * self.high))
    }

    /// $e^x$.
    pub fn exp(self) -> Self {
        if self.high > 709.8 {
            return Self { high: f64::INFINITY, low: 0.0 };
        }
        if self.high < -746.0 {
            return Self::ZERO;
        }
        let k = (self.high / LN_2[0]).round();
        let reduced = reduce(self, k, LN_2);
        (expm1_reduced(reduced) + Self::ONE).ldexp(k as i32)
    }

    /// $e^x - 1$ without cancellation.
    pub fn exp_m1(self) -> Self {
        if self.high.abs() < 0.3 { expm1_reduced(self) } else { self.exp() - Self::ONE }
    }

    /// Natural logarithm; NaN below zero, −∞ at zero.
    pub fn ln(self) -> Self {
        if self.high <= 0.0 || !self.is_finite() {
            return Self { high: self.high.ln(), low: 0.0 };
        }
        let offset = self - Self::ONE;
        if offset.high.abs() < 0.05 {
            // 2 artanh((x − 1)/(x + 1)); relative accuracy also close to 1.
            let t = offset / (self + Self::ONE);
            let square = t * t;
            let mut sum = Self::ZERO;
            for k in (0..=11).rev() {
                sum = sum * square + Self::ONE / Self::from(f64::from(2 * k + 1));
            }
            return (t * sum).ldexp(1);
        }
        // A step of Halley from the logarithm in f64: cubic, so one is enough.
        let exponent = self.high.log2().round() as i32;
        let mantissa = self.ldexp(-exponent);
        let start = Self::from(mantissa.high.ln());
        let e = start.exp();
        let step = ((mantissa - e) / (mantissa + e)).ldexp(1);
        let k = f64::from(exponent);
        reduce(start + step, -k, LN_2)
    }

    /// Sine and cosine. The error is absolute, about $10^{-32}$ and $10^{-48} \lvert x \rvert$; NaN above $2^{52}$.
    pub fn sin_cos(self) -> (Self, Self) {
        if self.high.is_nan() || self.high.abs() >= 4.5e15 {
            let nan = Self { high: f64::NAN, low: 0.0 };
            return (nan, nan);
        }
        let k = (self.high / HALF_PI[0]).round();
        let r = reduce(self, k, HALF_PI);
        let square = -(r * r);
        // |r| ≤ π/4: terms up to r³¹ and r³⁰ leave 1e-36.
        let (mut sine, mut cosine) = (reciprocal_factorial(31), reciprocal_factorial(30));
        for i in (0..15).rev() {
            sine = sine * square + reciprocal_factorial(2 * i + 1);
            cosine = cosine * square + reciprocal_factorial(2 * i);
        }
        sine *= r;
        match k.rem_euclid(4.0) as u8 {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        }
    }

    /// Sine; see [`sin_cos`](Self::sin_cos).
    pub fn sin(self) -> Self {
        self.sin_cos().0
    }

    /// Cosine; see [`sin_cos`](Self::sin_cos).
    pub fn cos(self) -> Self {
        self.sin_cos().1
    }

    /// Hyperbolic sine.
    pub fn sinh(self) -> Self {
        if self.high.abs() < 0.3 {
            let e = self.exp_m1();
            return (e + e / (e + Self::ONE)).ldexp(-1);
        }
        // Half the argument twice where only the exponential itself would overflow.
        if self.high.abs() > 709.0 {
            let root = (self.abs().ldexp(-1)).exp();
            let half = root.ldexp(-1) * root;
            return if self.high < 0.0 { -half } else { half };
        }
        // The large exponential: of a tiny one the low part may be subnormal.
        let e = self.abs().exp();
        let half = (e - Self::ONE / e).ldexp(-1);
        if self.high < 0.0 { -half } else { half }
    }

    /// Hyperbolic cosine.
    pub fn cosh(self) -> Self {
        if self.high.abs() > 709.0 {
            return self.abs().sinh();
        }
        let e = self.abs().exp();
        (e + Self::ONE / e).ldexp(-1)
    }

    /// The angle of the point (`x`, `self`), between −π and π.
    pub fn atan2(self, x: Self) -> Self {
        let angle = self.high.atan2(x.high);
        let largest = self.high.abs().max(x.high.abs());
        if largest == 0.0 && angle != 0.0 {
            return if angle < 0.0 { -Self::PI } else { Self::PI };
        }
        if !self.is_finite() || !x.is_finite() || angle == 0.0 {
            return Self::from(angle);
        }
        // Turn the point back by the angle in f64; what is left is as small as its rounding.
        let exponent = largest.log2().floor() as i32;
        let (y, x) = (self.ldexp(-exponent), x.ldexp(-exponent));
        let (sine, cosine) = Self::from(angle).sin_cos();
        let rest = (y * cosine - x * sine) / (x * cosine + y * sine);
        Self::from(angle) + rest
    }

    /// $\sqrt{x^2 + y^2}$ without overflow.
    pub fn hypot(self, other: Self) -> Self {
        let largest = self.high.abs().max(other.high.abs());
        if largest == 0.0 || !largest.is_finite() {
            return Self::from(self.high.hypot(other.high));
        }
        let exponent = largest.log2().floor() as i32;
        let (a, b) = (self.ldexp(-exponent), other.ldexp(-exponent));
        (a * a + b * b).sqrt().ldexp(exponent)
    }
}

/// $x - k c$ for a constant in three parts; the products are exact.
fn reduce(x: DoubleDouble, k: f64, constant: [f64; 3]) -> DoubleDouble {
    let mut rest = x;
    for part in constant {
        let (high, low) = two_product(k, part);
        rest -= DoubleDouble { high, low };
    }
    rest
}

/// $e^x - 1$ for $\lvert x \rvert \le 0.35$: Taylor at $x/2^9$, and then $e^{2x} - 1 = 2s + s^2$.
fn expm1_reduced(x: DoubleDouble) -> DoubleDouble {
    const HALVINGS: i32 = 9;
    let r = x.ldexp(-HALVINGS);
    // |r| < 7e-4: 9 terms leave 1e-35 relative.
    let mut s = reciprocal_factorial(10);
    for k in (1..10).rev() {
        s = s * r + reciprocal_factorial(k);
    }
    s *= r;
    for _ in 0..HALVINGS {
        s = s.ldexp(1) + s * s;
    }
    s
}

impl From<f64> for DoubleDouble {
    fn from(x: f64) -> Self {
        Self { high: x, low: 0.0 }
    }
}

impl PartialOrd for DoubleDouble {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.high.partial_cmp(&other.high) {
            Some(Ordering::Equal) => self.low.partial_cmp(&other.low),
            order => order,
        }
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        // AccurateDWPlusDW: relative error at most 3·2^-106, also under cancellation.
        let (high, error) = two_sum(self.high, other.high);
        if !high.is_finite() {
            return Self { high, low: 0.0 };
        }
        let (low, rest) = two_sum(self.low, other.low);
        let (high, error) = fast_two_sum(high, error + low);
        Self::finish(high, rest + error)
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + (-other)
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (high, low) = two_product(self.high, other.high);
        if !high.is_finite() {
            return Self { high, low: 0.0 };
        }
        let cross = self.high.mul_add(other.low, self.low * other.high);
        Self::finish(high, low + cross)
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        if !first.is_finite() || !other.is_finite() {
            return Self { high: first, low: 0.0 };
        }
        // Long division in two steps: the second quotient is that of the exact remainder.
        let remainder = self - other * Self::from(first);
        let second = remainder.high / other.high;
        let remainder = remainder - other * Self::from(second);
        Self::from_sum(first, second) + Self::from(remainder.high / other.high)
    }
}

impl AddAssign for DoubleDouble {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for DoubleDouble {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for DoubleDouble {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl DivAssign for DoubleDouble {
    fn div_assign(&mut self, other: Self) {
        *self = *self / other;
    }
}
