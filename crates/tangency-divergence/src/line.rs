//! Divergences of two densities on the line by quadrature.

use crate::chart::Chart;
use crate::density::Density;
use crate::error::{DistributionError, Side};
use crate::evaluation::{Evaluation, EvaluationMethod, EvaluationOptions};
use crate::generator::FDivergence;
use crate::integrand::{Integrand, charge};
use crate::quadrature::{Goal, Integrals, Sample, integrate};

/// How far the mass of a density may be from one.
const MASS_TOLERANCE: f64 = 1e-6;
/// Beyond this coordinate an infinite contribution may be nothing but overflow.
const OVERFLOW_FROM: f64 = 600.0;

/// $D_f(P \Vert Q)$ of two densities on the line by adaptive quadrature.
///
/// Both densities are taken to a coordinate in which every tail is short ($\sinh$, exponential or logistic function of it, by
/// the ends of the common support), cut at their landmarks, and integrated by the pair of Gauss' and Kronrod's rules of 10 and 21
/// points. What is integrated is $q (f(u) - f(1) - c (u - 1))$ with $u = p/q$ and a slope $c$ of $f$ at 1: it is not
/// negative, so nothing cancels, and near $p = q$ it is of second order. $u$ is formed from the difference of the logarithms. For
/// total variation and $E_\gamma$ the panels are cut where $p = \gamma q$. Mass outside the common support costs $f(0)$ and
/// $f^\prime(\infty)$.
///
/// A divergence is reported as infinite if its integrand overflows, or falls off so slowly in the tails that no coordinate
/// makes it finite. The densities are integrated along with it, so a density that does not integrate to one is an error and not a
/// wrong value.
///
/// The cost is 21 pairs of densities for each panel, in all some hundreds to some thousands.
///
/// # Errors
///
/// [`DistributionError::Support`], [`DistributionError::Density`] for NaN or $+\infty$ inside the support,
/// [`DistributionError::NotNormalised`] if a density does not integrate to 1 within 1e-6, and
/// [`DistributionError::OutOfRange`] for options.
///
/// # Example
///
/// See [`Density`].
///
/// # References
///
/// R. Piessens, E. de Doncker-Kapenga, C. Überhuber, D. Kahaner, "QUADPACK", Springer 1983, for the pair of rules.
pub fn divergence_of_densities<F, P, Q>(
    f: &F,
    p: &P,
    q: &Q,
    options: &EvaluationOptions,
) -> Result<Evaluation, DistributionError>
where
    F: FDivergence + ?Sized,
    P: Density + ?Sized,
    Q: Density + ?Sized,
{
    options.validate()?;
    on_the_line(&Integrand::new(f), p, q, options)
}

