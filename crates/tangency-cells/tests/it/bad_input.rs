//! Questions that cannot be answered get an error that says why, and never a panic.

use crate::support::{for_each_cell, shape, wave};
use rand_pcg::{Pcg64, rand_core::SeedableRng};
use tangency_cells::{Dimension, Lstm, Projection, ShapeError, batch_last, features_last};
use tangency_recurrence::{
    Differentiable, Frames, Inputs, LengthMismatch, Quantity, Recurrence, RunError, StepError, scan,
};

#[test]
fn empty_and_enormous_shapes() {
    for (features, hidden, batch, dimension) in
        [(0, 1, 1, Dimension::Features), (1, 0, 1, Dimension::Hidden), (1, 1, 0, Dimension::Batch)]
    {
        let error = Lstm::<f64>::new(shape(features, hidden, batch)).unwrap_err();
        assert_eq!(error, ShapeError::Zero { dimension });
        assert!(error.to_string().starts_with(&dimension.to_string()), "{error}");
    }
    for (features, hidden, batch) in [
        (usize::MAX, 1, 1),
        (1, usize::MAX, 1),
        (1, 1, usize::MAX),
        (1 << 40, 1 << 40, 1),
        (1, 1 << 40, 1 << 40),
        (1 << 40, 1, 1 << 40),
        (1 << 32, 1 << 32, 1),
        (1, 1, 1 << 60),
    ] {
        let error = Lstm::<f64>::new(shape(features, hidden, batch)).unwrap_err();
        assert_eq!(error, ShapeError::TooLarge { features, hidden, batch });
    }
}

/// A shape can be written down that no cell has; its sizes neither overflow nor divide by zero.
#[test]
fn shapes_without_a_cell() {
    let huge = shape(usize::MAX, 1 << 40, 1 << 40);
    assert_eq!((huge.input_len(), huge.hidden_len()), (usize::MAX, usize::MAX));
    let parameters: Vec<f64> = shape(1, 0, 1).initial_parameters(50, &mut Pcg64::seed_from_u64(1));
    assert!(parameters.iter().all(|p| (-1.0..1.0).contains(p)), "{parameters:?}");
}

/// A step behind the end is refused as a slice refuses it, and is not taken from the block before.
#[test]
#[should_panic(expected = "step 3 of a sequence of 3")]
fn a_projection_ends() {
    let mut projection = Projection::new(shape(1, 1, 1), 1, &[1.0, 0.0], vec![1.0, 2.0, 3.0]).unwrap();
    projection.at(3);
}

#[test]
fn wrong_lengths() {
    for_each_cell!(f64, shape(2, 3, 2), |name, cell| {
        let mut cell = cell;
        let (expected, len) = (cell.parameter_len(), cell.state_len());
        let mismatch = LengthMismatch { what: Quantity::Parameters, expected, got: 1 };
        assert_eq!(cell.bind(&[0.0]), Err(mismatch), "{name}");
        let input = LengthMismatch { what: Quantity::Input, expected: 4, got: 3 };
        let error = cell.step(5, &[0.0; 3], &mut vec![0.0; len]).unwrap_err();
        assert_eq!(error, StepError::Length { step: 5, mismatch: input }, "{name}");
        let state = LengthMismatch { what: Quantity::State, expected: len, got: len + 1 };
        let error = cell.step(5, &[0.0; 4], &mut vec![0.0; len + 1]).unwrap_err();
        assert_eq!(error, StepError::Length { step: 5, mismatch: state }, "{name}");
        // The runner is still good.
        cell.bind(&wave(expected, 0.5, 0.0)).unwrap();
        cell.step(0, &[0.1; 4], &mut vec![0.0; len]).unwrap();
    });
}

