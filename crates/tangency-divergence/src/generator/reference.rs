//! A reference to a generator is a generator, so that a `Dual` can be taken of one whose type is not known.

use super::{FDivergence, Form};
use std::borrow::Cow;

impl<F: FDivergence + ?Sized> FDivergence for &F {
    fn name(&self) -> Cow<'static, str> {
        (**self).name()
    }

    fn formula(&self) -> Cow<'static, str> {
        (**self).formula()
    }

    fn generator(&self, u: f64) -> f64 {
        (**self).generator(u)
    }

    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        (**self).generator_of_log_ratio(r)
    }

    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        (**self).nonnegative_of_log_ratio(r)
    }

    fn derivative(&self, u: f64) -> f64 {
        (**self).derivative(u)
    }

    fn second_derivative(&self, u: f64) -> f64 {
        (**self).second_derivative(u)
    }

    fn conjugate(&self, t: f64) -> f64 {
        (**self).conjugate(t)
    }

    fn conjugate_derivative(&self, t: f64) -> f64 {
        (**self).conjugate_derivative(t)
    }

    fn is_domain_closed(&self) -> bool {
        (**self).is_domain_closed()
    }

    fn at_zero(&self) -> f64 {
        (**self).at_zero()
    }

    fn slope_at_infinity(&self) -> f64 {
        (**self).slope_at_infinity()
    }

    fn at_one(&self) -> f64 {
        (**self).at_one()
    }

    fn supremum(&self) -> f64 {
        (**self).supremum()
    }

    fn is_smooth(&self) -> bool {
        (**self).is_smooth()
    }

    fn critic(&self, v: f64) -> f64 {
        (**self).critic(v)
    }

    fn conjugate_of_critic(&self, v: f64) -> f64 {
        (**self).conjugate_of_critic(v)
    }

    fn critic_derivative(&self, v: f64) -> f64 {
        (**self).critic_derivative(v)
    }

    fn classical_activation(&self, v: f64) -> f64 {
        (**self).classical_activation(v)
    }

    fn classical_activation_derivative(&self, v: f64) -> f64 {
        (**self).classical_activation_derivative(v)
    }

    fn form(&self) -> Form {
        (**self).form()
    }
}
