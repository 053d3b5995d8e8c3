//! The scalar functions, where the library's own lose digits or leave the range.

use faer::c64;

pub(super) fn nan() -> c64 {
    c64::new(f64::NAN, f64::NAN)
}

/// x / y where the squares of their moduli leave the range.
pub(super) fn quotient(x: c64, y: c64) -> c64 {
    let size = y.norm();
    x.unscale(size) / y.unscale(size)
}

pub(super) fn inverse(z: c64) -> c64 {
    quotient(c64::ONE, z)
}

pub(super) fn cube_root(z: c64) -> c64 {
    c64::from_polar(z.norm().cbrt(), z.arg() / 3.0)
}

pub(super) fn exp_m1(z: c64) -> c64 {
    if z.norm() < 1e-8 { z + z * z / 2.0 } else { z.exp() - 1.0 }
}

pub(super) fn ln_1p(z: c64) -> c64 {
    if z.norm() < 1e-8 { z - z * z / 2.0 } else { (z + 1.0).ln() }
}

pub(super) fn phi_1(z: c64) -> c64 {
    if z.norm() < 1e-8 { c64::ONE + z / 2.0 } else { quotient(z.exp() - 1.0, z) }
}

pub(super) fn tanh(z: c64) -> c64 {
    if z.re.abs() > 40.0 { c64::new(z.re.signum(), 0.0) } else { z.sinh() / z.cosh() }
}

pub(super) fn tan(z: c64) -> c64 {
    let i = c64::new(0.0, 1.0);
    -i * tanh(i * z)
}

/// The square root, of subnormal numbers too: the library function halves its argument first.
pub(super) fn root(z: c64) -> c64 {
    if z.norm() < 1e-300 { (z * 2.0_f64.powi(200)).sqrt() * 2.0_f64.powi(-100) } else { z.sqrt() }
}
