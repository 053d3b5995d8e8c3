//! Names for the parts of a flat array.

use std::ops::Range;

/// One named part of a flat array.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Segment {
    /// Its name, such as `weight_hh`.
    pub name: &'static str,
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
    /// Parts with these names and shapes, in this order.
    pub fn new(parts: impl IntoIterator<Item = (&'static str, Vec<usize>)>) -> Self {
        let mut start = 0;
        let segments = parts
            .into_iter()
            .map(|(name, shape)| {
                let range = start..start + shape.iter().product::<usize>();
                start = range.end;
                Segment { name, shape, range }
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
