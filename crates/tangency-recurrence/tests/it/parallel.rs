//! The chunked scan against composing in sequence.

use crate::paths::Case;
use proptest::prelude::*;
use tangency_recurrence::{
    Affine, Counting, LengthMismatch, LinearRecurrence, LogSumExp, MaxPlus, Monoid, Quantity, RunError,
    ScanDirection, Semiring, SemiringMatrix, StepError, Transitions, scan_all, scan_parallel,
};

const DIRECTIONS: [ScanDirection; 2] = [ScanDirection::Forward, ScanDirection::Backward];

/// Composes one after another.
fn in_sequence<M: Monoid>(monoid: &M, frames: &[M::Element], direction: ScanDirection) -> Vec<M::Element> {
    let w = monoid.width();
    let n = frames.len() / w;
    let mut result = frames.to_vec();
    let mut both = frames[..w].to_vec();
    for k in 1..n {
        match direction {
            ScanDirection::Forward => {
                monoid.compose(&result[(k - 1) * w..k * w], &frames[k * w..(k + 1) * w], &mut both);
                result[k * w..(k + 1) * w].clone_from_slice(&both);
            }
            ScanDirection::Backward => {
                let t = n - 1 - k;
                monoid.compose(&frames[t * w..(t + 1) * w], &result[(t + 1) * w..(t + 2) * w], &mut both);
                result[t * w..(t + 1) * w].clone_from_slice(&both);
            }
        }
    }
    result
}

/// A number in (-1, 1) that looks random.
fn number(i: usize) -> f64 {
    (i as f64 * 0.754_877_666_246_692_8 + 0.1).fract() * 2.0 - 1.0
}

fn affine_frames(channels: usize, steps: usize) -> Vec<f64> {
    (0..2 * channels * steps).map(number).collect()
}

#[test]
fn a_linear_recurrence_of_five_steps() {
    let (a, b) = ([0.9, 0.5, -0.3, 1.1, 0.2], [1.0, -2.0, 0.5, 0.0, 3.0]);
    let mut frames: Vec<f64> = a.iter().zip(&b).flat_map(|(&a, &b)| [a, b]).collect();
    scan_parallel(&Affine::new(1), &mut frames, ScanDirection::Forward).unwrap();
    for (frame, want) in frames.chunks(2).zip([1.0, -1.5, 0.95, 1.045, 3.209]) {
        assert!((frame[1] - want).abs() < 1e-15, "{frames:?}");
    }
    assert!((frames[8] - 0.9 * 0.5 * -0.3 * 1.1 * 0.2).abs() < 1e-16);
}

#[test]
fn affine_scans_equal_the_recurrence_step_by_step() {
    let decay = [0.9, -0.4, 0.999];
    let steps = 20_000;
    let inputs: Vec<f64> = (0..3 * steps).map(number).collect();
    let mut frames: Vec<f64> = inputs.chunks(3).flat_map(|x| [&decay[..], x].concat()).collect();
    let initial = [1.0, -2.0, 3.0];
    let mut run = LinearRecurrence::new(&decay);
    let states =
        scan_all(&mut run, 0..steps, tangency_recurrence::Frames::new(&inputs[..], 3), &initial).unwrap();
    let monoid = Affine::new(3);
    scan_parallel(&monoid, &mut frames, ScanDirection::Forward).unwrap();
    for (frame, want) in frames.chunks(6).zip(states[3..].chunks(3)) {
        let mut state = initial;
        monoid.apply(frame, &mut state).unwrap();
        for (got, want) in state.iter().zip(want) {
            assert!((got - want).abs() < 1e-12, "{got} and {want}");
        }
    }
}

