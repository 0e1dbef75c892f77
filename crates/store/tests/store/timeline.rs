//! The timeline, known gaps, the audit log and settings.

use jiff::SignedDuration;
use muster_model::{ChangeKind, GapReason, KnownGap, ResourceChange, SourceStamp};
use muster_store::{AuditCursor, AuditEntry, AuditQuery, ChangeCursor, ChangeQuery, OutcomeFilter, Store, SweepCommit};
use muster_testkit::database::each;
use serde_json::json;

use crate::common::{DEFAULT, agent, at, change, host, open, other_tenant, stored, uuid};

#[tokio::test]
async fn a_row_is_written_once() {
    //
    each(async |database| {
        let store = open(&database).await;
        let first = change(host("nas"), 1);
        let mut second = first.clone();
        second.reason = Some("told again".into());
        insert(&store, std::slice::from_ref(&first)).await;
        insert(&store, &[second]).await;
        assert_eq!(list(&store, &ChangeQuery::newest(10)).await, [first]);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_without_holes() {
    each(async |database| {
        let store = open(&database).await;
        // Several rows of one moment: the id decides.
        let mut all: Vec<_> = (0..25).map(|n| change(host(&format!("h{n}")), n / 4)).collect();
        insert(&store, &all).await;
        all.sort_by_key(|row| std::cmp::Reverse((row.observed_at, row.id)));
        let mut paged = vec![];
        let mut query = ChangeQuery::newest(4);
        loop {
            let page = list(&store, &query).await;
            let Some(last) = page.last() else { break };
            query.before = Some(ChangeCursor::from(last));
            paged.extend(page);
        }
        assert_eq!(paged, all);
    })
    .await;
}

#[tokio::test]
async fn rows_are_found_by_resource_kind_and_time() {
    each(async |database| {
        let store = open(&database).await;
        let (nas, old, else_) = (host("nas"), host("old"), host("else"));
        let mut restart = change(nas, 3);
        restart.kind = ChangeKind::Restart;
        insert(&store, &[change(nas, 1), change(old, 2), restart.clone(), change(else_, 4)]).await;
        let seconds = async |query: ChangeQuery| -> Vec<i64> {
            let rows = list(&store, &query).await;
            rows.iter().map(|row| row.observed_at.duration_since(stored(at(0))).as_secs()).collect()
        };
        let all = ChangeQuery::newest(10);
        let of_nas = ChangeQuery { resources: Some(vec![nas, old]), ..all.clone() };
        assert_eq!(seconds(of_nas.clone()).await, [3, 2, 1]);
        assert_eq!(seconds(ChangeQuery { kinds: vec![ChangeKind::Restart], ..of_nas.clone() }).await, [3]);
        assert_eq!(seconds(ChangeQuery { since: Some(at(2)), ..of_nas }).await, [3, 2]);
        assert_eq!(seconds(ChangeQuery { resources: Some(vec![]), ..all }).await, [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn pruning_takes_the_oldest_in_bounded_steps() {
    each(async |database| {
        let store = open(&database).await;
        let rows: Vec<_> = (0..20).map(|n| change(host("nas"), n)).collect();
        insert(&store, &rows).await;
        store.sweep_commit(&other_tenant(), &SweepCommit { changes: rows, ..SweepCommit::default() }).await.unwrap();
        // By age.
        assert_eq!(store.change_prune(&DEFAULT, stored(at(5)), 1000, 3).await.unwrap(), 3);
        assert_eq!(store.change_prune(&DEFAULT, stored(at(5)), 1000, 3).await.unwrap(), 2);
        // By count: 15 are left.
        assert_eq!(store.change_prune(&DEFAULT, stored(at(5)), 10, 100).await.unwrap(), 5);
        assert_eq!(store.change_prune(&DEFAULT, stored(at(5)), 10, 100).await.unwrap(), 0);
        let left = list(&store, &ChangeQuery::newest(100)).await;
        assert_eq!(left.len(), 10);
        assert_eq!(left.last().unwrap().observed_at, stored(at(10)));
        assert_eq!(store.change_list(&other_tenant(), &ChangeQuery::newest(100)).await.unwrap().len(), 20);
    })
    .await;
}

#[tokio::test]
async fn a_source_that_was_heard_has_no_open_gap() {
    // D-11: also one that a crash left open.
    each(async |database| {
        let store = open(&database).await;
        let nas = agent("nas");
        let left_open =
            KnownGap { source: nas.clone(), from: stored(at(10)), to: None, reason: GapReason::SourceSilent };
        let heard = |second| {
            let interval = SignedDuration::from_secs(10);
            let stamp = SourceStamp { source: nas.clone(), last_seen: stored(at(second)), interval };
            SweepCommit { sources: vec![stamp], ..SweepCommit::default() }
        };
        let gaps = async || store.gap_list(&DEFAULT, std::slice::from_ref(&nas), at(0), at(100)).await.unwrap();
        store.sweep_commit(&DEFAULT, &SweepCommit { gaps: vec![left_open.clone()], ..heard(10) }).await.unwrap();
        assert_eq!(gaps().await, std::slice::from_ref(&left_open), "it was last heard when the gap began");
        store.sweep_commit(&DEFAULT, &heard(30)).await.unwrap();
        assert_eq!(gaps().await, [KnownGap { to: Some(stored(at(30))), ..left_open }]);
    })
    .await;
}

#[tokio::test]
async fn gaps_open_close_and_are_found_by_span() {
    // D-11
    each(async |database| {
        let store = open(&database).await;
        let (nas, other) = (agent("nas"), agent("other"));
        let gap = |from, to: Option<i64>, reason| KnownGap {
            source: nas.clone(),
            from: stored(at(from)),
            to: to.map(|to| stored(at(to))),
            reason,
        };
        let commit = |gaps| SweepCommit { gaps, ..SweepCommit::default() };
        let open_gap = gap(10, None, GapReason::SourceSilent);
        store.sweep_commit(&DEFAULT, &commit(vec![open_gap.clone()])).await.unwrap();
        let ended = gap(10, Some(20), GapReason::ServerStopped);
        store.sweep_commit(&DEFAULT, &commit(vec![ended])).await.unwrap();
        // The reason for which it began stays.
        let closed = gap(10, Some(20), GapReason::SourceSilent);
        let lasting = gap(30, None, GapReason::SourceSilent);
        store.sweep_commit(&DEFAULT, &commit(vec![lasting.clone()])).await.unwrap();

        let found = async |from, to| {
            store.gap_list(&DEFAULT, std::slice::from_ref(&nas), stored(at(from)), stored(at(to))).await.unwrap()
        };
        assert_eq!(found(0, 100).await, [closed.clone(), lasting.clone()]);
        assert_eq!(found(0, 10).await, []);
        assert_eq!(found(19, 30).await, [closed]);
        assert_eq!(found(20, 30).await, []);
        assert_eq!(found(90, 100).await, [lasting]);
        assert_eq!(store.gap_list(&DEFAULT, &[], at(0), at(100)).await.unwrap(), []);
        assert_eq!(store.gap_list(&other_tenant(), std::slice::from_ref(&nas), at(0), at(100)).await.unwrap(), []);

        assert_eq!(store.gap_close(&DEFAULT, &other, at(40)).await.unwrap(), 0);
        assert_eq!(store.gap_close(&DEFAULT, &nas, at(40)).await.unwrap(), 1);
        assert_eq!(found(90, 100).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_was_filled_in_is_no_gap_any_more() {
    // D-11
    each(async |database| {
        let store = open(&database).await;
        let gap = |source: &str, from, to: Option<i64>| KnownGap {
            source: agent(source),
            from: stored(at(from)),
            to: to.map(|to| stored(at(to))),
            reason: GapReason::SourceUnreachable,
        };
        let gaps = vec![gap("nas", 10, Some(90)), gap("nas", 95, None), gap("other", 10, Some(90))];
        store.sweep_commit(&DEFAULT, &SweepCommit { gaps, ..SweepCommit::default() }).await.unwrap();
        let found = async |source| store.gap_list(&DEFAULT, &[agent(source)], at(0), at(100)).await.unwrap();
        let part = |from, to| (stored(at(from)), stored(at(to)));

        store.gap_heal(&DEFAULT, &gap("nas", 10, Some(90)), &[part(10, 20), part(60, 90)]).await.unwrap();
        let lasting = gap("nas", 95, None);
        assert_eq!(found("nas").await, [gap("nas", 10, Some(20)), gap("nas", 60, Some(90)), lasting.clone()]);
        store.gap_heal(&DEFAULT, &gap("nas", 10, Some(20)), &[]).await.unwrap();
        store.gap_heal(&DEFAULT, &lasting, &[]).await.unwrap();
        assert_eq!(found("nas").await, [gap("nas", 60, Some(90)), lasting], "a gap that lasts stays");
        assert_eq!(found("other").await, [gap("other", 10, Some(90))]);
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_keeps_every_line_in_order() {
    // D-18
    each(async |database| {
        let store = open(&database).await;
        let lines: Vec<_> = (1..=7).map(audit).collect();
        for line in &lines {
            store.audit_append(&DEFAULT, line).await.unwrap();
        }
        let newest = store.audit_list(&DEFAULT, &AuditQuery::newest(3)).await.unwrap();
        let told: Vec<_> = newest.iter().map(|record| record.entry.clone()).collect();
        assert_eq!(told, [lines[6].clone(), lines[5].clone(), lines[4].clone()]);
        let behind = AuditQuery { before: Some(AuditCursor::from(&newest[2])), ..AuditQuery::newest(100) };
        let next = store.audit_list(&DEFAULT, &behind).await.unwrap();
        assert_eq!(next.len(), 4);
        assert_eq!(next[0].entry, lines[3]);
        assert_eq!(store.audit_list(&other_tenant(), &AuditQuery::newest(100)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn audit_rows_are_found_by_what_they_tell() {
    each(async |database| {
        let store = open(&database).await;
        let mut refused = audit(2);
        (refused.actor, refused.action) = ("anonymous".into(), "session.login".into());
        (refused.target, refused.outcome) = (Some("100%_sure".into()), "login_failed".into());
        for line in [audit(1), refused, audit(4)] {
            store.audit_append(&DEFAULT, &line).await.unwrap();
        }
        let found = async |query: AuditQuery| -> Vec<u128> {
            let rows = store.audit_list(&DEFAULT, &query).await.unwrap();
            rows.iter().map(|row| row.entry.id.as_u128()).collect()
        };
        let all = AuditQuery::newest(10);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(found(AuditQuery { actor: some("user:anna"), ..all.clone() }).await, [4, 1]);
        assert_eq!(found(AuditQuery { action: some("session"), ..all.clone() }).await, [2]);
        assert_eq!(found(AuditQuery { action: some("token.create"), ..all.clone() }).await, [4, 1]);
        assert_eq!(found(AuditQuery { action: some("tok"), ..all.clone() }).await, [0; 0]);
        assert_eq!(found(AuditQuery { target: some("100%_sure"), ..all.clone() }).await, [2]);
        assert_eq!(found(AuditQuery { outcome: Some(OutcomeFilter::Refused), ..all.clone() }).await, [2]);
        assert_eq!(found(AuditQuery { outcome: Some(OutcomeFilter::Done), ..all.clone() }).await, [4, 1]);
        let code = Some(OutcomeFilter::Code("login_failed".into()));
        assert_eq!(found(AuditQuery { outcome: code, ..all.clone() }).await, [2]);
        assert_eq!(found(AuditQuery { text: some("0%_S"), ..all.clone() }).await, [2]);
        assert_eq!(found(AuditQuery { text: some("%"), ..all.clone() }).await, [2], "no character is a wildcard");
        let second = stored(at(1));
        assert_eq!(found(AuditQuery { from: Some(second), ..all.clone() }).await, [4, 2]);
        assert_eq!(found(AuditQuery { to: Some(second), ..all }).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn settings_are_replaced_whole() {
    each(async |database| {
        let store = open(&database).await;
        assert_eq!(store.setting_get(&DEFAULT, "theme").await.unwrap(), None);
        store.setting_set(&DEFAULT, "theme", &json!({"dark": true})).await.unwrap();
        store.setting_set(&DEFAULT, "theme", &json!("light\0")).await.unwrap();
        assert_eq!(store.setting_get(&DEFAULT, "theme").await.unwrap(), Some(json!("light\0")));
        assert_eq!(store.setting_get(&other_tenant(), "theme").await.unwrap(), None);
    })
    .await;
}

async fn insert(store: &Store, changes: &[ResourceChange]) {
    let commit = SweepCommit { changes: changes.to_vec(), ..SweepCommit::default() };
    store.sweep_commit(&DEFAULT, &commit).await.unwrap();
}

async fn list(store: &Store, query: &ChangeQuery) -> Vec<ResourceChange> {
    store.change_list(&DEFAULT, query).await.unwrap()
}

fn audit(number: i64) -> AuditEntry {
    AuditEntry {
        id: uuid(number.try_into().unwrap()),
        at: stored(at(0) + SignedDuration::from_secs(number / 2)),
        actor: "user:anna".into(),
        action: "token.create".into(),
        target: Some("token:ci".into()),
        outcome: "ok".into(),
        remote_addr: Some("10.0.0.9".into()),
        request_id: None,
        occurrences: 1,
        detail: json!({"role": "viewer", "n": number}),
    }
}
