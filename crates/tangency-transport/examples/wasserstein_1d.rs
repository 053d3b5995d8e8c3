//! What one dimension offers: distances, plans with proofs, named laws, the circle, statistics and summaries.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use statrs::distribution::{Cauchy, Exp, Normal};
use std::error::Error;
use std::fmt::Write;
use tangency_transport::{
    QuantileFunction, Sketch, SketchGrid, expected_w1_null, normalised_wasserstein, transport_1d,
    wasserstein_1d, wasserstein_between, wasserstein_circle, wasserstein_interval,
    wasserstein_permutation_test, wasserstein_sketches, wasserstein_to_law,
};

#[allow(dead_code, reason = "the tests call `run` alone")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}

/// Everything that the example prints.
pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let (x, y) = ([4.0, 0.0, 1.0, 2.5], [3.0, 1.5, 5.0]);
    writeln!(out, "Four points and three: W_p grows with p")?;
    for p in [1.0, 2.0, 4.0, f64::INFINITY] {
        writeln!(out, "  p = {p:<3}  W = {:.12}", wasserstein_1d(&x, &y, p)?)?;
    }

    let found = transport_1d(&x, &y, 2.0)?;
    writeln!(out, "\nThe plan for p = 2, and the potentials that prove it")?;
    for ship in found.plan.shipments() {
        writeln!(out, "  {:.6} from {:.1} to {:.1}", ship.mass, x[ship.source], y[ship.target])?;
    }
    writeln!(out, "  it costs {:.12}, and nothing costs less than {:.12}", found.primal, found.dual)?;

    writeln!(out, "\nNamed laws")?;
    let normal = Normal::new(0.0, 1.0)?;
    let mut line = |name: &str, found: tangency_transport::LawDistance| {
        let how = format!("{:?}", found.method);
        let how = how.split([' ', '{']).next().unwrap_or_default().to_owned();
        writeln!(out, "  {name:<34} {:.12}  {how}", found.value)
    };
    line("W1 of N(0, 1) and N(1, 2)", wasserstein_between(normal, Normal::new(1.0, 2.0)?, 1.0)?)?;
    line("W2 of N(0, 1) and Exp(1)", wasserstein_between(normal, Exp::new(1.0)?, 2.0)?)?;
    line("W1 of N(0, 1) and Cauchy(0, 1)", wasserstein_between(normal, Cauchy::new(0.0, 1.0)?, 1.0)?)?;
    line("W1 of the four points and N(0, 1)", wasserstein_to_law(&QuantileFunction::new(&x)?, normal, 1.0)?)?;

    let (late, early) = ([22.0, 23.0, 23.5], [0.5, 1.0, 2.0]);
    writeln!(out, "\nHours of the day")?;
    writeln!(out, "  on the line   {:.6}", wasserstein_1d(&late, &early, 1.0)?)?;
    writeln!(out, "  on the clock  {:.6}", wasserstein_circle(&late, &early, 24.0, 1.0)?)?;

    writeln!(out, "\nTwo samples of 400, exponential with means 1 and 1.2")?;
    let mut rng = Pcg64::seed_from_u64(20);
    let mut draw =
        |mean: f64| -> Vec<f64> { (0..400).map(|_| -mean * (1.0 - rng.random::<f64>()).ln()).collect() };
    let (reference, current) = (draw(1.0), draw(1.2));
    let interval = wasserstein_interval(&reference, &current, 1.0, 0.95)?;
    let pool = [&reference[..], &current[..]].concat();
    let test = wasserstein_permutation_test(&reference, &current, 1.0, 999, &mut rng)?;
    writeln!(out, "  W1 {:.6}, 95 % in [{:.6}, {:.6}]", interval.value, interval.lower, interval.upper)?;
    writeln!(
        out,
        "  in standard deviations of the first {:.6}",
        normalised_wasserstein(&reference, &current)?
    )?;
    writeln!(out, "  what zero looks like {:.6}", expected_w1_null(&pool, 400, 400)?)?;
    writeln!(out, "  p-value by permutation {:.3}", test.p_value)?;

    let mut shards = Vec::new();
    for part in reference.chunks(100).chain(current.chunks(100)) {
        let mut shard = Sketch::new(SketchGrid::Relative { bits: 6 })?;
        shard.extend(part)?;
        shards.push(shard);
    }
    let (mut one, mut other) = (shards[0].clone(), shards[4].clone());
    for k in 1..4 {
        one.merge(&shards[k])?;
        other.merge(&shards[4 + k])?;
    }
    let found = wasserstein_sketches(&one, &other, 1.0)?;
    writeln!(
        out,
        "  from summaries of {} and {} cells: in [{:.6}, {:.6}]",
        one.cells(),
        other.cells(),
        found.lower,
        found.upper
    )?;
    Ok(out)
}
