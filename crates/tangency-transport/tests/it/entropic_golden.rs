//! Against Sinkhorn's iteration with 40 digits.

use faer::Mat;
use std::ops::ControlFlow;
use tangency_testing::Golden;
use tangency_transport::{
    BarycentreOptions, Cost, Domain, EntropyConvention, Metric, Penalty, SinkhornOptions, UnbalancedOptions,
    barycentre_with, entropy_difference, sinkhorn_divergence_with, sinkhorn_with, unbalanced_with,
};

struct Table(Golden);

impl Table {
    fn read() -> Self {
        Self(Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/entropic.csv")).unwrap())
    }

    fn value(&self, case: &str, quantity: &str) -> f64 {
        let (cases, quantities) = (self.0.texts("case").unwrap(), self.0.texts("quantity").unwrap());
        let place = (0..cases.len()).find(|&k| cases[k] == case && quantities[k] == quantity).unwrap();
        self.0.numbers("value").unwrap()[place]
    }
}

const N: usize = 5;
const M: usize = 4;

fn points() -> (Mat<f64>, Mat<f64>) {
    let x =
        Mat::from_fn(N, 2, |i, k| if k == 0 { (7 * i % 11) as f64 / 11.0 } else { (3 * i % 5) as f64 / 5.0 });
    let y = Mat::from_fn(
        M,
        2,
        |j, k| if k == 0 { ((5 * j + 2) % 13) as f64 / 13.0 } else { (j % 3) as f64 / 3.0 },
    );
    (x, y)
}

fn masses() -> (Vec<f64>, Vec<f64>) {
    ((0..N).map(|i| (i + 1) as f64 / 15.0).collect(), (0..M).map(|j| (j * j + 1) as f64 / 18.0).collect())
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1e-3), "{found} {expected}");
}

