//! The elementwise halves of a step of a gated recurrent unit.
//!
//! `AFTER` tells whether the reset gate is applied after the product; only then is there a fourth row of gates, the
//! product $m = W_{hn} h + b_{hn}$. Otherwise $r$ is active already, and the product lies in the row of $n$.

use crate::Scalar;
use crate::lanes::{LANES, load, store};
use tangency_vmath::Kernel;

/// Activates the gates, in place, and takes the state on: $h \leftarrow (1 - z) n + z h$.
pub(super) struct Blend<'a, T, const AFTER: bool> {
    pub(super) gates: &'a mut [T],
    pub(super) state: &'a mut [T],
}

impl<T: Scalar, const AFTER: bool> Kernel for Blend<'_, T, AFTER> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { gates, state } = self;
        let len = state.len();
        for at in (0..len).step_by(LANES) {
            let mut z = load(&gates[len..2 * len], at);
            let mut n = load(&gates[2 * len..3 * len], at);
            let mut h = load(state, at);
            for k in 0..LANES {
                z[k] = z[k].sigmoid_lane::<FMA>();
            }
            if AFTER {
                let mut r = load(&gates[..len], at);
                let m = load(&gates[3 * len..], at);
                for k in 0..LANES {
                    r[k] = r[k].sigmoid_lane::<FMA>();
                    n[k] = r[k].mul_add_lane::<FMA>(m[k], n[k]);
                }
                store(&mut gates[..len], at, r);
            }
            for k in 0..LANES {
                n[k] = n[k].tanh_lane::<FMA>();
                h[k] = z[k].mul_add_lane::<FMA>(h[k] - n[k], n[k]);
            }
            store(&mut gates[len..2 * len], at, z);
            store(&mut gates[2 * len..3 * len], at, n);
            store(state, at, h);
        }
    }
}

/// Activates the reset gate, and $r \odot h$.
pub(super) struct ResetState<'a, T> {
    pub(super) reset: &'a mut [T],
    pub(super) state: &'a [T],
    pub(super) product: &'a mut [T],
}

impl<T: Scalar> Kernel for ResetState<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for at in (0..self.state.len()).step_by(LANES) {
            let mut r = load(self.reset, at);
            let mut h = load(self.state, at);
            for k in 0..LANES {
                r[k] = r[k].sigmoid_lane::<FMA>();
                h[k] = r[k] * h[k];
            }
            store(self.reset, at, r);
            store(self.product, at, h);
        }
    }
}

/// Adjoints of the pre-activations that do not wait for a product into `gates`, and $z \odot \lambda$ into `adjoint`.
pub(super) struct BlendReverse<'a, T, const AFTER: bool> {
    pub(super) trace: &'a [T],
    pub(super) state: &'a [T],
    pub(super) adjoint: &'a mut [T],
    pub(super) gates: &'a mut [T],
}

impl<T: Scalar, const AFTER: bool> Kernel for BlendReverse<'_, T, AFTER> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { trace, state, adjoint, gates } = self;
        let len = state.len();
        for at in (0..len).step_by(LANES) {
            let z = load(&trace[len..2 * len], at);
            let n = load(&trace[2 * len..3 * len], at);
            let h = load(state, at);
            let mut a = load(adjoint, at);
            let (mut dz, mut dn) = (z, n);
            for k in 0..LANES {
                dz[k] = a[k] * (h[k] - n[k]) * z[k] * (T::ONE - z[k]);
                dn[k] = a[k] * (T::ONE - z[k]) * (T::ONE - n[k] * n[k]);
                a[k] *= z[k];
            }
            if AFTER {
                let mut r = load(&trace[..len], at);
                let mut m = load(&trace[3 * len..], at);
                for k in 0..LANES {
                    let dm = dn[k] * r[k];
                    r[k] = dn[k] * m[k] * r[k] * (T::ONE - r[k]);
                    m[k] = dm;
                }
                store(&mut gates[..len], at, r);
                store(&mut gates[3 * len..], at, m);
            }
            store(&mut gates[len..2 * len], at, dz);
            store(&mut gates[2 * len..3 * len], at, dn);
            store(adjoint, at, a);
        }
    }
}

/// From the adjoint of $r \odot h$ to those of the reset gate's pre-activation and of the state; and $r \odot h$ anew.
pub(super) struct ResetReverse<'a, T> {
    pub(super) reset: &'a [T],
    pub(super) state: &'a [T],
    pub(super) product_adjoint: &'a [T],
    pub(super) adjoint: &'a mut [T],
    pub(super) gate: &'a mut [T],
    pub(super) product: &'a mut [T],
}

impl<T: Scalar> Kernel for ResetReverse<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for at in (0..self.state.len()).step_by(LANES) {
            let r = load(self.reset, at);
            let h = load(self.state, at);
            let d = load(self.product_adjoint, at);
            let mut a = load(self.adjoint, at);
            let (mut dr, mut product) = (r, h);
            for k in 0..LANES {
                dr[k] = d[k] * h[k] * r[k] * (T::ONE - r[k]);
                a[k] += d[k] * r[k];
                product[k] = r[k] * h[k];
            }
            store(self.gate, at, dr);
            store(self.adjoint, at, a);
            store(self.product, at, product);
        }
    }
}

/// $r \odot h$ and its tangent, from the tangents of the reset gate's pre-activation and of the state.
pub(super) struct ResetTangent<'a, T> {
    pub(super) reset: &'a [T],
    pub(super) state: &'a [T],
    pub(super) tangent: &'a [T],
    pub(super) gate: &'a [T],
    pub(super) product: &'a mut [T],
    pub(super) product_tangent: &'a mut [T],
}

impl<T: Scalar> Kernel for ResetTangent<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for k in 0..self.state.len() {
            let (r, h) = (self.reset[k], self.state[k]);
            self.product[k] = r * h;
            self.product_tangent[k] = self.gate[k] * r * (T::ONE - r) * h + r * self.tangent[k];
        }
    }
}

/// The tangent of the state from those of the pre-activations.
pub(super) struct BlendTangent<'a, T, const AFTER: bool> {
    pub(super) trace: &'a [T],
    pub(super) state: &'a [T],
    pub(super) gates: &'a [T],
    pub(super) tangent: &'a mut [T],
}

impl<T: Scalar, const AFTER: bool> Kernel for BlendTangent<'_, T, AFTER> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { trace, state, gates, tangent } = self;
        let len = state.len();
        for k in 0..len {
            let [r, z, n] = [trace[k], trace[len + k], trace[2 * len + k]];
            let mut a_dot = gates[2 * len + k];
            if AFTER {
                let r_dot = gates[k] * r * (T::ONE - r);
                a_dot += r_dot * trace[3 * len + k] + r * gates[3 * len + k];
            }
            let n_dot = a_dot * (T::ONE - n * n);
            let z_dot = gates[len + k] * z * (T::ONE - z);
            tangent[k] = (T::ONE - z) * n_dot + z * tangent[k] + z_dot * (state[k] - n);
        }
    }
}
