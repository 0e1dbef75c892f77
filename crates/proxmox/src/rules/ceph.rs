//! What a Ceph cluster is and how it is (R-8), from the platform's copy of its own status.

use std::collections::{BTreeMap, BTreeSet};

use muster_model::{CephCheck, CephFacet, CephHealth, CephOsds, CephPlacement, Status, StatusDomain};
use smol_str::SmolStr;

use crate::wire::ceph::{CephStatus, CheckRow, OsdMap, PlacementMap};

/// Words of an error that only say that there is no Ceph.
pub(crate) const ABSENT: &[&str] = &["not installed", "not initialized", "no such cluster"];
/// How many findings are kept; Ceph has fewer than a hundred sorts.
const MOST_CHECKS: usize = 100;

/// What the status says, to be shown.
pub(crate) fn facet(status: &CephStatus, nodes: &BTreeSet<SmolStr>) -> CephFacet {
    let CephStatus { fsid, health: _, quorum_names, monmap, mgrmap, osdmap, pgmap } = status;
    let quorum: BTreeSet<SmolStr> = quorum_names.iter().filter_map(|name| name.0.clone()).collect();
    let listed: BTreeSet<SmolStr> = monmap.iter().flat_map(|map| map.mons.iter()).map(|row| row.name.clone()).collect();
    let monitors = monmap.as_ref().and_then(|map| map.num_mons);
    let monitors = monitors.or_else(|| (!listed.is_empty()).then_some(listed.len() as u64));
    let standbys = mgrmap.as_ref().and_then(|map| {
        let listed = map.standbys.as_ref().map(|rows| rows.len() as u64);
        map.num_standbys.or(listed)
    });
    let named = if listed.is_empty() { &quorum } else { &listed };
    let placement = pgmap.as_ref();
    CephFacet {
        fsid: fsid.as_ref().map(ToString::to_string),
        release: monmap.as_ref().and_then(|map| map.min_mon_release_name.as_ref()).map(ToString::to_string),
        health: verdict(status),
        checks: checks(status),
        osds: osdmap.as_ref().map(osds).unwrap_or_default(),
        monitors: monitors.map(count),
        quorum: quorum.iter().map(ToString::to_string).collect(),
        manager_available: mgrmap.as_ref().and_then(|map| map.available),
        managers_standby: standbys.map(count),
        placement_groups: placement.and_then(|map| map.num_pgs).map(count),
        placement_states: placement.map(states).unwrap_or_default(),
        pools: placement.and_then(|map| map.num_pools).map(count),
        objects: placement.and_then(|map| map.num_objects),
        data_bytes: placement.and_then(|map| map.data_bytes),
        total_bytes: placement.and_then(|map| map.bytes_total).filter(|total| *total > 0),
        nodes: named.intersection(nodes).map(ToString::to_string).collect(),
    }
}

/// Its health in our words (R-8).
pub(crate) fn health(status: &CephStatus) -> Status {
    let word = status.health.as_ref().and_then(|health| health.status.as_deref());
    word.map_or(Status::Unknown, |word| Status::from_word(StatusDomain::Ceph, word))
}

/// Bytes that clients read and write a second. Ceph leaves a rate out while there is no traffic, so that beside the
/// number of placement groups a rate that is missing is nothing.
pub(crate) fn traffic(map: &PlacementMap) -> [Option<f64>; 2] {
    let idle = map.num_pgs.map(|_| 0.0);
    [map.read_bytes_sec, map.write_bytes_sec].map(|rate| rate.filter(|rate| *rate >= 0.0).or(idle))
}

fn verdict(status: &CephStatus) -> CephHealth {
    word(status.health.as_ref().and_then(|health| health.status.as_deref()))
}

fn word(word: Option<&str>) -> CephHealth {
    match word {
        Some("HEALTH_OK") => CephHealth::Ok,
        Some("HEALTH_WARN") => CephHealth::Warning,
        Some("HEALTH_ERR") => CephHealth::Error,
        Some(_) | None => CephHealth::Unknown,
    }
}

