//! What the tests of stochastic estimates share: operators, spectra, and statistics over seeds.

use faer::{Mat, MatMut, MatRef};
use rand_pcg::Pcg64;
use tangency_matrix::ClosureOperator;
use tangency_matrix::trace::TraceEstimate;

/// A diagonal operator: enough for probes on the sphere, which do not see the basis.
pub(crate) fn diagonal(
    values: &[f64],
) -> ClosureOperator<impl Fn(MatRef<'_, f64>, MatMut<'_, f64>) + Sync + use<>> {
    let values = values.to_vec();
    ClosureOperator::new(values.len(), move |x: MatRef<'_, f64>, mut y: MatMut<'_, f64>| {
        for j in 0..x.ncols() {
            for i in 0..x.nrows() {
                y[(i, j)] = values[i] * x[(i, j)];
            }
        }
    })
}

pub(crate) fn spectra(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let of = |f: &dyn Fn(f64) -> f64| (0..n).map(|i| f(i as f64)).collect::<Vec<f64>>();
    let last = (n - 1) as f64;
    vec![
        ("flat", of(&|i| 3.0 - 2.0 * i / last)),
        ("exponential", of(&|i| 0.8_f64.powf(i))),
        ("algebraic", of(&|i| (i + 1.0).powi(-2))),
        ("slow", of(&|i| (i + 1.0).powf(-0.5))),
        ("low rank and noise", of(&|i| 1e-3 + 4.0 / (1.0 + (i - 5.0).exp()))),
        ("condition 1e8", of(&|i| 10_f64.powf(-8.0 * i / last))),
        ("indefinite", of(&|i| (i * 0.7).sin())),
    ]
}

pub(crate) struct Seeds {
    count: f64,
    pub(crate) mean: f64,
    pub(crate) spread: f64,
    pub(crate) reported: f64,
    /// Mean of the bounds: each bounds the bias for the probes that were drawn.
    pub(crate) bias: Option<f64>,
}

impl Seeds {
    /// Standard deviation of the mean.
    pub(crate) fn deviation(&self) -> f64 {
        self.spread / self.count.sqrt()
    }
}

pub(crate) fn over_seeds(seeds: u64, mut run: impl FnMut(&mut Pcg64) -> TraceEstimate<f64>) -> Seeds {
    let found: Vec<_> = (0..seeds).map(|s| run(&mut Pcg64::new(u128::from(s), 7))).collect();
    let count = seeds as f64;
    let mean = found.iter().map(|e| e.estimate).sum::<f64>() / count;
    let spread = (found.iter().map(|e| (e.estimate - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let reported = (found.iter().map(|e| e.standard_error.powi(2)).sum::<f64>() / count).sqrt();
    let bias = found.iter().try_fold(0.0, |b, e| e.bias_bound.map(|x| b + x / count));
    Seeds { count, mean, spread, reported, bias }
}

/// The mean over the seeds within 4 standard deviations of the truth plus the bias bound, and the reported standard error (root
/// mean square) within 20 % of the spread.
pub(crate) fn check(name: &str, exact: f64, s: &Seeds) {
    let allowed = 4.0 * s.deviation() + s.bias.unwrap() + 1e-12 * exact.abs();
    assert!((s.mean - exact).abs() <= allowed, "{name}: {} of {exact}, allowed {allowed:e}", s.mean - exact);
    let ratio = s.reported / s.spread;
    assert!((0.8..1.2).contains(&ratio), "{name}: reported {:e}, spread {:e}", s.reported, s.spread);
}

pub(crate) const SEEDS: u64 = 200;

/// H D H with a Householder reflection H: symmetric, full, with the given eigenvalues.
pub(crate) fn reflected(values: &[f64]) -> Mat<f64> {
    let n = values.len();
    let u: Vec<f64> = (0..n).map(|i| ((i * i + 1) as f64).sin()).collect();
    let square: f64 = u.iter().map(|x| x * x).sum();
    let h = Mat::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) - 2.0 * u[i] * u[j] / square);
    let scaled = Mat::from_fn(n, n, |i, j| h[(i, j)] * values[j]);
    let a = &scaled * h.transpose();
    Mat::from_fn(n, n, |i, j| 0.5 * (a[(i, j)] + a[(j, i)]))
}
