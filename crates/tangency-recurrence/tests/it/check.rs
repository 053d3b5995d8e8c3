use crate::runners::{Logistic, Tanh};
use tangency_recurrence::{
    Autonomous, Check, Differentiable, Frames, Layout, LengthMismatch, LinearRecurrence, Quantity, Record,
    Recurrence, RunError, StepError, check, jacobian, jacobian_eigenvalues, scan_tangents,
};

fn tanh_check(wrong_gradient: f64, wrong_tangent: f64) -> tangency_recurrence::Check {
    let mut run = Tanh::new(3);
    (run.wrong_gradient, run.wrong_tangent) = (wrong_gradient, wrong_tangent);
    let inputs = Frames::new(Tanh::inputs(3, 9), 3);
    check(&mut run, &Tanh::parameters(3), 0..9, inputs, &[0.1, 0.2, -0.3]).unwrap()
}

#[test]
fn right_derivatives_pass() {
    let found = tanh_check(0.0, 0.0);
    assert!(found.passes(1e-10, 1e-15), "{found:?}");
    assert_eq!(found.compared, 9 + 27 + 3);
    let found = check(&mut Logistic(3.7), &[3.7], 0..2, Autonomous, &[0.3]).unwrap();
    assert!(found.passes(1e-10, 1e-14), "{found:?}");
}

#[test]
fn an_error_of_one_part_in_a_thousand_million_is_seen() {
    let found = tanh_check(1e-9, 0.0);
    let worst = found.worst.clone().unwrap();
    assert!(!found.passes(1e-10, 1e-15));
    assert_eq!((worst.what, worst.name), (Quantity::Parameters, Some("weights".into())));
    assert!(found.transpose_defect > 1e-11, "{found:?}");
    let found = tanh_check(0.0, 1e-10);
    assert!(found.relative_error() < 1e-10 && found.transpose_defect > 1e-12, "{found:?}");
}

#[test]
fn jacobian_of_several_steps_is_their_product() {
    let mut run = Tanh::new(3);
    let inputs = Frames::new(Tanh::inputs(3, 2), 3);
    let initial = [0.1, 0.2, -0.3];
    let mut middle = initial;
    tangency_recurrence::scan(&mut run, 0..1, inputs.clone(), &mut middle).unwrap();
    let first = jacobian(&mut run, 0..1, inputs.clone(), &initial).unwrap();
    let second = jacobian(&mut run, 1..2, inputs.clone(), &middle).unwrap();
    let both = jacobian(&mut run, 0..2, inputs.clone(), &initial).unwrap();
    assert!((&second * &first - &both).norm_max() < 1e-15);
    let eigenvalues = jacobian_eigenvalues(&mut run, 0..2, inputs, &initial).unwrap();
    let trace: f64 = eigenvalues.iter().map(|z| z.re).sum();
    assert!((trace - (both[(0, 0)] + both[(1, 1)] + both[(2, 2)])).abs() < 1e-14);
    assert!(eigenvalues.windows(2).all(|z| z[0].norm() >= z[1].norm()));
}

/// y' = y / 2 + sum of p_i c_i, and whatever is to be wrong with it.
#[derive(Clone)]
struct Faulty {
    scales: Vec<f64>,
    parameters: Vec<f64>,
    /// Derivatives with respect to the last parameter are multiplied by this, both ways.
    factor: f64,
    /// What a traced step adds to its state.
    traced_offset: f64,
    /// What is added to the gradient at every call, so that the order of calls shows.
    drift: f64,
    layout: usize,
}

impl Faulty {
    fn new(scales: &[f64], parameters: &[f64]) -> Self {
        let (scales, parameters) = (scales.to_vec(), parameters.to_vec());
        Self { layout: scales.len(), scales, parameters, factor: 1.0, traced_offset: 0.0, drift: 0.0 }
    }
    fn slope(&self, i: usize) -> f64 {
        self.scales[i] * if i + 1 == self.scales.len() { self.factor } else { 1.0 }
    }
    fn check(mut self) -> Check {
        let parameters = self.parameters.clone();
        check(&mut self, &parameters, 0..2, Autonomous, &[1.0]).unwrap()
    }
}

