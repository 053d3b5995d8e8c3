//! Against the table of `tests/reference/golden.py`.

use crate::double_double;
use crate::functions::{ALL, Format, Function, PATHS, Path, same, ulp};

struct Row {
    function: Function,
    format: String,
    x: u64,
    y: u64,
    rest: f64,
}

fn rows() -> Vec<Row> {
    let rows: Vec<Row> = include_str!("../reference/golden.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            let [name, format, x, y, rest] = fields[..] else { panic!("{line}") };
            let hexadecimal = |s| u64::from_str_radix(s, 16).unwrap();
            let (x, y) = (hexadecimal(x), hexadecimal(y));
            Row { function: Function::named(name), format: format.into(), x, y, rest: rest.parse().unwrap() }
        })
        .collect();
    assert!(rows.len() > 3000);
    rows
}

/// The error of `got` in ulp, infinite if sign or infinity is wrong.
fn error<T: Format>(got: T, row: &Row) -> f64 {
    let want = T::from_u64(row.y);
    if same(got, want) {
        return row.rest.abs();
    }
    if !want.is_finite() || !got.is_finite() || (want == T::ZERO && got == T::ZERO) {
        return f64::INFINITY;
    }
    let want = want.to_f64();
    let unit = ulp::<T>(want, (row.rest < 0.0) == (want > 0.0));
    ((got.to_f64() - want) / unit - row.rest).abs()
}

fn check<T: Format>(path: Path) {
    let rows = rows();
    for function in ALL {
        let bound = function.bound();
        let mine: Vec<&Row> = rows.iter().filter(|r| r.function == function && r.format == T::NAME).collect();
        let mut values: Vec<T> = mine.iter().map(|row| T::from_u64(row.x)).collect();
        path.apply(function, &mut values);
        let mut worst = 0.0_f64;
        for (row, &got) in mine.iter().zip(&values) {
            let error = error(got, row);
            let x = T::from_u64(row.x);
            assert!(
                error <= bound,
                "{path:?} {function:?} {}: f({x:e}) = {got:e} is {error} ulp off",
                T::NAME
            );
            worst = worst.max(error);
        }
        println!("{path:?} {function:?} {}: {} points, at most {worst:.3} ulp", T::NAME, mine.len());
    }
}

#[test]
fn double_precision_is_as_accurate_as_stated() {
    PATHS.into_iter().for_each(check::<f64>);
}

#[test]
fn single_precision_is_as_accurate_as_stated() {
    PATHS.into_iter().for_each(check::<f32>);
}

/// The double-double functions that `accuracy` measures with agree with mpmath where it uses them.
#[test]
fn the_ruler_is_straight() {
    let mut checked = 0;
    for row in rows().iter().filter(|row| row.format == "f64") {
        let (x, want) = (f64::from_bits(row.x), f64::from_bits(row.y));
        if double_double::covers(row.function, x) {
            let exact = double_double::evaluate(row.function, x);
            let unit = ulp::<f64>(want, (row.rest < 0.0) == (want > 0.0));
            let rest = ((exact.0 - want) + exact.1) / unit;
            assert!((rest - row.rest).abs() < 1e-4, "{:?}({x:e}): {rest} against {}", row.function, row.rest);
            checked += 1;
        }
    }
    assert!(checked > 1000, "{checked}");
}
