//! Batches, products in blocks and sparse products have the same bits for any number of threads.

use crate::exact::Stream;
use faer::sparse::{SparseColMat, Triplet};
use faer::{Mat, c64};
use rayon::ThreadPoolBuilder;
use tangency_matrix::{
    ActionMethod, ActionOptions, LogDet, MatrixError, Scalar, expm, expm_batch, expm_multiply, log_det,
    log_det_batch, logm_batch, sqrtm_batch,
};

const THREADS: [usize; 4] = [1, 2, 3, 5];

/// The same result from every pool.
fn agree<R: PartialEq + Send + std::fmt::Debug>(what: &str, run: impl Fn() -> R + Sync) -> R {
    let results = THREADS.map(|threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(&run)
    });
    for (threads, result) in THREADS.iter().zip(&results) {
        assert!(*result == results[0], "{what}: {threads} threads");
    }
    let [first, ..] = results;
    first
}

/// Near the identity, so that every function exists.
fn matrices<T: Scalar>(n: usize, count: usize) -> Vec<T> {
    let mut stream = Stream::new(n as u64);
    (0..count * n * n)
        .map(|k| {
            T::from_f64(0.3 * stream.uniform() + f64::from(u8::from((k % (n * n)).is_multiple_of(n + 1))))
        })
        .collect()
}

#[test]
fn batches_have_the_same_bits() {
    // More than four chunks of matrices of each small order, and some large enough for products on several threads.
    for (n, count) in [(1, 300), (2, 300), (3, 299), (8, 300), (20, 150), (120, 3)] {
        let a = matrices::<f64>(n, count);
        let complex: Vec<c64> = a.iter().map(|&x| c64::new(x, 0.5 * x * x)).collect();
        agree(&format!("log_det_batch {n}"), || {
            let mut results = vec![LogDet::<f64>::default(); count];
            log_det_batch(n, &a, &mut results).map(|()| results)
        })
        .unwrap();
        agree(&format!("log_det_batch {n}, complex"), || {
            let mut results = vec![LogDet::<c64>::default(); count];
            log_det_batch(n, &complex, &mut results).map(|()| results)
        })
        .unwrap();
        for (name, batch) in [
            ("expm_batch", expm_batch::<f64> as fn(usize, &[f64], &mut [f64]) -> Result<(), MatrixError>),
            ("logm_batch", logm_batch),
            ("sqrtm_batch", sqrtm_batch),
        ] {
            agree(&format!("{name} {n}"), || {
                let mut results = vec![0.0; a.len()];
                batch(n, &a, &mut results).map(|()| results)
            })
            .unwrap();
        }
    }
}

#[test]
fn the_first_error_of_a_batch_is_the_first() {
    let (n, count) = (3, 400);
    let mut a = matrices::<f64>(n, count);
    for bad in [130, 131, 390] {
        a[bad * n * n + 4] = f64::NAN;
    }
    let (error, results) = agree("error", || {
        let mut results = vec![LogDet::<f64>::default(); count];
        let error = log_det_batch(n, &a, &mut results).unwrap_err();
        (error, results[..130].to_vec())
    });
    assert!(matches!(error, MatrixError::InBatch { index: 130, .. }), "{error:?}");
    assert!(results.iter().all(|det| det.ln_abs != 0.0));
}

#[test]
fn large_matrices_have_the_same_bits() {
    let a = Stream::new(71).matrix(260, 260);
    agree("log_det", || log_det(a.as_ref()).unwrap());
    agree("expm", || expm(a.as_ref()).unwrap());
}

#[test]
fn the_sparse_action_has_the_same_bits() {
    // More than three parts of rows.
    let n = 3 * 4096 + 17;
    let mut stream = Stream::new(72);
    let mut entries = Vec::new();
    for i in 0..n {
        for j in [i, (i + 1) % n, (i * 7 + 3) % n] {
            entries.push(Triplet::new(i, j, stream.uniform()));
        }
    }
    let a = SparseColMat::<usize, f64>::try_new_from_triplets(n, n, &entries).unwrap();
    for columns in [1, 3, 8] {
        let b = Mat::from_fn(n, columns, |_, _| stream.uniform());
        for method in [ActionMethod::Automatic, ActionMethod::Taylor] {
            let options = ActionOptions { method, ..Default::default() };
            agree(&format!("expm_multiply {columns} {method:?}"), || {
                expm_multiply(&(&a).into(), 2.0, b.as_ref(), &options).unwrap().value
            });
        }
    }
}
