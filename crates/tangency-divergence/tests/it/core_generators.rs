//! The generators against values of mpmath, against brute force, and against the identities that tie them together.

use proptest::prelude::*;
use std::collections::BTreeMap;
use tangency_divergence::*;
use tangency_testing::Golden;

/// The listed generators, and orders of α next to the limits.
fn all() -> Vec<Box<dyn FDivergence>> {
    let mut list = generators();
    for order in [1.0 + 1e-9, 1.0 - 1e-9, 1e-9, -1e-9, 0.6] {
        list.push(Box::new(Alpha::new(order).unwrap()));
    }
    list
}

/// The relative error that a function with exponentials and powers of rounded exponents may have.
fn allowed(exact: f64) -> f64 {
    let exponent = if exact == 0.0 { 0.0 } else { exact.abs().ln().abs() };
    exact.abs() * (1e-15 + 3e-16 * exponent)
}

#[test]
fn values_are_those_of_mpmath() {
    let table =
        Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/core_generators.csv")).unwrap();
    let names = table.texts("generator").unwrap();
    let quantities = table.texts("quantity").unwrap();
    let arguments = table.numbers("argument").unwrap();
    let values = table.numbers("value").unwrap();
    let list = all();
    let mut worst: BTreeMap<(&str, &str), (f64, f64, f64, f64)> = BTreeMap::new();
    for i in 0..table.len() {
        let f = list.iter().find(|f| f.name() == names[i]).unwrap();
        let x = arguments[i];
        let got = match quantities[i] {
            "generator" => f.generator(x),
            "derivative" => f.derivative(x),
            "second derivative" => f.second_derivative(x),
            "of log-ratio" => f.generator_of_log_ratio(x),
            "nonnegative" => f.nonnegative_of_log_ratio(x),
            "critic" => f.critic(x),
            "conjugate of critic" => f.conjugate_of_critic(x),
            "critic derivative" => f.critic_derivative(x),
            "conjugate" => f.conjugate(x),
            other => panic!("{other}"),
        };
        let exact = values[i];
        // The rounding of t counts (f*)'(t) times; near the end of the domain that is much.
        let own =
            if quantities[i] == "conjugate" { 2e-16 * (x * f.conjugate_derivative(x)).abs() } else { 0.0 };
        let error = if got == exact { 0.0 } else { (got - exact).abs() / (allowed(exact) + own) };
        let entry = worst.entry((names[i], quantities[i])).or_insert((0.0, 0.0, 0.0, 0.0));
        if !(error <= entry.0) {
            *entry = (error, x, got, exact);
        }
    }
    let bad: Vec<_> = worst.iter().filter(|(_, w)| !(w.0 <= 1.0)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(worst.len(), 9 * list.len());
}