/// As [`divergence_of_densities`], with checked options.
pub(crate) fn on_the_line<F, P, Q>(
    integrand: &Integrand<'_, F>,
    p: &P,
    q: &Q,
    options: &EvaluationOptions,
) -> Result<Evaluation, DistributionError>
where
    F: FDivergence + ?Sized,
    P: Density + ?Sized,
    Q: Density + ?Sized,
{
    let pair = Pair::new(p, q)?;
    let exact = |value, evaluations| Evaluation {
        value,
        error_bound: 0.0,
        method: EvaluationMethod::Quadrature { evaluations },
    };
    let (lower, upper) = pair.joint;
    if lower >= upper {
        return Ok(exact(integrand.at_one + integrand.only_p + integrand.only_q, 0));
    }
    let beyond = |(own_lower, own_upper): (f64, f64)| own_lower < lower || own_upper > upper;
    if (beyond(p.support()) && integrand.only_p == f64::INFINITY)
        || (beyond(q.support()) && integrand.only_q == f64::INFINITY)
    {
        return Ok(exact(f64::INFINITY, 0));
    }
    let kink = integrand.kink();
    let may_diverge = integrand.only_p == f64::INFINITY || integrand.only_q == f64::INFINITY;
    let inside = pair.integrate(options, may_diverge, |y, ln_p, ln_q| {
        let found = integrand.at(ln_p, ln_q);
        let value =
            if found.value == f64::INFINITY && y.abs() > OVERFLOW_FROM { f64::NAN } else { found.value };
        Sample {
            values: [value, ln_p.exp(), ln_q.exp(), found.sensitivity],
            kink: kink.map_or(f64::NAN, |kink| ln_p - ln_q - kink),
        }
    })?;
    let outside_p = pair.outside(p, Side::P, options)?;
    let outside_q = pair.outside(q, Side::Q, options)?;
    let evaluations = inside.evaluations + outside_p.evaluations + outside_q.evaluations;
    let value = integrand.at_one
        + inside.values[0]
        + charge(outside_p.values[0], integrand.only_p)
        + charge(outside_q.values[0], integrand.only_q);
    if value == f64::INFINITY && may_diverge {
        return Ok(exact(value, evaluations));
    }
    if value.is_nan() && may_diverge {
        // The integrand overflows far out, where it is not known whether it or its representation does.
        return Ok(Evaluation { error_bound: f64::INFINITY, ..exact(f64::INFINITY, evaluations) });
    }
    // At a kink whose place is not known both rules err alike, and their difference may be small by chance.
    let caution = if integrand.is_smooth() || kink.is_some() { 1.0 } else { 16.0 };
    let mut error = caution * inside.errors[0]
        + charge(outside_p.errors[0], integrand.only_p)
        + charge(outside_q.errors[0], integrand.only_q);
    let masses = [
        (
            Side::P,
            inside.values[1] + outside_p.values[0],
            inside.errors[1] + outside_p.errors[0],
            integrand.only_p,
        ),
        (
            Side::Q,
            inside.values[2] + outside_q.values[0],
            inside.errors[2] + outside_q.errors[0],
            integrand.only_q,
        ),
    ];
    for (side, mass, uncertainty, cost) in masses {
        let missing = (1.0 - mass).abs();
        // If the budget ran out, the error of the mass says so, and the bound tells.
        if missing > MASS_TOLERANCE + uncertainty && evaluations >= options.max_evaluations {
            error = f64::INFINITY;
        } else if missing > MASS_TOLERANCE + uncertainty || mass.is_nan() {
            return Err(DistributionError::NotNormalised { side, mass, tolerance: MASS_TOLERANCE });
        }
        let missing = ((1.0 - mass).abs() - 2e-15).max(0.0);
        if cost.is_finite() {
            error += missing * cost;
        } else if missing > MASS_TOLERANCE {
            error = f64::INFINITY;
        }
    }
    error += 2.0 * f64::EPSILON * (inside.values[3] + 4.0 * value.abs());
    if !value.is_finite() || error.is_nan() {
        // Numbers beyond the range of floating point: no mass was seen that could be trusted.
        return Err(DistributionError::NotNormalised {
            side: Side::P,
            mass: f64::NAN,
            tolerance: MASS_TOLERANCE,
        });
    }
    Ok(Evaluation { value, error_bound: error, method: EvaluationMethod::Quadrature { evaluations } })
}

/// Two densities with the chart of their common support.
struct Pair<'d, P: ?Sized, Q: ?Sized> {
    p: &'d P,
    q: &'d Q,
    joint: (f64, f64),
    landmarks: Vec<f64>,
    centre: f64,
    scale: f64,
}

impl<'d, P: Density + ?Sized, Q: Density + ?Sized> Pair<'d, P, Q> {
    fn new(p: &'d P, q: &'d Q) -> Result<Self, DistributionError> {
        let (support_p, support_q) = (p.support(), q.support());
        for (side, (lower, upper)) in [(Side::P, support_p), (Side::Q, support_q)] {
            if lower.partial_cmp(&upper) != Some(std::cmp::Ordering::Less) {
                return Err(DistributionError::Support { side, lower, upper });
            }
        }
        let finite = |marks: Vec<f64>| marks.into_iter().filter(|mark| mark.is_finite()).collect::<Vec<_>>();
        let (marks_p, marks_q) = (finite(p.landmarks()), finite(q.landmarks()));
        // The finer law gives the scale.
        let (one, other) = (bulk(&marks_p), bulk(&marks_q));
        let (centre, scale) = if one.1 <= other.1 { one } else { other };
        let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
        let joint = (support_p.0.max(support_q.0), support_p.1.min(support_q.1));
        Ok(Self { p, q, joint, landmarks: [marks_p, marks_q].concat(), centre, scale })
    }

