//! Stand-ins until the vectorised functions arrive.
use tangency_vmath::Real;

pub(crate) trait Kernel {
    type Output;
    fn run<const FMA: bool>(self) -> Self::Output;
}
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<false>()
}
pub(crate) trait Lane: Real {
    #[inline(always)]
    fn tanh_lane<const FMA: bool>(self) -> Self {
        self.tanh()
    }
    #[inline(always)]
    fn sigmoid_lane<const FMA: bool>(self) -> Self {
        Self::ONE / (Self::ONE + (-self).exp())
    }
    #[inline(always)]
    fn mul_add_lane<const FMA: bool>(self, b: Self, c: Self) -> Self {
        self * b + c
    }
}
impl<T: Real> Lane for T {}
