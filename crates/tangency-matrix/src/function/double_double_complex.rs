//! Complex numbers of twice the precision of `c64`.

use super::double_double::DoubleDouble;
use faer::c64;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// A complex number of two [`DoubleDouble`]s, with about 32 decimal digits.
///
/// The argument and result of the functions given to [`funm_derivative_free`](crate::funm_derivative_free). Errors are
/// relative to the modulus, below 1e-30. Branches are the principal ones, with the sign of a zero imaginary part
/// deciding on the cut.
///
/// # Example: Euler's identity
///
/// ```
/// use tangency_matrix::{DoubleDouble, DoubleDoubleComplex};
///
/// let z = DoubleDoubleComplex::new(DoubleDouble::ZERO, DoubleDouble::PI);
/// assert!((z.exp() + DoubleDoubleComplex::ONE).modulus().to_f64() < 1e-31);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DoubleDoubleComplex {
    /// Real part.
    pub re: DoubleDouble,
    /// Imaginary part.
    pub im: DoubleDouble,
}

impl DoubleDoubleComplex {
    /// 0.
    pub const ZERO: Self = Self { re: DoubleDouble::ZERO, im: DoubleDouble::ZERO };
    /// 1.
    pub const ONE: Self = Self { re: DoubleDouble::ONE, im: DoubleDouble::ZERO };

    /// From its parts.
    pub fn new(re: DoubleDouble, im: DoubleDouble) -> Self {
        Self { re, im }
    }

    /// The nearest `c64`.
    pub fn to_c64(self) -> c64 {
        c64::new(self.re.to_f64(), self.im.to_f64())
    }

    /// Whether both parts are finite.
    pub fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    /// Complex conjugate.
    pub fn conj(self) -> Self {
        Self { re: self.re, im: -self.im }
    }

    /// $\lvert z \rvert$.
    pub fn modulus(self) -> DoubleDouble {
        self.re.hypot(self.im)
    }

    /// Product with a real number.
    pub fn scale(self, x: DoubleDouble) -> Self {
        Self { re: self.re * x, im: self.im * x }
    }

    /// Principal square root.
    pub fn sqrt(self) -> Self {
        let modulus = self.modulus();
        if modulus == DoubleDouble::ZERO {
            return Self { re: DoubleDouble::ZERO, im: self.im };
        }
        // A quarter of the modulus keeps the sum in the range.
        let half = (self.re.abs().ldexp(-2) + modulus.ldexp(-2)).sqrt(); // √((|x| + |z|)/2) / √2
        let large = half * DoubleDouble::from(2.0).sqrt();
        let small = self.im.ldexp(-1) / large;
        let negative_imaginary = self.im.to_f64().is_sign_negative();
        if self.re >= DoubleDouble::ZERO {
            Self { re: large, im: small }
        } else {
            Self { re: small.abs(), im: if negative_imaginary { -large } else { large } }
        }
    }

    /// $e^z$.
    pub fn exp(self) -> Self {
        let e = self.re.exp();
        if self.im == DoubleDouble::ZERO {
            return Self { re: e, im: self.im };
        }
        let (sine, cosine) = self.im.sin_cos();
        Self { re: e * cosine, im: e * sine }
    }

    /// Principal logarithm, with the imaginary part between −π and π. Close to the unit circle, away from 1, the error
    /// of the real part is absolute.
    pub fn ln(self) -> Self {
        let (x, y) = (self.re.abs(), self.im.abs());
        let (large, small) = if x >= y { (x, y) } else { (y, x) };
        let modulus = self.modulus();
        let ln_modulus = if (modulus.to_f64() - 1.0).abs() < 0.05 {
            // ln(1 + w)/2 with w = |z|² − 1 = (x − 1)(x + 1) + y²; of 1 + w the last digits of w must not be lost.
            let one = DoubleDouble::ONE;
            let w = (large - one) * (large + one) + small * small;
            ln_1p_small(w).ldexp(-1)
        } else {
            modulus.ln()
        };
        Self { re: ln_modulus, im: self.im.atan2(self.re) }
    }

