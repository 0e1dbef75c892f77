//! The log seam on both engines: what a restart finds is what was written.

use crate::common::{DEFAULT, agent, at, change, entry, host, joined, observed, open, other_tenant, stored, withdrawn};
use jiff::SignedDuration;
use muster_model::{GapReason, KnownGap, LogEntry, LogOp, Revision, SourceFreshness, SourceStamp};
use muster_store::{ChangeQuery, CommitError, Store, StoredLog, SweepCommit, Trouble};
use muster_testkit::database::each;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

#[tokio::test]
async fn a_sweep_survives_a_restart() {
    // D-3, D-12
    each(async |database| {
        let store = open(&database).await;
        assert_eq!(store.log_load(&DEFAULT).await.unwrap(), StoredLog::default());
        let (source, nas) = (agent("nas"), host("nas"));
        let judged = LogOp::SourceJudged { source: source.clone(), freshness: SourceFreshness::Stale };
        let entries = vec![observed(1, &source, "host", nas, "nas"), entry(2, judged)];
        let stamp =
            SourceStamp { source: source.clone(), last_seen: stored(at(2)), interval: SignedDuration::from_secs(10) };
        let gap = KnownGap { source: source.clone(), from: stored(at(0)), to: None, reason: GapReason::SourceSilent };
        let commit = SweepCommit {
            entries: entries.clone(),
            changes: vec![change(nas, 1)],
            sources: vec![stamp.clone()],
            gaps: vec![gap.clone()],
        };
        store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        store.close().await;

        let store = open(&database).await;
        let loaded = store.log_load(&DEFAULT).await.unwrap();
        assert_eq!(loaded, StoredLog { entries, sources: vec![stamp], ignored: vec![], last_revision: Revision(2) });
        assert_eq!(store.change_list(&DEFAULT, &ChangeQuery::newest(10)).await.unwrap(), [change(nas, 1)]);
        assert_eq!(store.gap_list(&DEFAULT, &[source], at(0), at(9)).await.unwrap(), [gap]);
    })
    .await;
}

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    // D-4
    each(async |database| {
        let store = open(&database).await;
        let (source, nas) = (agent("nas"), host("nas"));
        let entries = vec![observed(1, &source, "host", nas, "nas")];
        let commit = SweepCommit { entries, changes: vec![change(nas, 1)], ..SweepCommit::default() };
        store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        let other = other_tenant();
        assert_eq!(store.log_load(&other).await.unwrap(), StoredLog::default());
        assert_eq!(store.change_list(&other, &ChangeQuery::newest(10)).await.unwrap(), []);
        assert_eq!(store.resource_get(&other, nas).await.unwrap(), None);
        // The same revision and keys are free for another tenant.
        store.sweep_commit(&other, &commit).await.unwrap();
        assert_eq!(store.log_load(&other).await.unwrap().last_revision, Revision(1));
    })
    .await;
}

#[tokio::test]
async fn the_log_keeps_the_last_word_on_each_record_and_every_join() {
    // D-3
    each(async |database| {
        let store = open(&database).await;
        let (source, nas, old) = (agent("nas"), host("nas"), host("old"));
        let judged = |revision, freshness| entry(revision, LogOp::SourceJudged { source: source.clone(), freshness });
        let first = [
            observed(1, &source, "host", nas, "nas"),
            observed(2, &source, "host", nas, "nas2"),
            observed(3, &source, "disk", host("disk"), "disk"),
            judged(4, SourceFreshness::Stale),
            joined(5, nas, old),
        ];
        let second = [
            judged(6, SourceFreshness::Online),
            joined(7, nas, host("older")),
            withdrawn(8, &source, "disk", host("disk")),
        ];
        for entries in [first.to_vec(), second.to_vec()] {
            store.sweep_commit(&DEFAULT, &SweepCommit { entries, ..SweepCommit::default() }).await.unwrap();
        }
        let kept: Vec<LogEntry> =
            [&first[1], &first[4], &second[0], &second[1], &second[2]].into_iter().cloned().collect();
        let loaded = store.log_load(&DEFAULT).await.unwrap();
        assert_eq!(loaded.entries, kept);
        assert_eq!(loaded.last_revision, Revision(8));
    })
    .await;
}

