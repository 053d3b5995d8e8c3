//! The ends of a spectrum, by the method of Lanczos.

use super::operator::{LinearOperator, Scratch, random_vector};
use crate::scalar::{RealScalar, Scalar};
use faer::Mat;

/// Steps at most.
const STEPS: usize = 135;
/// After so many steps, and at the end, the caller is asked whether it is enough.
const CHECKS: [usize; 8] = [5, 8, 12, 18, 27, FEW_STEPS, 60, 90];
/// What nearly always finds the ends to a hundredth of the width.
pub(super) const FEW_STEPS: usize = 40;
/// Entries whose products are added up before the sums are: fixed, so that threads do not change what is added to what.
const PART: usize = 8192;

/// Extreme Ritz values and their residuals.
pub(super) struct Ritz {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) residual_low: f64,
    pub(super) residual_high: f64,
}

/// Lanczos steps with `turn`·A on a random vector, until `enough` says so of the values and the number of steps;
/// without reorthogonalisation, which does not move the extreme values.
pub(super) fn lanczos<T: Scalar>(
    a: &LinearOperator<'_, T>,
    (n, turn): (usize, T),
    scratch: &mut Scratch<T>,
    products: &mut usize,
    mut enough: impl FnMut(&Ritz, usize) -> bool,
) -> Option<Ritz> {
    let steps = STEPS.min(n);
    let real = |x: f64| T::from_real(T::RealPart::from_f64(x));
    // The vectors are v·scale and before·scale_before.
    let mut v: Vec<T> = random_vector(n, 3);
    let mut scale = 1.0 / norm_squared(&v).sqrt();
    let (mut before, mut w, mut scale_before) = (vec![T::ZERO; n], vec![T::ZERO; n], 0.0);
    let (mut diagonal, mut beside) = (Vec::with_capacity(steps), Vec::with_capacity(steps));
    loop {
        a.apply_to_vector(&mut w, &v, scratch);
        *products += 1;
        let beta = beside.last().copied().unwrap_or(0.0);
        let (c, b) = (turn * real(scale), real(beta * scale_before));
        let alpha = scale
            * in_parts(&mut w, &v, &before, |w, v, before| {
                let mut sums = [0.0; 4];
                for (k, (w, (&v, &before))) in w.iter_mut().zip(v.iter().zip(before)).enumerate() {
                    *w = c * *w - b * before;
                    sums[k % 4] += (v.conj() * *w).re().to_f64();
                }
                sums.iter().sum()
            });
        let c = real(alpha * scale);
        let beta = in_parts(&mut w, &v, &before, |w, v, _| {
            let mut sums = [0.0; 4];
            for (k, (w, &v)) in w.iter_mut().zip(v).enumerate() {
                *w -= c * v;
                sums[k % 4] += square(*w);
            }
            sums.iter().sum()
        })
        .sqrt();
        if !alpha.is_finite() || !beta.is_finite() {
            return None;
        }
        diagonal.push(alpha);
        beside.push(beta);
        let done = diagonal.len();
        let last = done == steps || beta <= 1e-14 * alpha.abs() || beta == 0.0;
        if last || CHECKS.contains(&done) {
            let ritz = ritz(&diagonal, &beside)?;
            if last || enough(&ritz, done) {
                return Some(ritz);
            }
        }
        std::mem::swap(&mut before, &mut v);
        std::mem::swap(&mut v, &mut w);
        (scale_before, scale) = (scale, 1.0 / beta);
    }
}

/// Of the tridiagonal matrix; the last number beside its diagonal is that of the step that would follow.
fn ritz(diagonal: &[f64], beside: &[f64]) -> Option<Ritz> {
    let size = diagonal.len();
    let tridiagonal = Mat::from_fn(size, size, |i, j| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        _ => 0.0,
    });
    let (values, vectors) = <f64 as crate::kernels::Kernels>::hermitian_eigen(tridiagonal.as_ref())?;
    let beta = beside.last()?;
    Some(Ritz {
        low: *values.first()?,
        high: *values.last()?,
        residual_low: beta * vectors[(size - 1, 0)].abs(),
        residual_high: beta * vectors[(size - 1, size - 1)].abs(),
    })
}

#[inline(always)]
fn square<T: Scalar>(x: T) -> f64 {
    let (re, im) = (x.re().to_f64(), x.im().to_f64());
    if T::IS_REAL { re * re } else { re * re + im * im }
}

fn norm_squared<T: Scalar>(x: &[T]) -> f64 {
    x.iter().map(|&x| square(x)).sum()
}

/// ⟨x, y⟩, real part; by parts as everywhere here.
pub(super) fn inner_product<T: Scalar>(x: &[T], y: &mut [T]) -> f64 {
    in_parts(y, x, x, |y, x, _| x.iter().zip(y).map(|(x, y)| (x.conj() * *y).re().to_f64()).sum())
}

/// Sum over parts of what `act` gives for each.
fn in_parts<T: Scalar>(
    w: &mut [T],
    v: &[T],
    before: &[T],
    act: impl Fn(&mut [T], &[T], &[T]) -> f64 + Sync,
) -> f64 {
    let act = |(w, (v, before)): (&mut [T], (&[T], &[T]))| act(w, v, before);
    #[cfg(feature = "rayon")]
    if w.len() > PART {
        use rayon::prelude::*;
        let others = v.par_chunks(PART).zip(before.par_chunks(PART));
        let sums: Vec<f64> = w.par_chunks_mut(PART).zip(others).map(act).collect();
        return sums.iter().sum();
    }
    w.chunks_mut(PART).zip(v.chunks(PART).zip(before.chunks(PART))).map(act).sum()
}