/// The findings, by their codes.
fn checks(status: &CephStatus) -> Vec<CephCheck> {
    let found = status.health.as_ref().and_then(|health| health.checks.as_ref());
    found.into_iter().flatten().take(MOST_CHECKS).map(|(code, row)| check(code, row)).collect()
}

fn check(code: &str, row: &CheckRow) -> CephCheck {
    let summary = row.summary.as_ref();
    CephCheck {
        code: code.to_owned(),
        severity: word(row.severity.as_deref()),
        summary: summary.and_then(|summary| summary.message.as_ref()).map(ToString::to_string).unwrap_or_default(),
        count: summary.and_then(|summary| summary.count),
        muted: row.muted == Some(true),
    }
}

fn osds(map: &OsdMap) -> CephOsds {
    let inner = map.osdmap.as_deref();
    let of = |of: fn(&OsdMap) -> Option<u64>| of(map).or_else(|| inner.and_then(of)).map(count);
    CephOsds { total: of(|map| map.num_osds), up: of(|map| map.num_up_osds), in_use: of(|map| map.num_in_osds) }
}

/// States without the scrubbing, which comes and goes all day and says nothing about the data.
fn states(map: &PlacementMap) -> Vec<CephPlacement> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in &map.pgs_by_state {
        let words = row.state_name.split('+').filter(|word| !matches!(*word, "scrubbing" | "deep"));
        let state = words.collect::<Vec<_>>().join("+");
        *counts.entry(state).or_default() += row.count.unwrap_or_default();
    }
    let mut states: Vec<_> = counts.into_iter().map(|(state, count)| CephPlacement { state, count }).collect();
    states.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.state.cmp(&other.state)));
    states
}

fn count(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_has_our_words() {
        // R-8
        let check = |word: &str, expected| {
            let status = read(&format!(r#"{{"health":{{"status":"{word}"}}}}"#));
            assert_eq!(health(&status), expected, "{word}");
        };
        check("HEALTH_OK", Status::Online);
        check("HEALTH_WARN", Status::Warning);
        check("HEALTH_ERR", Status::Offline);
        check("HEALTH_ODD", Status::Unknown);
        assert_eq!(health(&read("{}")), Status::Unknown);
    }

    #[test]
    fn numbers_of_older_releases_are_one_level_deeper() {
        // R-88
        let status = read(r#"{"osdmap":{"osdmap":{"num_osds":"3","num_up_osds":2,"num_in_osds":3}}}"#);
        let found = facet(&status, &BTreeSet::new()).osds;
        assert_eq!(found, CephOsds { total: Some(3), up: Some(2), in_use: Some(3) });
    }

    #[test]
    fn scrubbing_is_no_state_of_its_own() {
        let status = read(
            r#"{"pgmap":{"pgs_by_state":[{"state_name":"active+clean+scrubbing+deep","count":2},
                {"state_name":"active+undersized","count":4},{"state_name":"active+clean","count":100}]}}"#,
        );
        let states: Vec<_> = facet(&status, &BTreeSet::new()).placement_states;
        let states: Vec<_> = states.iter().map(|state| (state.state.as_str(), state.count)).collect();
        assert_eq!(states, [("active+clean", 102), ("active+undersized", 4)]);
    }

    #[test]
    fn a_rate_that_is_left_out_is_nothing_and_without_any_numbers_unknown() {
        // D-9
        let check =
            |text: &str, expected| assert_eq!(traffic(&serde_json::from_str(text).unwrap()), expected, "{text}");
        check(r#"{"num_pgs":5,"read_bytes_sec":7}"#, [Some(7.0), Some(0.0)]);
        check(r#"{"bytes_total":5}"#, [None, None]);
    }

    #[test]
    fn only_monitors_that_are_nodes_of_ours_name_nodes() {
        let status = read(r#"{"quorum_names":["pve2","elsewhere","pve1"],"monmap":{"num_mons":3}}"#);
        let found = facet(&status, &["pve1".into(), "pve2".into(), "pve3".into()].into());
        assert_eq!((found.nodes, found.monitors), (vec!["pve1".to_owned(), "pve2".to_owned()], Some(3)));
    }

    fn read(text: &str) -> CephStatus {
        serde_json::from_str(text).unwrap()
    }
}
