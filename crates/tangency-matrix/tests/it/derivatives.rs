//! What all Fréchet derivatives have in common: along the matrix itself, their adjoints, and size of the direction.

use crate::reference::golden_bound;
use crate::samples::{about, inner, random};
use faer::{Mat, MatRef, c32, c64};
use tangency_matrix::*;

type Derivative<T> = fn(MatRef<'_, T>, MatRef<'_, T>) -> Result<Frechet<T>, MatrixError>;

struct Function<T: Scalar> {
    name: &'static str,
    forward: Derivative<T>,
    backward: Derivative<T>,
    condition: fn(MatRef<'_, T>) -> Result<T::RealPart, MatrixError>,
    /// A f′(A), from A and f(A).
    along: fn(&Mat<T>, &Mat<T>) -> Mat<T>,
}

fn functions<T: Scalar>() -> [Function<T>; 8] {
    fn times<T: Scalar>(x: &Mat<T>, factor: f64) -> Mat<T> {
        Mat::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)].scale(T::RealPart::from_f64(factor)))
    }
    [
        Function {
            name: "exp",
            forward: expm_frechet,
            backward: expm_frechet_adjoint,
            condition: expm_condition,
            along: |a, f| a * f,
        },
        Function {
            name: "log",
            forward: logm_frechet,
            backward: logm_frechet_adjoint,
            condition: logm_condition,
            along: |a, _| Mat::identity(a.nrows(), a.nrows()),
        },
        Function {
            name: "sqrt",
            forward: sqrtm_frechet,
            backward: sqrtm_frechet_adjoint,
            condition: sqrtm_condition,
            along: |_, f| times(f, 0.5),
        },
        Function {
            name: "power -0.7",
            forward: |a, e| powm_frechet(a, -0.7, e),
            backward: |a, e| powm_frechet_adjoint(a, -0.7, e),
            condition: |a| powm_condition(a, -0.7),
            along: |_, f| times(f, -0.7),
        },
        Function {
            name: "power 2.5",
            forward: |a, e| powm_frechet(a, 2.5, e),
            backward: |a, e| powm_frechet_adjoint(a, 2.5, e),
            condition: |a| powm_condition(a, 2.5),
            along: |_, f| times(f, 2.5),
        },
        Function {
            name: "power -3",
            forward: |a, e| powm_frechet(a, -3.0, e),
            backward: |a, e| powm_frechet_adjoint(a, -3.0, e),
            condition: |a| powm_condition(a, -3.0),
            along: |_, f| times(f, -3.0),
        },
        Function {
            name: "sin",
            forward: sinm_frechet,
            backward: sinm_frechet_adjoint,
            condition: sinm_condition,
            along: |a, _| a * cosm(a.as_ref()).unwrap(),
        },
        Function {
            name: "cos",
            forward: cosm_frechet,
            backward: cosm_frechet_adjoint,
            condition: cosm_condition,
            along: |a, _| times(&(a * sinm(a.as_ref()).unwrap()), -1.0),
        },
    ]
}

fn in_type<T: Scalar>() {
    let size = |x: &Mat<T>| operator_norm_1(x.as_ref()).to_f64();
    let root = |x: &Mat<T>| inner(x, x).re().to_f64().sqrt();
    let unit = T::RealPart::UNIT_ROUNDOFF.to_f64();
    for n in [1, 2, 5, 13, 40] {
        let a = about::<T>(n, 3 + n as u64, 2.0 / (n as f64).sqrt(), |_| 1.4);
        let (e, w) = (random::<T>(n, n, 5), random::<T>(n, n, 6));
        for f in functions::<T>() {
            let along = (f.forward)(a.as_ref(), a.as_ref()).unwrap();
            let expected = (f.along)(&a, &along.value);
            let kappa = (f.condition)(a.as_ref()).unwrap().to_f64();
            // L(A, A) is a function of A too; its condition is taken to be at most twice κ² and 8.
            let bound = golden_bound::<T>(n, 8.0_f64.max(2.0 * kappa * kappa));
            let error = size(&(&along.derivative - &expected)) / size(&expected);
            assert!(error <= bound, "{} {n}: L(A, A) off by {error:e}, bound {bound:e}", f.name);

            let forward = (f.forward)(a.as_ref(), e.as_ref()).unwrap();
            let backward = (f.backward)(a.as_ref(), w.as_ref()).unwrap();
            let (left, right) = (inner(&w, &forward.derivative), inner(&backward.derivative, &e));
            let scale = root(&w) * root(&forward.derivative) + root(&backward.derivative) * root(&e);
            let error = (left - right).modulus().to_f64() / scale;
            // 1e-13 in double precision, and as many units in single.
            assert!(error <= 1e-13 / 2.0_f64.powi(-53) * unit, "{} {n}: adjoint off by {error:e}", f.name);

            // Linear in the direction, to the bit for powers of two.
            let doubled = Mat::from_fn(n, n, |i, j| e[(i, j)].scale(T::RealPart::from_f64(0.25)));
            let quarter = (f.forward)(a.as_ref(), doubled.as_ref()).unwrap().derivative;
            let back = Mat::from_fn(n, n, |i, j| quarter[(i, j)].scale(T::RealPart::from_f64(4.0)));
            assert!(
                size(&(back - &forward.derivative)) <= 4.0 * unit * size(&forward.derivative),
                "{} {n}",
                f.name
            );
        }
    }
}

#[test]
fn identities_hold_in_every_type() {
    in_type::<f64>();
    in_type::<c64>();
    in_type::<f32>();
    in_type::<c32>();
}
