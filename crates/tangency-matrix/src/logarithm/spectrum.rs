//! What can be computed from the eigenvalues alone: diagonals and superdiagonals of logarithms and roots.

use crate::MatrixError;
use crate::quasi_triangular::Block;
use crate::scalar::{RealScalar, Scalar};
use crate::square_root::{on_axis, pair_imaginary};
use faer::{MatMut, MatRef};

/// The eigenvalues of $A$ along the diagonal of its quasi-triangular form, with their principal logarithms.
///
/// The form is that of $A$, or, for $A = I + X$, that of $X$: `shift` is then 1 and nothing is lost where $X$ is tiny.
#[derive(Debug, Clone)]
pub(crate) struct Spectrum<T: Scalar> {
    /// Eigenvalues of the form, that is of $A$ less the shift. Of a pair first the one with positive imaginary part.
    offsets: Vec<T::Complex>,
    logarithms: Vec<T::Complex>,
    /// Whether i and i + 1 are a block of order 2.
    pair: Vec<bool>,
    shifted: bool,
}

impl<T: Scalar> Spectrum<T> {
    /// `Err` with an eigenvalue that is at most `noise` in modulus, or negative in a real matrix.
    pub(crate) fn of(t: MatRef<'_, T>, shifted: bool, noise: T::RealPart) -> Result<Self, MatrixError> {
        Self::with(t, shifted, noise, Self::empty())
    }

    /// Nothing, and no memory.
    pub(crate) const fn empty() -> Self {
        Self { offsets: Vec::new(), logarithms: Vec::new(), pair: Vec::new(), shifted: false }
    }

    /// [`Self::of`] in the memory of another one.
    pub(crate) fn with(
        t: MatRef<'_, T>,
        shifted: bool,
        noise: T::RealPart,
        mut spectrum: Self,
    ) -> Result<Self, MatrixError> {
        let n = t.nrows();
        spectrum.shifted = shifted;
        spectrum.offsets.clear();
        spectrum.logarithms.clear();
        spectrum.pair.clear();
        spectrum.offsets.reserve(n);
        spectrum.logarithms.reserve(n);
        spectrum.pair.resize(n, false);
        while spectrum.offsets.len() < n {
            let i = spectrum.offsets.len();
            let z = t[(i, i)].to_complex();
            if i + 1 < n && t[(i + 1, i)] != T::ZERO {
                let z = z.re().complex(pair_imaginary(&block_of(t, i)));
                spectrum.pair[i] = true;
                spectrum.push(z, noise)?;
                let logarithm = spectrum.logarithms[i];
                spectrum.offsets.push(z.conj());
                spectrum.logarithms.push(logarithm.conj());
            } else {
                spectrum.push(z, noise)?;
            }
        }
        Ok(spectrum)
    }

    fn push(&mut self, offset: T::Complex, noise: T::RealPart) -> Result<(), MatrixError> {
        let (index, zero) = (self.offsets.len(), T::RealPart::ZERO);
        let paired = index > 0 && self.pair[index - 1] || self.pair[index];
        let mut offset = offset;
        let eigenvalue = if self.shifted { T::Complex::ONE + offset } else { offset };
        if eigenvalue.modulus() <= noise {
            return Err(MatrixError::Singular { what: "eigenvalue", index });
        }
        let mut logarithm = if self.shifted { ln_1p(offset) } else { Scalar::ln(offset) };
        // On the negative axis up to rounding: the limit from above.
        if !paired && eigenvalue.re() < zero && on_axis::<T>(eigenvalue.im(), noise) {
            if T::from_complex(zero.complex(T::RealPart::ONE)) == T::ZERO {
                return Err(MatrixError::NoPrincipalValue {
                    function: "the logarithm",
                    wanted: "real",
                    real: eigenvalue.re().to_f64(),
                    imaginary: 0.0,
                    index,
                });
            }
            offset = offset.re().complex(zero);
            logarithm = logarithm.re().complex(T::RealPart::PI);
        }
        self.offsets.push(offset);
        self.logarithms.push(logarithm);
        Ok(())
    }

    /// Moves the eigenvalues of the form to where they were taken to be: on the cut, if rounding cannot tell.
    pub(crate) fn settle(&self, mut t: MatMut<'_, T>) {
        for i in 0..self.offsets.len() {
            if !self.pair[i] && (i == 0 || !self.pair[i - 1]) {
                t[(i, i)] = T::from_complex(self.offsets[i]);
            }
        }
    }

    /// A lower bound of the number s of square roots after which $\lvert (2^{-k} \lambda)^{1/2^s} - 1 \rvert$ is at most `reach` < 1 for
    /// all eigenvalues, from $\lvert e^z - 1 \rvert \ge 1 - e^{- \lvert z \rvert}$.
    pub(crate) fn fewest_roots(&self, reach: f64, k: i32) -> usize {
        let shift = f64::from(k) * std::f64::consts::LN_2;
        let square = |l: &T::Complex| {
            let (x, y) = (l.re().to_f64() - shift, l.im().to_f64());
            x * x + y * y
        };
        let largest = self.logarithms.iter().map(square).fold(0.0, f64::max).sqrt();
        let quotient = largest / -(-reach).ln_1p();
        if quotient <= 1.0 { 0 } else { (quotient.log2() - 1e-9).ceil() as usize }
    }

