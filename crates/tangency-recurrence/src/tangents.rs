//! Forward mode: pushing tangents along a run.

use crate::scan::check_run;
use crate::{Differentiable, Inputs, LengthMismatch, Quantity, Record, RunError};
use faer::{Mat, c64};
use std::ops::{ControlFlow, Range};
use tangency_vmath::Real;

/// A direction in which to differentiate a run.
///
/// With `n` steps: `state` is $\dot y$, carried along; `inputs` holds $\dot x$ for all steps (`n * input_len` numbers);
/// `parameters` is $\dot\theta$. Empty `inputs` or `parameters` stand for zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Direction<T> {
    /// The tangent of the state; on return of a driver, of the last state.
    pub state: Vec<T>,
    /// The tangents of the inputs, step after step.
    pub inputs: Vec<T>,
    /// The tangent of the parameters.
    pub parameters: Vec<T>,
}

/// Takes `state` and the derivatives in several directions through the steps of a range.
///
/// After step `t` the visitor sees `t`, $y_{t+1}$ and the directions, whose `state` is now $\dot y_{t+1}$; it may stop the
/// run. Each direction costs about as much as a step; the traced step itself is made once for all of them.
///
/// Returns the number of steps taken.
///
/// # Errors
///
/// [`RunError`] if a length is wrong, the inputs end too early, or a step fails.
pub fn scan_tangents<R: Differentiable + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    mut inputs: impl Inputs<R::Input>,
    state: &mut [R::Element],
    directions: &mut [Direction<R::Element>],
    mut visit: impl FnMut(usize, &[R::Element], &[Direction<R::Element>]) -> ControlFlow<()>,
) -> Result<usize, RunError> {
    check_run(run, &steps, inputs.steps(), state.len())?;
    let m = run.input_len();
    for direction in directions.iter() {
        LengthMismatch::check(Quantity::StateTangent, state.len(), direction.state.len())?;
        if !direction.inputs.is_empty() {
            LengthMismatch::check(Quantity::InputTangent, steps.len() * m, direction.inputs.len())?;
        }
        if !direction.parameters.is_empty() {
            LengthMismatch::check(
                Quantity::ParameterTangent,
                run.parameter_len(),
                direction.parameters.len(),
            )?;
        }
    }
    let mut before = state.to_vec();
    let mut trace = vec![R::Element::ZERO; run.trace_len()];
    for t in steps.clone() {
        before.copy_from_slice(state);
        run.step_traced(t, inputs.at(t), state, &mut trace)?;
        let record = Record { before: &before, after: state, trace: &trace };
        let k = t - steps.start;
        for direction in directions.iter_mut() {
            let dx =
                if direction.inputs.is_empty() { &[][..] } else { &direction.inputs[k * m..(k + 1) * m] };
            run.tangent(t, inputs.at(t), record, &mut direction.state, dx, &direction.parameters);
        }
        if visit(t, state, directions).is_break() {
            return Ok(k + 1);
        }
    }
    Ok(steps.len())
}

/// The Jacobian matrix of a run with respect to its initial state, $\partial y_{\mathrm{end}}/\partial y_{\mathrm{start}}$.
///
/// One step gives the update matrix of a linear method, several steps their product. Column by column through
/// [`Differentiable::tangent`]: the cost is that of `state_len` tangents.
///
/// # Errors
///
/// As [`scan_tangents`].
pub fn jacobian<R: Differentiable + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    inputs: impl Inputs<R::Input>,
    initial: &[R::Element],
) -> Result<Mat<f64>, RunError> {
    let w = initial.len();
    let mut directions: Vec<Direction<R::Element>> = (0..w)
        .map(|j| {
            let mut state = vec![R::Element::ZERO; w];
            state[j] = R::Element::ONE;
            Direction { state, ..Direction::default() }
        })
        .collect();
    let mut state = initial.to_vec();
    scan_tangents(run, steps, inputs, &mut state, &mut directions, |_, _, _| ControlFlow::Continue(()))?;
    Ok(Mat::from_fn(w, w, |i, j| directions[j].state[i].to_f64()))
}

/// The eigenvalues of a run's [`jacobian`], largest modulus first: of one step, the amplification factors that decide
/// the stability of a method.
///
/// # Errors
///
/// As [`scan_tangents`]; [`RunError::Eigenvalues`] if the Jacobian is not finite or the eigenvalue iteration fails.
///
/// # Example: a decay is stable
///
/// ```
/// use tangency_recurrence::{jacobian_eigenvalues, Frames, LinearRecurrence};
///
/// let mut run = LinearRecurrence::new(&[0.9, -0.5]);
/// let inputs = Frames::new(&[0.0, 0.0][..], 2);
/// let eigenvalues = jacobian_eigenvalues(&mut run, 0..1, inputs, &[0.0, 0.0])?;
/// assert_eq!((eigenvalues[0].re, eigenvalues[1].re), (0.9, -0.5));
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
pub fn jacobian_eigenvalues<R: Differentiable + ?Sized>(
    run: &mut R,
    steps: Range<usize>,
    inputs: impl Inputs<R::Input>,
    initial: &[R::Element],
) -> Result<Vec<c64>, RunError> {
    let matrix = jacobian(run, steps, inputs, initial)?;
    let n = matrix.nrows();
    if (0..n).any(|j| (0..n).any(|i| !matrix[(i, j)].is_finite())) {
        return Err(RunError::Eigenvalues { size: n });
    }
    let mut eigenvalues = matrix.eigenvalues().map_err(|_| RunError::Eigenvalues { size: n })?;
    eigenvalues.sort_by(|a, b| b.norm().total_cmp(&a.norm()));
    Ok(eigenvalues)
}
