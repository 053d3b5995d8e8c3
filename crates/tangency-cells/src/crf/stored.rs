//! Saved parameters.

use super::{CrfError, LinearChainCrf};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The scores as they are saved. Forbidden ones are `None`, since some formats (JSON) have no infinity.
#[derive(Serialize, Deserialize)]
struct Stored {
    start: Vec<Option<f64>>,
    transitions: Vec<Option<f64>>,
    end: Vec<Option<f64>>,
}

impl Serialize for LinearChainCrf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let store = |scores: &[f64]| scores.iter().map(|&s| s.is_finite().then_some(s)).collect();
        Stored { start: store(&self.start), transitions: store(self.transitions()), end: store(&self.end) }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LinearChainCrf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let restore = |scores: Vec<Option<f64>>| -> Vec<f64> {
            scores.into_iter().map(|s| s.unwrap_or(f64::NEG_INFINITY)).collect()
        };
        Self::new(&restore(stored.start), &restore(stored.transitions), &restore(stored.end))
            .map_err(|error: CrfError| D::Error::custom(error))
    }
}
