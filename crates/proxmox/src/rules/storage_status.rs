//! A storage from what its nodes say of it: shared ones are one thing with several nodes, and the state of the
//! pool below worsens that of the storage.

use std::collections::BTreeSet;

use muster_model::{PoolState, Status};
use smol_str::SmolStr;

/// A storage as one node sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) node: SmolStr,
    /// The platform's word for it in the list of resources.
    pub(crate) word: Option<SmolStr>,
    /// Whether it may be used.
    pub(crate) enabled: Option<bool>,
    /// Whether it can be used.
    pub(crate) active: Option<bool>,
    pub(crate) used: Option<u64>,
    pub(crate) total: Option<u64>,
}

/// A storage as all its nodes see it together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) nodes: BTreeSet<SmolStr>,
    pub(crate) enabled: Option<bool>,
    pub(crate) active: Option<bool>,
    pub(crate) status: Status,
    pub(crate) used: Option<u64>,
    pub(crate) total: Option<u64>,
}

/// Puts the sights of one storage together: it is as good as its best sight, and one node's numbers are everybody's.
pub(crate) fn unite(sights: &[Sight], pool: Option<PoolState>) -> Seen {
    let any = |of: fn(&Sight) -> Option<bool>| sights.iter().filter_map(of).reduce(|a, b| a || b);
    let status = sights.iter().map(status).min().unwrap_or_default();
    let numbers = sights.iter().find(|sight| sight.total.is_some_and(|total| total > 0));
    Seen {
        nodes: sights.iter().map(|sight| sight.node.clone()).collect(),
        enabled: any(|sight| sight.enabled),
        active: any(|sight| sight.active),
        status: worsened(status, pool),
        used: numbers.and_then(|sight| Some(sight.used?.min(sight.total?))),
        total: numbers.and_then(|sight| sight.total),
    }
}

/// `disabled` before `available` before `inactive`; what no node says is unknown.
fn status(sight: &Sight) -> Status {
    match (sight.enabled, sight.active, sight.word.as_deref()) {
        (None, None, Some("unknown") | None) => Status::Unknown,
        (None, None, Some(word)) => Status::from_word(muster_model::StatusDomain::Storage, word),
        (enabled, active, word) => {
            let word = word.filter(|word| *word != "unknown");
            let available = word.is_some_and(|word| word == "available");
            Status::of_storage(word, enabled.unwrap_or(true), active.unwrap_or(available))
        }
    }
}

/// What the pool below it does to a storage that works.
fn worsened(status: Status, pool: Option<PoolState>) -> Status {
    match pool {
        Some(PoolState::Failed) => status.max(Status::Offline),
        Some(PoolState::Degraded | PoolState::Recovering) if status == Status::Online => Status::Warning,
        Some(
            PoolState::Healthy
            | PoolState::Checking
            | PoolState::Recovering
            | PoolState::Degraded
            | PoolState::Inactive
            | PoolState::Unknown,
        )
        | None => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_switches_make_a_status() {
        //
        let check = |word: Option<&str>, enabled, active, expected| {
            let sight = Sight { word: word.map(SmolStr::new), enabled, active, ..Sight::default() };
            assert_eq!(status(&sight), expected, "{word:?} {enabled:?} {active:?}");
        };
        check(Some("available"), None, None, Status::Online);
        check(Some("available"), Some(true), Some(true), Status::Online);
        check(Some("available"), Some(false), Some(true), Status::Warning);
        check(Some("available"), Some(true), Some(false), Status::Offline);
        check(Some("unknown"), None, None, Status::Unknown);
        check(Some("unknown"), Some(true), Some(false), Status::Offline);
        check(None, None, None, Status::Unknown);
        check(Some("error"), None, None, Status::Offline);
    }

    #[test]
    fn a_shared_storage_is_one_with_all_its_nodes() {
        //
        let sight = |node: &str, word: &str, total| Sight {
            node: node.into(),
            word: Some(word.into()),
            used: Some(4),
            total,
            ..Sight::default()
        };
        let seen = unite(&[sight("b", "unknown", None), sight("a", "available", Some(10))], None);
        assert_eq!(seen.nodes, ["a".into(), "b".into()].into());
        assert_eq!((seen.status, seen.used, seen.total), (Status::Online, Some(4), Some(10)));
    }

    #[test]
    fn the_pool_below_counts() {
        //
        let sight = Sight { word: Some("available".into()), ..Sight::default() };
        let check =
            |pool, expected| assert_eq!(unite(std::slice::from_ref(&sight), Some(pool)).status, expected, "{pool:?}");
        check(PoolState::Healthy, Status::Online);
        check(PoolState::Degraded, Status::Warning);
        check(PoolState::Failed, Status::Offline);
    }
}