#[test]
fn not_a_number_names_its_step() {
    for batch in [1, 17] {
        for_each_cell!(f64, shape(2, 3, batch), |name, cell| {
            let mut cell = cell;
            cell.bind(&wave(cell.parameter_len(), 0.5, 0.0)).unwrap();
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut inputs: Vec<f64> = wave(5 * 2 * batch, 1.0, 0.0);
                inputs[3 * 2 * batch + 1] = bad;
                let mut state = vec![0.0; cell.state_len()];
                let error = scan(&mut cell, 0..5, Frames::new(inputs, 2 * batch), &mut state).unwrap_err();
                match error {
                    RunError::Step(StepError::NonFinite {
                        step: 3,
                        what: Quantity::Input,
                        index: 1,
                        value,
                    }) => {
                        assert_eq!(value.to_bits(), bad.to_bits(), "{name}");
                    }
                    other => panic!("{name}: {other}"),
                }
            }
            let mut state = vec![0.0; cell.state_len()];
            state[0] = f64::NAN;
            let error = cell.step(7, &vec![0.1; 2 * batch], &mut state).unwrap_err();
            assert!(
                matches!(error, StepError::NonFinite { step: 7, what: Quantity::State, .. }),
                "{name}: {error}"
            );
        });
    }
}

/// Weights so large that the pre-activations overflow: a saturated state or an error, but no NaN passes.
#[test]
fn overflowing_weights() {
    for_each_cell!(f32, shape(2, 3, 2), |name, cell| {
        let mut cell = cell;
        cell.bind(&wave(cell.parameter_len(), f64::from(f32::MAX), 0.0)).unwrap();
        let mut state = vec![0.5; cell.state_len()];
        match scan(&mut cell, 0..3, Frames::new(vec![1e3; 12], 4), &mut state) {
            Ok(()) => assert!(state.iter().all(|y| y.is_finite()), "{name}"),
            Err(error) => {
                assert!(matches!(error, RunError::Step(StepError::NonFinite { .. })), "{name}: {error}");
            }
        }
    });
}

#[test]
fn projections_and_sequences() {
    let good = shape(2, 3, 2);
    let zero = Projection::<f64>::new(good, 0, &[], &[][..]).unwrap_err();
    assert_eq!(zero, ShapeError::Zero { dimension: Dimension::Gates });
    let short = Projection::new(good, 4, &[0.0; 35], &[][..]).unwrap_err();
    assert_eq!(short, ShapeError::Parameters { expected: 36, got: 35 });
    let partial = Projection::new(good, 4, &[0.0; 36], &[0.0; 5][..]).unwrap_err();
    assert_eq!(partial, ShapeError::PartialStep { len: 5, width: 4 });
    let huge = Projection::<f64>::new(good, usize::MAX, &[], &[][..]).unwrap_err();
    assert_eq!(huge, ShapeError::TooLarge { features: 2, hidden: usize::MAX, batch: 2 });
    let wide = Projection::<f64>::new(shape(1, 1, 1 << 40), 1 << 40, &[], &[][..]).unwrap_err();
    assert_eq!(wide, ShapeError::TooLarge { features: 1, hidden: 1 << 40, batch: 1 << 40 });

    let projection = Projection::new(good, 4, &[0.0; 36], &[0.0; 8][..]).unwrap();
    let lengths = |adjoints: usize, gradient: usize, sequence: usize| {
        projection.reverse(&vec![0.0; adjoints], &mut vec![0.0; gradient], &mut vec![0.0; sequence])
    };
    assert_eq!(lengths(48, 36, 8), Ok(()));
    assert_eq!(lengths(47, 36, 8), Err(ShapeError::Sequence { steps: 2, expected: 48, got: 47 }));
    assert_eq!(lengths(48, 35, 8), Err(ShapeError::Parameters { expected: 36, got: 35 }));
    assert_eq!(lengths(48, 36, 4), Err(ShapeError::Sequence { steps: 2, expected: 8, got: 4 }));

    assert_eq!(batch_last(&[0; 7], 2, 3), Err(ShapeError::PartialStep { len: 7, width: 6 }));
    assert_eq!(features_last(&[0; 7], 0, 3), Err(ShapeError::PartialStep { len: 7, width: 0 }));
    assert_eq!(batch_last::<u8>(&[], 0, 3), Ok(vec![]));
}
