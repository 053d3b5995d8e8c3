use std::ops::ControlFlow;
use tangency_dynamics::models::SpeciesCompetition;
use tangency_dynamics::*;
fn main() {
    let truth = [0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003];
    let t = vec![10., 15., 30., 36., 40., 42.];
    let v = vec![165., 283., 197., 290., 280., 276., 305., 269., 318., 266., 324., 264.];
    let data = Observations::new(t, v).unwrap();
    for corner in 0..64 {
        let mut p = truth;
        for j in 0..6 { p[j] *= if corner >> j & 1 == 1 { 1.5 } else { 1.0 / 1.5 }; }
        let start = Start { time: 0.0, state: [100.0, 150.0].map(Coordinate::fixed).to_vec(), parameters: p.map(Coordinate::positive).to_vec() };
        let mut run = ExplicitRungeKutta::euler(SpeciesCompetition, &truth).unwrap();
        let verbose = std::env::args().nth(1) == Some(corner.to_string());
        let f = infer(&mut run, &data, &start, 0.1, &InferenceOptions::default(), |p| { if verbose { println!("{p:?}"); } ControlFlow::Continue(()) }).unwrap();
        println!("{corner} {} {} {} {:?}", f.status, f.iterations, f.cost, f.parameters);
    }
}
