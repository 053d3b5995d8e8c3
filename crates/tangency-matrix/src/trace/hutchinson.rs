//! The mean of quadratic forms of random vectors (Girard 1987, Hutchinson 1989).

use super::target::{Form, Target};
use super::vector::fill_probe;
use super::{Probe, Sample, TraceEstimate, TraceOptions, TraceStatus, columns_allowed, probes_allowed};
use crate::MatrixError;
use crate::operator::BLOCK;
use crate::scalar::Scalar;
use faer::{Mat, MatMut};
use rand::Rng;

/// Forms of independent probes until the tolerance is reached.
pub(super) fn hutchinson<T: Scalar>(
    target: &mut dyn Target<T>,
    options: &TraceOptions<T::RealPart>,
    rng: &mut dyn Rng,
) -> Result<TraceEstimate<T>, MatrixError> {
    let n = target.order();
    let exact = options.probes >= n && (options.tolerance == T::RealPart::ZERO || n == 1);
    if exact && !target.is_random() && columns_allowed(target, options) >= n {
        return all_unit_vectors(target, rng);
    }
    let (probes, limited) = probes_allowed(target, options, 1)?;
    let mut forms = Vec::with_capacity(probes);
    let mut x = Mat::zeros(n, BLOCK);
    let status = loop {
        let width = BLOCK.min(probes - forms.len());
        draw(options.probe, x.as_mut().subcols_mut(0, width), rng);
        target.forms(x.as_ref().subcols(0, width), &mut forms, rng)?;
        let sample = Sample::of(&forms);
        if sample.standard_error <= options.tolerance && forms.len() >= super::FEWEST_FOR_TOLERANCE {
            break TraceStatus::ToleranceReached;
        }
        if forms.len() == probes {
            break if limited { TraceStatus::ProductLimit } else { TraceStatus::AllProbes };
        }
    };
    let sample = Sample::of(&forms);
    Ok(TraceEstimate {
        estimate: sample.mean,
        standard_error: sample.standard_error,
        bias_bound: sample.bias,
        products: target.products(),
        probes: forms.len(),
        steps: target.steps(),
        status,
    })
}

/// Fresh probes in all columns.
pub(super) fn draw<T: Scalar>(kind: Probe, mut x: MatMut<'_, T>, rng: &mut dyn Rng) {
    let mut column = vec![T::ZERO; x.nrows()];
    for j in 0..x.ncols() {
        fill_probe(kind, &mut column, rng);
        for (i, &v) in column.iter().enumerate() {
            x[(i, j)] = v;
        }
    }
}

/// No more work than that many random vectors, and no random error.
fn all_unit_vectors<T: Scalar>(
    target: &mut dyn Target<T>,
    rng: &mut dyn Rng,
) -> Result<TraceEstimate<T>, MatrixError> {
    let n = target.order();
    let mut forms: Vec<Form<T>> = Vec::with_capacity(n);
    for start in (0..n).step_by(BLOCK) {
        let width = BLOCK.min(n - start);
        let x = Mat::from_fn(n, width, |i, j| if i == start + j { T::ONE } else { T::ZERO });
        target.forms(x.as_ref(), &mut forms, rng)?;
    }
    let sample = Sample::of(&forms);
    let count = T::RealPart::from_f64(n as f64);
    Ok(TraceEstimate {
        estimate: sample.mean.scale(count),
        standard_error: T::RealPart::ZERO,
        bias_bound: sample.bias.map(|b| b * count),
        products: target.products(),
        probes: n,
        steps: target.steps(),
        status: TraceStatus::AllProbes,
    })
}
