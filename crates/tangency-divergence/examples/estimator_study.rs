//! Mean, spread and coverage of the estimators over many repetitions, as a table in Markdown.
//!
//! `cargo run --release --features rayon --example estimator_study -- [repetitions] [largest dimension] [part of a name] [β]`
//!
//! Repetitions (default 20) hold for d ≤ 2; beyond, a twentieth of them, at least twenty. A new estimator is a line in `estimators`.

use faer::{Mat, MatRef};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::f64::consts::PI;
use tangency_divergence::{
    BoundOptions, Confidence, Estimate, ExtrapolationOptions, HistogramOptions, KernelDensityOptions, Kliep,
    KliepOptions, KsgAlgorithm, KullbackLeibler, LogisticOptions, LogisticRatio, MutualInformationOptions,
    NeighbourOptions, Neighbours, RatioForm, Sample, SampleError, SquaredHellinger, SubsamplingOptions,
    Ulsif, UlsifOptions, VariationalOptions, divergence_from_ratio, histogram_divergence,
    kernel_density_divergence, knn_entropy, knn_kl_divergence, knn_renyi_divergence, ksg_mutual_information,
    variational, with_extrapolation, with_subsampling,
};

/// The two distributions of an experiment, in d dimensions.
#[derive(Clone, Copy, PartialEq)]
enum Pair {
    /// N(0, I) and N(e₁, I).
    Shifted,
    /// N(0, I) and N(0, 4 I).
    Wide,
    /// N(0, I) twice.
    Same,
    /// Exponential with rates 1 and 2; on the line alone.
    Exponential,
    /// Two normal variables with unit variance whose coordinates have the correlation 0.6 in pairs.
    Correlated,
}

impl Pair {
    fn name(self) -> &'static str {
        match self {
            Self::Shifted => "N(0, I), N(e₁, I)",
            Self::Wide => "N(0, I), N(0, 4 I)",
            Self::Same => "N(0, I) twice",
            Self::Exponential => "Exp(1), Exp(2)",
            Self::Correlated => "correlation 0.6",
        }
    }

    fn draw(self, n: usize, d: usize, rng: &mut Pcg64Mcg) -> (Mat<f64>, Mat<f64>) {
        let mut matrix = |next: fn(&mut Pcg64Mcg) -> f64| Mat::from_fn(n, d, |_, _| next(rng));
        match self {
            Self::Shifted => {
                let (p, mut q) = (matrix(normal), matrix(normal));
                for row in 0..n {
                    q[(row, 0)] += 1.0;
                }
                (p, q)
            }
            Self::Wide => (matrix(normal), matrix(|rng| 2.0 * normal(rng))),
            Self::Same => (matrix(normal), matrix(normal)),
            Self::Exponential => (matrix(exponential), matrix(|rng| 0.5 * exponential(rng))),
            Self::Correlated => {
                let (x, noise) = (matrix(normal), matrix(normal));
                let y = Mat::from_fn(n, d, |i, j| 0.6 * x[(i, j)] + 0.8 * noise[(i, j)]);
                (x, y)
            }
        }
    }

    /// KL(P‖Q).
    fn kl(self, d: usize) -> f64 {
        match self {
            Self::Shifted => 0.5,
            Self::Wide => d as f64 * (2.0_f64.ln() + 0.125 - 0.5),
            Self::Same | Self::Correlated => 0.0,
            Self::Exponential => 1.0 - 2.0_f64.ln(),
        }
    }

    /// The Rényi divergence of an order that is not 1.
    fn renyi(self, order: f64, d: usize) -> f64 {
        match self {
            Self::Shifted => 0.5 * order,
            Self::Wide => {
                // ∫ p^α q^{1−α} = 2^{α−1} (α + (1 − α)/4)^{−½} for each coordinate.
                let variance = order + 0.25 * (1.0 - order);
                d as f64 * (2.0_f64.ln() - 0.5 * variance.ln() / (order - 1.0))
            }
            Self::Same | Self::Correlated => 0.0,
            // ∫ e^{−αx} 2^{1−α} e^{−2(1−α)x} dx = 2^{1−α} / (2 − α).
            Self::Exponential => -(2.0_f64.ln()) - (2.0 - order).ln() / (order - 1.0),
        }
    }

    /// The squared Hellinger distance with the factor ½: 1 − ∫ √(p q).
    fn hellinger(self, d: usize) -> f64 {
        -(-0.5 * self.renyi(0.5, d)).exp_m1()
    }

    /// The entropy of P.
    fn entropy(self, d: usize) -> f64 {
        if self == Self::Exponential { 1.0 } else { 0.5 * d as f64 * (1.0 + (2.0 * PI).ln()) }
    }
}

/// What an experiment calls.
type Run = Box<
    dyn Fn(
        MatRef<'_, f64>,
        MatRef<'_, f64>,
        SubsamplingOptions,
        &mut Pcg64Mcg,
    ) -> Result<Estimate, SampleError>,
