//! The bundled data; `data/README.md` says where it is from.

use crate::reading::{ReadError, TwoSpecies};

/// Hare and lynx pelts of the Hudson's Bay Company, in thousands, 1900 to 1920.
///
/// # Errors
///
/// Never, unless the file in the repository is damaged.
pub(crate) fn hare_lynx() -> Result<TwoSpecies, ReadError> {
    TwoSpecies::parse("hare_lynx.csv", include_bytes!("../data/hare_lynx.csv"), 2)
}

/// Two competing species at seven times, rounded to integers.
///
/// # Errors
///
/// As [`hare_lynx`].
pub(crate) fn species_competition() -> Result<TwoSpecies, ReadError> {
    TwoSpecies::parse("species_competition.csv", include_bytes!("../data/species_competition.csv"), 2)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    #[test]
    fn bundled_tables_are_whole() {
        let pelts = hare_lynx().unwrap();
        assert_eq!((pelts.names, pelts.times.len()), (["hare".into(), "lynx".into()], 21));
        assert_eq!((pelts.times[20], pelts.values[20]), (1920.0, [24.7, 8.6]));
        let table = species_competition().unwrap();
        assert_eq!(table.times, [0.0, 10.0, 15.0, 30.0, 36.0, 40.0, 42.0]);
        assert_eq!(table.values[6], [324.0, 264.0]);
    }
}
