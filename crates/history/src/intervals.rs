//! Sets of ticks as sorted stretches that do not touch.

use crate::{calendar::Window, grid::Tick};

/// A set of ticks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Intervals(Vec<Window>);

impl Intervals {
    /// The union of some stretches.
    pub(crate) fn of(stretches: impl IntoIterator<Item = Window>) -> Self {
        let mut stretches: Vec<Window> = stretches.into_iter().collect();
        stretches.sort_unstable();
        let mut united: Vec<Window> = Vec::with_capacity(stretches.len());
        for stretch in stretches {
            match united.last_mut() {
                Some(last) if stretch.first.0 <= last.last.0.saturating_add(1) => {
                    last.last = last.last.max(stretch.last);
                }
                Some(_) | None => united.push(stretch),
            }
        }
        Self(united)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Window> {
        self.0.iter().copied()
    }

    /// What both have.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
            let (first, last) = (a.first.max(b.first), a.last.min(b.last));
            if first <= last {
                both.push(Window { first, last });
            }
            if a.last < b.last {
                mine.next()
            } else {
                theirs.next()
            };
        }
        Self(both)
    }

    /// What this has and the other has not.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for stretch in &self.0 {
            let mut first = stretch.first;
            for gone in other.0.iter().filter(|gone| gone.touches(stretch.first, stretch.last)) {
                if gone.first > first {
                    left.push(Window { first, last: gone.first.plus(-1) });
                }
                first = first.max(Tick(gone.last.0.saturating_add(1)));
            }
            if first <= stretch.last {
                left.push(Window { first, last: stretch.last });
            }
        }
        Self(left)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_sets_of_ticks(a in stretches(), b in stretches()) {
            let (x, y) = (Intervals::of(a), Intervals::of(b));
            let (of_x, of_y) = (ticks(&x), ticks(&y));
            prop_assert_eq!(ticks(&x.and(&y)), of_x.intersection(&of_y).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(ticks(&x.without(&y)), of_x.difference(&of_y).copied().collect::<BTreeSet<_>>());
        }
    }

    fn stretches() -> impl Strategy<Value = Vec<Window>> {
        let stretch =
            (0..60i64, 0..10i64).prop_map(|(first, length)| Window { first: Tick(first), last: Tick(first + length) });
        prop::collection::vec(stretch, 0..8)
    }

    fn ticks(set: &Intervals) -> BTreeSet<i64> {
        set.iter().flat_map(|stretch| stretch.first.0..=stretch.last.0).collect()
    }
}
