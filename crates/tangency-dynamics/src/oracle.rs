//! What answers when a method asks for a function's value and derivatives.

/// A function $L: \mathbb{R}^n \to \mathbb{R}$ that is asked for its value and its gradient at a point of the method's
/// choice.
///
/// The method decides where and how often to ask in one step: most ask once, at the position; Nesterov's ask ahead of
/// it; Polyak's step needs the value; sharpness-aware descent asks twice (see [`Minimiser`](crate::Minimiser) for how
/// such a method is written). A closure `FnMut(&[T], &mut [T]) -> T` is an oracle. It may answer at random, such as from
/// a mini-batch; derivatives of a step are then only meaningful if it answers the same when it is asked again.
///
/// # Example: a closure as oracle
///
/// ```
/// use tangency_dynamics::Oracle;
///
/// let mut bowl = |x: &[f64], gradient: &mut [f64]| {
///     gradient[0] = x[0];
///     gradient[1] = 10.0 * x[1];
///     0.5 * (x[0] * x[0] + 10.0 * x[1] * x[1])
/// };
/// let mut gradient = [0.0; 2];
/// assert_eq!(bowl.evaluate(&[1.0, 1.0], &mut gradient), 5.5);
/// assert_eq!(gradient, [1.0, 10.0]);
/// ```
pub trait Oracle<T> {
    /// Overwrites `gradient` with $\nabla L$ at `point`, and returns $L$ there.
    ///
    /// `point` and `gradient` have the length that the method was made for. The value is used by Polyak's step and
    /// reported by [`minimise`](crate::minimise()); an oracle for other use may return anything.
    fn evaluate(&mut self, point: &[T], gradient: &mut [T]) -> T;
}

impl<T, F: FnMut(&[T], &mut [T]) -> T> Oracle<T> for F {
    fn evaluate(&mut self, point: &[T], gradient: &mut [T]) -> T {
        self(point, gradient)
    }
}

/// An oracle that also multiplies by its Hessian $\nabla^2 L$.
///
/// This is what makes a method closed with an oracle [`Differentiable`](tangency_recurrence::Differentiable): the
/// eigenvalues of its step, its Lyapunov exponents, and gradients with respect to its hyperparameters and its start.
/// The Hessian itself is never formed. [`WithHessian`] makes one of two closures.
pub trait TwiceDifferentiable<T>: Oracle<T> {
    /// Overwrites `product` with $\nabla^2 L$ at `point` times `direction`.
    fn hessian_product(&mut self, point: &[T], direction: &[T], product: &mut [T]);
}

/// An oracle and the product with its Hessian, given as two functions.
///
/// # Example: a double well, $L = (x^2 - 1)^2 / 4$
///
/// ```
/// use tangency_dynamics::{TwiceDifferentiable, WithHessian};
///
/// let mut well = WithHessian::new(
///     |x: &[f64], gradient: &mut [f64]| {
///         gradient[0] = x[0] * (x[0] * x[0] - 1.0);
///         0.25 * (x[0] * x[0] - 1.0).powi(2)
///     },
///     |x: &[f64], direction: &[f64], product: &mut [f64]| {
///         product[0] = (3.0 * x[0] * x[0] - 1.0) * direction[0];
///     },
/// );
/// let mut product = [0.0];
/// well.hessian_product(&[2.0], &[1.0], &mut product);
/// assert_eq!(product, [11.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithHessian<F, H> {
    oracle: F,
    product: H,
}

impl<F, H> WithHessian<F, H> {
    /// Joins an oracle and a function of `(point, direction, product)` that overwrites `product` with
    /// $\nabla^2 L$ at `point` times `direction`.
    pub fn new(oracle: F, product: H) -> Self {
        Self { oracle, product }
    }
}

impl<T, F: Oracle<T>, H> Oracle<T> for WithHessian<F, H> {
    fn evaluate(&mut self, point: &[T], gradient: &mut [T]) -> T {
        self.oracle.evaluate(point, gradient)
    }
}

impl<T, F: Oracle<T>, H: FnMut(&[T], &[T], &mut [T])> TwiceDifferentiable<T> for WithHessian<F, H> {
    fn hessian_product(&mut self, point: &[T], direction: &[T], product: &mut [T]) {
        (self.product)(point, direction, product);
    }
}
