//! From the raw output of a critic to the function T of the bound.

use crate::generator::{FDivergence, Form};

/// What the raw output $v$ of a critic means, and so how T is made of it.
///
/// For a critic that is linear in its parameters the objective $E_P T - E_Q f^\ast(T)$ may or may not be concave; a local
/// maximum of a concave one is the maximum.
///
/// | | T | concave in $v$ |
/// |---|---|---|
/// | `LogRatio` | $f^\prime(e^v)$ | for Kullback-Leibler both ways, Jeffreys, Hellinger, Jensen-Shannon, GAN and α between 0 and 1; not for χ², Le Cam, other α |
/// | `Classical` | the table of the f-GAN article | where it is the identity or the same as above |
/// | `Direct` | $v$ itself | for every f |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// An estimate of the log-ratio, $T = f^\prime(e^v)$: always in the domain of $f^\ast$, without an inverse function, and
    /// the same $v$ is right for every f. For smooth f only: for the others T would be a step, and its derivative zero.
    LogRatio,
    /// The activation of the f-GAN article's table.
    Classical,
    /// T itself. Only where $f^\ast$ is finite on the whole line, which is where $f^\prime(\infty) = \infty$; elsewhere a
    /// point that was not trained on could leave the domain, and the bound would be $-\infty$.
    Direct,
}

impl Output {
    /// `LogRatio` for smooth f, and `Classical` for the others.
    pub fn natural(f: &dyn FDivergence) -> Self {
        if f.is_smooth() { Self::LogRatio } else { Self::Classical }
    }

    /// Whether $E_P T - E_Q f^\ast(T)$ is concave in the outputs: T concave and $f^\ast(T)$ convex as functions of $v$.
    ///
    /// Known for the generators of this crate; for others it is tested at 1200 outputs from −15 to 15, which is no proof.
    pub fn is_concave(self, f: &dyn FDivergence) -> bool {
        match (self, f.form()) {
            (Self::Direct, _) | (Self::LogRatio, Form::JensenShannon { .. }) => true,
            (Self::LogRatio, Form::KullbackLeibler { forward, reverse }) => forward >= 0.0 && reverse >= 0.0,
            (Self::LogRatio, Form::Power { order, .. }) => order > 0.0 && order < 1.0,
            (_, Form::HockeyStick { .. }) | (Self::LogRatio, Form::LeCam) => false,
            _ => {
                let activation = Activation { f, output: self };
                let at = |k: i32| -15.0 + 0.025 * f64::from(k) + 0.01;
                (0..1200).all(|k| {
                    let (left, right) = (at(k), at(k + 1));
                    let rises =
                        activation.cost_slope(right) >= activation.cost_slope(left) * (1.0 - 1e-7) - 1e-12;
                    let falls =
                        activation.gain_slope(right) <= activation.gain_slope(left) * (1.0 + 1e-7) + 1e-12;
                    rises && falls
                })
            }
        }
    }
}

/// T and $f^\ast(T)$ as functions of the raw output: the gain at points of P and the cost at points of Q.
#[derive(Clone, Copy)]
pub(crate) struct Activation<'a> {
    pub(crate) f: &'a dyn FDivergence,
    pub(crate) output: Output,
}

impl Activation<'_> {
    /// T.
    pub(crate) fn gain(&self, v: f64) -> f64 {
        match self.output {
            Output::LogRatio => self.f.critic(v),
            Output::Classical => self.f.classical_activation(v),
            Output::Direct => v,
        }
    }

    /// $f^\ast(T)$.
    pub(crate) fn cost(&self, v: f64) -> f64 {
        match self.output {
            Output::LogRatio => self.f.conjugate_of_critic(v),
            Output::Classical => self.f.conjugate(self.f.classical_activation(v)),
            Output::Direct => self.f.conjugate(v),
        }
    }

    /// dT/dv.
    pub(crate) fn gain_slope(&self, v: f64) -> f64 {
        match self.output {
            Output::LogRatio => self.f.critic_derivative(v),
            Output::Classical => self.f.classical_activation_derivative(v),
            Output::Direct => 1.0,
        }
    }

    /// $d f^\ast(T) / dv = u \, dT/dv$ with the ratio $u = (f^\ast)^\prime(T)$ that the output stands for.
    pub(crate) fn cost_slope(&self, v: f64) -> f64 {
        let slope = self.gain_slope(v);
        // An infinite ratio times a derivative that has vanished is no cost.
        if slope == 0.0 { 0.0 } else { self.ratio(v) * slope }
    }

    /// The ratio $p/q$ that the output stands for.
    pub(crate) fn ratio(&self, v: f64) -> f64 {
        match self.output {
            Output::LogRatio => v.exp(),
            Output::Classical | Output::Direct => self.f.conjugate_derivative(self.gain(v)),
        }
    }

    /// T with two derivatives; the second one by differences, which costs a few digits of the curvature and none of the optimum.
    pub(crate) fn gain_curve(&self, v: f64) -> [f64; 3] {
        [self.gain(v), self.gain_slope(v), difference(v, |v| self.gain_slope(v))]
    }

    /// The same for $f^\ast(T)$.
    pub(crate) fn cost_curve(&self, v: f64) -> [f64; 3] {
        [self.cost(v), self.cost_slope(v), difference(v, |v| self.cost_slope(v))]
    }
}

fn difference(v: f64, slope: impl Fn(f64) -> f64) -> f64 {
    let step = 1e-5 * (1.0 + v.abs());
    (slope(v + step) - slope(v - step)) / (2.0 * step)
}
