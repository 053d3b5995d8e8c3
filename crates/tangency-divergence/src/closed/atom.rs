//! A point mass against a law on the integers: the law's mass in the point decides.

use super::Exact;
use crate::generator::{FDivergence, Form};
use crate::integrand::{Integrand, charge};
use crate::law::{Law, Masses};

/// A point mass, and a law with the mass m in the point, which may be zero.
struct Meeting {
    ln_mass: Exact,
    /// Whether the law has mass elsewhere, be it too little for a number.
    has_rest: bool,
    /// Whether the point mass is P.
    point_is_p: bool,
}

impl Meeting {
    fn new(p: &Law, q: &Law) -> Option<Self> {
        let (point, law, point_is_p) = match (p, q) {
            (Law::Dirac { point }, law) => (*point as i64, law, true),
            (law, Law::Dirac { point }) => (*point as i64, law, false),
            _ => return None,
        };
        let masses = Masses::checked(law);
        let ln_mass = Exact { value: masses.ln_mass(point), error: masses.ln_mass_error(point) };
        Some(Self { ln_mass, has_rest: masses.support() != (point, Some(point)), point_is_p })
    }

    /// $\ln \int p^\alpha q^{1 - \alpha}$.
    fn ln_affinity(&self, alpha: f64) -> Exact {
        let (of_point, of_law) = if self.point_is_p { (alpha, 1.0 - alpha) } else { (1.0 - alpha, alpha) };
        if self.has_rest && of_point < 0.0 { Exact::INFINITE } else { self.ln_mass.times(of_law) }
    }

    /// KL(law‖point), or KL(point‖law).
    fn kullback_leibler(&self, to_point: bool) -> Exact {
        match (to_point, self.has_rest) {
            (true, true) => Exact::INFINITE,
            (true, false) => Exact::ZERO,
            (false, _) => self.ln_mass.times(-1.0),
        }
    }

    /// $\int (p - \gamma q)_+$, which is $(1 - \gamma m)_+$ or $1 - m$.
    fn hockey_stick(&self, gamma: f64) -> Exact {
        let log = self.ln_mass.plus(Exact::term(if self.point_is_p { gamma.ln() } else { 0.0 }));
        Exact { value: log.value.min(0.0), ..log }.exp_m1().times(-1.0)
    }

    /// Any divergence, by the tilted generator: its terms are not negative.
    fn divergence<F: FDivergence + ?Sized>(&self, f: &F) -> Exact {
        let integrand = Integrand::new(f);
        let cost = if self.point_is_p { integrand.only_q } else { integrand.only_p };
        if self.has_rest && cost == f64::INFINITY {
            return Exact::INFINITE;
        }
        let at = |ln_mass: f64| {
            let (ln_p, ln_q) = if self.point_is_p { (0.0, ln_mass) } else { (ln_mass, 0.0) };
            let found = integrand.at(ln_p, ln_q);
            (found.value + charge(-ln_mass.exp_m1(), cost), found.sensitivity)
        };
        let Exact { value: ln_mass, error } = self.ln_mass;
        let (value, sensitivity) = at(ln_mass);
        if value == f64::INFINITY {
            return Exact::INFINITE;
        }
        // It falls as m grows.
        let spread = at(ln_mass - error).0 - at((ln_mass + error).min(0.0)).0;
        // What a generator of the caller's loses by the tilt is not known; the others lose nothing.
        let rounding = if f.form() == Form::Other { sensitivity } else { 8.0 * value };
        let excess = Exact { value, error: spread.abs() + 4.0 * f64::EPSILON * rounding };
        excess.plus(Exact::term(integrand.at_one))
    }
}

/// $D_f(P \Vert Q)$ where P or Q is a point mass, and the other has mass in the point.
pub(super) fn divergence<F: FDivergence + ?Sized>(f: &F, p: &Law, q: &Law) -> Option<Exact> {
    let meeting = Meeting::new(p, q)?;
    Some(match f.form() {
        Form::KullbackLeibler { forward, reverse } => {
            let ahead = meeting.kullback_leibler(!meeting.point_is_p).times(forward);
            ahead.plus(meeting.kullback_leibler(meeting.point_is_p).times(reverse))
        }
        Form::Power { order, scale } => meeting.ln_affinity(order).exp_m1().times(scale),
        Form::HockeyStick { gamma } => meeting.hockey_stick(gamma),
        _ => meeting.divergence(f),
    })
}

/// $\ln \int p^\alpha q^{1 - \alpha}$ for the same.
pub(super) fn ln_affinity(p: &Law, q: &Law, order: f64) -> Option<Exact> {
    Meeting::new(p, q).map(|meeting| meeting.ln_affinity(order))
}