>;

/// An estimator with the true value of what it estimates.
struct Estimator {
    name: &'static str,
    /// Not tried in more dimensions than this.
    dimension: usize,
    pairs: &'static [Pair],
    truth: fn(Pair, usize) -> f64,
    run: Run,
}

const TWO_SAMPLES: &[Pair] = &[Pair::Shifted, Pair::Wide, Pair::Same, Pair::Exponential];

/// Estimators with intervals by subsampling.
fn estimators() -> Vec<Estimator> {
    let options = |neighbours, subsampling| NeighbourOptions { neighbours, subsampling: Some(subsampling) };
    let kl = |name, neighbours| Estimator {
        name,
        dimension: usize::MAX,
        pairs: TWO_SAMPLES,
        truth: Pair::kl,
        run: Box::new(move |p, q, s, rng| {
            knn_kl_divergence(p.into(), q.into(), &options(neighbours, s), rng)
        }),
    };
    let ksg = |name, algorithm| Estimator {
        name,
        dimension: usize::MAX,
        pairs: &[Pair::Correlated, Pair::Same],
        truth: |pair, d| if pair == Pair::Same { 0.0 } else { -0.5 * d as f64 * 0.64_f64.ln() },
        run: Box::new(move |x, y, s, rng| {
            let options = MutualInformationOptions { algorithm, subsampling: Some(s), ..Default::default() };
            ksg_mutual_information(x.into(), y.into(), &options, rng)
        }),
    };
    vec![
        kl("KL, kNN, automatic (k = 1)", Neighbours::Automatic),
        kl("KL, kNN, k = 5", Neighbours::Fixed(5)),
        kl("KL, common radius, 1", Neighbours::CommonRadius(1)),
        Estimator {
            name: "Rényi ½, kNN, automatic",
            dimension: usize::MAX,
            pairs: TWO_SAMPLES,
            truth: |pair, d| pair.renyi(0.5, d),
            run: Box::new(move |p, q, s, rng| {
                knn_renyi_divergence(p.into(), q.into(), 0.5, &options(Neighbours::Automatic, s), rng)
            }),
        },
        Estimator {
            name: "Rényi ½, kNN, extrapolated",
            dimension: 2,
            pairs: TWO_SAMPLES,
            truth: |pair, d| pair.renyi(0.5, d),
            run: Box::new(|p, q, s, rng| {
                let again = |p: Sample<'_>, q: Sample<'_>| {
                    let mut parts = Pcg64Mcg::seed_from_u64(1);
                    let renyi = |p: Sample<'_>, q: Sample<'_>| {
                        let mut unused = Pcg64Mcg::seed_from_u64(0);
                        knn_renyi_divergence(p, q, 0.5, &NeighbourOptions::default(), &mut unused)
                    };
                    with_extrapolation(p, q, renyi, &ExtrapolationOptions::default(), &mut parts)
                };
                with_subsampling(p.into(), q.into(), again, &s, rng)
            }),
        },
        Estimator {
            name: "entropy, kNN, automatic",
            dimension: usize::MAX,
            pairs: &[Pair::Same, Pair::Exponential],
            truth: Pair::entropy,
            run: Box::new(move |p, _, s, rng| knn_entropy(p.into(), &options(Neighbours::Automatic, s), rng)),
        },
        ksg("mutual information, KSG 1", KsgAlgorithm::First),
        ksg("mutual information, KSG 2", KsgAlgorithm::Second),
    ]
}

