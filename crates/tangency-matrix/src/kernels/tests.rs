//! The kernels against definitions, and their bits against the number of threads.

use crate::kernels::{HessenbergMemory, Kernels};
use crate::scalar::Scalar;
use faer::{Mat, c64};

fn random(n: usize, m: usize, seed: u64) -> Mat<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    Mat::from_fn(n, m, |_, _| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    })
}

fn random_complex(n: usize, m: usize, seed: u64) -> Mat<c64> {
    let (re, im) = (random(n, m, seed), random(n, m, seed + 1));
    Mat::from_fn(n, m, |i, j| c64::new(re[(i, j)], im[(i, j)]))
}

fn distance<T: Scalar<RealPart = f64>>(a: &Mat<T>, b: &Mat<T>) -> f64 {
    crate::operator_norm_1((a - b).as_ref())
}

#[test]
fn factorisations_reproduce_their_matrix() {
    for n in [1, 2, 5, 40, 300] {
        let a = random_complex(n, n, 3);
        let mut h = a.clone();
        let mut q = Mat::identity(n, n);
        c64::hessenberg_in_place(h.as_mut(), q.as_mut(), &mut HessenbergMemory::default());
        assert!(distance(&(&q * &h * q.adjoint()), &a) < 1e-13 * n as f64, "Hessenberg {n}");
        assert!(distance(&(q.adjoint() * &q), &Mat::identity(n, n)) < 1e-13 * n as f64);
        assert!((0..n).all(|j| (j + 2..n).all(|i| h[(i, j)] == c64::ZERO)));
        let hermitian = &a + a.adjoint();
        let (values, u) = c64::hermitian_eigen(hermitian.as_ref()).unwrap();
        let scaled = Mat::from_fn(n, n, |i, j| u[(i, j)].scale(values[j].re));
        assert!(distance(&(scaled * u.adjoint()), &hermitian) < 1e-12 * n as f64);
    }
    for (m, n) in [(7, 3), (3, 7), (80, 60), (5, 5)] {
        let a = random(m, n, 9);
        let (q, r) = f64::qr(a.as_ref(), true);
        assert!(distance(&(q.unwrap() * r), &a) < 1e-13 * n as f64, "QR {m} x {n}");
        let (q, r, permutation) = f64::column_pivoted_qr(a.as_ref(), true);
        let permuted = Mat::from_fn(m, n, |i, j| a[(i, permutation[j])]);
        assert!(distance(&(q.unwrap() * r), &permuted) < 1e-13 * n as f64, "pivoted QR {m} x {n}");
        let (u, s, v) = f64::thin_svd(a.as_ref()).unwrap();
        let scaled = Mat::from_fn(m, s.len(), |i, j| u[(i, j)] * s[j]);
        assert!(distance(&(scaled * v.transpose()), &a) < 1e-13 * n as f64, "SVD {m} x {n}");
    }
}

#[test]
#[cfg(feature = "rayon")]
fn bits_do_not_depend_on_the_number_of_threads() {
    use faer::{Accum, Conj};
    for n in [130, 257, 600] {
        let (a, b) = (random(n, n, 5), random(n, n, 6));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut product = Mat::<f64>::zeros(n, n);
                f64::product(
                    product.as_mut(),
                    Accum::Replace,
                    (a.as_ref(), Conj::No),
                    (b.as_ref(), Conj::No),
                    1.0,
                );
                let (mut lu, mut p, mut q) = (a.clone(), vec![0; n], vec![0; n]);
                let transpositions = f64::lu_in_place(lu.as_mut(), &mut p, &mut q);
                (product, lu, p, transpositions)
            })
        };
        let one = run(1);
        for threads in [2, 3, 5] {
            assert!(run(threads) == one, "order {n}, {threads} threads");
        }
    }
}
