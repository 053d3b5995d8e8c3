//! From the plan to the result.

use super::entries::{combine, mirror, norm_1};
use super::multiplication::multiply;
use super::scheme::MAX_PRODUCTS;
use super::selection::{Plan, overflow};
use super::structure::{Structure, exact_diagonals, towards_unitary};
use super::workspace::Buffers;
use crate::MatrixError;
use crate::scalar::{RealScalar, Scalar};
use faer::Accum;

/// Which of the two functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// $e^A$.
    Exponential,
    /// $e^A - I$.
    MinusIdentity,
}

/// A skew-Hermitian result that was squared more often than this is corrected towards a unitary one.
const UNITARY_SQUARINGS: i32 = 3;

/// Squarings between two such corrections: each squaring doubles the distance from unitary, and the correction squares it,
/// which brings $2^{12} u$ far below rounding but not what grew to 1.
const CORRECTED_SQUARINGS: i32 = 12;

/// Squarings above which each is looked at, so that a result far out of range is not squared to the end.
const WATCHED_SQUARINGS: i32 = 40;

/// Evaluates the polynomial into `buffers.result`; the powers that it uses are in the basis already.
pub(super) fn evaluate<T: Scalar>(
    plan: &Plan,
    structure: Structure,
    n: usize,
    buffers: &mut Buffers<'_, T>,
    mut record: impl FnMut(&[T], &[T]),
) {
    let scheme = plan.scheme;
    let scales = plan.scales::<T>();
    let scaled = |coefficients: &[f64]| -> [T::RealPart; MAX_PRODUCTS + 1] {
        std::array::from_fn(|i| {
            let c = coefficients.get(i).copied().unwrap_or(0.0);
            if c == 0.0 { T::RealPart::ZERO } else { T::RealPart::from_f64(c) * scales[i] }
        })
    };
    let Buffers { basis, left, right, result } = buffers;
    let products = scheme.steps.len();
    for (i, step) in scheme.steps.iter().enumerate().skip(scheme.powers) {
        let (known, rest) = basis.split_at_mut(i + 1);
        let known: &[&[T]] =
            &std::array::from_fn::<&[T], MAX_PRODUCTS, _>(|j| if j <= i { &*known[j] } else { &[] });
        let (l, r, y) = (scaled(&step.left), scaled(&step.right), scaled(&scheme.output));
        let known = &known[..=i];
        // A factor that is one matrix of the basis need not be copied.
        let single = unit_vector(&l[..=i]).map(|j| known[j]);
        let last = i + 1 == products;
        match (single, last) {
            (None, false) => combine([left, right], [&l[..=i], &r[..=i]], known),
            (None, true) => combine([left, right, result], [&l[..=i], &r[..=i], &y[..=i]], known),
            (Some(_), false) => combine([right], [&r[..=i]], known),
            (Some(_), true) => combine([right, result], [&r[..=i], &y[..=i]], known),
        }
        let factor = single.unwrap_or(left);
        let target = if last { (&mut **result, Accum::Add) } else { (&mut *rest[0], Accum::Replace) };
        multiply(structure, n, target, factor, right, T::RealPart::ONE);
        record(factor, right);
    }
    if products <= scheme.powers {
        let y = scaled(&scheme.output);
        let (first, second) = basis.split_at_mut(1);
        if products == 0 {
            combine([result], [&y[..1]], &[&*first[0]]);
        } else {
            combine([result], [&y[..2]], &[&*first[0], &*second[0]]);
        }
    }
}

/// The place of the 1 in a vector of zeros otherwise.
fn unit_vector<R: RealScalar>(coefficients: &[R]) -> Option<usize> {
    let place = coefficients.iter().position(|&c| c != R::ZERO)?;
    (coefficients[place] == R::ONE && coefficients[place + 1..].iter().all(|&c| c == R::ZERO))
        .then_some(place)
}

/// Squares `buffers.result` as often as planned, keeping what the structure demands. Returns the number of products that
/// the corrections took.
pub(super) fn square<T: Scalar>(
    plan: &Plan,
    (structure, target): (Structure, Target),
    n: usize,
    buffers: &mut Buffers<'_, T>,
    mut record: impl FnMut(&[T]),
) -> Result<usize, MatrixError> {
    let minus_identity = target == Target::MinusIdentity;
    if !minus_identity {
        for j in 0..n {
            buffers.result[j * n + j] += T::ONE;
        }
    }
    let correct = |x: &mut [T], a: &[T], left: i32| {
        if structure.triangular() {
            let scale = plan.exponent - left;
            exact_diagonals(x, (a, n), scale, structure == Structure::Upper, minus_identity);
        }
    };
    let Buffers { basis, left, result, right } = buffers;
    let unitary = structure == Structure::SkewHermitian && !minus_identity;
    let mut corrections = 0;
    correct(result, basis[0], plan.squarings);
    for k in 1..=plan.squarings {
        record(result);
        if minus_identity {
            combine([left], [&[T::RealPart::from_f64(2.0)]], &[result]);
            multiply(structure, n, (left, Accum::Add), result, result, T::RealPart::ONE);
        } else {
            multiply(structure, n, (left, Accum::Replace), result, result, T::RealPart::ONE);
        }
        std::mem::swap(left, result);
        correct(result, basis[0], plan.squarings - k);
        if unitary && (k % CORRECTED_SQUARINGS == 0 || k == plan.squarings && k > UNITARY_SQUARINGS) {
            towards_unitary(result, (left, right), n);
            corrections += 1;
        }
        if plan.squarings > WATCHED_SQUARINGS {
            let norm = norm_1(result, n);
            if !norm.is_finite() {
                // `left` holds what overflowed when it was squared.
                return Err(overflow(norm_1(left, n).ln() * f64::from(plan.squarings - k + 1).exp2()));
            }
            if norm == 0.0 {
                break;
            }
        }
    }
    if structure == Structure::Hermitian {
        mirror(result, n);
    }
    Ok(2 * corrections)
}
