//! Reading the data and the reference values.

use std::path::PathBuf;
use tangency_testing::Golden;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// One named list of numbers of a reference file.
pub(crate) fn numbers(file: &str, name: &str) -> Vec<f64> {
    let golden = Golden::read(folder().join("reference").join(file)).unwrap();
    golden.numbers_where("value", "name", name).unwrap()
}

/// A table with a header: the first column, and the others row by row.
pub(crate) fn table(file: &str) -> (Vec<f64>, Vec<f64>) {
    let text = std::fs::read_to_string(folder().join("data").join(file)).unwrap();
    let (mut times, mut values) = (vec![], vec![]);
    for line in text.lines().skip(1) {
        let mut cells = line.split(',').map(|cell| cell.parse::<f64>().unwrap());
        times.push(cells.next().unwrap());
        values.extend(cells);
    }
    (times, values)
}

/// Panics unless `got` and `want` agree to a relative `tolerance`, number by number.
pub(crate) fn assert_close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        assert!(
            (g - w).abs() <= tolerance * w.abs(),
            "{i}: {g:.15e} and {w:.15e} differ by {:e}",
            (g - w) / w
        );
    }
}
