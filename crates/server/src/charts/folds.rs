//! Many resources as one, a few hundred of them in memory at a time: what is kept is one part a point.
//!
//! Where all resources of a question are sampled more slowly than the points follow each other, its axis is a coarser
//! one. Each axis has parts of its own; in the end the coarser ones are added to each point of the finest that they cover.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use muster_history::ManyAnswer;

/// What is kept of a point.
pub(super) trait Part: Clone + Default {
    /// Adds what is kept of other resources.
    fn add(&mut self, other: &Self);
}

/// The parts of each axis, by its step.
#[derive(Debug)]
pub(super) struct Folds<P>(BTreeMap<SignedDuration, Folded<P>>);

/// Parts on a time axis.
#[derive(Debug)]
pub(super) struct Folded<P> {
    pub(super) step: SignedDuration,
    /// Start of each point, in epoch milliseconds.
    pub(super) times: Vec<i64>,
    /// One a point.
    pub(super) parts: Vec<P>,
}

impl<P: Part> Folds<P> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Where the columns of an answer are added. Answers of one step have one axis: they are about one span.
    pub(super) fn parts(&mut self, answer: &ManyAnswer) -> &mut [P] {
        let empty =
            || Folded { step: answer.step, times: answer.times.clone(), parts: vec![P::default(); answer.times.len()] };
        &mut self.0.entry(answer.step).or_insert_with(empty).parts
    }

    /// Everything on the finest axis; without points when nothing was added.
    pub(super) fn finish(self) -> Folded<P> {
        let mut axes = self.0.into_values();
        let nothing = Folded { step: SignedDuration::ZERO, times: Vec::new(), parts: Vec::new() };
        let mut finest = axes.next().unwrap_or(nothing);
        axes.for_each(|coarser| finest.add(&coarser));
        finest
    }
}

impl<P: Part> Folded<P> {
    fn add(&mut self, coarser: &Self) {
        for (time, part) in self.times.iter().zip(&mut self.parts) {
            let after = coarser.times.partition_point(|start| start <= time);
            // Where the steps are no multiples of each other, the finer axis may begin first: both cover its first point.
            if let Some(covering) = coarser.parts.get(after.saturating_sub(1)) {
                part.add(covering);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use muster_history::Tier;

    use super::*;

    #[derive(Debug, Clone, Default, PartialEq)]
    struct Sum(i64);

    impl Part for Sum {
        fn add(&mut self, other: &Self) {
            self.0 += other.0;
        }
    }

    #[test]
    fn coarser_axes_are_added_to_each_point_that_they_cover() {
        let mut folds = Folds::<Sum>::new();
        add(&mut folds, 60, &[0, 60], &[10, 20]);
        add(&mut folds, 20, &[20, 40, 60, 80], &[1, 2, 3, 4]);
        add(&mut folds, 60, &[0, 60], &[100, 200]);
        let Folded { step, times, parts } = folds.finish();
        assert_eq!((step.as_secs(), times.as_slice()), (20, &[20_000, 40_000, 60_000, 80_000][..]));
        assert_eq!(parts, [Sum(111), Sum(112), Sum(223), Sum(224)]);
    }

    #[test]
    fn a_finer_axis_may_begin_before_a_coarser_one() {
        // From 70 on, whose points begin at multiples of 50 and 60.
        let mut folds = Folds::<Sum>::new();
        add(&mut folds, 60, &[60, 120], &[10, 20]);
        add(&mut folds, 50, &[50, 100, 150], &[1, 2, 3]);
        assert_eq!(folds.finish().parts, [Sum(11), Sum(12), Sum(23)]);
    }

    #[test]
    fn nothing_has_no_points() {
        assert!(Folds::<Sum>::new().finish().times.is_empty());
    }

    fn add(folds: &mut Folds<Sum>, step: i64, times: &[i64], values: &[i64]) {
        let answer = ManyAnswer {
            step: SignedDuration::from_secs(step),
            times: times.iter().map(|second| second * 1000).collect(),
            resources: Vec::new(),
            tier: Tier::Raw,
            from_memory: true,
            in_memory: true,
            archive_error: None,
        };
        folds.parts(&answer).iter_mut().zip(values).for_each(|(sum, value)| sum.0 += value);
    }
}