    /// The power of 2 nearest to the geometric mean of the largest and the smallest modulus of an eigenvalue, as an exponent.
    pub(super) fn middle_exponent(&self) -> i32 {
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for l in &self.logarithms {
            let x = l.re().to_f64();
            (least, greatest) = (least.min(x), greatest.max(x));
        }
        if self.logarithms.is_empty() {
            return 0;
        }
        ((least + greatest) / (2.0 * std::f64::consts::LN_2)).round() as i32
    }

    /// The eigenvalue of the form in this row.
    pub(super) fn offset(&self, i: usize) -> T::Complex {
        self.offsets[i]
    }

    /// The largest $\lvert \lambda^{p} - 1 \rvert$.
    pub(crate) fn largest_power_minus_one(&self, p: T::RealPart) -> T::RealPart {
        self.logarithms.iter().fold(T::RealPart::ZERO, |largest, l| {
            RealScalar::max(largest, exp_m1(Scalar::scale(*l, p)).modulus())
        })
    }

    /// $(\log \lambda_j - \log \lambda_i) / (\lambda_j - \lambda_i)$, and $1 / \lambda_i$ for equal eigenvalues.
    pub(crate) fn divided_difference(&self, i: usize, j: usize) -> T::Complex {
        let (difference, log_difference) = self.differences(i, j);
        if difference == T::Complex::ZERO {
            quotient(T::Complex::ONE, self.eigenvalue(i))
        } else {
            quotient(log_difference, difference)
        }
    }

    /// $(\lambda_j^p - \lambda_i^p) / (\lambda_j - \lambda_i)$, and $p \lambda_i^{p-1}$ for equal eigenvalues.
    ///
    /// $\lambda_j^p - \lambda_i^p = 2 e^{p (\log \lambda_i + \log \lambda_j) / 2} \sinh(p (\log \lambda_j - \log \lambda_i) / 2)$.
    ///
    /// N. J. Higham and L. Lin, *A Schur-Padé algorithm for fractional powers of a matrix*, SIMAX 32 (2011), (5.6).
    pub(crate) fn power_divided_difference(&self, i: usize, j: usize, p: T::RealPart) -> T::Complex {
        let (difference, log_difference) = self.differences(i, j);
        let half = T::RealPart::from_f64(0.5);
        let mean = Scalar::scale(self.logarithms[i] + self.logarithms[j], half);
        if difference == T::Complex::ZERO {
            return quotient(Scalar::exp(Scalar::scale(mean, p)), self.eigenvalue(i)).scale(p);
        }
        let sinh = Scalar::sinh(Scalar::scale(log_difference, half * p));
        quotient(Scalar::exp(Scalar::scale(mean, p)) * (sinh + sinh), difference)
    }

    /// $\lambda_i^p$ as modulus and angle, so that the error is not that of $p \ln \lvert \lambda \rvert$.
    pub(crate) fn power(&self, i: usize, p: f64) -> T::Complex {
        let modulus = T::RealPart::from_f64(self.eigenvalue(i).modulus().to_f64().powf(p));
        let (sine, cosine) = (p * self.logarithms[i].im().to_f64()).sin_cos();
        let (sine, cosine) = (T::RealPart::from_f64(sine), T::RealPart::from_f64(cosine));
        // A real power must not become NaN where the modulus is infinite.
        if self.logarithms[i].im() == T::RealPart::ZERO {
            return modulus.complex(T::RealPart::ZERO);
        }
        (modulus * cosine).complex(modulus * sine)
    }

    /// [`Self::power_divided_difference`] for any p and any distance of the eigenvalues.
    pub(crate) fn power_slope(&self, i: usize, j: usize, p: f64) -> T::Complex {
        let (difference, log_difference) = self.differences(i, j);
        let real = T::RealPart::from_f64(p);
        let mean = self.power(i, p * 0.5) * self.power(j, p * 0.5);
        if difference == T::Complex::ZERO {
            return quotient(mean, self.eigenvalue(i)).scale(real);
        }
        let half_angle = Scalar::scale(log_difference, T::RealPart::from_f64(p * 0.5));
        if half_angle.modulus() > T::RealPart::ONE {
            return quotient(self.power(j, p) - self.power(i, p), difference);
        }
        let sinh = Scalar::sinh(half_angle);
        quotient(mean * (sinh + sinh), difference)
    }

    /// Writes $\lambda^p$ to the diagonal of $A^p$, with its blocks, and the exact superdiagonal.
    pub(crate) fn write_power(&self, t: MatRef<'_, T>, out: MatMut<'_, T>, p: f64) {
        self.write(t, out, |i| self.power(i, p), |i, j| self.power_slope(i, j, p));
    }

