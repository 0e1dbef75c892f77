//! Cuts the columns of an answer into parts that threads build side by side.

use std::ops::Range;

/// Some columns: these metrics of these resources, by their places in the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) resources: Range<usize>,
    pub(super) metrics: Vec<usize>,
}

/// How many parts a thread gets, so that the quicker one takes more of them.
const PARTS_A_THREAD: usize = 4;

/// Cuts columns into parts. Only what is large is worth sharing.
pub(super) fn cut(resources: usize, metrics: usize, is_large: bool) -> Vec<Part> {
    let threads = if is_large { rayon::current_num_threads() } else { 1 };
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_column_is_in_one_part(resources in 1..400_usize, metrics in 1..20_usize, is_large: bool) {
            let parts = cut(resources, metrics, is_large);
            let columns = parts.iter().flat_map(|part| {
                part.resources.clone().flat_map(|resource| part.metrics.iter().map(move |metric| (resource, *metric)))
            });
            let mut columns: Vec<_> = columns.collect();
            columns.sort_unstable();
            let all = (0..resources).flat_map(|resource| (0..metrics).map(move |metric| (resource, metric)));
            prop_assert!(columns.into_iter().eq(all));
            prop_assert!(is_large || parts.len() == 1);
        }
    }
}
