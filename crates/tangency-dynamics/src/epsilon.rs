//! Where a quotient by a root is regularised.

/// Where $\varepsilon$ stands in a step that divides by the root of a sliding average $s$ of squares.
///
/// It decides what happens to gradients of the size of $\varepsilon$ and below. With a constant gradient of
/// $10^{-8}$, step size 1 and $\varepsilon = 10^{-8}$ the first step of Adam is 0.5 outside the root, 0.031 before the
/// correction and 0.0001 inside the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum EpsilonPlacement {
    /// $\sqrt{\hat s} + \varepsilon$, added to the root of the corrected average: PyTorch and, for Adam, optax.
    #[default]
    OutsideRoot,
    /// $\sqrt{\hat s + \varepsilon}$, added to the corrected average: optax and Keras for RMSprop, optax's `eps_root`.
    InsideRoot,
    /// $(\sqrt{s} + \varepsilon) / \sqrt{1 - \beta_2^{t+1}}$, added before the correction of a bias: the $\hat\varepsilon$
    /// of section 2 of the paper on Adam, and Keras. Where no bias is corrected, the same as `OutsideRoot`.
    BeforeCorrection,
}
