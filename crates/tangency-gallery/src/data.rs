//! The bundled data; `data/README.md` says where it is from.

use crate::reading::{Place, ReadError, TwoSpecies};

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

/// Eighty handwritten digits of 8 × 8 pixels, eight of each: the digit, and the ink of each pixel by rows, with sum 1.
///
/// The file belongs to an example of tangency-transport, and says where it is from.
///
/// # Errors
///
/// As [`hare_lynx`].
pub(crate) fn digits() -> Result<Vec<(u8, Vec<f64>)>, ReadError> {
    const FILE: &str = "digits.csv";
    let text = include_str!("../../tangency-transport/examples/digits.csv");
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines
        .map(|(n, line)| {
            let place = || Place { file: FILE.into(), line: n as u64 + 1 };
            let mut numbers = Vec::with_capacity(65);
            for (column, text) in line.split(',').enumerate() {
                let column = || format!("{}", column + 1);
                let wrong = |_| ReadError::NotANumber { place: place(), column: column(), text: text.into() };
                numbers.push(text.parse::<u8>().map_err(wrong)?);
            }
            let (digit, ink) = (numbers[0], &numbers[1..]);
            let all: f64 = ink.iter().map(|&x| f64::from(x)).sum();
            Ok((digit, ink.iter().map(|&x| f64::from(x) / all).collect()))
        })
        .collect()
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
        let images = digits().unwrap();
        for digit in 0..10 {
            assert_eq!(images.iter().filter(|(label, _)| *label == digit).count(), 8);
        }
        assert!(
            images
                .iter()
                .all(|(_, ink)| ink.len() == 64 && (ink.iter().sum::<f64>() - 1.0).abs() < 1e-15 * 64.0)
        );
    }
}
