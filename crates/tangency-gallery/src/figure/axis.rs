//! An axis as the author of a figure describes it.

/// What stands along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AxisKind {
    /// Numbers, equal differences equally long.
    Linear,
    /// Positive numbers, equal ratios equally long.
    Log,
    /// Names; the n-th stands at n, from the top.
    Categories,
    /// Nothing: places without a meaning as numbers.
    Hidden,
}

/// Title, unit and scale of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    pub(super) kind: AxisKind,
    pub(super) title: String,
    pub(super) unit: String,
    pub(super) ends: Option<(f64, f64)>,
    pub(super) names: Vec<String>,
}

impl Axis {
    fn new(kind: AxisKind, title: &str) -> Self {
        Self { kind, title: title.to_string(), unit: String::new(), ends: None, names: Vec::new() }
    }

    /// A linear axis.
    pub(crate) fn linear(title: &str) -> Self {
        Self::new(AxisKind::Linear, title)
    }

    /// A logarithmic axis.
    pub(crate) fn log(title: &str) -> Self {
        Self::new(AxisKind::Log, title)
    }

    /// A y axis of names.
    pub(crate) fn categories<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: names.into_iter().map(String::from).collect(), ..Self::new(AxisKind::Categories, "") }
    }

    /// A linear axis of which nothing is drawn.
    pub(crate) fn hidden() -> Self {
        Self::new(AxisKind::Hidden, "")
    }

    /// With the unit that stands behind the title.
    pub(crate) fn unit(mut self, unit: &str) -> Self {
        self.unit = unit.to_string();
        self
    }

    /// From `low` to `high`, rather than around the data.
    pub(crate) fn between(mut self, low: f64, high: f64) -> Self {
        self.ends = Some((low, high));
        self
    }
}
