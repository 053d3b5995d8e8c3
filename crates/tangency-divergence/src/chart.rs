//! Coordinates in which every tail is short.

use crate::density::Place;
use crate::special::ln_add;

/// A map of the real line onto an interval: hyperbolic sine, exponential or logistic function by the number of
/// finite ends. f-divergences do not change under it, a power in a tail or at an end becomes an exponential, and the distance
/// from an end is known by its logarithm however small it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Chart {
    /// x = centre + scale sinh y.
    Line { centre: f64, scale: f64 },
    /// x = start + e^y.
    Above { start: f64 },
    /// x = end − e^y.
    Below { end: f64 },
    /// x = start + width / (1 + e^{−y}).
    Between { start: f64, end: f64 },
}

/// A point of the interval, and the logarithm of dx/dy there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charted {
    pub(crate) place: Place,
    pub(crate) ln_jacobian: f64,
}

impl Chart {
    /// The chart of an interval; the centre and the scale are for the whole line.
    pub(crate) fn new((lower, upper): (f64, f64), centre: f64, scale: f64) -> Self {
        match (lower.is_finite(), upper.is_finite()) {
            (true, true) => Self::Between { start: lower, end: upper },
            (true, false) => Self::Above { start: lower },
            (false, true) => Self::Below { end: upper },
            (false, false) => Self::Line { centre, scale },
        }
    }

    /// The ends of the interval.
    pub(crate) fn ends(&self) -> (f64, f64) {
        match *self {
            Self::Line { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Above { start } => (start, f64::INFINITY),
            Self::Below { end } => (f64::NEG_INFINITY, end),
            Self::Between { start, end } => (start, end),
        }
    }

    /// How far out the coordinate makes sense.
    pub(crate) fn reach(&self) -> f64 {
        match self {
            Self::Line { .. } => 700.0,
            _ => 1e15,
        }
    }

    /// The coordinate of a point of the interval; not finite outside it and at its ends.
    pub(crate) fn coordinate(&self, x: f64) -> f64 {
        match *self {
            Self::Line { centre, scale } => ((x - centre) / scale).asinh(),
            Self::Above { start } => (x - start).ln(),
            Self::Below { end } => (end - x).ln(),
            Self::Between { start, end } => (x - start).ln() - (end - x).ln(),
        }
    }

    /// The point of a coordinate; never an end itself, where a density may have a pole.
    pub(crate) fn at(&self, y: f64) -> Charted {
        let infinite = f64::INFINITY;
        match *self {
            Self::Line { centre, scale } => Charted {
                place: Place { x: centre + scale * y.sinh(), ln_above: infinite, ln_below: infinite },
                ln_jacobian: scale.ln() + y.cosh().ln(),
            },
            Self::Above { start } => Charted {
                place: Place { x: (start + y.exp()).max(start.next_up()), ln_above: y, ln_below: infinite },
                ln_jacobian: y,
            },
            Self::Below { end } => Charted {
                place: Place { x: (end - y.exp()).min(end.next_down()), ln_above: infinite, ln_below: y },
                ln_jacobian: y,
            },
            Self::Between { start, end } => {
                let ln_width = (end - start).ln();
                let shared = (-y.abs()).exp().ln_1p();
                // ln σ(y) and ln σ(−y).
                let (above, below) = ((-y).max(0.0) + shared, y.max(0.0) + shared);
                let (ln_above, ln_below) = (ln_width - above, ln_width - below);
                let x = if y < 0.0 { start + ln_above.exp() } else { end - ln_below.exp() };
                let x = x.max(start.next_up()).min(end.next_down());
                Charted { place: Place { x, ln_above, ln_below }, ln_jacobian: ln_width - above - below }
            }
        }
    }

    /// The same point as seen from the ends of a support that contains the interval.
    pub(crate) fn within(&self, place: &Place, (lower, upper): (f64, f64)) -> Place {
        let (start, end) = self.ends();
        #[allow(clippy::float_cmp, reason = "the interval is made of the ends of the supports")]
        let distance = |end: f64, own: f64, ln_distance: f64| {
            if own == end {
                ln_distance
            } else if own.is_infinite() {
                f64::INFINITY
            } else if end.is_infinite() {
                (place.x - own).abs().ln()
            } else {
                ln_add((end - own).abs().ln(), ln_distance)
            }
        };
        Place {
            x: place.x,
            ln_above: distance(start, lower, place.ln_above),
            ln_below: distance(end, upper, place.ln_below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_and_points_are_inverse() {
        let charts = [
            Chart::Line { centre: 2.0, scale: 0.5 },
            Chart::Above { start: -1.0 },
            Chart::Below { end: 4.0 },
            Chart::Between { start: -1.0, end: 3.0 },
        ];
        for chart in charts {
            for y in [-3.0, -0.1, 0.0, 0.7, 2.0] {
                let charted = chart.at(y);
                assert!((chart.coordinate(charted.place.x) - y).abs() < 1e-14, "{chart:?} {y}");
                let step = 1e-5;
                let slope = (chart.at(y + step).place.x - chart.at(y - step).place.x).abs() / (2.0 * step);
                assert!((slope.ln() - charted.ln_jacobian).abs() < 1e-9, "{chart:?} {y}");
            }
        }
    }

    #[test]
    fn distances_from_a_wider_support() {
        let chart = Chart::Between { start: 0.0, end: 1.0 };
        let place = chart.at(-50.0).place;
        let seen = chart.within(&place, (-1.0, 1.0));
        assert!(seen.ln_above.abs() < 1e-15 && seen.ln_below.abs() < 1e-15);
        assert!((chart.within(&place, (0.0, 2.0)).ln_above + 50.0).abs() < 1e-13);
    }
}