/// Estimators whose intervals, if any, are not made by subsampling.
fn without_subsampling() -> Vec<Estimator> {
    vec![
        Estimator {
            name: "KL, variational, quadratic: lower bound",
            dimension: usize::MAX,
            pairs: TWO_SAMPLES,
            truth: Pair::kl,
            run: Box::new(|p, q, _, rng| {
                let bound = BoundOptions { confidence: Confidence::Normal, ..Default::default() };
                let options = VariationalOptions { bound, ..Default::default() };
                variational(&KullbackLeibler, p.into(), q.into(), &options, rng)
                    .map(|found| found.bound.estimate)
            }),
        },
        Estimator {
            name: "KL, logistic, quadratic",
            dimension: usize::MAX,
            pairs: TWO_SAMPLES,
            truth: Pair::kl,
            run: Box::new(|p, q, _, rng| {
                let ratio = LogisticRatio::fit(p.into(), q.into(), &LogisticOptions::default(), rng)?;
                divergence_from_ratio(&KullbackLeibler, &ratio, p.into(), q.into(), RatioForm::Bound)
            }),
        },
        Estimator {
            name: "KL, kernel densities",
            dimension: usize::MAX,
            pairs: TWO_SAMPLES,
            truth: Pair::kl,
            run: Box::new(|p, q, _, _| {
                kernel_density_divergence(
                    &KullbackLeibler,
                    p.into(),
                    q.into(),
                    &KernelDensityOptions::default(),
                )
            }),
        },
        Estimator {
            name: "squared Hellinger ½, uLSIF",
            dimension: usize::MAX,
            pairs: TWO_SAMPLES,
            truth: Pair::hellinger,
            run: Box::new(|p, q, _, rng| {
                let ratio = Ulsif::fit(p.into(), q.into(), &UlsifOptions::default(), rng)?;
                divergence_from_ratio(&SquaredHellinger::half(), &ratio, p.into(), q.into(), RatioForm::OverQ)
            }),
        },
        Estimator {
            name: "squared Hellinger ½, KLIEP",
            dimension: usize::MAX,
            pairs: TWO_SAMPLES,
            truth: Pair::hellinger,
            run: Box::new(|p, q, _, rng| {
                let ratio = Kliep::fit(p.into(), q.into(), &KliepOptions::default(), rng)?;
                divergence_from_ratio(&SquaredHellinger::half(), &ratio, p.into(), q.into(), RatioForm::OverQ)
            }),
        },
        Estimator {
            name: "squared Hellinger ½, histogram",
            dimension: 2,
            pairs: TWO_SAMPLES,
            truth: Pair::hellinger,
            run: Box::new(|p, q, _, _| {
                histogram_divergence(
                    &SquaredHellinger::half(),
                    p.into(),
                    q.into(),
                    &HistogramOptions::default(),
                )
            }),
        },
    ]
}

/// What many repetitions of one experiment say.
struct Summary {
    mean: f64,
    spread: f64,
    standard_error: f64,
    /// Of the intervals, in percent, if there are any.
    coverage: Option<f64>,
}

fn repeat(
    estimator: &Estimator,
    pair: Pair,
    n: usize,
    d: usize,
    repetitions: u64,
    options: SubsamplingOptions,
) -> Result<Summary, SampleError> {
    let truth = (estimator.truth)(pair, d);
    let (mut values, mut errors, mut covered, mut intervals) = (Vec::new(), 0.0, 0.0, 0);
    for seed in 0..repetitions {
        // Not the seeds on which the defaults were chosen.
        let mut rng = Pcg64Mcg::seed_from_u64(1_000_000 + seed);
        let (p, q) = pair.draw(n, d, &mut rng);
        let estimate = (estimator.run)(p.as_ref(), q.as_ref(), options, &mut rng)?;
        values.push(estimate.value);
        errors += estimate.standard_error.unwrap_or(f64::NAN);
        if let Some(interval) = estimate.interval {
            intervals += 1;
            covered += f64::from(u8::from(interval.lower <= truth && truth <= interval.upper));
        }
    }
    let count = repetitions as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Ok(Summary {
        mean,
        spread: variance.sqrt(),
        standard_error: errors / count,
        coverage: (intervals > 0).then(|| 100.0 * covered / f64::from(intervals)),
    })
}

fn normal(rng: &mut Pcg64Mcg) -> f64 {
    (2.0 * exponential(rng)).sqrt() * (2.0 * PI * rng.random::<f64>()).cos()
}

fn exponential(rng: &mut Pcg64Mcg) -> f64 {
    -(1.0 - rng.random::<f64>()).ln()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map(String::as_str);
    let repetitions: u64 = argument(0).unwrap_or("20").parse()?;
    let largest: usize = argument(1).unwrap_or("10").parse()?;
    let mut options = SubsamplingOptions::default();
    let wanted = argument(2).unwrap_or("");
    if let Some(exponent) = argument(3) {
        options.exponent = exponent.parse()?;
    }
    let level = 100.0 * options.level;
    println!(
        "| estimator | P, Q | d | n = m | truth | mean | spread | standard error | coverage of {level} % | repetitions |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for estimator in
        estimators().iter().chain(&without_subsampling()).filter(|estimator| estimator.name.contains(wanted))
    {
        for &pair in estimator.pairs {
            for d in [1, 2, 5, 10] {
                if d > largest.min(estimator.dimension) || (pair == Pair::Exponential && d > 1) {
                    continue;
                }
                let repetitions = if d > 2 { (repetitions / 20).max(20) } else { repetitions };
                for n in [1000, 4000] {
                    let Summary { mean, spread, standard_error, coverage } =
                        repeat(estimator, pair, n, d, repetitions, options)?;
                    let coverage = coverage.map_or("–".to_owned(), |percent| format!("{percent:.1} %"));
                    println!(
                        "| {} | {} | {d} | {n} | {:.4} | {mean:.4} | {spread:.4} | {standard_error:.4} | {coverage} | {repetitions} |",
                        estimator.name,
                        pair.name(),
                        (estimator.truth)(pair, d),
                    );
                }
            }
        }
    }
    Ok(())
}
