//! Work that is spread over nodes: each node at its own pace, so that a slow one delays only itself, and none is asked
//! further once it is away.

use std::{collections::BTreeMap, future::Future};

use futures::StreamExt;
use smol_str::SmolStr;

use super::api::Refused;

/// Questions to one node at the same time; the client has a bound of its own beside this.
const PER_NODE: usize = 2;
/// Nodes at the same time, where a question makes the node run programs.
pub(super) const FEW: usize = 2;
/// Nodes at the same time, where it does not.
pub(super) const MANY: usize = 32;
/// Questions to one node in one look; what is left has its turn in the next.
pub(super) const MOST_PER_NODE: usize = 400;

/// What came of one piece of work.
pub(super) enum Outcome {
    /// It is done.
    Done,
    /// It was refused; the next one may work.
    Refused(Refused),
    /// The node does not answer.
    NodeAway(Refused),
}

/// Does a piece of work for each item, by the node of each. What was refused comes back, once for each node.
pub(super) async fn each_node<T, F, Fut>(
    items: Vec<(SmolStr, T)>,
    nodes_at_once: usize,
    work: F,
) -> Vec<(SmolStr, Refused)>
where
    F: Fn(SmolStr, T) -> Fut + Copy,
    Fut: Future<Output = Outcome>,
{
    let mut by_node: BTreeMap<SmolStr, Vec<T>> = BTreeMap::new();
    for (node, item) in items {
        by_node.entry(node).or_default().push(item);
    }
    let nodes = by_node.into_iter().map(|(node, items)| async move {
        let refused = one_node(&node, items, work).await;
        refused.map(|refused| (node, refused))
    });
    let all: Vec<_> = futures::stream::iter(nodes).buffer_unordered(nodes_at_once).collect().await;
    all.into_iter().flatten().collect()
}

async fn one_node<T, F, Fut>(node: &SmolStr, items: Vec<T>, work: F) -> Option<Refused>
where
    F: Fn(SmolStr, T) -> Fut + Copy,
    Fut: Future<Output = Outcome>,
{
    let items = items.into_iter().take(MOST_PER_NODE).map(|item| work(node.clone(), item));
    let mut running = std::pin::pin!(futures::stream::iter(items).buffer_unordered(PER_NODE));
    let mut first = None;
    while let Some(outcome) = running.next().await {
        match outcome {
            Outcome::Done => {}
            Outcome::Refused(refused) => first = first.or(Some(refused)),
            Outcome::NodeAway(refused) => return Some(refused),
        }
    }
    first
}
