//! Estimates of a divergence from samples: bias and spread by the number of points, and bounds that rise with the features.

use super::draws::normal;
use crate::figure::{Axis, Colour, Direction, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency::divergence::{
    self, FDivergence, Features, HistogramOptions, JensenShannon, KullbackLeibler, Law, LinearCriticOptions,
    LogisticOptions, LogisticRatio, NeighbourOptions, PearsonChiSquared, RatioForm, ReverseKullbackLeibler,
    Sample, SampleError, Smoothing, SquaredHellinger, Ulsif, UlsifOptions, VariationalOptions,
    divergence_between, divergence_from_ratio, histogram_divergence, knn_kl_divergence, variational,
};

const STORY: &str = "\
Two samples are given, and no density. There are three ways to a divergence. Distances to nearest neighbours stand for the two \
densities; a ratio $p/q$ is fitted as such; or the points are put into bins. Each is wrong in its own manner, and only \
repetition shows how: an estimate has a spread, which falls like $1/\\sqrt n$, and a bias, which falls as it likes.

A critic takes a fourth way, and does not aim at the divergence but bounds it. Fitted on one half of the points and evaluated \
on the other, its bound lies below the truth on average, however bad the critic. The second figure gives it more and more \
features, bumps at random places, for two distributions whose log-ratio has kinks. The bounds of five divergences rise to their \
truth; more features than that only cost a little, for they are fitted to points that are not asked again.";

/// Repetitions at every number of points.
const REPETITIONS: usize = 60;
const SIZES: [usize; 5] = [50, 100, 200, 400, 800];

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "estimators",
        title: "What samples can tell".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let (bias, mut rows) = bias_and_spread(&mut |part| progress(0.7 * part))?;
    let (rising, more) = rising(&mut |part| progress(0.7 + 0.3 * part))?;
    rows.extend(more);
    Ok(Report { figures: vec![bias, rising], rows })
}