    /// The largest ratio of moduli of eigenvalues.
    pub(crate) fn spread(&self) -> f64 {
        let moduli = || (0..self.offsets.len()).map(|i| self.eigenvalue(i).modulus().to_f64());
        moduli().fold(0.0, f64::max) / moduli().fold(f64::INFINITY, f64::min)
    }

    fn eigenvalue(&self, i: usize) -> T::Complex {
        if self.shifted { T::Complex::ONE + self.offsets[i] } else { self.offsets[i] }
    }

    /// $\lambda_j - \lambda_i$ and $\log \lambda_j - \log \lambda_i$, the latter without cancellation.
    ///
    /// Higham (2008), section 11.6.2: the logarithm of the quotient, plus the multiple of 2πi that the unwinding number tells.
    fn differences(&self, i: usize, j: usize) -> (T::Complex, T::Complex) {
        let difference = self.offsets[j] - self.offsets[i];
        let direct = self.logarithms[j] - self.logarithms[i];
        let relative = quotient(difference, self.eigenvalue(i));
        if relative.modulus() > T::RealPart::from_f64(0.5) {
            return (difference, direct);
        }
        let principal = ln_1p(relative);
        let turn = T::RealPart::PI + T::RealPart::PI;
        let unwinding = ((direct.im() - principal.im()) / turn).to_f64().round();
        (difference, principal + T::RealPart::ZERO.complex(turn * T::RealPart::from_f64(unwinding)))
    }

    /// Writes $\log \lambda$ to the diagonal of the logarithm of the form `t`, with its blocks, and the exact superdiagonal.
    pub(crate) fn write_logarithm(&self, t: MatRef<'_, T>, out: MatMut<'_, T>) {
        self.write(t, out, |i| self.logarithms[i], |i, j| self.divided_difference(i, j));
    }

    /// Writes $\lambda^p - 1$ to the diagonal of $A^p - I$, with its blocks, and the exact superdiagonal.
    pub(crate) fn write_power_minus_one(&self, t: MatRef<'_, T>, out: MatMut<'_, T>, p: T::RealPart) {
        self.write(
            t,
            out,
            |i| exp_m1(Scalar::scale(self.logarithms[i], p)),
            |i, j| self.power_divided_difference(i, j, p),
        );
    }

    /// $f(\lambda) = x + iy$ of a pair $a \pm i \mu$ gives the block $x I + (y / \mu) (T - a I)$.
    fn write(
        &self,
        t: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
        function: impl Fn(usize) -> T::Complex,
        divided_difference: impl Fn(usize, usize) -> T::Complex,
    ) {
        let n = self.offsets.len();
        let second = |i: usize| i > 0 && self.pair[i - 1];
        for i in 0..n {
            if second(i) {
                continue;
            }
            let f = function(i);
            if self.pair[i] {
                let slope = f.im() / self.offsets[i].im();
                out[(i, i)] = T::from_real(f.re());
                out[(i + 1, i + 1)] = T::from_real(f.re());
                out[(i, i + 1)] = t[(i, i + 1)].scale(slope);
                out[(i + 1, i)] = t[(i + 1, i)].scale(slope);
            } else {
                out[(i, i)] = T::from_complex(f);
                if i + 1 < n && !self.pair[i + 1] {
                    out[(i, i + 1)] = t[(i, i + 1)] * T::from_complex(divided_difference(i, i + 1));
                }
            }
        }
    }
}

fn block_of<T: Scalar>(t: MatRef<'_, T>, i: usize) -> Block<T> {
    [[t[(i, i)], t[(i, i + 1)]], [t[(i + 1, i)], t[(i + 1, i + 1)]]]
}

/// $x / y$ where the squares of their moduli may leave the range.
fn quotient<C: Scalar>(x: C, y: C) -> C {
    let inverse = C::RealPart::ONE / y.modulus();
    Scalar::scale(x, inverse) / Scalar::scale(y, inverse)
}

/// $\ln(1 + z)$, with a relative error of a few units for small z.
fn ln_1p<C: Scalar>(z: C) -> C {
    let (x, y) = (z.re(), z.im());
    if z.modulus() > C::RealPart::from_f64(0.5) {
        return Scalar::ln(C::ONE + z);
    }
    let two = C::RealPart::ONE + C::RealPart::ONE;
    let real = (x * (two + x) + y * y).ln_1p() / two;
    C::from_complex(real.complex(y.atan2(C::RealPart::ONE + x)))
}

/// $e^z - 1$, with a relative error of a few units.
fn exp_m1<C: Scalar>(z: C) -> C {
    let (x, y) = (z.re(), z.im());
    let half_sine = Scalar::sin(y / (C::RealPart::ONE + C::RealPart::ONE));
    let real = x.exp_m1() * Scalar::cos(y) - (half_sine * half_sine + half_sine * half_sine);
    C::from_complex(real.complex(Scalar::exp(x) * Scalar::sin(y)))
}
