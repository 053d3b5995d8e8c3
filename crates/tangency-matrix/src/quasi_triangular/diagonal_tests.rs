//! The kernels on block diagonals against products of whole matrices.

use super::{DiagonalNorms, DiagonalQuotient, DiagonalRoot, DiagonalSquare, Layout, Places};
use crate::norm::operator_norm_1;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, c64};

/// With pairs where `pairs`, and eigenvalues that are not on the negative axis.
fn form<T: Scalar>(n: usize, pairs: bool) -> Mat<T> {
    let entry = |i: usize, j: usize| {
        let x = |k: usize| T::RealPart::from_f64((k * 7919 % 1009) as f64 / 1009.0 - 0.5);
        T::from_complex(x(31 * i + 17 * j + 3).complex(x(13 * i + 29 * j + 5)))
    };
    let mut t = Mat::from_fn(n, n, |i, j| if i < j { entry(i, j) } else { T::ZERO });
    for i in 0..n {
        t[(i, i)] = T::from_f64(1.5) + entry(i, i);
    }
    let mut i = 0;
    while pairs && i + 1 < n {
        t[(i + 1, i + 1)] = t[(i, i)];
        (t[(i, i + 1)], t[(i + 1, i)]) = (T::from_f64(0.9), T::from_f64(-0.3));
        // A single eigenvalue after every third pair.
        i += if i % 7 == 4 { 3 } else { 2 };
    }
    t
}

fn distance<T: Scalar>(a: &Mat<T>, b: &Mat<T>) -> f64 {
    operator_norm_1((a - b).as_ref()).to_f64() / operator_norm_1(b.as_ref()).to_f64()
}

fn times<T: Scalar>(a: &Mat<T>, x: f64) -> Mat<T> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)] * T::from_f64(x))
}

fn kernels_are_products<T: Scalar>(pairs: bool) {
    let (one, u) = (T::RealPart::ONE, T::RealPart::UNIT_ROUNDOFF.to_f64());
    for n in [1, 2, 3, 4, 7, 8, 9, 16, 17, 33, 64, 101] {
        let t = form::<T>(n, pairs);
        let mut layout = Layout::default();
        assert!(layout.fit(t.as_ref()), "{n}");
        let stored = |layout: &Layout, x: &[T]| {
            let mut matrix = Mat::zeros(n, n);
            layout.store(x, [one; 2], matrix.as_mut());
            matrix
        };
        let mut x = Vec::new();
        layout.load(t.as_ref(), one, &mut x);
        assert!(x.len() <= Layout::most_entries(n));
        assert_eq!(stored(&layout, &x), t, "{n}");
        let bound = 10.0 * n as f64 * u;

        let mut square = vec![T::ZERO; x.len()];
        T::diagonal_square(DiagonalSquare { x: &x, product: &mut square, layout: &layout });
        assert!(distance(&stored(&layout, &square), &(&t * &t)) < bound, "square {n}");

        let mut work = Vec::new();
        let [first, second] =
            T::diagonal_norms(DiagonalNorms { x: &x, layout: &layout, work: &mut work, squared: true });
        let moduli = Mat::from_fn(n, n, |i, j| T::from_real(t[(i, j)].modulus()));
        let expected = [&moduli, &(&moduli * &moduli)].map(|m| operator_norm_1(m.as_ref()).to_f64());
        assert!((first / expected[0] - 1.0).abs() < bound && (second / expected[1] - 1.0).abs() < bound);
        assert!(work.len() <= Layout::most_work(n));

        let (alpha, beta, weight) = (0.25, 0.125, 3.0);
        let [mut denominator, mut quotient, mut sum] = [(); 3].map(|()| vec![T::ZERO; x.len()]);
        for _ in 0..2 {
            T::diagonal_quotient(DiagonalQuotient {
                x: (T::RealPart::from_f64(alpha), &x),
                numerator: (T::RealPart::from_f64(beta), &square),
                right: &square,
                weight: T::RealPart::from_f64(weight),
                work: (&mut denominator, &mut quotient),
                sum: &mut sum,
                layout: &layout,
            });
        }
        let (scaled, y) = (stored(&layout, &sum), stored(&layout, &quotient));
        assert!(distance(&scaled, &times(&y, 2.0 * weight)) < bound, "sum {n}");
        let t2 = &t * &t;
        let d = Mat::<T>::identity(n, n) + times(&t, alpha) + times(&t2, beta);
        let size = operator_norm_1(d.as_ref()).to_f64() * operator_norm_1(y.as_ref()).to_f64();
        let residual = operator_norm_1((&d * &y - &t2).as_ref()).to_f64();
        assert!(residual < bound * size, "quotient {n}: {}", residual / size / u);

        let mut places = Places::default();
        assert!(T::diagonal_root(DiagonalRoot { x: &mut x, layout: &layout, places: &mut places }).unwrap());
        let root = stored(&layout, &x);
        let size = operator_norm_1(root.as_ref()).to_f64().powi(2);
        let residual = operator_norm_1((&root * &root - &t).as_ref()).to_f64();
        assert!(residual < bound * size, "root {n}: {}", residual / size / u);
    }
}

#[test]
fn kernels_by_diagonals_are_products_of_matrices() {
    kernels_are_products::<f64>(false);
    kernels_are_products::<f64>(true);
    kernels_are_products::<f32>(true);
    kernels_are_products::<c64>(false);
}

#[test]
fn unusual_matrices_are_refused() {
    let mut layout = Layout::default();
    // One pair among many single eigenvalues.
    let mut t = form::<f64>(40, false);
    t[(1, 1)] = t[(0, 0)];
    (t[(0, 1)], t[(1, 0)]) = (1.0, -1.0);
    assert!(!layout.fit(t.as_ref()));
    let zero = faer::mat![[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1e-130]];
    assert!(layout.fit(zero.as_ref()));
    let (mut x, mut places) = (Vec::new(), Places::default());
    layout.load(zero.as_ref(), 1.0, &mut x);
    let root = DiagonalRoot { x: &mut x, layout: &layout, places: &mut places };
    assert!(!<f64 as crate::kernels::Kernels>::diagonal_root(root).unwrap());
}
