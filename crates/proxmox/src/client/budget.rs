//! How many calls run at the same time: the platform has three workers on each node, and a fourth call makes the web
//! interface of its people wait.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use smol_str::SmolStr;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::call::{Call, Cost};

/// Calls at one node.
const PER_NODE: usize = 2;
/// Heavy calls at one node.
const HEAVY_PER_NODE: usize = 1;
/// Calls at one entry point, which is busy with those that it hands on too.
const PER_ENTRY: usize = 3;
/// Calls at one entry point about what the whole report rests on. They are answered from memory, and wait for nothing
/// that is asked of a node or a guest: on a platform that is slow the report is as old as one answer, not as many.
const FOR_THE_REPORT: usize = 2;

/// Permits by node. Waiting is in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Budget(Mutex<BTreeMap<SmolStr, Node>>);

#[derive(Debug, Clone)]
struct Node {
    calls: Arc<Semaphore>,
    heavy: Arc<Semaphore>,
}

/// Permits at one entry point. Waiting is in order of arrival.
#[derive(Debug)]
pub(crate) struct AtEntry {
    calls: Arc<Semaphore>,
    for_the_report: Arc<Semaphore>,
}

impl Default for AtEntry {
    fn default() -> Self {
        Self { calls: Arc::new(Semaphore::new(PER_ENTRY)), for_the_report: Arc::new(Semaphore::new(FOR_THE_REPORT)) }
    }
}

impl AtEntry {
    /// Waits for a place.
    pub(crate) async fn enter(&self, call: Call) -> OwnedSemaphorePermit {
        let is_for_the_report = matches!(call, Call::ClusterResources | Call::ClusterStatus | Call::Version);
        acquire(Arc::clone(if is_for_the_report { &self.for_the_report } else { &self.calls })).await
    }
}

/// Held while a call runs.
#[derive(Debug)]
pub(crate) struct Permit {
    _heavy: Option<OwnedSemaphorePermit>,
    _call: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// Waits for a place at the node that a call is about. A call about none needs only its place at the entry point.
    pub(crate) async fn enter(&self, node: Option<&str>, cost: Cost) -> Permit {
        let Some(node) = node.map(|node| self.of(node)) else { return Permit { _heavy: None, _call: None } };
        let heavy = match cost {
            Cost::Heavy => Some(acquire(node.heavy).await),
            Cost::Cheap | Cost::Node => None,
        };
        Permit { _heavy: heavy, _call: Some(acquire(node.calls).await) }
    }

    fn of(&self, node: &str) -> Node {
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new =
            || Node { calls: Arc::new(Semaphore::new(PER_NODE)), heavy: Arc::new(Semaphore::new(HEAVY_PER_NODE)) };
        nodes.entry(node.into()).or_insert_with(new).clone()
    }
}

async fn acquire(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
    semaphore.acquire_owned().await.expect("nobody closes it")
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, poll};

    use super::*;

    #[tokio::test]
    async fn the_report_waits_for_no_details() {
        let entry = AtEntry::default();
        let _held = futures::future::join_all((0..PER_ENTRY).map(|_| entry.enter(Call::QemuStatus))).await;
        assert!(entry.enter(Call::LxcConfig).now_or_never().is_none());
        let _list = entry.enter(Call::ClusterResources).now_or_never().expect("a place is kept for it");
        assert!(entry.enter(Call::ClusterStatus).now_or_never().is_some());
    }

    #[tokio::test]
    async fn two_calls_run_at_a_node_and_one_heavy_one() {
        let budget = Budget::default();
        let heavy = budget.enter(Some("a"), Cost::Heavy).await;
        let mut second = Box::pin(budget.enter(Some("a"), Cost::Heavy));
        assert!(poll!(&mut second).is_pending());
        let call = budget.enter(Some("a"), Cost::Node).await;
        assert!(budget.enter(Some("a"), Cost::Node).now_or_never().is_none());
        assert!(budget.enter(Some("b"), Cost::Node).now_or_never().is_some());
        assert!(budget.enter(None, Cost::Cheap).now_or_never().is_some());
        drop((heavy, call));
        assert!(poll!(&mut second).is_ready());
    }
}
