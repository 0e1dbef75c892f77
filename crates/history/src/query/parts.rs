//! Cuts the columns of an answer into parts that threads build side by side.

use std::ops::Range;

/// Some columns: these metrics of these resources, by their places in the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) resources: Range<usize>,
    pub(super) metrics: Range<usize>,
}

/// How many parts a thread gets, so that the quicker one takes more of them.
const PARTS_A_THREAD: usize = 4;

/// Cuts columns into parts, in the order of the columns. Only what is large is worth sharing.
pub(super) fn cut(resources: usize, metrics: usize, is_large: bool) -> Vec<Part> {
    let threads = if is_large { rayon::current_num_threads() } else { 1 };
    match threads {
        1 => by_resource(resources, metrics, resources),
        _ if resources >= threads * 2 => by_resource(resources, metrics, resources.div_ceil(threads * PARTS_A_THREAD)),
        // A resource's metrics lie together: they are found twice if two threads share them, but decoded once.
        _ => by_metric(resources, metrics, metrics.div_ceil(threads)),
    }
}

fn by_resource(resources: usize, metrics: usize, most: usize) -> Vec<Part> {
    ranges(resources, most).map(|resources| Part { resources, metrics: 0..metrics }).collect()
}

fn by_metric(resources: usize, metrics: usize, most: usize) -> Vec<Part> {
    let of_resource =
        |resource| ranges(metrics, most).map(move |metrics| Part { resources: resource..resource + 1, metrics });
    (0..resources).flat_map(of_resource).collect()
}

fn ranges(count: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(most).map(move |start| start..count.min(start + most))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_column_is_in_one_part_and_in_order(resources in 1..400_usize, metrics in 1..20_usize, is_large: bool) {
            let parts = cut(resources, metrics, is_large);
            let columns = parts.iter().flat_map(|part| {
                part.resources.clone().flat_map(|resource| part.metrics.clone().map(move |metric| (resource, metric)))
            });
            let all = (0..resources).flat_map(|resource| (0..metrics).map(move |metric| (resource, metric)));
            prop_assert!(columns.eq(all));
            prop_assert!(is_large || parts.len() == 1);
        }
    }
}
