//! Kantorovich's dual for the first power: functions of slope at most 1.

use crate::error::{Side, TransportError};
use crate::mass::total;
use crate::rows::coordinates;
use crate::sum::Sum;
use faer::MatRef;

/// The optimal critic of two samples: a function on the whole space with slope at most 1, made of potentials.
///
/// By the theorem of Kantorovich and Rubinstein, for a distance $d$,
///
/// $$ W_1(P, Q) = \max_{\mathrm{Lip}(\varphi) \le 1} \int \varphi \quad dP - \int \varphi \quad dQ . $$
///
/// The potentials $f, g$ of [`exact`](crate::exact()) are the values of an optimal $\varphi$ on the points; McShane's extensions
///
/// $$ \varphi(x) = \max_i f_i - d(x, x_i), \qquad \varphi(x) = \min_j d(x, y_j) - g_j $$
///
/// are the smallest and the largest function of slope at most 1 that continue them. Their slope is at most 1 whatever the numbers
/// are, so their bound ([`lower_bound`]) holds for any potentials; for optimal ones it is attained.
///
/// A value costs O(nd).
///
/// # Example: the value of the critic is the distance
///
/// ```
/// use faer::mat;
/// use tangency_transport::{Cost, KantorovichCritic, Metric, exact, lower_bound};
///
/// let (x, y) = (mat![[0.0, 0.0], [1.0, 0.0]], mat![[0.0, 1.0], [2.0, 0.0]]);
/// let (a, b) = ([0.5, 0.5], [0.5, 0.5]);
/// let found = exact(&a, &b, Cost::points(x.as_ref(), y.as_ref(), Metric::Euclidean))?;
/// let critic = KantorovichCritic::from_targets(y.as_ref(), &found.target_potentials, 2.0)?;
/// let bound = lower_bound(&critic.values(x.as_ref())?, &a, &critic.values(y.as_ref())?, &b, 1.0)?;
/// assert!(bound <= found.value && found.value - bound < 1e-14);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - E. J. McShane, *Extension of range of functions*, Bulletin of the American Mathematical Society 40 (1934) 837-842.
#[derive(Debug, Clone, PartialEq)]
pub struct KantorovichCritic {
    points: Vec<f64>,
    potentials: Vec<f64>,
    dimension: usize,
    norm: f64,
    /// Whether it is the smallest extension, a maximum; otherwise the largest, a minimum.
    smallest: bool,
}

impl KantorovichCritic {
    /// $\varphi(x) = \max_i f_i - \lVert x - x_i \rVert_p$ for points that are rows and the exponent $p \ge 1$ of a norm, 2
    /// for the Euclidean one.
    ///
    /// # Errors
    ///
    /// [`TransportError`] for no points, coordinates or potentials that are not finite, a number of potentials other than that of
    /// points, and an exponent below 1.
    pub fn from_sources(
        points: MatRef<'_, f64>,
        potentials: &[f64],
        norm: f64,
    ) -> Result<Self, TransportError> {
        Self::new(points, potentials, norm, true)
    }

    /// $\varphi(x) = \min_j \lVert x - y_j \rVert_p - g_j$; as [`from_sources`](Self::from_sources) otherwise.
    ///
    /// # Errors
    ///
    /// As [`from_sources`](Self::from_sources).
    pub fn from_targets(
        points: MatRef<'_, f64>,
        potentials: &[f64],
        norm: f64,
    ) -> Result<Self, TransportError> {
        Self::new(points, potentials, norm, false)
    }

