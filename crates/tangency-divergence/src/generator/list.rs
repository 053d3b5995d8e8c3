//! All generators, for tables.

use super::{
    Alpha, FDivergence, Gan, HockeyStick, Jeffreys, JensenShannon, KullbackLeibler, LeCam, NeymanChiSquared,
    PearsonChiSquared, ReverseKullbackLeibler, SquaredHellinger, TotalVariation,
};

/// One of each kind of divergence that has a name, with usual parameters where it has any: for tables and for tests.
///
/// The orders of [`Alpha`] are −2, 0.3 and 3, those of other names apart; [`HockeyStick`] has $\gamma = 2$, and
/// [`JensenShannon`] comes with both factors and with the weight 0.3. [`Gan`] is the one with $f(1) \ne 0$.
///
/// # Example: what each costs where one distribution has no mass
///
/// ```
/// for f in tangency_divergence::generators() {
///     println!("{:25} {:30} {:6.3} {:6.3}", f.name(), f.formula(), f.at_zero(), f.slope_at_infinity());
/// }
/// ```
pub fn generators() -> Vec<Box<dyn FDivergence>> {
    let mut list: Vec<Box<dyn FDivergence>> = vec![
        Box::new(KullbackLeibler),
        Box::new(ReverseKullbackLeibler),
        Box::new(Jeffreys),
        Box::new(PearsonChiSquared),
        Box::new(NeymanChiSquared),
        Box::new(SquaredHellinger::half()),
        Box::new(SquaredHellinger::full()),
        Box::new(TotalVariation),
        Box::new(JensenShannon::half()),
        Box::new(JensenShannon::f_gan()),
        Box::new(Gan),
        Box::new(LeCam),
    ];
    list.extend(JensenShannon::weighted(0.3).map(|f| Box::new(f) as _));
    list.extend([-2.0, 0.3, 3.0].into_iter().flat_map(Alpha::new).map(|f| Box::new(f) as _));
    list.extend(HockeyStick::new(2.0).map(|f| Box::new(f) as _));
    list
}
