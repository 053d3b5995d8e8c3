//! With a workspace, logarithms and square roots allocate nothing from the second call on.

use crate::samples::shifted;
use faer::{Mat, c32, c64};
use tangency_matrix::*;

/// Allocations of the second and the third call.
fn allocations(mut call: impl FnMut() + Send) -> u64 {
    let count = || {
        call();
        allocation_counter::measure(|| (0..2).for_each(|_| call())).count_total
    };
    // Where all of the work is on the thread that counts.
    #[cfg(feature = "rayon")]
    return rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(count);
    #[cfg(not(feature = "rayon"))]
    return { count }();
}

fn nothing_up_to_order_75<T: Scalar>() {
    for n in [1, 2, 3, 4, 8, 17, 40, 75] {
        let (general, mut out) = (shifted::<T>(n, 5), Mat::<T>::zeros(n, n));
        let triangular =
            Mat::from_fn(n, n, |i, j| if i <= j { general[(i, j)] + T::from_f64(0.0) } else { T::ZERO });
        for a in [&general, &triangular] {
            let mut workspace = LogmWorkspace::new(n);
            let count = allocations(|| logm_into(a.as_ref(), out.as_mut(), &mut workspace).unwrap());
            assert_eq!(count, 0, "logarithm of order {n}");
            let mut workspace = SqrtmWorkspace::new(n);
            let count = allocations(|| sqrtm_into(a.as_ref(), out.as_mut(), &mut workspace).unwrap());
            assert_eq!(count, 0, "root of order {n}");
        }
    }
}

#[test]
fn workspaces_serve_again() {
    nothing_up_to_order_75::<f64>();
    nothing_up_to_order_75::<f32>();
    nothing_up_to_order_75::<c64>();
    nothing_up_to_order_75::<c32>();
}
