//! Runs: batches, streams, resumption.

use crate::support::{BATCHES, for_each_cell, largest_difference, shape, wave};
use tangency_cells::{Shape, batch_last, features_last};
use tangency_recurrence::{Differentiable, Frames, Recurrence, scan, scan_all};

/// All states of 6 steps on data given as `[step][batch][features]`, returned as `[step][batch][units]`.
fn states<R: Differentiable<Element = f64, Input = [f64]>>(
    mut cell: R,
    shape: Shape,
    data: &[f64],
    initial: &[f64],
) -> Vec<f64> {
    cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
    let Shape { features, batch, .. } = shape;
    let units = cell.state_len() / batch;
    let inputs = batch_last(data, batch, features).unwrap();
    let initial = batch_last(initial, batch, units).unwrap();
    let states = scan_all(&mut cell, 0..6, Frames::new(inputs, features * batch), &initial).unwrap();
    features_last(&states, batch, units).unwrap()
}

/// A sequence in a batch runs as it runs alone: to rounding, and bit for bit among the small batches.
#[test]
fn a_batch_is_its_sequences_side_by_side() {
    let (features, hidden) = (3, 7);
    for batch in BATCHES {
        for_each_cell!(f64, shape(features, hidden, batch), |name, cell| {
            let units = cell.state_len() / batch;
            let data: Vec<f64> = wave(6 * batch * features, 1.0, 0.2);
            let initial: Vec<f64> = wave(batch * units, 0.5, 0.1);
            let together = states(cell, shape(features, hidden, batch), &data, &initial);
            for b in 0..batch {
                let own: Vec<f64> =
                    data.chunks_exact(features).skip(b).step_by(batch).flatten().copied().collect();
                let expected: Vec<f64> =
                    together.chunks_exact(units).skip(b).step_by(batch).flatten().copied().collect();
                for_each_cell!(f64, shape(features, hidden, 1), |single, cell| {
                    if single == name {
                        let alone = states(
                            cell,
                            shape(features, hidden, 1),
                            &own,
                            &initial[b * units..(b + 1) * units],
                        );
                        let tolerance = if batch < 8 { 0.0 } else { 1e-14 };
                        let difference = largest_difference(&alone, &expected);
                        assert!(difference <= tolerance, "{name}, batch {batch}: {difference:e}");
                    }
                });
            }
        });
    }
}

#[test]
fn permuting_the_batch_permutes_the_states() {
    for batch in BATCHES {
        let order: Vec<usize> = (0..batch).map(|b| (b * 11 + 3) % batch).collect(); // 11 divides no batch size
        let permute = |values: &[f64], width: usize| -> Vec<f64> {
            values
                .chunks_exact(batch * width)
                .flat_map(|step| order.iter().flat_map(|&b| step[b * width..(b + 1) * width].to_vec()))
                .collect()
        };
        for_each_cell!(f64, shape(3, 7, batch), |name, cell| {
            let units = cell.state_len() / batch;
            let data: Vec<f64> = wave(6 * batch * 3, 1.0, 0.2);
            let initial: Vec<f64> = wave(batch * units, 0.5, 0.1);
            let plain = states(cell.clone(), shape(3, 7, batch), &data, &initial);
            let permuted = states(cell, shape(3, 7, batch), &permute(&data, 3), &permute(&initial, units));
            let difference = largest_difference(&permuted, &permute(&plain, units));
            assert!(difference <= 1e-14, "{name}, batch {batch}: {difference:e}");
        });
    }
}

/// One step at a time with the state carried along, in another runner each time, is the run in one go, bit for bit.
#[test]
fn streaming_is_the_whole_run() {
    fn stream<R: Differentiable<Element = f64, Input = [f64]> + Clone>(mut cell: R, name: &str) {
        cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
        let width = cell.input_len();
        let inputs: Vec<f64> = wave(40 * width, 1.0, 0.4);
        let mut whole: Vec<f64> = wave(cell.state_len(), 0.4, 0.0);
        let mut carried = whole.clone();
        for (t, x) in inputs.chunks_exact(width).enumerate() {
            let mut runner = cell.clone();
            runner.step(t, x, &mut carried).unwrap();
        }
        scan(&mut cell, 0..40, Frames::new(&inputs[..], width), &mut whole).unwrap();
        assert_eq!(whole, carried, "{name}");
    }
    for batch in BATCHES {
        for_each_cell!(f64, shape(3, 7, batch), |name, cell| { stream(cell, name) });
    }
}

#[cfg(feature = "serde")]
#[test]
fn shapes_serialise() {
    let shape = shape(3, 7, 2);
    let text = serde_json::to_string(&(shape, tangency_cells::Reset::Before)).unwrap();
    assert_eq!(text, r#"[{"features":3,"hidden":7,"batch":2},"Before"]"#);
    let back: (Shape, tangency_cells::Reset) = serde_json::from_str(&text).unwrap();
    assert_eq!(back, (shape, tangency_cells::Reset::Before));
}

/// Binding again leaves nothing of the parameters before.
#[test]
fn the_last_parameters_count() {
    fn rebind<R: Differentiable<Element = f64, Input = [f64]> + Clone>(mut cell: R, name: &str) {
        let mut fresh = cell.clone();
        let input: Vec<f64> = wave(cell.input_len(), 1.0, 0.4);
        let mut expected: Vec<f64> = wave(cell.state_len(), 0.4, 0.0);
        let mut state = expected.clone();
        fresh.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
        cell.bind(&wave(cell.parameter_len(), 3.0, 1.0)).unwrap();
        cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
        fresh.step(0, &input, &mut expected).unwrap();
        cell.step(0, &input, &mut state).unwrap();
        assert_eq!(state, expected, "{name}");
    }
    for batch in [1, 4, 17] {
        for_each_cell!(f64, shape(3, 7, batch), |name, cell| { rebind(cell, name) });
    }
}

/// The stream of initial parameters is part of the interface: same generator, same numbers.
#[test]
fn initial_parameters_are_stable_and_bounded() {
    use rand::RngExt;
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::SeedableRng;
    let lstm = tangency_cells::Lstm::<f64>::new(shape(3, 16, 1)).unwrap();
    let parameters = lstm.initial_parameters(&mut Pcg64::seed_from_u64(7));
    assert_eq!(parameters.len(), lstm.parameter_len());
    assert!(parameters.iter().all(|p| (-0.25..0.25).contains(p)));
    let mut rng = Pcg64::seed_from_u64(7);
    assert!(parameters.iter().all(|&p| p == 0.25 * (2.0 * rng.random::<f64>() - 1.0)));
    let n = parameters.len() as f64;
    let mean = parameters.iter().sum::<f64>() / n;
    let variance = parameters.iter().map(|p| p * p).sum::<f64>() / n;
    assert!(mean.abs() < 4.0 * 0.25 / (3.0 * n).sqrt(), "{mean}");
    assert!((variance / (0.0625 / 3.0) - 1.0).abs() < 4.0 * (0.8 / n).sqrt(), "{variance}");
    let single = tangency_cells::Lstm::<f32>::new(shape(3, 16, 1)).unwrap();
    let rounded: Vec<f32> = parameters.iter().map(|&p| p as f32).collect();
    assert_eq!(single.initial_parameters(&mut Pcg64::seed_from_u64(7)), rounded);
}
