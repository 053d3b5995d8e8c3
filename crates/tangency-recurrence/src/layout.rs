//! Names for the parts of a flat array.

use std::borrow::Cow;
use std::ops::Range;

/// One named part of a flat array.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Segment {
    /// Its name, such as `weight_hh`.
    pub name: Cow<'static, str>,
    /// Its shape, slowest index first; an empty shape is a scalar.
    pub shape: Vec<usize>,
    /// Where it lies.
    pub range: Range<usize>,
}

/// The named parts of a flat array, one after another: the stable order of a state or of parameters.
///
/// # Example: the parameters of a plain recurrent cell
///
/// ```
/// use tangency_recurrence::Layout;
///
/// let layout = Layout::new([("weight_hh", vec![3, 3]), ("bias_hh", vec![3])]);
/// assert_eq!(layout.len(), 12);
/// assert_eq!(layout.range("bias_hh"), Some(9..12));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Layout {
    segments: Vec<Segment>,
}

impl Layout {
    /// Parts with these names and shapes, in this order. Names should differ: [`Saved`](crate::Saved) needs them to.
    pub fn new<N: Into<Cow<'static, str>>>(parts: impl IntoIterator<Item = (N, Vec<usize>)>) -> Self {
        let mut start = 0_usize;
        let segments = parts
            .into_iter()
            .map(|(name, shape)| {
                let len = shape.iter().fold(1_usize, |len, &side| len.saturating_mul(side));
                let range = start..start.saturating_add(len);
                start = range.end;
                Segment { name: name.into(), shape, range }
            })
            .collect();
        Self { segments }
    }

    /// The parts, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The number of elements of the whole array.
    pub fn len(&self) -> usize {
        self.segments.last().map_or(0, |segment| segment.range.end)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the part called `name` lies.
    pub fn range(&self, name: &str) -> Option<Range<usize>> {
        self.segments.iter().find(|segment| segment.name == name).map(|segment| segment.range.clone())
    }

    /// The part that holds element `index`.
    pub fn segment_of(&self, index: usize) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.range.contains(&index))
    }
}
