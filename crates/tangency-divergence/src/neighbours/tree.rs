//! Points in leaves of equal size, and the boxes around leaves, around eight leaves, around eight of those, ...

/// Points in a leaf; what vector instructions do in one go, and few enough for boxes to be small.
pub(super) const LEAF: usize = 32;

/// Children of a node; their boxes are tested in one go.
pub(super) const FAN: usize = 8;

/// A k-d tree with median splits across the widest side, of which only every third level is kept.
///
/// All leaves but the last are full, and node `i` of one level has the children `8 i .. 8 i + 8` of the level below: positions
/// are computed, not stored. Coordinates of a leaf lie dimension by dimension, as do the boxes of eight siblings, so that
/// both are compared with a query by vector instructions, for any number of dimensions.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(super) dimension: usize,
    pub(super) rows: usize,
    /// Position in the tree to row of the caller.
    pub(super) order: Vec<usize>,
    /// The points by position, one after another: queries in an order in which neighbours follow each other.
    pub(super) points: Vec<f64>,
    /// `[leaf][dimension][LEAF]`, the rest of the last leaf filled with infinity.
    pub(super) leaves: Vec<f64>,
    /// Boxes from leaves to the root: `[level][node / FAN][dimension][lower, upper][node % FAN]`, missing ones empty.
    pub(super) levels: Vec<Vec<f64>>,
}

impl Tree {
    /// The tree over `rows` points, one after another in `data`; at least one point and one dimension.
    pub(crate) fn new(data: &[f64], dimension: usize) -> Self {
        let rows = data.len() / dimension;
        let mut order: Vec<usize> = (0..rows).collect();
        Split { data, dimension, keys: Vec::new(), lower: vec![0.0; dimension], upper: vec![0.0; dimension] }
            .run(&mut order, rows.div_ceil(LEAF));
        let mut points = Vec::with_capacity(data.len());
        for &row in &order {
            points.extend_from_slice(&data[row * dimension..(row + 1) * dimension]);
        }
        let leaves = transposed(&points, dimension);
        let levels = levels(&points, dimension);
        Self { dimension, rows, order, points, leaves, levels }
    }

    /// The point at a position.
    #[inline(always)]
    pub(super) fn point(&self, position: usize) -> &[f64] {
        &self.points[position * self.dimension..(position + 1) * self.dimension]
    }

    /// The number of points below a node.
    #[inline(always)]
    pub(super) fn size(&self, level: usize, node: usize) -> usize {
        let span = LEAF * FAN.pow(level as u32);
        ((node + 1) * span).min(self.rows) - node * span
    }
}

/// Points given one after another, dimension by dimension in leaves.
fn transposed(points: &[f64], dimension: usize) -> Vec<f64> {
    let mut leaves = vec![f64::INFINITY; (points.len() / dimension).div_ceil(LEAF) * LEAF * dimension];
    for (position, point) in points.chunks_exact(dimension).enumerate() {
        let leaf = &mut leaves[position / LEAF * LEAF * dimension..];
        for (j, &x) in point.iter().enumerate() {
            leaf[j * LEAF + position % LEAF] = x;
        }
    }
    leaves
}

/// The boxes of all levels.
fn levels(points: &[f64], dimension: usize) -> Vec<Vec<f64>> {
    let mut lower = vec![0.0; dimension];
    let mut upper = vec![0.0; dimension];
    let leaves = points.chunks(LEAF * dimension);
    let mut count = leaves.len();
    let mut level = empty_boxes(count, dimension);
    for (node, leaf) in leaves.enumerate() {
        lower.fill(f64::INFINITY);
        upper.fill(f64::NEG_INFINITY);
        for point in leaf.chunks_exact(dimension) {
            extend(&mut lower, &mut upper, point);
        }
        write_box(&mut level, node, &lower, &upper);
    }
    let mut levels = vec![level];
    while count > FAN {
        let below = &levels[levels.len() - 1];
        count = count.div_ceil(FAN);
        let mut level = empty_boxes(count, dimension);
        for (node, children) in below.chunks_exact(2 * FAN * dimension).enumerate() {
            for (j, pair) in children.chunks_exact(2 * FAN).enumerate() {
                lower[j] = pair[..FAN].iter().copied().fold(f64::INFINITY, f64::min);
                upper[j] = pair[FAN..].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            }
            write_box(&mut level, node, &lower, &upper);
        }
        levels.push(level);
    }
    levels
}

/// Boxes that are infinitely far from everything.
fn empty_boxes(count: usize, dimension: usize) -> Vec<f64> {
    let pair = [[f64::INFINITY; FAN], [f64::NEG_INFINITY; FAN]];
    pair.as_flattened().repeat(count.div_ceil(FAN) * dimension)
}

fn write_box(level: &mut [f64], node: usize, lower: &[f64], upper: &[f64]) {
    let siblings = &mut level[node / FAN * 2 * FAN * lower.len()..];
    for (j, (&lower, &upper)) in lower.iter().zip(upper).enumerate() {
        siblings[j * 2 * FAN + node % FAN] = lower;
        siblings[j * 2 * FAN + FAN + node % FAN] = upper;
    }
}

fn extend(lower: &mut [f64], upper: &mut [f64], point: &[f64]) {
    for ((lower, upper), &x) in lower.iter_mut().zip(upper).zip(point) {
        *lower = lower.min(x);
        *upper = upper.max(x);
    }
}

/// The recursive division of the rows, with its scratch space.
struct Split<'a> {
    data: &'a [f64],
    dimension: usize,
    keys: Vec<(f64, usize)>,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl Split<'_> {
    /// Orders rows so that each leaf's are together, and each node's at every level.
    fn run(&mut self, order: &mut [usize], leaves: usize) {
        if leaves < 2 {
            return;
        }
        // The cut is a multiple of the largest complete subtree that is smaller than this node, so that nodes begin
        // where their numbers say.
        let mut subtree = 1;
        while subtree * FAN < leaves {
            subtree *= FAN;
        }
        let left = leaves.div_ceil(subtree) / 2 * subtree;
        let side = self.widest(order);
        self.keys.clear();
        self.keys.extend(order.iter().map(|&row| (self.data[row * self.dimension + side], row)));
        self.keys.select_nth_unstable_by(left * LEAF, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (row, key) in order.iter_mut().zip(&self.keys) {
            *row = key.1;
        }
        let (low, high) = order.split_at_mut(left * LEAF);
        self.run(low, left);
        self.run(high, leaves - left);
    }

    /// The coordinate in which these rows spread widest.
    fn widest(&mut self, order: &[usize]) -> usize {
        self.lower.fill(f64::INFINITY);
        self.upper.fill(f64::NEG_INFINITY);
        for &row in order {
            let point = &self.data[row * self.dimension..(row + 1) * self.dimension];
            extend(&mut self.lower, &mut self.upper, point);
        }
        let width = |j: usize| self.upper[j] - self.lower[j];
        (1..self.dimension).fold(0, |best, j| if width(j) > width(best) { j } else { best })
    }
}
