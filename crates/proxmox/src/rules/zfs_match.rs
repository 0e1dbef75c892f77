//! Which ZFS pool is below a storage. What the platform says of the pool comes first; guesses by name and path
//! follow, and a lone pool is the last resort.

use muster_model::PoolState;

/// Types whose data is never in a pool of the node.
const ELSEWHERE: &[&str] = &["rbd", "cephfs", "pbs", "glusterfs", "nfs", "cifs", "iscsi", "iscsidirect", "esxi"];

/// What is known of a storage.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Storage<'a> {
    pub(crate) name: &'a str,
    pub(crate) storage_type: &'a str,
    pub(crate) pool: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
}

/// The pool below a storage, of those that its node has.
pub(crate) fn pool_of<'p>(storage: &Storage<'_>, pools: &[&'p str]) -> Option<&'p str> {
    let path = storage.path.map(spelled);
    let names = [
        storage.pool.map(spelled),
        Some(spelled(storage.name)),
        path.clone(),
        path.as_ref().map(|path| path.replace('/', "")),
        path.as_ref().and_then(|path| path.split('/').next().map(str::to_owned)),
        spelled(storage.name).strip_suffix("-zfs").map(str::to_owned),
    ];
    let named = names.into_iter().flatten().filter(|name| !name.is_empty());
    let found = named.filter_map(|name| pools.iter().find(|pool| matches(&name, pool))).next();
    let elsewhere = ELSEWHERE.contains(&storage.storage_type);
    match (found, pools) {
        (Some(pool), _) => Some(pool),
        (None, [only]) if !elsewhere => Some(only),
        (None, _) => None,
    }
}

fn spelled(text: &str) -> String {
    text.trim().trim_matches('/').to_ascii_lowercase()
}

/// Equal, or a dataset of the pool.
fn matches(name: &str, pool: &str) -> bool {
    let pool = spelled(pool);
    name == pool || name.split('/').next() == Some(pool.as_str())
}

/// The state that ZFS's word stands for.
pub(crate) fn state(word: &str) -> PoolState {
    match word.trim().to_ascii_uppercase().as_str() {
        "ONLINE" => PoolState::Healthy,
        "DEGRADED" => PoolState::Degraded,
        "FAULTED" | "UNAVAIL" | "SUSPENDED" | "REMOVED" => PoolState::Failed,
        "OFFLINE" => PoolState::Inactive,
        _ => PoolState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_own_word_wins() {
        //
        let pools = ["tank", "rpool"];
        let vmdata = Storage { name: "vmdata", storage_type: "zfspool", pool: Some("tank/vm"), path: None };
        assert_eq!(pool_of(&vmdata, &pools), Some("tank"));
        assert_eq!(pool_of(&Storage { name: "tank", ..Storage::default() }, &pools), Some("tank"));
    }

    #[test]
    fn names_and_paths_are_the_next_best() {
        //
        let pools = ["Tank", "rpool"];
        let check = |name, path, expected| {
            assert_eq!(pool_of(&Storage { name, path, ..Storage::default() }, &pools), expected, "{name} {path:?}");
        };
        check("x", Some("/tank/"), Some("Tank"));
        check("x", Some("/tank/backups"), Some("Tank"));
        check("rpool-zfs", None, Some("rpool"));
        check("TANK", None, Some("Tank"));
        check("x", Some("/mnt/tank"), None);
        check("x", None, None);
    }

    #[test]
    fn a_lone_pool_is_taken_but_not_for_what_lies_elsewhere() {
        //
        let check = |storage_type, expected| {
            let storage = Storage { name: "x", storage_type, ..Storage::default() };
            assert_eq!(pool_of(&storage, &["rpool"]), expected, "{storage_type}");
        };
        check("dir", Some("rpool"));
        for elsewhere in ["rbd", "cephfs", "pbs", "glusterfs", "nfs", "cifs", "iscsi"] {
            check(elsewhere, None);
        }
    }

    #[test]
    fn states_have_our_words() {
        assert_eq!(state(" degraded "), PoolState::Degraded);
        assert_eq!(state("ONLINE"), PoolState::Healthy);
        assert_eq!(state("SUSPENDED"), PoolState::Failed);
        assert_eq!(state("?"), PoolState::Unknown);
    }
}
