//! Scores that remember where they came from.

/// A score and the label of the last arc that led to it: an element of [`MaxPlus`](crate::MaxPlus) and of
/// [`Sampling`](crate::Sampling).
///
/// A score of $-\infty$ has no label, so that there is one zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Labelled {
    /// The log-weight.
    pub score: f64,
    /// The label of the last labelled arc on the way, which in a chain is the predecessor's state number.
    pub label: Option<usize>,
}

impl Labelled {
    /// No path.
    pub(super) const ZERO: Self = Self { score: f64::NEG_INFINITY, label: None };

    /// A score with a label, or zero.
    pub(super) fn new(score: f64, label: Option<usize>) -> Self {
        if score == f64::NEG_INFINITY { Self::ZERO } else { Self { score, label } }
    }

    /// Scores add up; the later label stays if there is one. Zero swallows every score, but not a NaN.
    pub(super) fn then(&self, later: &Self) -> Self {
        Self::new(self.score + later.score, later.label.or(self.label))
    }
}

/// The path that labelled states tell, by following their labels back from `last`.
///
/// `states` holds one row of `width` elements for each position, as [`scan_all`](crate::scan_all) of a
/// [`SemiringChain`](crate::SemiringChain) returns them: the label of an element is a state number of the row before.
/// `last` is [`SemiringChain::finish`](crate::SemiringChain::finish) of the last row, so its label is a state number of
/// that row. The path has one state number for each row. Labels in the first row are not looked at.
///
/// Returns `None` if there is no path: `last` or an element on the way has no label, or one beyond `width`, or there
/// are no states. Cost: one look-up for each position.
///
/// # Example: the best path through two positions
///
/// ```
/// use tangency_recurrence::{scan_all, trace_back, Frames, MaxPlus, SemiringChain, Transitions};
///
/// let transitions = Transitions::new(2, &[0.0, -1.0, 2.0, 0.5])?;
/// let mut chain = SemiringChain::new(MaxPlus, transitions);
/// let initial = chain.initial(&[1.0, 0.0])?;
/// let states = scan_all(&mut chain, 0..1, Frames::new(&[0.0, 1.0][..], 2), &initial)?;
/// let last = chain.finish(&states[2..], &[0.0, 0.0])?;
/// // From state 1 to state 0: 0 + 2 + 0, better than 1 + 0 + 0, 1 - 1 + 1 and 0 + 0.5 + 1.
/// assert_eq!((last.score, trace_back(&states, 2, &last)), (2.0, Some(vec![1, 0])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn trace_back(states: &[Labelled], width: usize, last: &Labelled) -> Option<Vec<usize>> {
    let positions = states.len().checked_div(width)?;
    let mut path = vec![0; positions];
    let mut label = last.label;
    for (position, entry) in path.iter_mut().enumerate().rev() {
        *entry = label.filter(|&state| state < width)?;
        label = states[position * width + *entry].label;
    }
    (positions > 0).then_some(path)
}