#[test]
fn chunks_join_in_the_right_order_at_every_length() {
    // 16384 numbers a chunk: one frame less, exactly, one more, and several chunks with a short last one.
    for (channels, steps) in [(1, 1), (1, 2), (1, 8191), (1, 8192), (1, 8193), (2, 4097), (3, 30_001)] {
        let monoid = Affine::new(channels);
        for direction in DIRECTIONS {
            let mut frames = affine_frames(channels, steps);
            let want = in_sequence(&monoid, &frames, direction);
            scan_parallel(&monoid, &mut frames, direction).unwrap();
            for (i, (got, want)) in frames.iter().zip(&want).enumerate() {
                assert!(
                    (got - want).abs() < 1e-13,
                    "{channels} x {steps}, {direction:?}, {i}: {got} and {want}"
                );
            }
        }
    }
}

/// The matrices of all positions of a chain of three states.
fn chain_frames<S: Semiring + Copy>(
    semiring: S,
    transitions: &Transitions,
    emissions: &[f64],
) -> Vec<S::Element> {
    let monoid = SemiringMatrix::new(semiring, 3);
    let mut frames = vec![semiring.zero(); 3 * emissions.len()];
    for (frame, x) in frames.chunks_mut(9).zip(emissions.chunks(3)) {
        monoid.lift(transitions, x, frame).unwrap();
    }
    frames
}

#[test]
fn matrices_over_exact_semirings_agree_exactly() {
    // Width 9: 1820 frames a chunk. Scores are multiples of 1/4, so sums of scores are exact, back-pointers included.
    let steps = 4000;
    let transitions =
        Transitions::new(3, &[0.25, -1.0, f64::NEG_INFINITY, 0.5, 0.5, 0.0, -0.75, 1.0, 0.25]).unwrap();
    let emissions: Vec<f64> = (0..3 * steps).map(|i| (number(i) * 8.0).round() / 4.0).collect();
    for direction in DIRECTIONS {
        let mut best = chain_frames(MaxPlus, &transitions, &emissions);
        let monoid = SemiringMatrix::new(MaxPlus, 3);
        let want = in_sequence(&monoid, &best, direction);
        scan_parallel(&monoid, &mut best, direction).unwrap();
        assert!(best == want, "{direction:?}");

        let mut counts = chain_frames(Counting, &transitions, &emissions);
        let monoid = SemiringMatrix::new(Counting, 3);
        let want = in_sequence(&monoid, &counts, direction);
        scan_parallel(&monoid, &mut counts, direction).unwrap();
        assert!(counts == want, "{direction:?}");

        let mut weights = chain_frames(LogSumExp, &transitions, &emissions);
        let monoid = SemiringMatrix::new(LogSumExp, 3);
        let want = in_sequence(&monoid, &weights, direction);
        scan_parallel(&monoid, &mut weights, direction).unwrap();
        for (got, want) in weights.iter().zip(&want) {
            assert!(crate::paths::close(*got, *want, 1e-13), "{direction:?}: {got} and {want}");
        }
    }
}

#[test]
fn products_of_matrices_are_the_chain() {
    let case = Case::golden();
    let monoid = SemiringMatrix::new(LogSumExp, 3);
    let transitions = Transitions::new(3, &case.transitions).unwrap();
    let mut frames = vec![0.0; 27];
    for (frame, x) in frames.chunks_mut(9).zip(case.emissions[3..].chunks(3)) {
        monoid.lift(&transitions, x, frame).unwrap();
    }
    scan_parallel(&monoid, &mut frames, ScanDirection::Forward).unwrap();
    let mut last = [0.0; 3];
    LogSumExp.vector_matrix(&case.emissions[..3], &frames[18..], &mut last);
    let log_z = crate::paths::log_sum(last.iter().copied());
    assert!((log_z - 5.239383087932).abs() < 1e-12, "{log_z}");
}

proptest! {
    #[test]
    fn any_length_and_direction(channels in 1_usize..5, steps in 1_usize..9000, backward: bool) {
        let direction = DIRECTIONS[usize::from(backward)];
        let monoid = Affine::new(channels);
        let mut frames = affine_frames(channels, steps);
        let want = in_sequence(&monoid, &frames, direction);
        scan_parallel(&monoid, &mut frames, direction).unwrap();
        prop_assert!(frames.iter().zip(&want).all(|(got, want)| (got - want).abs() < 1e-13));
    }
}

