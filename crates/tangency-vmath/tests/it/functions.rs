//! The functions under test, their stated accuracy, and the ways to call them.

use tangency_vmath as vmath;
use tangency_vmath::{Kernel, Real, dispatch};

/// A function under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Exp,
    Expm1,
    Ln,
    Log1p,
    Tanh,
    Sigmoid,
    Softplus,
}

use Function::{Exp, Expm1, Ln, Log1p, Sigmoid, Softplus, Tanh};

pub(crate) const ALL: [Function; 7] = [Exp, Expm1, Ln, Log1p, Tanh, Sigmoid, Softplus];

impl Function {
    pub(crate) fn named(name: &str) -> Self {
        ALL.into_iter().find(|f| format!("{f:?}").to_lowercase() == name).expect("the name of a function")
    }

    /// The bound on the error in ulp that the documentation states, for both formats.
    pub(crate) fn bound(self) -> f64 {
        match self {
            Exp => 0.8,
            Expm1 => 1.5,
            Tanh => 1.4,
            Ln | Log1p => 0.9,
            Sigmoid => 1.8,
            Softplus => 1.7,
        }
    }

    /// The public function, in place.
    pub(crate) fn slice<T: Real>(self, x: &mut [T]) {
        match self {
            Exp => vmath::exp(x),
            Expm1 => vmath::expm1(x),
            Ln => vmath::ln(x),
            Log1p => vmath::log1p(x),
            Tanh => vmath::tanh(x),
            Sigmoid => vmath::sigmoid(x),
            Softplus => vmath::softplus(x),
        }
    }

    /// The public function from one slice into another.
    pub(crate) fn slice_into<T: Real>(self, x: &[T], y: &mut [T]) -> Result<(), vmath::LengthMismatch> {
        match self {
            Exp => vmath::exp_into(x, y),
            Expm1 => vmath::expm1_into(x, y),
            Ln => vmath::ln_into(x, y),
            Log1p => vmath::log1p_into(x, y),
            Tanh => vmath::tanh_into(x, y),
            Sigmoid => vmath::sigmoid_into(x, y),
            Softplus => vmath::softplus_into(x, y),
        }
    }

    #[inline(always)]
    pub(crate) fn lane<T: Real, const FMA: bool>(self, x: T) -> T {
        match self {
            Exp => x.exp_lane::<FMA>(),
            Expm1 => x.expm1_lane::<FMA>(),
            Ln => x.ln_lane::<FMA>(),
            Log1p => x.log1p_lane::<FMA>(),
            Tanh => x.tanh_lane::<FMA>(),
            Sigmoid => x.sigmoid_lane::<FMA>(),
            Softplus => x.softplus_lane::<FMA>(),
        }
    }

    /// The standard library's, in `f64`; for `f32` arguments it is exact to 2^-28 ulp.
    pub(crate) fn standard(self, x: f64) -> f64 {
        match self {
            Exp => x.exp(),
            Expm1 => x.exp_m1(),
            Ln => x.ln(),
            Log1p => x.ln_1p(),
            Tanh => x.tanh(),
            Sigmoid if x < 0.0 => x.exp() / (1.0 + x.exp()),
            Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Softplus if x < 0.0 => x.exp().ln_1p(),
            Softplus => x + (-x).exp().ln_1p(),
        }
    }
}

/// A way to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// The slice function.
    Slice,
    /// The lanes without fused multiply-add.
    Fallback,
    /// The lanes with it.
    Fused,
}

pub(crate) const PATHS: [Path; 3] = [Path::Slice, Path::Fallback, Path::Fused];

struct Lanes<'a, T>(Function, &'a mut [T]);

impl<T: Real> Kernel for Lanes<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for x in self.1 {
            *x = self.0.lane::<T, FMA>(*x);
        }
    }
}

impl Path {
    pub(crate) fn apply<T: Real>(self, function: Function, x: &mut [T]) {
        match self {
            Self::Slice => function.slice(x),
            Self::Fallback => Lanes(function, x).run::<false>(),
            // Through the dispatcher where it chooses this anyway: the same bits, and quicker.
            Self::Fused if vmath::uses_fma() => dispatch(Lanes(function, x)),
            Self::Fused => Lanes(function, x).run::<true>(),
        }
    }
}

/// A format, as the tests see it.
pub(crate) trait Format: Real {
    const NAME: &'static str;
    /// Bits of the significand.
    const PRECISION: i32;
    /// The least exponent of a normal number.
    const LEAST: i32;
    fn to_u64(self) -> u64;
    fn from_u64(bits: u64) -> Self;
}

impl Format for f64 {
    const NAME: &'static str = "f64";
    const PRECISION: i32 = 53;
    const LEAST: i32 = -1022;
    fn to_u64(self) -> u64 {
        self.to_bits()
    }
    fn from_u64(bits: u64) -> Self {
        Self::from_bits(bits)
    }
}

impl Format for f32 {
    const NAME: &'static str = "f32";
    const PRECISION: i32 = 24;
    const LEAST: i32 = -126;
    fn to_u64(self) -> u64 {
        u64::from(self.to_bits())
    }
    fn from_u64(bits: u64) -> Self {
        Self::from_bits(bits as u32)
    }
}

/// The unit in the last place of `T` for an exact value near `value` (which is not 0), `below` it if that is a power of 2.
pub(crate) fn ulp<T: Format>(value: f64, below: bool) -> f64 {
    let bits = value.abs().to_bits();
    let power_of_two = bits.trailing_zeros() >= 52;
    // A subnormal f64 has the exponent of the least normal one, which is right for its unit.
    let exponent = ((bits >> 52) as i32 - 1023).max(-1022) - i32::from(below && power_of_two);
    let unit = exponent.max(T::LEAST) - T::PRECISION + 1;
    // Two factors, as 2^-1074 is out of reach of one.
    2_f64.powi(unit / 2) * 2_f64.powi(unit - unit / 2)
}

/// Equal bits, or both NaN.
pub(crate) fn same<T: Format>(a: T, b: T) -> bool {
    a.to_u64() == b.to_u64() || (a.is_nan() && b.is_nan())
}
