//! How often each two-sample test finds a shift: `cargo run --release --example test_power --features rayon`.
//!
//! Two samples of 100 points, normal with unit covariance, the second one shifted by a distance along the first axis. The table has the share of
//! 500 repetitions in which p is at most 0.05. Without a shift that is the level, which only the tests by normal approximation may
//! exceed.

use faer::{Mat, MatRef};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency_divergence::{
    Grouping, KernelWidth, MmdKernel, Permutations, Sample, SampleError, classifier_test, energy_test,
    mmd_block_test, mmd_linear_test, mmd_test, nearest_neighbour_scores, nearest_neighbour_test,
    permutation_test,
};

const POINTS: usize = 100;
const REPETITIONS: usize = 500;
const LEVEL: f64 = 0.05;

type Test = fn(Sample<'_>, Sample<'_>, &mut Pcg64) -> Result<f64, SampleError>;

const TESTS: [(&str, Test); 7] = [
    ("distance of means, permuted", |p, q, rng| {
        permutation_test(p, q, distance_of_means, permutations(), rng).map(|test| test.p_value)
    }),
    ("`energy_test`", |p, q, rng| energy_test(p, q, permutations(), rng).map(|test| test.p_value)),
    ("`mmd_test`, Gaussian, median width", |p, q, rng| {
        let (kernel, width) = (MmdKernel::Gaussian, KernelWidth::MedianDistance);
        mmd_test(p, q, kernel, width, permutations(), rng).map(|test| test.p_value)
    }),
    ("`mmd_block_test`, blocks of 5", |p, q, _| {
        mmd_block_test(p, q, MmdKernel::Gaussian, KernelWidth::MedianDistance, 5).map(|test| test.p_value)
    }),
    ("`mmd_linear_test`", |p, q, _| {
        mmd_linear_test(p, q, MmdKernel::Gaussian, KernelWidth::MedianDistance).map(|test| test.p_value)
    }),
    ("`nearest_neighbour_test`, k = 5", |p, q, rng| {
        nearest_neighbour_test(p, q, 5, permutations(), rng).map(|test| test.p_value)
    }),
    ("`classifier_test`, nearest neighbours", |p, q, rng| {
        classifier_test(p, q, |p, q, x| nearest_neighbour_scores(p, q, x, None), rng).map(|test| test.p_value)
    }),
];

fn main() -> Result<(), SampleError> {
    let cases = [1, 5].map(|d| [0.0, 0.25, 0.5, 1.0].map(|shift| (d, shift))).concat();
    print!("| test |");
    for (d, shift) in &cases {
        print!(" d = {d}, shift {shift} |");
    }
    println!("\n|---|{}", "---:|".repeat(cases.len()));
    for (name, test) in TESTS {
        print!("| {name} |");
        for (d, shift) in &cases {
            let mut rng = Pcg64::seed_from_u64(1); // the same points for all tests
            let mut found = 0;
            for _ in 0..REPETITIONS {
                let (p, q) = (normal(*d, 0.0, &mut rng), normal(*d, *shift, &mut rng));
                let labels = &mut Pcg64::seed_from_u64(rng.random());
                let p_value = test(Sample::from(p.as_ref()), Sample::from(q.as_ref()), labels)?;
                found += usize::from(p_value <= LEVEL);
            }
            print!(" {:.3} |", found as f64 / REPETITIONS as f64);
        }
        println!();
    }
    Ok(())
}

/// With 199 permutations 0.05 is a multiple of the smallest p-value.
fn permutations<'a>() -> Permutations<'a> {
    Permutations { count: 199, ..Default::default() }
}

fn distance_of_means(split: &Grouping<'_>) -> f64 {
    let points: MatRef<'_, f64> = split.points();
    let mean = |of: &[usize], k: usize| of.iter().map(|i| points[(*i, k)]).sum::<f64>() / of.len() as f64;
    (0..points.ncols()).map(|k| (mean(split.p(), k) - mean(split.q(), k)).powi(2)).sum()
}

fn normal(d: usize, shift: f64, rng: &mut impl Rng) -> Mat<f64> {
    Mat::from_fn(POINTS, d, |_, k| {
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        radius * (std::f64::consts::TAU * rng.random::<f64>()).cos() + if k == 0 { shift } else { 0.0 }
    })
}