#[test]
fn values_in_both_conventions_and_plans_in_every_layout_and_domain() {
    let table = Table::read();
    let ((x, y), (a, b)) = (points(), masses());
    let from_points = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let by_columns = from_points.to_matrix().unwrap();
    let by_rows = by_columns.transpose().to_owned();
    let spaced = Mat::from_fn(2 * N, 2 * M, |i, j| by_columns[(i / 2, j / 2)]);
    let strided = faer::MatRef::from_column_major_slice(
        &(0..4 * N * M).map(|k| spaced[(k % (2 * N), k / (2 * N))]).collect::<Vec<_>>(),
        2 * N,
        2 * M,
    )
    .to_owned();
    // Every second row and column.
    let rows: Vec<usize> = (0..N).map(|i| 2 * i).collect();
    let every_second = Mat::from_fn(N, M, |i, j| strided[(rows[i], 2 * j)]);
    let euclidean = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
    let function = Cost::points(x.as_ref(), y.as_ref(), Metric::Function(&euclidean));
    let costs = [
        from_points,
        by_columns.as_ref().into(),
        by_rows.transpose().into(),
        every_second.as_ref().into(),
        function,
    ];
    for (case, epsilon) in [("wide", 0.5), ("narrow", 0.05)] {
        for cost in costs {
            for domain in [Domain::Automatic, Domain::Logarithmic, Domain::Stored] {
                for relaxation in [None, Some(1.0), Some(1.4)] {
                    let options = SinkhornOptions {
                        tolerance: 1e-14,
                        domain,
                        relaxation,
                        ..SinkhornOptions::default()
                    };
                    let found = sinkhorn_with(&a, &b, cost, epsilon, &options, |_| ControlFlow::Continue(()))
                        .unwrap();
                    close(found.value, table.value(case, "relative"), 2e-14);
                    close(
                        found.value_in(EntropyConvention::RelativeEntropy),
                        table.value(case, "relative"),
                        2e-14,
                    );
                    close(found.value_in(EntropyConvention::Entropy), table.value(case, "entropy"), 2e-14);
                    // The upper bound contains the rounding of exponents up to 30.
                    close(found.bounds.upper, table.value(case, "linear"), 3e-12);
                    let plan = found.plan.to_dense(cost).unwrap();
                    for i in 0..N {
                        for j in 0..M {
                            let expected = table.value(case, &format!("plan_{i}_{j}"));
                            assert!(
                                (plan[(i, j)] - expected).abs() < 1e-13 * expected + 1e-14,
                                "{}",
                                plan[(i, j)]
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_conventions_differ_by_the_entropies_of_the_weights() {
    let table = Table::read();
    let (a, b) = masses();
    for (case, epsilon) in [("wide", 0.5), ("narrow", 0.05)] {
        let difference = table.value(case, "entropy") - table.value(case, "relative");
        close(entropy_difference(&a, &b, epsilon).unwrap(), difference, 1e-14);
    }
    // Masses other than 1: every term of the objective in proportion.
    let scaled = |w: &[f64]| w.iter().map(|w| 4.0 * w).collect::<Vec<_>>();
    let (x, y) = points();
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let options = SinkhornOptions { tolerance: 1e-14, ..SinkhornOptions::default() };
    let found =
        sinkhorn_with(&scaled(&a), &scaled(&b), cost, 0.5, &options, |_| ControlFlow::Continue(())).unwrap();
    close(found.value, 4.0 * table.value("wide", "relative"), 2e-14);
    let plan = found.plan.to_dense(cost).unwrap();
    let entropy: f64 = (0..N).flat_map(|i| (0..M).map(move |j| (i, j))).map(|e| plan[e] * plan[e].ln()).sum();
    close(
        found.value_in(EntropyConvention::Entropy),
        4.0 * table.value("wide", "linear") + 0.5 * entropy,
        1e-13,
    );
}

#[test]
fn divergences() {
    let table = Table::read();
    let ((x, y), (a, b)) = (points(), masses());
    let options = SinkhornOptions { tolerance: 1e-14, ..SinkhornOptions::default() };
    for (case, epsilon) in [("wide", 0.5), ("narrow", 0.05)] {
        let found = sinkhorn_divergence_with(
            x.as_ref(),
            &a,
            y.as_ref(),
            &b,
            Metric::SquaredEuclidean,
            epsilon,
            &options,
        )
        .unwrap();
        close(found.value, table.value(case, "divergence"), 1e-13);
    }
}

#[test]
fn unbalanced_problems() {
    let table = Table::read();
    let ((x, y), (a, b)) = (points(), masses());
    let heavy: Vec<f64> = b.iter().map(|b| 3.0 * b).collect();
    let cost = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let options = UnbalancedOptions { tolerance: 1e-14, ..UnbalancedOptions::default() };
    let cases = [
        ("kl", 0.1, Penalty::KullbackLeibler(0.5), 1e-13),
        ("kl_far", 0.05, Penalty::KullbackLeibler(100.0), 1e-12),
        ("tv", 0.1, Penalty::TotalVariation(0.1), 1e-13),
    ];
    for (case, epsilon, penalty, tolerance) in cases {
        let found = unbalanced_with(&a, &heavy, cost, epsilon, penalty, penalty, &options, |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
        close(found.primal, table.value(case, "primal"), tolerance);
        close(found.dual, table.value(case, "primal"), tolerance);
        close(found.mass, table.value(case, "mass"), 1e-6);
        assert!(found.gap >= 0.0 && found.iterations < 300, "{} {}", found.gap, found.iterations);
    }
}

#[test]
fn barycentres_plain_and_debiased() {
    let table = Table::read();
    let cost = Mat::from_fn(7, 7, |i, j| ((i as f64 - j as f64) / 6.0).powi(2));
    let histograms = faer::mat![[4.0, 3.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 5.0]];
    for (case, debiased) in [("plain", false), ("debiased", true)] {
        let options = BarycentreOptions {
            tolerance: 1e-15,
            debiased,
            max_iterations: 3000,
            ..BarycentreOptions::default()
        };
        let go_on = |_, _| ControlFlow::Continue(());
        let found =
            barycentre_with(cost.as_ref(), histograms.as_ref(), &[1.0, 3.0], 0.05, &options, go_on).unwrap();
        for i in 0..7 {
            close(found.weights[i], table.value(case, &format!("weight_{i}")), 1e-11);
        }
    }
}