#[tokio::test]
async fn a_sweep_of_unknown_fate_may_be_repeated() {
    // D-3: a connection that breaks during COMMIT leaves the writer in doubt.
    each(async |database| {
        let store = open(&database).await;
        let (source, nas) = (agent("nas"), host("nas"));
        let mut commit = SweepCommit {
            entries: vec![observed(1, &source, "host", nas, "nas"), observed(2, &source, "host", nas, "nas2")],
            changes: vec![change(nas, 1)],
            ..SweepCommit::default()
        };
        store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        commit.entries.push(observed(3, &source, "host", nas, "nas3"));
        store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        let loaded = store.log_load(&DEFAULT).await.unwrap();
        assert_eq!(loaded.entries, [observed(3, &source, "host", nas, "nas3")]);
        // R-164
        assert_eq!(store.change_list(&DEFAULT, &ChangeQuery::newest(10)).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_second_writer_of_the_same_estate_is_refused_whole() {
    // D-3: a revision is never used twice.
    each(async |database| {
        let (ours, theirs) = (open(&database).await, open(&database).await);
        let (source, nas) = (agent("nas"), host("nas"));
        let write = async |store: &Store, revision, name: &str| {
            let entries = vec![observed(revision, &source, "host", nas, name)];
            let commit = SweepCommit { entries, changes: vec![change(nas, 40)], ..SweepCommit::default() };
            store.sweep_commit(&DEFAULT, &commit).await
        };
        write(&ours, 1, "ours").await.unwrap();
        write(&ours, 2, "ours").await.unwrap();
        for revision in [1, 2] {
            let error = write(&theirs, revision, "theirs").await.unwrap_err();
            assert!(matches!(&error, CommitError::RevisionTaken { revision: Revision(2), .. }), "{error}");
        }
        let loaded = theirs.log_load(&DEFAULT).await.unwrap();
        assert_eq!(loaded.entries, [observed(2, &source, "host", nas, "ours")]);
    })
    .await;
}

#[tokio::test]
async fn resources_are_projected_from_the_log() {
    each(async |database| {
        let store = open(&database).await;
        let (one, two, nas, twin) = (agent("one"), agent("two"), host("nas"), host("twin"));
        let sweep = async |entries: Vec<LogEntry>| {
            store.sweep_commit(&DEFAULT, &SweepCommit { entries, ..SweepCommit::default() }).await.unwrap();
        };
        let removed_at = async |id| store.resource_get(&DEFAULT, id).await.unwrap().unwrap().removed_at;

        sweep(vec![observed(1, &one, "h", nas, "first"), observed(2, &one, "h", nas, "nas")]).await;
        sweep(vec![observed(3, &two, "h", twin, "twin")]).await;
        let resource = store.resource_get(&DEFAULT, nas).await.unwrap().unwrap();
        assert_eq!((resource.name.as_str(), resource.first_seen, resource.removed_at), ("nas", stored(at(0)), None));

        sweep(vec![joined(4, nas, twin)]).await;
        assert_eq!(removed_at(twin).await, Some(stored(at(4))));
        assert_eq!(store.alias_resolve(&DEFAULT, twin).await.unwrap(), nas);
        assert_eq!(store.alias_resolve(&DEFAULT, nas).await.unwrap(), nas);
        assert_eq!(store.alias_list(&DEFAULT, nas).await.unwrap(), [twin]);

        // The source that came with the join still has it.
        sweep(vec![withdrawn(5, &one, "h", nas)]).await;
        assert_eq!(removed_at(nas).await, None);
        sweep(vec![withdrawn(6, &two, "h", nas)]).await;
        assert_eq!(removed_at(nas).await, Some(stored(at(6))));
        sweep(vec![observed(7, &one, "h", nas, "back")]).await;
        assert_eq!(removed_at(nas).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_chain_of_joins_resolves_in_one_step() {
    // D-5
    each(async |database| {
        let store = open(&database).await;
        let (a, b, c) = (host("a"), host("b"), host("c"));
        let entries = vec![joined(1, b, a), joined(2, c, b)];
        store.sweep_commit(&DEFAULT, &SweepCommit { entries, ..SweepCommit::default() }).await.unwrap();
        assert_eq!(store.alias_resolve(&DEFAULT, a).await.unwrap(), c);
        assert_eq!(store.alias_list(&DEFAULT, c).await.unwrap(), [a, b]);
    })
    .await;
}

#[tokio::test]
async fn what_a_source_says_cannot_stop_the_log() {
    // PostgreSQL's text has no NUL, and its indexes no long keys.
    each(async |database| {
        let store = open(&database).await;
        let (source, nas) = (agent("nas\0"), host("nas"));
        let key = "k\0".repeat(5000);
        let mut row = change(nas, 1);
        row.reason = Some("a\0b".into());
        row.metadata.insert("x\0".into(), "y\0".into());
        let commit = SweepCommit {
            entries: vec![observed(1, &source, &key, nas, "na\0s")],
            changes: vec![row],
            sources: vec![SourceStamp { source, last_seen: at(1), interval: SignedDuration::from_secs(10) }],
            gaps: vec![],
        };
        store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        assert_eq!(store.log_load(&DEFAULT).await.unwrap().entries, commit.entries);
        let read = store.change_list(&DEFAULT, &ChangeQuery::newest(1)).await.unwrap();
        assert_eq!(read[0].reason.as_deref(), Some("a\u{fffd}b"));
        assert_eq!(read[0].metadata["x\0"], "y\0");
    })
    .await;
}

#[tokio::test]
async fn a_large_sweep_is_one_commit() {
    each(async |database| {
        let store = open(&database).await;
        let source = agent("big");
        let entries: Vec<_> = (1..=1500_u64)
            .map(|n| observed(n, &source, &format!("k{n}"), host(&format!("h{n}")), &format!("host {n}")))
            .collect();
        let changes = (1..=1500).map(|n| change(host(&format!("h{n}")), n)).collect();
        let commit = SweepCommit { entries, changes, ..SweepCommit::default() };
        store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        assert_eq!(store.stats().commits, 1);
        assert_eq!(store.log_load(&DEFAULT).await.unwrap().entries, commit.entries);
        assert_eq!(store.change_list(&DEFAULT, &ChangeQuery::newest(2000)).await.unwrap().len(), 1500);
    })
    .await;
}

#[tokio::test]
async fn an_entry_of_another_version_is_named() {
    let database = muster_testkit::database::Database::postgres();
    let store = open(&database).await;
    let entries = vec![observed(1, &agent("nas"), "host", host("nas"), "nas")];
    store.sweep_commit(&DEFAULT, &SweepCommit { entries, ..SweepCommit::default() }).await.unwrap();
    let damage = r#"UPDATE log_entry SET body = '{"op":"teleported"}'"#;
    muster_testkit::database::Postgres::shared().query(database.url(), damage);
    let error = store.log_load(&DEFAULT).await.unwrap_err();
    assert!(error.to_string().contains("entry 1 makes no sense"), "{error}");
}

#[tokio::test]
async fn a_closed_store_says_so() {
    each(async |database| {
        let store = open(&database).await;
        store.close().await;
        let error = store.sweep_commit(&DEFAULT, &SweepCommit::default()).await.unwrap_err();
        assert!(matches!(&error, CommitError::Store(error) if error.trouble() == Trouble::Closed), "{error}");
        assert!(store.log_load(&DEFAULT).await.is_err());
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn any_way_of_cutting_entries_into_sweeps_leaves_the_same_log() {
    // D-3: the state is a function of the log, however it was written.
    each(async |database| {
        let store = open(&database).await;
        let cuts = prop::collection::vec((0_usize..4, 0_usize..3, any::<bool>()), 1..20);
        let mut runner = TestRunner::deterministic();
        for case in 0..12 {
            let steps = cuts.new_tree(&mut runner).unwrap().current();
            let entries: Vec<LogEntry> = (1..)
                .zip(&steps)
                .map(|(revision, (key, _, present))| {
                    let (key, resource) = (format!("k{key}"), host(&format!("h{key}")));
                    if *present {
                        observed(revision, &agent("a"), &key, resource, "n")
                    } else {
                        withdrawn(revision, &agent("a"), &key, resource)
                    }
                })
                .collect();
            let whole = format!("whole{case}").parse().unwrap();
            let cut = format!("cut{case}").parse().unwrap();
            store
                .sweep_commit(&whole, &SweepCommit { entries: entries.clone(), ..SweepCommit::default() })
                .await
                .unwrap();
            let mut rest = entries.as_slice();
            for (_, size, _) in &steps {
                let (now, later) = rest.split_at((*size).min(rest.len()));
                store
                    .sweep_commit(&cut, &SweepCommit { entries: now.to_vec(), ..SweepCommit::default() })
                    .await
                    .unwrap();
                rest = later;
            }
            store.sweep_commit(&cut, &SweepCommit { entries: rest.to_vec(), ..SweepCommit::default() }).await.unwrap();
            assert_eq!(store.log_load(&cut).await.unwrap(), store.log_load(&whole).await.unwrap(), "{entries:?}");
            for key in 0..4 {
                let id = host(&format!("h{key}"));
                let one = store.resource_get(&cut, id).await.unwrap();
                assert_eq!(
                    one.map(|r| r.removed_at.is_some()),
                    store.resource_get(&whole, id).await.unwrap().map(|r| r.removed_at.is_some())
                );
            }
        }
    })
    .await;
}