    /// Sine.
    pub fn sin(self) -> Self {
        let (sine, cosine) = self.re.sin_cos();
        Self { re: sine * self.im.cosh(), im: cosine * self.im.sinh() }
    }

    /// Cosine.
    pub fn cos(self) -> Self {
        let (sine, cosine) = self.re.sin_cos();
        Self { re: cosine * self.im.cosh(), im: -(sine * self.im.sinh()) }
    }

    /// Hyperbolic sine.
    pub fn sinh(self) -> Self {
        let (sine, cosine) = self.im.sin_cos();
        Self { re: self.re.sinh() * cosine, im: self.re.cosh() * sine }
    }

    /// Hyperbolic cosine.
    pub fn cosh(self) -> Self {
        let (sine, cosine) = self.im.sin_cos();
        Self { re: self.re.cosh() * cosine, im: self.re.sinh() * sine }
    }

    /// $z^k$ by repeated squaring; the error grows like k.
    pub fn powi(self, k: i32) -> Self {
        let mut power = self;
        let mut result = Self::ONE;
        let mut rest = k.unsigned_abs();
        while rest > 0 {
            if rest & 1 == 1 {
                result *= power;
            }
            power *= power;
            rest >>= 1;
        }
        if k < 0 { Self::ONE / result } else { result }
    }
}

/// $\ln(1 + w)$ for $\lvert w \rvert < 0.11$, as $2 \operatorname{artanh}(w / (2 + w))$.
fn ln_1p_small(w: DoubleDouble) -> DoubleDouble {
    let t = w / (w + DoubleDouble::from(2.0));
    let square = t * t;
    let mut sum = DoubleDouble::ZERO;
    for k in (0..=13).rev() {
        sum = sum * square + DoubleDouble::ONE / DoubleDouble::from(f64::from(2 * k + 1));
    }
    (t * sum).ldexp(1)
}

impl From<c64> for DoubleDoubleComplex {
    fn from(z: c64) -> Self {
        Self { re: z.re.into(), im: z.im.into() }
    }
}

impl From<DoubleDouble> for DoubleDoubleComplex {
    fn from(x: DoubleDouble) -> Self {
        Self { re: x, im: DoubleDouble::ZERO }
    }
}

impl From<f64> for DoubleDoubleComplex {
    fn from(x: f64) -> Self {
        Self { re: x.into(), im: DoubleDouble::ZERO }
    }
}

impl Neg for DoubleDoubleComplex {
    type Output = Self;
    fn neg(self) -> Self {
        Self { re: -self.re, im: -self.im }
    }
}

impl Add for DoubleDoubleComplex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Sub for DoubleDoubleComplex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Mul for DoubleDoubleComplex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

impl Div for DoubleDoubleComplex {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let largest = |z: Self| z.re.to_f64().abs().max(z.im.to_f64().abs());
        let size = largest(other);
        if size == f64::INFINITY && self.is_finite() {
            return Self::ZERO;
        }
        if !other.is_finite() || size == 0.0 {
            return Self { re: self.re / other.re, im: self.im / other.re };
        }
        // With the divisor scaled to the size 1 its squared modulus is safe, and with the dividend the product.
        let ldexp = |z: Self, k: i32| Self { re: z.re.ldexp(k), im: z.im.ldexp(k) };
        let exponent =
            |size: f64| if size > 0.0 && size.is_finite() { size.log2().floor() as i32 } else { 0 };
        let (own, others) = (exponent(largest(self)), exponent(size));
        let divisor = ldexp(other, -others);
        let square = divisor.re * divisor.re + divisor.im * divisor.im;
        let quotient = ldexp(self, -own) * divisor.conj();
        ldexp(Self { re: quotient.re / square, im: quotient.im / square }, own - others)
    }
}

impl AddAssign for DoubleDoubleComplex {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for DoubleDoubleComplex {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for DoubleDoubleComplex {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl DivAssign for DoubleDoubleComplex {
    fn div_assign(&mut self, other: Self) {
        *self = *self / other;
    }
}