/// A fingerprint of all bits (FNV-1a).
fn fingerprint(values: &[f64]) -> u64 {
    values.iter().flat_map(|x| x.to_bits().to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn scanned(direction: ScanDirection) -> u64 {
    let mut frames = affine_frames(2, 50_000);
    scan_parallel(&Affine::new(2), &mut frames, direction).unwrap();
    fingerprint(&frames)
}

#[test]
fn the_bits_are_the_same_with_and_without_threads() {
    // One value for every configuration of the crate: only additions and multiplications, cut by size.
    assert_eq!(DIRECTIONS.map(scanned), [1269266953840441383, 10330503939154432194]);
}

#[cfg(feature = "rayon")]
#[test]
fn the_bits_are_the_same_for_any_number_of_threads() {
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| DIRECTIONS.map(scanned))
    };
    assert_eq!(with(1), with(2));
    assert_eq!(with(1), with(5));
}

#[test]
fn bad_input_is_an_error_that_names_the_first_step_of_the_scan() {
    let monoid = Affine::new(1);
    assert!(matches!(
        scan_parallel(&monoid, &mut [1.0, 2.0, 3.0], ScanDirection::Forward),
        Err(RunError::Length(_))
    ));
    assert_eq!(scan_parallel(&monoid, &mut [], ScanDirection::Forward), Ok(()));
    assert_eq!(scan_parallel(&Affine::new(0), &mut [], ScanDirection::Backward), Ok(()));
    assert!(scan_parallel(&Affine::new(0), &mut [1.0], ScanDirection::Backward).is_err());
    for (direction, first) in [(ScanDirection::Forward, 9_000), (ScanDirection::Backward, 30_000)] {
        let mut frames = affine_frames(1, 40_000);
        frames[2 * 9_000 + 1] = f64::NAN;
        frames[2 * 30_000] = f64::INFINITY;
        let error = scan_parallel(&monoid, &mut frames, direction).unwrap_err();
        let RunError::Step(StepError::NonFinite { step, .. }) = error else { panic!("{error:?}") };
        assert_eq!(step, first, "{direction:?}");
    }
    let matrix = SemiringMatrix::new(LogSumExp, 2);
    let mut frames = [0.0, 0.0, 0.0, 0.0, 0.0, f64::NAN, 0.0, 0.0];
    assert!(scan_parallel(&matrix, &mut frames, ScanDirection::Forward).is_err());
    let transitions = Transitions::new(2, &[0.0; 4]).unwrap();
    assert!(matrix.lift(&transitions, &[0.0; 3], &mut [0.0; 4]).is_err());
    let three = Transitions::new(3, &[0.0; 9]).unwrap();
    let mismatch = LengthMismatch { what: Quantity::Parameters, expected: 4, got: 9 };
    assert_eq!(matrix.lift(&three, &[0.0; 2], &mut [0.0; 4]), Err(mismatch.into()));
    let counts = SemiringMatrix::new(Counting, 2);
    let error = counts.lift(&transitions, &[0.0, f64::NAN], &mut [0; 4]).unwrap_err();
    assert!(matches!(error, RunError::NonFinite { what: Quantity::Input, index: 1, .. }), "{error:?}");
    assert!(monoid.apply(&[0.5], &mut [1.0]).is_err());
    // A width that wrapped to 0 or 1 would fit.
    assert!(scan_parallel(&Affine::new(usize::MAX / 2 + 1), &mut [1.0], DIRECTIONS[0]).is_err());
    assert!(Affine::new(usize::MAX / 2 + 1).apply(&[], &mut []).is_err());
    assert!(scan_parallel(&SemiringMatrix::new(Counting, usize::MAX), &mut [1], DIRECTIONS[0]).is_err());
}