impl Recurrence for Faulty {
    type Element = f64;
    type Input = ();
    fn state_len(&self) -> usize {
        1
    }
    fn step(&mut self, t: usize, (): &(), y: &mut [f64]) -> Result<(), StepError> {
        y[0] = 0.5 * y[0] + self.scales.iter().zip(&self.parameters).map(|(c, p)| c * p).sum::<f64>();
        StepError::check_finite(t, Quantity::State, y)
    }
}

impl Differentiable for Faulty {
    fn state_layout(&self) -> Layout {
        Layout::new([("y", vec![])])
    }
    fn parameter_layout(&self) -> Layout {
        Layout::new([("p", vec![self.layout])])
    }
    fn parameter_len(&self) -> usize {
        self.scales.len()
    }
    fn input_len(&self) -> usize {
        0
    }
    fn trace_len(&self) -> usize {
        0
    }
    fn bind(&mut self, parameters: &[f64]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Parameters, self.scales.len(), parameters.len())?;
        self.parameters.copy_from_slice(parameters);
        Ok(())
    }
    fn step_traced(&mut self, t: usize, x: &(), y: &mut [f64], _: &mut [f64]) -> Result<(), StepError> {
        self.step(t, x, y)?;
        y[0] += if t == 0 { self.traced_offset } else { 0.0 };
        Ok(())
    }
    fn reverse(
        &mut self,
        _: usize,
        (): &(),
        _: Record<'_, f64>,
        l: &mut [f64],
        _: &mut [f64],
        g: &mut [f64],
    ) {
        self.factor += self.drift;
        for (i, g) in g.iter_mut().enumerate() {
            *g += l[0] * self.slope(i);
        }
        l[0] *= 0.5;
    }
    fn tangent(&mut self, _: usize, (): &(), _: Record<'_, f64>, d: &mut [f64], _: &[f64], dp: &[f64]) {
        d[0] = 0.5 * d[0] + dp.iter().enumerate().map(|(i, dp)| dp * self.slope(i)).sum::<f64>();
    }
}

#[test]
fn a_small_derivative_beside_a_large_one_is_held_to_its_own_size() {
    for scales in [[1e6, 1e-4], [1e200, 1e200]] {
        let right = Faulty::new(&scales, &[0.0, 1.0]);
        assert!(right.clone().check().passes(1e-8, 1e-14), "{:?}", right.check());
        let wrong = Faulty { factor: 2.0, ..Faulty::new(&scales, &[0.0, 1.0]) };
        let found = wrong.check();
        assert!(found.relative_error() > 0.1, "{found:?}");
    }
}

#[test]
fn a_parameter_of_any_size_and_a_loss_that_ends_near_it_can_be_checked() {
    /// y' = y + sqrt(p): not defined for p < 0, with p = 1e-7.
    struct Root(f64);
    impl Recurrence for Root {
        type Element = f64;
        type Input = ();
        fn state_len(&self) -> usize {
            1
        }
        fn step(&mut self, t: usize, (): &(), y: &mut [f64]) -> Result<(), StepError> {
            y[0] += self.0.sqrt();
            StepError::check_finite(t, Quantity::State, y)
        }
    }
    impl Differentiable for Root {
        fn state_layout(&self) -> Layout {
            Layout::new([("y", vec![])])
        }
        fn parameter_layout(&self) -> Layout {
            // One part with a much larger neighbour: the first step is then far too long.
            Layout::new([("p", vec![2])])
        }
        fn parameter_len(&self) -> usize {
            2
        }
        fn input_len(&self) -> usize {
            0
        }
        fn trace_len(&self) -> usize {
            0
        }
        fn bind(&mut self, p: &[f64]) -> Result<(), LengthMismatch> {
            LengthMismatch::check(Quantity::Parameters, 2, p.len())?;
            self.0 = p[0];
            Ok(())
        }
        fn step_traced(&mut self, t: usize, x: &(), y: &mut [f64], _: &mut [f64]) -> Result<(), StepError> {
            self.step(t, x, y)
        }
        fn reverse(
            &mut self,
            _: usize,
            (): &(),
            _: Record<'_, f64>,
            l: &mut [f64],
            _: &mut [f64],
            g: &mut [f64],
        ) {
            g[0] += l[0] * 0.5 / self.0.sqrt();
        }
        fn tangent(&mut self, _: usize, (): &(), _: Record<'_, f64>, d: &mut [f64], _: &[f64], dp: &[f64]) {
            d[0] += dp.first().map_or(0.0, |dp| dp * 0.5 / self.0.sqrt());
        }
    }
    let found = check(&mut Root(0.0), &[1e-7, 3.0], 0..3, Autonomous, &[1e-3]).unwrap();
    assert!(found.passes(1e-8, 1e-15), "{found:?}");
    assert_eq!(found.compared, 3);
}

