//! With a workspace, exponentials and determinants allocate nothing after the first call.

use faer::{Mat, c32, c64};
use tangency_matrix::{ExpmWorkspace, LogDetWorkspace, Scalar, expm_into, log_det_with};

/// Runs it in a pool of one thread, where all of the work is on the thread that counts.
#[cfg(feature = "rayon")]
fn on_one_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(work)
}

#[cfg(not(feature = "rayon"))]
fn on_one_thread<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Allocations of the second and the third call; the first may let a thread keep memory.
fn allocations(mut call: impl FnMut(usize) + Send) -> u64 {
    on_one_thread(|| {
        call(0);
        allocation_counter::measure(|| (1..3).for_each(&mut call)).count_total
    })
}

/// Some number within the unit square, another for each `k`.
fn entry<T: Scalar>(k: usize) -> T {
    let part = |k: usize| T::RealPart::from_f64((k * 7919 % 1009) as f64 / 504.5 - 1.0);
    T::from_complex(tangency_matrix::RealScalar::complex(part(k), part(k + 13)))
}

/// Of some structure and 1-norm.
fn matrix<T: Scalar>(kind: &str, n: usize, norm: f64, seed: usize) -> Mat<T> {
    let x = |i: usize, j: usize| entry::<T>(seed + i * n + j);
    let a = Mat::from_fn(n, n, |i, j| match kind {
        "upper" if i > j => T::ZERO,
        "diagonal" if i != j => T::ZERO,
        "Hermitian" => x(i, j) + x(j, i).conj(),
        "skew-Hermitian" => x(i, j) - x(j, i).conj(),
        _ => x(i, j),
    });
    let size = tangency_matrix::operator_norm_1(a.as_ref());
    if size == T::RealPart::from_f64(0.0) {
        return a; // real and skew, of order 1
    }
    Mat::from_fn(n, n, |i, j| a[(i, j)].scale(T::RealPart::from_f64(norm) / size))
}

fn exponentials<T: Scalar>() {
    for n in [1, 2, 3, 8, 17, 40, 64, 90, 130] {
        let mut workspace = ExpmWorkspace::<T>::new(n);
        let mut x = Mat::<T>::zeros(n, n);
        for kind in ["general", "upper", "diagonal", "Hermitian", "skew-Hermitian"] {
            for norm in [1e-9, 0.1, 1.0, 30.0] {
                let matrices: Vec<Mat<T>> = (0..3).map(|seed| matrix(kind, n, norm, 31 * seed)).collect();
                let count =
                    allocations(|k| expm_into(matrices[k].as_ref(), x.as_mut(), &mut workspace).unwrap());
                assert_eq!(count, 0, "order {n}, {kind}, norm {norm}");
            }
        }
    }
}

fn determinants<T: Scalar>() {
    for n in [1, 4, 9, 33, 64, 100, 200] {
        let mut workspace = LogDetWorkspace::<T>::new(n);
        for kind in ["general", "upper", "Hermitian"] {
            let matrices: Vec<Mat<T>> = (0..3).map(|seed| matrix(kind, n, 1.0, 31 * seed)).collect();
            let count = allocations(|k| {
                log_det_with(matrices[k].as_ref(), &mut workspace).unwrap();
            });
            assert_eq!(count, 0, "order {n}, {kind}");
        }
    }
}

#[test]
fn exponentials_into_a_workspace_allocate_nothing() {
    exponentials::<f64>();
    exponentials::<f32>();
    exponentials::<c64>();
    exponentials::<c32>();
}

#[test]
fn determinants_with_a_workspace_allocate_nothing() {
    determinants::<f64>();
    determinants::<f32>();
    determinants::<c64>();
    determinants::<c32>();
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|k| drop(std::hint::black_box(vec![0; k + 1]))) >= 2);
}
