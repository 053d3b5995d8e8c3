//! Hutch++: the trace on a sketched subspace exactly, the rest by random vectors.

use super::hutchinson::draw;
use super::target::Target;
use super::vector::norm;
use super::{Probe, Sample, TraceEstimate, TraceOptions, TraceStatus, probes_allowed};
use crate::MatrixError;
use crate::operator::BLOCK;
use crate::product::{adjoint_multiply, multiply_add};
use crate::scalar::Scalar;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Mat, MatRef};
use rand::Rng;

/// $\operatorname{tr} F = \operatorname{tr} Q^* F Q + E[g^* (I - QQ^*) F (I - QQ^*) g]$ with $Q$ a basis of $F\Omega$.
///
/// Only the range of $F\Omega$ matters, so its products may be inexact without any bias; both other parts are quadratic
/// forms. R. A. Meyer, C. Musco, C. Musco, D. P. Woodruff, *Hutch++: Optimal Stochastic Trace Estimation*, SOSA 2021,
/// Algorithm 1 with its three parts of equal size. Beyond it: probes on the sphere are brought to the sphere of
/// the complement, where their direction is still uniform.
pub(super) fn hutch_plus_plus<T: Scalar>(
    target: &mut dyn Target<T>,
    options: &TraceOptions<T::RealPart>,
    rng: &mut dyn Rng,
) -> Result<TraceEstimate<T>, MatrixError> {
    let n = target.order();
    let (probes, limited) = probes_allowed(target, options, 3)?;
    let rank = probes.min(n);
    let mut sketch = Mat::zeros(n, rank);
    let q = {
        let mut omega = Mat::zeros(n, rank);
        draw(options.probe, omega.as_mut(), rng);
        target.apply(omega.as_ref(), sketch.as_mut())?;
        T::qr(sketch.as_ref(), true).0.unwrap_or(omega)
    };
    let mut forms = Vec::with_capacity(rank);
    target.forms(q.as_ref(), &mut forms, rng)?;
    let inner = Sample::of(&forms);
    let count = T::RealPart::from_f64(rank as f64);
    let (mut estimate, mut bias) = (inner.mean.scale(count), inner.bias.map(|b| b * count));
    let mut standard_error = T::RealPart::ZERO;
    let mut status = if limited { TraceStatus::ProductLimit } else { TraceStatus::AllProbes };
    forms.clear();
    let mut x = Mat::zeros(n, BLOCK);
    while rank < n && forms.len() < probes {
        let width = BLOCK.min(probes - forms.len());
        let mut part = x.as_mut().subcols_mut(0, width);
        draw(options.probe, part.rb_mut(), rng);
        let inside = adjoint_multiply(q.as_ref(), part.rb());
        multiply_add(part.rb_mut(), -T::ONE, q.as_ref(), inside.as_ref());
        if options.probe == Probe::Sphere {
            for j in 0..width {
                let length = norm(column(part.rb(), j).as_slice());
                if length > T::RealPart::ZERO {
                    let scale = Scalar::sqrt(T::RealPart::from_f64((n - rank) as f64)) / length;
                    (0..n).for_each(|i| part[(i, j)] = part[(i, j)].scale(scale));
                }
            }
        }
        target.forms(part.rb(), &mut forms, rng)?;
        if Sample::of(&forms).standard_error <= options.tolerance
            && forms.len() >= super::FEWEST_FOR_TOLERANCE
        {
            status = TraceStatus::ToleranceReached;
            break;
        }
    }
    if rank < n {
        let rest = Sample::of(&forms);
        estimate += rest.mean;
        standard_error = rest.standard_error;
        bias = bias.zip(rest.bias).map(|(a, b)| a + b);
    }
    Ok(TraceEstimate {
        estimate,
        standard_error,
        bias_bound: bias,
        products: target.products(),
        probes,
        steps: target.steps(),
        status,
    })
}

fn column<T: Scalar>(x: MatRef<'_, T>, j: usize) -> Vec<T> {
    (0..x.nrows()).map(|i| x[(i, j)]).collect()
}