/// Laplace's distribution around a location.
fn laplace(location: f64, count: usize, rng: &mut impl Rng) -> Vec<f64> {
    let one = |_| {
        let u = rng.random::<f64>() - 0.5;
        location - u.signum() * (-2.0 * u.abs()).ln_1p()
    };
    (0..count).map(one).collect()
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

type Estimator = fn(Sample<'_>, Sample<'_>, &mut Pcg64) -> Result<f64, SampleError>;

fn neighbours(p: Sample<'_>, q: Sample<'_>, rng: &mut Pcg64) -> Result<f64, SampleError> {
    Ok(knn_kl_divergence(p, q, &NeighbourOptions::default(), rng)?.value)
}

fn logistic(p: Sample<'_>, q: Sample<'_>, rng: &mut Pcg64) -> Result<f64, SampleError> {
    let ratio = LogisticRatio::fit(p, q, &LogisticOptions::default(), rng)?;
    Ok(divergence_from_ratio(&KullbackLeibler, &ratio, p, q, RatioForm::OverP)?.value)
}

fn least_squares(p: Sample<'_>, q: Sample<'_>, rng: &mut Pcg64) -> Result<f64, SampleError> {
    let ratio = Ulsif::fit(p, q, &UlsifOptions::default(), rng)?;
    Ok(divergence_from_ratio(&KullbackLeibler, &ratio, p, q, RatioForm::OverP)?.value)
}

fn bins(p: Sample<'_>, q: Sample<'_>, _: &mut Pcg64) -> Result<f64, SampleError> {
    let options = HistogramOptions { smoothing: Smoothing::JeffreysPrior, ..Default::default() };
    Ok(histogram_divergence(&KullbackLeibler, p, q, &options)?.value)
}

/// KL from N(0, 1) to N(1, 1) by four estimators.
fn bias_and_spread(progress: &mut dyn FnMut(f64)) -> Result<(Figure, Vec<Row>), WorkError> {
    const TRUTH: f64 = 0.5;
    let estimators: [(&str, Estimator, Colour, Shape); 4] = [
        ("neighbours", neighbours, Colour::First, Shape::Disc),
        ("logistic ratio", logistic, Colour::Second, Shape::Square),
        ("uLSIF ratio", least_squares, Colour::Third, Shape::Disc),
        ("bins", bins, Colour::Ink, Shape::Circle),
    ];
    let mut figure = Figure::new(
        "Bias and spread by the number of points",
        "Estimates of the Kullback-Leibler divergence from $N(0, 1)$ to $N(1, 1)$, which is ½ (line): mean of 60 repetitions, and \
         one standard deviation of a single estimate each way.",
        Width::Full,
        Axis::log("points in each sample"),
        Axis::linear("estimate"),
    )
    .draw(Mark::Rule(TRUTH, Direction::Horizontal), Colour::Muted);
    let mut rows = Vec::new();
    for (k, (name, estimator, colour, shape)) in estimators.into_iter().enumerate() {
        let (mut means, mut spreads) = (Vec::new(), Vec::new());
        for (s, size) in SIZES.into_iter().enumerate() {
            let mut rng = Pcg64::seed_from_u64(size as u64);
            let mut values = Vec::with_capacity(REPETITIONS);
            for _ in 0..REPETITIONS {
                let (x, y) = (normal(0.0, size, &mut rng), normal(1.0, size, &mut rng));
                values.push(estimator(Sample::from(&x[..]), Sample::from(&y[..]), &mut rng)?);
            }
            let (mean, spread) = moments(&values);
            // Side by side, so that the whiskers can be told apart.
            means.push([size as f64 * (1.0 + 0.06 * (k as f64 - 1.5)), mean]);
            spreads.push(spread);
            progress((k as f64 + (s + 1) as f64 / SIZES.len() as f64) / 4.0);
        }
        let (last, spread) = (means[SIZES.len() - 1][1], spreads[SIZES.len() - 1]);
        let row = Row::number(&format!("mean of 60 estimates from 800 points, {name}"), last)
            .digits(4)
            .standard_error(spread / (REPETITIONS as f64).sqrt());
        // Of the ratio by least squares and of bins the bias is what the figure shows; the other two have next to none here.
        rows.push(if k < 2 { row.near(TRUTH, 0.03) } else { row.between(0.3, 0.6) });
        figure = figure
            .draw(Mark::Line(means.clone(), Stroke::Fine), colour)
            .draw(Mark::Whiskers(means.clone(), spreads, Direction::Vertical), colour)
            .named(name, Mark::Points(means, shape), colour);
    }
    Ok((figure, rows))
}

/// Held-out bounds of five divergences between two Laplace distributions, by the number of features of the critic.
fn rising(progress: &mut dyn FnMut(f64)) -> Result<(Figure, Vec<Row>), WorkError> {
    const POINTS: usize = 4000;
    const DRAWS: u64 = 6;
    const FEATURES: [usize; 6] = [1, 2, 4, 8, 16, 32];
    let law = |location| Law::Laplace { location, scale: 1.0 };
    let entries: [(Box<dyn FDivergence>, &str, Colour); 5] = [
        (Box::new(KullbackLeibler), "KL", Colour::First),
        (Box::new(SquaredHellinger::full()), "Hellinger", Colour::Second),
        (Box::new(JensenShannon::f_gan()), "Jensen-Shannon", Colour::Third),
        (Box::new(PearsonChiSquared), "Pearson", Colour::Ink),
        (Box::new(ReverseKullbackLeibler), "reverse KL", Colour::Muted),
    ];
    let mut figure = Figure::new(
        "The bound rises to the truth, for each f",
        "Bounds over divergences, between Laplace distributions at 0 and 2: critics linear in Gaussian bumps, fitted to 2000 points \
         of each and evaluated on 2000 others; means of six draws.",
        Width::Full,
        Axis::log("number of features"),
        Axis::linear("bound over divergence").between(0.0, 1.1),
    )
    .draw(Mark::Rule(1.0, Direction::Horizontal), Colour::Muted);
    let mut rows = Vec::new();
    for (k, (f, name, colour)) in entries.iter().enumerate() {
        let truth = divergence_between(f.as_ref(), law(0.0), law(2.0))?.value;
        let mut points = Vec::new();
        for (c, count) in FEATURES.into_iter().enumerate() {
            let features = Features::Gaussian { count, width: divergence::Width::Fixed(1.0) };
            // A bump that saw points of P alone has a coefficient that the ridge alone holds back; for KL one point of Q that
            // was held out, and lies under it, costs its exponential.
            let critic = LinearCriticOptions { features, ridge: 1e-2, ..Default::default() };
            let options = VariationalOptions { critic, ..Default::default() };
            let mut mean = 0.0;
            for seed in 0..DRAWS {
                let mut rng = Pcg64::seed_from_u64(seed);
                let (x, y) = (laplace(0.0, POINTS, &mut rng), laplace(2.0, POINTS, &mut rng));
                let found =
                    variational(f.as_ref(), Sample::from(&x[..]), Sample::from(&y[..]), &options, &mut rng)?;
                mean += found.bound.estimate.value / DRAWS as f64;
            }
            points.push([count as f64, mean / truth]);
            progress((k as f64 + (c + 1) as f64 / FEATURES.len() as f64) / 5.0);
        }
        let last = points[points.len() - 1][1];
        rows.push(
            Row::number(&format!("bound over the divergence, 32 features, {name}"), last)
                .digits(3)
                .between(0.85, 1.05),
        );
        figure = figure.draw(Mark::Line(points.clone(), Stroke::Fine), *colour).named(
            name,
            Mark::Points(points, Shape::Disc),
            *colour,
        );
    }
    Ok((figure, rows))
}