    fn new(
        points: MatRef<'_, f64>,
        potentials: &[f64],
        norm: f64,
        smallest: bool,
    ) -> Result<Self, TransportError> {
        let (side, what) = if smallest {
            (Side::Source, "the source potentials")
        } else {
            (Side::Target, "the target potentials")
        };
        if points.nrows() == 0 {
            return Err(TransportError::Empty { side });
        }
        if potentials.len() != points.nrows() {
            return Err(TransportError::Length { what, expected: points.nrows(), got: potentials.len() });
        }
        if !(norm >= 1.0) {
            let (what, range) = ("the exponent of the norm", "at least 1");
            return Err(TransportError::OutOfRange { what, range, value: norm });
        }
        if let Some(&value) = potentials.iter().find(|f| !f.is_finite()) {
            return Err(TransportError::OutOfRange { what: "a potential", range: "finite", value });
        }
        let dimension = points.ncols();
        let points = coordinates(points, side, false)?;
        Ok(Self { points, potentials: potentials.to_vec(), dimension, norm, smallest })
    }

    /// φ(x).
    ///
    /// # Errors
    ///
    /// [`TransportError::Length`] if `x` does not have as many coordinates as the points.
    pub fn value(&self, x: &[f64]) -> Result<f64, TransportError> {
        self.fits(x)?;
        Ok(self.active(x).0)
    }

    /// φ of every row.
    ///
    /// # Errors
    ///
    /// [`TransportError::Length`] if the rows do not have as many coordinates as the points.
    pub fn values(&self, x: MatRef<'_, f64>) -> Result<Vec<f64>, TransportError> {
        let mut row = vec![0.0; x.ncols()];
        (0..x.nrows())
            .map(|i| {
                row.iter_mut().enumerate().for_each(|(k, value)| *value = x[(i, k)]);
                self.value(&row)
            })
            .collect()
    }

    /// φ(x), and into `gradient` its gradient: that of the piece that attains the maximum or minimum, the first where several do.
    ///
    /// At a kink this is one element of Clarke's generalised gradient; at one of the points, where the cone has its tip, it
    /// is zero. Its dual norm is 1 elsewhere.
    ///
    /// # Errors
    ///
    /// [`TransportError::Length`] if `x` or `gradient` does not have as many coordinates as the points.
    pub fn subgradient(&self, x: &[f64], gradient: &mut [f64]) -> Result<f64, TransportError> {
        self.fits(x)?;
        self.fits(gradient)?;
        let (value, k) = self.active(x);
        let point = &self.points[k * self.dimension..(k + 1) * self.dimension];
        let sign = if self.smallest { -1.0 } else { 1.0 };
        let length = self.distance(x, point);
        gradient.fill(0.0);
        if length > 0.0 && self.norm == f64::INFINITY {
            let differences = x.iter().zip(point).map(|(x, p)| x - p);
            if let Some((at, d)) = differences.enumerate().find(|(_, d)| d.abs() >= length) {
                gradient[at] = sign * d.signum();
            }
        } else if length > 0.0 {
            for (slope, (x, p)) in gradient.iter_mut().zip(x.iter().zip(point)) {
                let d = x - p;
                if d != 0.0 {
                    *slope = sign * d.signum() * (d.abs() / length).powf(self.norm - 1.0);
                }
            }
        }
        Ok(value)
    }

    fn fits(&self, x: &[f64]) -> Result<(), TransportError> {
        if x.len() == self.dimension {
            return Ok(());
        }
        Err(TransportError::Length { what: "the point", expected: self.dimension, got: x.len() })
    }

    /// The value, and which point attains it.
    fn active(&self, x: &[f64]) -> (f64, usize) {
        let sign = if self.smallest { -1.0 } else { 1.0 };
        // Both are sign · min of d − sign' f, with the sign of the extension.
        let pieces = self.points.chunks(self.dimension).zip(&self.potentials).map(|(point, f)| {
            let distance = self.distance(x, point);
            distance - f
        });
        let mut best = (f64::INFINITY, 0);
        for (k, piece) in pieces.enumerate() {
            if piece < best.0 || piece.is_nan() {
                best = (piece, k);
            }
        }
        (sign * best.0, best.1)
    }