#[test]
fn bits_lengths_and_emptiness_are_looked_at() {
    let good = Faulty::new(&[1.0, 2.0], &[0.3, 0.4]);
    assert!(good.clone().check().passes(1e-9, 1e-15));
    let ulp = Faulty { traced_offset: f64::EPSILON, ..good.clone() };
    assert!(!ulp.clone().check().traced_equals_untraced);
    assert!(!ulp.check().passes(1.0, 1.0));
    let drifting = Faulty { drift: 1e-16, factor: 1.0, ..good.clone() };
    assert!(!Faulty { drift: 1e-15, ..drifting }.check().checkpointed_equals_stored);
    let mut short = Faulty { layout: 1, ..good.clone() };
    let found = check(&mut short, &[0.3, 0.4], 0..2, Autonomous, &[1.0]).unwrap();
    assert!(!found.layouts_fit && !found.passes(1.0, 1.0));
    let mut run = good;
    assert_eq!(check(&mut run, &[0.5, 0.5], 2..2, Autonomous, &[1.0]), Err(RunError::NoSteps));
    check(&mut run, &[0.5, 0.6], 0..2, Autonomous, &[1.0]).unwrap();
    assert_eq!(run.parameters, [0.5, 0.6]);
}

#[test]
fn a_check_and_its_tangents_may_begin_anywhere() {
    let mut run = Tanh::new(3);
    let inputs = Frames::new(Tanh::inputs(3, 12), 3);
    let found = check(&mut run, &Tanh::parameters(3), 3..9, inputs.clone(), &[0.1, 0.2, -0.3]).unwrap();
    assert!(found.passes(1e-9, 1e-15), "{found:?}");
    assert_eq!((found.compared, found.unresolved), (9 + 18 + 3, 0));
    let mut state = [0.1, 0.2, -0.3];
    let stop = |t: usize, _: &[f64], _: &[tangency_recurrence::Direction<f64>]| {
        if t == 4 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    };
    let mut directions = [tangency_recurrence::Direction { state: vec![1.0; 3], ..Default::default() }];
    assert_eq!(scan_tangents(&mut run, 3..9, inputs.clone(), &mut state, &mut directions, stop), Ok(2));
    for (state, inputs_len, parameters) in [(2, 18, 9), (3, 17, 9), (3, 18, 8)] {
        let direction = tangency_recurrence::Direction {
            state: vec![0.0; state],
            inputs: vec![0.0; inputs_len],
            parameters: vec![0.0; parameters],
        };
        let result = scan_tangents(&mut run, 3..9, inputs.clone(), &mut [0.0; 3], &mut [direction], stop);
        assert!(matches!(result, Err(RunError::Length(_))));
    }
    let mut run = LinearRecurrence::new(&[0.5, -0.25]);
    let inputs = Frames::new(vec![1.0, 2.0, 0.5, -1.0], 2);
    let found = check(&mut run, &[0.5, -0.25], 0..2, inputs, &[1.0, 2.0]).unwrap();
    assert!(found.passes(1e-10, 1e-15) && found.unresolved == 0, "{found:?}");
    // A run in single precision is compared as closely as it can be.
    let mut run = LinearRecurrence::new(&[0.5_f32, -0.25]);
    let inputs = Frames::new(vec![1.0_f32, 2.0, 0.5, -1.0], 2);
    let found = check(&mut run, &[0.5, -0.25], 0..2, inputs, &[1.0, 2.0]).unwrap();
    assert!(found.passes(1e-3, 1e-6), "{found:?}");
}