    /// Integrates functions of both densities over the common support.
    fn integrate(
        &self,
        options: &EvaluationOptions,
        may_diverge: bool,
        function: impl Fn(f64, f64, f64) -> Sample,
    ) -> Result<Integrals, DistributionError> {
        let chart = Chart::new(self.joint, self.centre, self.scale);
        let mut fault = None;
        let (support_p, support_q) = (self.p.support(), self.q.support());
        let mut density = |y: f64| {
            let charted = chart.at(y);
            let mut read = |side, value: f64| {
                if value.is_nan() || value == f64::INFINITY {
                    let argument = charted.place.x;
                    fault.get_or_insert(DistributionError::Density { side, argument, value });
                    return f64::NEG_INFINITY;
                }
                value + charted.ln_jacobian
            };
            let ln_p = read(Side::P, self.p.ln_density_at(&chart.within(&charted.place, support_p)));
            let ln_q = read(Side::Q, self.q.ln_density_at(&chart.within(&charted.place, support_q)));
            function(y, ln_p, ln_q)
        };
        let found = integrate(&self.cuts(&chart), &mut density, &goal(options, &chart, may_diverge));
        fault.map_or(Ok(found), Err)
    }

    /// The mass of one of the densities outside the common support.
    fn outside<D: Density + ?Sized>(
        &self,
        density: &D,
        side: Side,
        options: &EvaluationOptions,
    ) -> Result<Integrals, DistributionError> {
        let support = density.support();
        let mut total = Integrals { values: [0.0; 4], errors: [0.0; 4], evaluations: 0 };
        for (from, to) in [(support.0, self.joint.0), (self.joint.1, support.1)] {
            if from >= to {
                continue;
            }
            let chart = Chart::new((from, to), self.centre, self.scale);
            let mut fault = None;
            let mass = |y: f64| {
                let charted = chart.at(y);
                let value = density.ln_density_at(&chart.within(&charted.place, support));
                if value.is_nan() || value == f64::INFINITY {
                    fault.get_or_insert(DistributionError::Density {
                        side,
                        argument: charted.place.x,
                        value,
                    });
                    return Sample { values: [0.0; 4], kink: f64::NAN };
                }
                let value = (value + charted.ln_jacobian).exp();
                Sample { values: [value, 0.0, 0.0, value], kink: f64::NAN }
            };
            let found = integrate(&self.cuts(&chart), mass, &goal(options, &chart, false));
            if let Some(fault) = fault {
                return Err(fault);
            }
            total.values[0] += found.values[0];
            total.errors[0] += found.errors[0];
            total.evaluations += found.evaluations;
        }
        Ok(total)
    }

    fn cuts(&self, chart: &Chart) -> Vec<f64> {
        let (lower, upper) = chart.ends();
        let inside = self.landmarks.iter().filter(|mark| lower < **mark && **mark < upper);
        inside.map(|mark| chart.coordinate(*mark)).filter(|y| y.is_finite()).collect()
    }
}

fn goal(options: &EvaluationOptions, chart: &Chart, may_diverge: bool) -> Goal {
    Goal {
        relative: options.relative_tolerance,
        absolute: 1e-11,
        max_evaluations: options.max_evaluations,
        reach: chart.reach(),
        may_diverge,
    }
}

/// The middle of landmarks, and the distance of their quartiles.
fn bulk(marks: &[f64]) -> (f64, f64) {
    let mut sorted = marks.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => (0.0, 1.0),
        1 => (sorted[0], 1.0),
        n => (sorted[n / 2], 0.5 * (sorted[3 * n / 4] - sorted[n / 4])),
    }
}
