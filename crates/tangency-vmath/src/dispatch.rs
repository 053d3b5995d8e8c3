//! The choice of the instruction set, once per process.

/// A loop that [`dispatch`] compiles twice and runs once.
///
/// Everything that [`run`](Self::run) calls has to be inlined into it, because an instruction set is a property of the
/// function that contains an instruction: mark `run`, and your helpers, `#[inline(always)]`. Closures given to a
/// thread pool are functions of their own; put the call of [`dispatch`] inside the closure, not around the pool.
///
/// # Writing a kernel that vectorises
///
/// - Write a plain loop over slices and use the `_lane` methods of [`Real`](crate::Real); the compiler turns it into
///   vector code. Dispatch the outermost loop that one thread runs, never single elements.
/// - Choose between values with `if`, not between computations: both sides are evaluated for all lanes.
/// - A loop over many slices at once (gates of a cell, four or more) inside a loop over samples often stays scalar,
///   because the slices may overlap. Copy a chunk of each slice into a local array (`[T; 16]`), compute, store.
/// - A sum of floats is never reordered. Accumulate into a local array, one entry for each lane, and add those up last.
///
/// # Example: the gates of an LSTM, fused
///
/// One pass updates the cell state, $c \leftarrow \sigma(f) c + \sigma(i) \tanh(g)$, with one kernel for `f32` and
/// `f64`, vectorised, with fused multiply-add where the processor has it.
///
/// ```
/// use tangency_vmath::{dispatch, Kernel, Real};
///
/// struct Gates<'a, T> {
///     input: &'a [T],
///     forget: &'a [T],
///     candidate: &'a [T],
///     cell: &'a mut [T],
/// }
///
/// impl<T: Real> Kernel for Gates<'_, T> {
///     type Output = ();
///
///     #[inline(always)]
///     fn run<const FMA: bool>(self) {
///         let gates = self.input.iter().zip(self.forget).zip(self.candidate);
///         for (c, ((&i, &f), &g)) in self.cell.iter_mut().zip(gates) {
///             let kept = f.sigmoid_lane::<FMA>() * *c;
///             *c = i.sigmoid_lane::<FMA>().mul_add_lane::<FMA>(g.tanh_lane::<FMA>(), kept);
///         }
///     }
/// }
///
/// let mut cell = vec![1.0_f32; 100];
/// dispatch(Gates { input: &[0.0; 100], forget: &[100.0; 100], candidate: &[-100.0; 100], cell: &mut cell });
/// assert_eq!(cell, vec![0.5; 100]); // kept wholly, and half of -1 added
/// ```
pub trait Kernel {
    /// What the loop returns.
    type Output;

    /// The loop. `FMA` says whether [`mul_add_lane`](crate::Real::mul_add_lane) is one instruction; pass it on to
    /// every `_lane` method.
    fn run<const FMA: bool>(self) -> Self::Output;
}

/// Runs a kernel on the widest instruction set that this machine has, out of two.
///
/// | target | `run::<true>` | `run::<false>` |
/// |---|---|---|
/// | x86-64 | AVX2 with FMA, found at run time | the set that the crate is compiled for, SSE2 by default |
/// | aarch64 | NEON with FMA, always there | if asked for |
/// | others | | always |
///
/// Each of the two gives the same bits wherever it runs: `run::<false>` uses nothing but the correctly rounded
/// operations of IEEE 754, and `run::<true>` adds their fused multiplication and addition. Between the two the last bits
/// differ.
///
/// **To force `run::<false>`** set the environment variable `TANGENCY_SCALAR` to anything but the empty string or `0`.
/// It is read once, when the process first dispatches. It serves for tests of the fallback, and for the same bits on
/// every machine.
///
/// Costs one atomic load and a branch, and the call is not inlined.
///
/// # Example: a sum of squares
///
/// ```
/// use tangency_vmath::{dispatch, Kernel, Real};
///
/// struct Squares<'a>(&'a [f64]);
///
/// impl Kernel for Squares<'_> {
///     type Output = f64;
///
///     #[inline(always)]
///     fn run<const FMA: bool>(self) -> f64 {
///         self.0.iter().fold(0.0, |sum, &x| x.mul_add_lane::<FMA>(x, sum))
///     }
/// }
///
/// assert_eq!(dispatch(Squares(&[3.0, 4.0])), 25.0);
/// ```
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    target::dispatch(kernel)
}

/// Whether [`dispatch`] runs `run::<true>` in this process.
///
/// # Example: which bits to expect
///
/// ```
/// if std::env::var_os("TANGENCY_SCALAR").is_some_and(|value| value == "1") {
///     assert!(!tangency_vmath::uses_fma());
/// }
/// ```
pub fn uses_fma() -> bool {
    target::uses_fma()
}

/// Whether the environment forbids `run::<true>`.
fn scalar_requested() -> bool {
    std::env::var_os("TANGENCY_SCALAR").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The choice on x86-64, at run time.
#[cfg(target_arch = "x86_64")]
mod target {
    use super::{Kernel, scalar_requested};
    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, Simd};
    use std::sync::OnceLock;

    /// Proof that AVX2 and FMA are there, or nothing.
    #[inline]
    fn wide() -> Option<V3> {
        static WIDE: OnceLock<Option<V3>> = OnceLock::new();
        *WIDE.get_or_init(|| if scalar_requested() { None } else { V3::try_new() })
    }

    /// A kernel as pulp wants it.
    struct Fused<K>(K);

    impl<K: Kernel> NullaryFnOnce for Fused<K> {
        type Output = K::Output;

        #[inline(always)]
        fn call(self) -> K::Output {
            self.0.run::<true>()
        }
    }

    #[inline]
    pub(super) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
        match wide() {
            Some(simd) => Simd::vectorize(simd, Fused(kernel)),
            None => kernel.run::<false>(),
        }
    }

    pub(super) fn uses_fma() -> bool {
        wide().is_some()
    }
}

/// The choice elsewhere: aarch64 has fused multiply-add in its base set, and so needs no detection.
#[cfg(not(target_arch = "x86_64"))]
mod target {
    use super::{Kernel, scalar_requested};
    use std::sync::OnceLock;

    #[inline]
    pub(super) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
        if uses_fma() { kernel.run::<true>() } else { kernel.run::<false>() }
    }

    pub(super) fn uses_fma() -> bool {
        static FUSED: OnceLock<bool> = OnceLock::new();
        cfg!(target_arch = "aarch64") && *FUSED.get_or_init(|| !scalar_requested())
    }
}
