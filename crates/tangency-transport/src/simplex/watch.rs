//! What may end a solve before its time.

use std::ops::ControlFlow;
use std::time::Instant;

/// Costs that are read between two looks at the clock.
const READ: usize = 1 << 24;

/// Why a solve ended before it was optimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Gap,
    Pivots,
    Time,
    Observer,
    /// Arcs come and go by rounding alone.
    Rounding,
}

/// Budgets, and the observer.
pub(crate) struct Watch<'w> {
    pub(crate) pivots: u64,
    pub(crate) most_pivots: u64,
    pub(crate) deadline: Option<Instant>,
    /// The gap, relative to the cost of the plan, that is good enough.
    pub(crate) gap: Option<f64>,
    pub(crate) stop: Option<Stop>,
    read: usize,
    observer: Option<Observer<'w>>,
}

/// Is told pivots and cost.
pub(crate) type Observer<'w> = &'w mut dyn FnMut(u64, f64) -> ControlFlow<()>;

impl<'w> Watch<'w> {
    pub(crate) fn new(observer: Option<Observer<'w>>) -> Self {
        Self { pivots: 0, most_pivots: u64::MAX, deadline: None, gap: None, stop: None, read: 0, observer }
    }

    /// Whether somebody wants to know the cost.
    pub(super) fn asks_for_cost(&self) -> bool {
        self.observer.is_some() || self.gap.is_some()
    }

    /// Tells the observer.
    pub(super) fn tell(&mut self, cost: f64) {
        if let Some(observer) = &mut self.observer
            && observer(self.pivots, cost).is_break()
        {
            self.stop = Some(Stop::Observer);
        }
    }

    /// Looks at the clock.
    pub(super) fn look(&mut self) {
        if self.stop.is_none() && self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.stop = Some(Stop::Time);
        }
    }

    /// After a pivot.
    pub(super) fn count(&mut self) {
        if self.stop.is_none() && self.pivots >= self.most_pivots {
            self.stop = Some(Stop::Pivots);
        }
    }

    /// Whether so many costs have been read that it is time to look.
    pub(super) fn scanned(&mut self, arcs: usize) -> bool {
        self.read += arcs;
        let due = self.read >= READ;
        if due {
            self.read = 0;
        }
        due
    }
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watch").field("pivots", &self.pivots).field("stop", &self.stop).finish()
    }
}
