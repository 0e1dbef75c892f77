//! Cuts the columns of an answer into parts that threads build side by side.

use std::ops::Range;

use crate::{calendar::Calendar, query::sources::Piece};

/// Some columns: these metrics of these resources, by their places in the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) resources: Range<usize>,
    pub(super) metrics: Vec<usize>,
}

/// How many parts a thread gets, so that the quicker one takes more of them.
const PARTS_A_THREAD: usize = 4;

/// How many shares of the time a thread gets. Each begins with empty columns, which takes its time too.
const SHARES_A_THREAD: usize = 2;

/// How many stretches of time a thread gets at least. A few metrics of few stretches are shared more evenly.
pub(super) const LEAST_STRETCHES: usize = 4;

/// Cuts columns into parts.
pub(super) fn cut(resources: usize, metrics: usize, threads: usize) -> Vec<Part> {
    match threads {
        1 => by_resource(resources, metrics, resources),
        _ if resources >= threads * 2 => by_resource(resources, metrics, resources.div_ceil(threads * PARTS_A_THREAD)),
        // A resource's metrics lie together: they are found twice if two threads share them, but decoded once.
        _ => by_metric(resources, metrics, threads),
    }
}

fn by_resource(resources: usize, metrics: usize, most: usize) -> Vec<Part> {
    let starts = (0..resources).step_by(most);
    let part = |start: usize| Part { resources: start..resources.min(start + most), metrics: (0..metrics).collect() };
    starts.map(part).collect()
}

/// Metrics are dealt out like cards: those next to each other tend to take equally long.
fn by_metric(resources: usize, metrics: usize, threads: usize) -> Vec<Part> {
    let of_resource = |resource| {
        let dealt = move |first| (first..metrics).step_by(threads).collect();
        (0..threads.min(metrics)).map(move |first| Part { resources: resource..resource + 1, metrics: dealt(first) })
    };
    (0..resources).flat_map(of_resource).collect()
}

/// Cuts stretches into shares of about as many values each, where none reaches into the time of the next one: what lies
/// over each other is read together.
pub(super) fn by_time(stretches: &[Piece], calendar: Calendar, threads: usize) -> Vec<Range<usize>> {
    let values = |piece: &Piece| (piece.window.last.0 - piece.window.first.0) / calendar.width(piece.tier) + 1;
    let most = stretches.iter().map(values).sum::<i64>() / (threads * SHARES_A_THREAD) as i64;
    let (mut shares, mut start, mut taken, mut reach) = (Vec::new(), 0, 0, None);
    for (place, piece) in stretches.iter().enumerate() {
        let is_apart = reach < Some(piece.window.first);
        if taken >= most && is_apart && start < place {
            shares.push(start..place);
            (start, taken) = (place, 0);
        }
        taken += values(piece);
        reach = reach.max(Some(piece.window.last));
    }
    shares.push(start..stretches.len());
    shares
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        calendar::Window,
        grid::{Grid, Tick},
        query::Tier,
    };

    proptest! {
        #[test]
        fn every_column_is_in_one_part(resources in 1..400_usize, metrics in 1..20_usize, threads in 1..9_usize) {
            let parts = cut(resources, metrics, threads);
            let columns = parts.iter().flat_map(|part| {
                part.resources.clone().flat_map(|resource| part.metrics.iter().map(move |metric| (resource, *metric)))
            });
            let mut columns: Vec<_> = columns.collect();
            columns.sort_unstable();
            let all = (0..resources).flat_map(|resource| (0..metrics).map(move |metric| (resource, metric)));
            prop_assert!(columns.into_iter().eq(all));
            prop_assert!(threads > 1 || parts.len() == 1);
        }

        #[test]
        fn every_stretch_is_in_one_share(lengths in prop::collection::vec((0..5_i64, 1..30_i64), 1..60), threads in 2..9_usize) {
            let mut first = 0;
            let mut piece = |(back, days): &(i64, i64)| {
                let window = Window { first: Tick(first - back * 4320), last: Tick(first + days * 8640 - 1) };
                first = window.last.0 + 1;
                Piece { window, tier: Tier::Hour }
            };
            let mut stretches: Vec<Piece> = lengths.iter().map(&mut piece).collect();
            stretches.sort_by_key(|piece| piece.window.first);
            let shares = by_time(&stretches, calendar(), threads);
            prop_assert!(shares.iter().cloned().flatten().eq(0..stretches.len()));
            prop_assert!(shares.len() <= threads * SHARES_A_THREAD + 1);
            for later in &shares[1..] {
                let before = stretches[..later.start].iter().map(|piece| piece.window.last).max();
                prop_assert!(before < Some(stretches[later.start].window.first));
            }
        }
    }

    fn calendar() -> Calendar {
        Calendar::new(Grid::new(SignedDuration::from_secs(10)).unwrap())
    }
}
