//! Replication of guests to other nodes (R-100): the jobs that the cluster lists, with how each goes by its node.

use jiff::Timestamp;
use muster_model::{GuestReplication, ReplicationState};

use crate::wire::tasks::ReplicationRow;

/// A job, by its definition and by what its node says of it; the node's word wins, and fills nothing with nothing.
pub(crate) fn job(defined: &ReplicationRow, status: Option<&ReplicationRow>) -> GuestReplication {
    let of = |text: fn(&ReplicationRow) -> Option<&str>| {
        status
            .and_then(text)
            .or_else(|| text(defined))
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let enabled = status.and_then(|status| status.disable).or(defined.disable) != Some(true);
    GuestReplication {
        id: defined.id.to_string(),
        source: of(|row| row.source.as_deref()),
        target: of(|row| row.target.as_deref()),
        schedule: of(|row| row.schedule.as_deref()),
        enabled,
        state: state(enabled, defined, status),
        last_sync: status.and_then(|status| status.last_sync).filter(|at| *at > Timestamp::UNIX_EPOCH),
        next_sync: status.and_then(|status| status.next_sync).filter(|at| *at > Timestamp::UNIX_EPOCH),
        duration_seconds: status.and_then(|status| status.duration).filter(|seconds| *seconds >= 0.0),
        fail_count: status.and_then(|status| status.fail_count).map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
        error: of(|row| row.error.as_deref()),
        comment: of(|row| row.comment.as_deref()),
        rate_limit_mb_per_second: status.and_then(|status| status.rate).or(defined.rate).filter(|rate| *rate > 0.0),
    }
}

fn state(enabled: bool, defined: &ReplicationRow, status: Option<&ReplicationRow>) -> ReplicationState {
    let Some(status) = status else {
        return if enabled { ReplicationState::Unknown } else { ReplicationState::Disabled };
    };
    if !enabled {
        ReplicationState::Disabled
    } else if status.error.is_some() || status.fail_count.is_some_and(|count| count > 0) {
        ReplicationState::Failing
    } else if defined.remove_job.is_some() || status.remove_job.is_some() {
        ReplicationState::Removing
    } else if status.last_sync.is_none_or(|at| at <= Timestamp::UNIX_EPOCH) {
        ReplicationState::Pending
    } else {
        ReplicationState::Healthy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_arrive_in_any_dress() {
        // R-100, R-88
        for text in [
            r#"{"id":"100-0","guest":"100","fail_count":"3","duration":12.5,"rate":null,"last_sync":"1767225600"}"#,
            r#"{"id":"100-0","guest":100,"fail_count":3,"duration":"12.5","last_sync":1767225600.0}"#,
        ] {
            let row: ReplicationRow = serde_json::from_str(text).unwrap();
            let job = job(&row, Some(&row));
            assert_eq!((job.fail_count, job.rate_limit_mb_per_second), (Some(3), None), "{text}");
            assert_eq!(job.last_sync, Some(Timestamp::from_second(1_767_225_600).unwrap()), "{text}");
            assert_eq!(job.state, ReplicationState::Failing, "{text}");
        }
    }

    #[test]
    fn states_follow_from_what_the_node_says() {
        // R-100
        let defined = row(r#"{"id":"100-0","target":"pve2","schedule":"*/15"}"#);
        let check = |status: &str, expected| {
            assert_eq!(job(&defined, Some(&row(status))).state, expected, "{status}");
        };
        check(r#"{"id":"100-0","last_sync":1767225600,"fail_count":0}"#, ReplicationState::Healthy);
        check(r#"{"id":"100-0","last_sync":0}"#, ReplicationState::Pending);
        check(r#"{"id":"100-0","last_sync":1767225600,"error":"no route"}"#, ReplicationState::Failing);
        check(r#"{"id":"100-0","last_sync":1767225600,"remove_job":"full"}"#, ReplicationState::Removing);
        check(r#"{"id":"100-0","disable":1,"fail_count":9}"#, ReplicationState::Disabled);
        assert_eq!(job(&defined, None).state, ReplicationState::Unknown);
        assert_eq!(job(&defined, None).target.as_deref(), Some("pve2"));
    }

    fn row(text: &str) -> ReplicationRow {
        serde_json::from_str(text).unwrap()
    }
}
