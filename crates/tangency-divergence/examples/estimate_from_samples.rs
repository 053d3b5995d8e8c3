//! How far apart are two samples? Five kinds of answer to one question, beside the truth.
//!
//! A thousand points of N(0, 1) and as many of N(1, 1). The Kullback-Leibler divergence is ½. Neighbours, ratios and bins aim
//! at it; a critic bounds it from below, once with the central limit theorem and once, clamped, with an inequality that holds for
//! every number of points. The ratio is a function and gives other divergences as well. The tests at the end ask only whether
//! there is a difference, and, on two halves of one sample, find none.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::error::Error;
use std::fmt::Write;
use tangency_divergence::{
    BoundOptions, Confidence, HistogramOptions, KernelWidth, KullbackLeibler, Law, LogisticOptions,
    LogisticRatio, MmdKernel, NeighbourOptions, Permutations, RatioForm, Sample, Smoothing, SquaredHellinger,
    SubsamplingOptions, TotalVariation, Ulsif, UlsifOptions, VariationalOptions, divergence_between,
    divergence_from_ratio, energy_test, histogram_divergence, knn_kl_divergence, mmd_test, variational,
};

/// Normal numbers around a mean, by Box and Muller.
fn normal(mean: f64, count: usize, rng: &mut (impl Rng + ?Sized)) -> Vec<f64> {
    let one = |_| {
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        mean + radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
    };
    (0..count).map(one).collect()
}

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let mut rng = Pcg64::seed_from_u64(7);
    let (x, y) = (normal(0.0, 1000, &mut rng), normal(1.0, 1000, &mut rng));
    let (p, q) = (Sample::from(&x[..]), Sample::from(&y[..]));
    let law = |mean| Law::Normal { mean, standard_deviation: 1.0 };

    let truth = divergence_between(&KullbackLeibler, law(0.0), law(1.0))?.value;
    writeln!(out, "KL from 1000 points each; the truth is {truth}")?;
    let options = NeighbourOptions { subsampling: Some(SubsamplingOptions::default()), ..Default::default() };
    writeln!(out, "neighbours         {}", knn_kl_divergence(p, q, &options, &mut rng)?)?;
    let logistic = LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut rng)?;
    let found = divergence_from_ratio(&KullbackLeibler, &logistic, p, q, RatioForm::OverP)?;
    writeln!(out, "logistic ratio     {found}")?;
    let ulsif = Ulsif::fit(p, q, &UlsifOptions::default(), &mut rng)?;
    let found = divergence_from_ratio(&KullbackLeibler, &ulsif, p, q, RatioForm::OverP)?;
    writeln!(out, "uLSIF ratio        {found}")?;
    let bins = HistogramOptions { smoothing: Smoothing::JeffreysPrior, ..Default::default() };
    writeln!(out, "bins, smoothed     {}", histogram_divergence(&KullbackLeibler, p, q, &bins)?)?;

    writeln!(out, "\nlower bounds from a critic fitted on one half and evaluated on the other")?;
    let found = variational(&KullbackLeibler, p, q, &VariationalOptions::default(), &mut rng)?;
    writeln!(out, "asymptotic         {}", found.bound.estimate)?;
    let bound =
        BoundOptions { clamp: Some(2.0), confidence: Confidence::EmpiricalBernstein, ..Default::default() };
    let found =
        variational(&KullbackLeibler, p, q, &VariationalOptions { bound, ..Default::default() }, &mut rng)?;
    writeln!(out, "for every n        {}", found.bound.estimate)?;

    writeln!(out, "\nother divergences from the same ratio, and their truth")?;
    let truth = divergence_between(&SquaredHellinger::half(), law(0.0), law(1.0))?.value;
    let found = divergence_from_ratio(&SquaredHellinger::half(), &logistic, p, q, RatioForm::Bound)?;
    writeln!(out, "Hellinger²         {found}   {truth:.6}")?;
    let truth = divergence_between(&TotalVariation, law(0.0), law(1.0))?.value;
    let found = divergence_from_ratio(&TotalVariation, &logistic, p, q, RatioForm::OverQ)?;
    writeln!(out, "total variation    {found}   {truth:.6}")?;

    writeln!(out, "\nis there a difference at all?")?;
    let permutations = || Permutations { count: 199, ..Default::default() };
    let (kernel, width) = (MmdKernel::Gaussian, KernelWidth::MedianDistance);
    writeln!(out, "{}", mmd_test(p, q, kernel, width, permutations(), &mut rng)?)?;
    writeln!(out, "{}", energy_test(p, q, permutations(), &mut rng)?)?;
    let (first, second) = x.split_at(500);
    let halves = energy_test(Sample::from(first), Sample::from(second), permutations(), &mut rng)?;
    writeln!(out, "{halves}, between the halves of one sample")?;
    Ok(out)
}

#[allow(dead_code, reason = "the test includes this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
