//! One chain in five semirings: what three days of umbrellas say about the weather.
//!
//! The weather is dry, cloudy or wet; it never turns from dry to wet overnight, nor from wet to dry. An umbrella was seen
//! on days 2 and 3, none on day 1. Scores are logarithms of probabilities, so the sum over all paths is the likelihood of
//! what was seen. Run forward once in each semiring, the chain answers five questions; the last one, by sampling, is set
//! beside the exact answer, a gradient of the first.

use rand_pcg::{Pcg64, rand_core::SeedableRng};
use std::error::Error;
use std::fmt::Write;
use tangency_recurrence::{
    Backpropagation, Counting, Expectation, Frames, LogSumExp, MaxPlus, RunError, Sampling, Semiring,
    SemiringChain, Tape, Transitions, scan_all, trace_back,
};

const WEATHER: [&str; 3] = ["dry", "cloudy", "wet"];
const DAYS: usize = 3;

/// The states of all days, and the sum over all paths.
fn run_in<S: Semiring>(
    semiring: S,
    arcs: &Transitions,
    scores: &[f64],
) -> Result<(Vec<S::Element>, S::Element), RunError> {
    let mut chain = SemiringChain::new(semiring, arcs.clone());
    let initial = chain.initial(&scores[..3])?;
    let states = scan_all(&mut chain, 1..DAYS, Frames::new(scores, 3), &initial)?;
    let total = chain.finish(&states[states.len() - 3..], &[0.0; 3])?;
    Ok((states, total))
}

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let arcs = Transitions::new(3, &[0.7, 0.3, 0.0, 0.3, 0.4, 0.3, 0.0, 0.4, 0.6].map(f64::ln))?;
    let umbrella = [0.05, 0.3, 0.9];
    let mut scores: Vec<f64> = [false, true, true]
        .iter()
        .flat_map(|&seen| umbrella.map(|p: f64| if seen { p.ln() } else { (-p).ln_1p() }))
        .collect();
    scores[..3].iter_mut().zip([0.5_f64, 0.3, 0.2]).for_each(|(score, p)| *score += p.ln());

    let mut out = String::new();
    let (log_weights, log_likelihood) = run_in(LogSumExp, &arcs, &scores)?;
    writeln!(out, "log-likelihood {log_likelihood:.6}")?;
    let (pointers, best) = run_in(MaxPlus, &arcs, &scores)?;
    let path = trace_back(&pointers, 3, &best).ok_or("no path")?;
    let names = path.iter().map(|&state| WEATHER[state]).collect::<Vec<_>>().join(" - ");
    writeln!(out, "most likely    {names}, with probability {:.6}", (best.score - log_likelihood).exp())?;
    let (_, count) = run_in(Counting, &arcs, &scores)?;
    writeln!(out, "possible       {count} of 27 paths")?;
    let (_, mean) = run_in(Expectation, &arcs, &scores)?;
    writeln!(out, "entropy        {:.6} nats", mean.log_weight - mean.mean)?;

    // The gradient of the log-likelihood with respect to the scores of the first day: its marginal distribution.
    let mut back = Backpropagation::new(Tape::Stored);
    let mut chain = SemiringChain::new(LogSumExp, arcs.clone());
    let last = |t: usize, y: &[f64], adjoint: &mut [f64]| {
        if t + 1 == DAYS {
            adjoint.iter_mut().zip(y).for_each(|(a, y)| *a += (y - log_likelihood).exp());
        }
    };
    back.run(&mut chain, 1..DAYS, Frames::new(&scores[..], 3), &log_weights[..3], last, |_, _| {})?;
    let (mut rng, mut drawn, draws) = (Pcg64::seed_from_u64(1), [0_u32; 3], 20_000);
    for _ in 0..draws {
        let (labels, end) = run_in(Sampling::new(&mut rng), &arcs, &scores)?;
        drawn[trace_back(&labels, 3, &end).ok_or("no path")?[0]] += 1;
    }
    writeln!(out, "\nday 1   sampled  exact")?;
    for ((name, &count), exact) in WEATHER.iter().zip(&drawn).zip(back.initial_adjoint()) {
        writeln!(out, "{name:7}  {:.4}  {exact:.4}", f64::from(count) / f64::from(draws))?;
    }
    Ok(out)
}

#[allow(dead_code, reason = "the tests include this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