    fn distance(&self, x: &[f64], point: &[f64]) -> f64 {
        let differences = x.iter().zip(point).map(|(x, p)| (x - p).abs());
        let largest = differences.clone().fold(0.0, f64::max);
        if largest == 0.0 || self.norm == f64::INFINITY || !largest.is_finite() {
            return if x.iter().any(|x| x.is_nan()) { f64::NAN } else { largest };
        }
        if self.norm == 1.0 {
            return differences.sum();
        }
        if self.norm == 2.0 {
            let squares: f64 = differences.clone().map(|d| d * d).sum();
            if squares.is_normal() {
                return squares.sqrt();
            }
        }
        largest * differences.map(|d| (d / largest).powf(self.norm)).sum::<f64>().powf(1.0 / self.norm)
    }
}

/// A bound for $W_1$ of two weighted samples, from the values on them of any function whose slope is at most
/// `lipschitz_constant`:
///
/// $$ W_1 \ge \frac{1}{L} \left\lvert \sum_i a_i \varphi(x_i) - \sum_j b_j \varphi(y_j) \right\rvert . $$
///
/// The distance is the one in which the slope is measured. Sums are compensated, and a bound for their rounding is subtracted, so
/// the result does not exceed the true value for the numbers given; it is never negative. Rounding inside the critic is
/// not known here. A constant that is an estimate makes the bound one: power iteration estimates spectral norms from below.
///
/// # Errors
///
/// [`TransportError`] for weights or masses that make no problem (masses may differ by 1e-9 of the larger, and the targets' are
/// scaled), lengths that do not fit, and a constant or values that are not finite.
///
/// # Example: any function will do
///
/// ```
/// use tangency_transport::lower_bound;
///
/// // sin has slope 1 at most; the samples are {0} and {1, 2}.
/// let bound = lower_bound(&[0.0], &[1.0], &[1_f64.sin(), 2_f64.sin()], &[0.5, 0.5], 1.0)?;
/// assert!((bound - 0.8753842).abs() < 1e-7 && bound < 1.5);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn lower_bound(
    source_values: &[f64],
    a: &[f64],
    target_values: &[f64],
    b: &[f64],
    lipschitz_constant: f64,
) -> Result<f64, TransportError> {
    if !(lipschitz_constant > 0.0 && lipschitz_constant.is_finite()) {
        let (what, range) = ("the Lipschitz constant", "positive and finite");
        return Err(TransportError::OutOfRange { what, range, value: lipschitz_constant });
    }
    let lengths = [
        ("the values on the sources", a.len(), source_values.len()),
        ("the values on the targets", b.len(), target_values.len()),
    ];
    if let Some((what, expected, got)) = lengths.into_iter().find(|(_, expected, got)| expected != got) {
        return Err(TransportError::Length { what, expected, got });
    }
    if let Some(&value) = source_values.iter().chain(target_values).find(|v| !v.is_finite()) {
        return Err(TransportError::OutOfRange { what: "a value of the critic", range: "finite", value });
    }
    crate::mass::Masses::new(a, b, 1e-9)?;
    let scaling = total(a, Side::Source)? / total(b, Side::Target)?;
    // Values relative to one of them: a critic is known up to a constant, which would only add to the rounding.
    let zero = target_values.first().copied().unwrap_or(0.0);
    let side = |values: &[f64], weights: &[f64]| {
        let mut sum = Sum::default();
        values.iter().zip(weights).for_each(|(v, w)| sum.add_product(*w, v - zero));
        let size: f64 = values.iter().zip(weights).map(|(v, w)| w * (v - zero).abs()).sum();
        (sum.value(), sum.error() + f64::EPSILON * size)
    };
    let ((p, p_error), (q, q_error)) = (side(source_values, a), side(target_values, b));
    let q = scaling * q;
    let error = p_error + scaling * q_error + 4.0 * f64::EPSILON * (p.abs() + q.abs());
    Ok((((p - q).abs() - error) / lipschitz_constant * (1.0 - 2.0 * f64::EPSILON)).max(0.0))
}
