//! The slice functions: the same bits as the lanes, wherever an element stands.

use crate::functions::{ALL, Format, Function, PATHS, Path, same};
use tangency_vmath::{LengthMismatch, uses_fma};

fn same_bits_anywhere<T: Format>(function: Function) {
    let reference: Vec<T> = (0..200).map(|i| T::from_f64((f64::from(i) - 60.0) * 0.377)).collect();
    // One at a time: no vector code.
    let one_by_one = |path: Path| -> Vec<T> {
        let alone = |&x: &T| {
            let mut x = [x];
            path.apply(function, &mut x);
            x[0]
        };
        reference.iter().map(alone).collect()
    };
    let lanes = one_by_one(if uses_fma() { Path::Fused } else { Path::Fallback });
    for path in PATHS {
        let want = one_by_one(path);
        if path == Path::Slice {
            assert!(
                want.iter().zip(&lanes).all(|(&a, &b)| same(a, b)),
                "{function:?}: slice and lane differ"
            );
        }
        for start in 0..18 {
            for length in (0..40).chain([64, 100, 150, 182]) {
                let range = start..start + length;
                let mut values = reference.clone();
                path.apply(function, &mut values[range.clone()]);
                for (i, &value) in values.iter().enumerate() {
                    let expected = if range.contains(&i) { want[i] } else { reference[i] };
                    assert!(same(value, expected), "{path:?} {function:?}: element {i} of {range:?}");
                }
            }
        }
    }
    let mut copy = vec![T::ZERO; reference.len()];
    assert_eq!(function.slice_into(&reference, &mut copy), Ok(()));
    assert!(copy.iter().zip(&lanes).all(|(&a, &b)| same(a, b)), "{function:?}: into another slice");
}

#[test]
fn an_element_has_the_same_bits_wherever_it_stands() {
    for function in ALL {
        same_bits_anywhere::<f64>(function);
        same_bits_anywhere::<f32>(function);
    }
}

#[test]
fn unequal_lengths_are_refused_and_nothing_is_written() {
    for function in ALL {
        let mut to = [7.0_f64; 3];
        let error = function.slice_into(&[1.0; 4], &mut to).unwrap_err();
        assert_eq!(error, LengthMismatch { expected: 4, got: 3 });
        assert_eq!(error.to_string(), "slices of lengths 4 and 3 where equal lengths are needed");
        assert!(to.iter().all(|&x| x.to_bits() == 7.0_f64.to_bits()));
        assert_eq!(function.slice_into::<f32>(&[], &mut []), Ok(()));
    }
}
