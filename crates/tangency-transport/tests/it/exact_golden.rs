//! Sixty problems that POT and SciPy have solved.

use crate::exact::check;
use crate::instances::{Instance, instance};
use tangency_testing::Golden;
use tangency_transport::exact;

#[test]
fn agrees_with_pot_and_scipy_on_sixty_problems() {
    let table = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/exact.csv")).unwrap();
    let text = |column: &str| table.texts(column).unwrap();
    let numbers = |column: &str| table.numbers(column).unwrap();
    let (families, details, kinds) = (text("family"), text("detail"), text("weights"));
    let (n, m, d, seeds) = (numbers("n"), numbers("m"), numbers("d"), numbers("seed"));
    let (pot, scipy) = (numbers("pot"), numbers("scipy"));
    assert_eq!(pot.len(), 60);
    for k in 0..pot.len() {
        let shape = (n[k] as usize, m[k] as usize, d[k] as usize);
        let Instance { a, b, cost } = instance(families[k], details[k], shape, kinds[k], seeds[k] as u64);
        let found = exact(&a, &b, &cost).unwrap();
        let scale = found.value.abs();
        // Theirs: sums of n products without compensation, and weights that they normalise once more.
        assert!((found.value - pot[k]).abs() <= 1e-13 * scale, "{k}: {} {}", found.value, pot[k]);
        // HiGHS works to a tolerance; its vertices agree all the same.
        assert!(!((found.value - scipy[k]).abs() > 1e-12 * scale), "{k}: {} {}", found.value, scipy[k]);
        if shape.0 * shape.1 < 100_000 {
            check(&a, &b, &cost, &found);
        } else {
            let largest = cost.col_iter().flat_map(|column| column.iter().copied()).fold(0.0, f64::max);
            assert!(found.certificate.upper - found.certificate.lower <= 4e-15 * largest);
        }
    }
}
