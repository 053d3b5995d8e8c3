//! The same bits for every number of threads.

use crate::ratio_support::{cloud, normals, rng};
use tangency_divergence::{
    Bins, DensityRatio, KernelDensityOptions, Kliep, KliepOptions, KullbackLeibler, LogisticOptions,
    LogisticRatio, Sample, Ulsif, UlsifOptions, histogram_counts, kernel_density_divergence,
};

fn everything() -> Vec<u64> {
    let mut rng = rng(1);
    let (p, q) = (cloud(1500, 2, 0.7, &mut rng), cloud(1200, 2, 0.0, &mut rng));
    let (p, q) = (Sample::from(p.as_ref()), Sample::from(q.as_ref()));
    let mut bits = Vec::new();
    let mut add = |ratio: &dyn DensityRatio| {
        bits.extend(ratio.ln_ratio(q.points()).unwrap().iter().map(|v| v.to_bits()));
    };
    let options = UlsifOptions { relative: 0.1, ridges: vec![0.01, 0.1], ..Default::default() };
    add(&Ulsif::fit(p, q, &options, &mut rng).unwrap());
    let options =
        KliepOptions { centres: tangency_divergence::Centres::FromP(30), folds: 2, ..Default::default() };
    add(&Kliep::fit(p, q, &options, &mut rng).unwrap());
    add(&LogisticRatio::fit(p, q, &LogisticOptions::default(), &mut rng).unwrap());
    let options =
        KernelDensityOptions { bandwidth: tangency_divergence::Bandwidth::Scott, ..Default::default() };
    bits.push(kernel_density_divergence(&KullbackLeibler, p, q, &options).unwrap().value.to_bits());
    let numbers = normals(600_000, 0.0, 1.0, &mut rng);
    let bins = Bins::Uniform { lower: -3.0, upper: 3.0, count: 50 };
    bits.extend(histogram_counts(Sample::from(&numbers[..]), &bins).unwrap());
    bits
}

#[test]
fn results_do_not_depend_on_threads() {
    let reference = everything();
    for threads in 1..=4 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(everything) == reference, "{threads} threads");
    }
}
