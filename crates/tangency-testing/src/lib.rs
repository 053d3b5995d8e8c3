//! What the tests of this workspace share; not published.
//!
//! Three questions come up in every crate's tests:
//!
//! $$ \lvert a - b \rvert \le \max(\varepsilon_{\mathrm{abs}}, \varepsilon_{\mathrm{rel}} \max(\lvert a \rvert, \lvert b \rvert)), \quad
//!    a = a_{\mathrm{golden}}, \quad
//!    e(h) \approx C h^p . $$
//!
//! | question | answer |
//! |---|---|
//! | Is this printed table still the same, up to rounding? | [`NumericComparator`], for snapshots of `insta` |
//! | Does this agree with the reference computed elsewhere? | [`Golden`], which reads `tests/reference/*.csv` |
//! | Does the error fall as the theory says? | [`fit_order`] |
//!
//! The check of gradients is not here but in `tangency-recurrence`, since its users need it too.

mod golden;
mod hex;
mod numeric;
mod order;

pub use golden::{Golden, GoldenError};
pub use numeric::{Difference, NumericComparator};
pub use order::{Order, OrderError, fit_order};
