//! Rulings in the log: kept for ever, projected for SQL, and kept from programs that know none (D-3, D-5, D-15).

use muster_model::{LogOp, NativeKey, RecordRef, RulingId, Verdict};
use muster_store::SweepCommit;
use muster_testkit::database::each;

use crate::common::{DEFAULT, agent, at, entry, host, observed, open, ruled, split, stored, uuid, withdrawn};

#[tokio::test]
async fn the_log_keeps_the_last_word_on_each_ruling_and_every_split() {
    // D-3
    each(async |database| {
        let store = open(&database).await;
        let (source, nas, twin) = (agent("one"), host("nas"), host("twin"));
        let record = RecordRef { source: source.clone(), key: NativeKey::new("h").unwrap() };
        let apart = Verdict::Distinct { first: nas, second: twin };
        let entries = vec![
            observed(1, &source, "h", twin, "h"),
            ruled(2, 1, Verdict::Same { survivor: nas, absorbed: twin }),
            ruled(3, 2, apart),
            entry(4, LogOp::RulingWithdrawn { ruling: RulingId(uuid(2)) }),
            split(5, [nas, twin], vec![], record),
            observed(6, &source, "h", twin, "h"),
        ];
        for entry in &entries {
            let commit = SweepCommit { entries: vec![entry.clone()], ..SweepCommit::default() };
            store.sweep_commit(&DEFAULT, &commit).await.unwrap();
        }
        let kept = store.log_load(&DEFAULT).await.unwrap().entries;
        assert_eq!(kept, [&entries[1], &entries[3], &entries[4], &entries[5]].map(Clone::clone));
    })
    .await;
}

#[tokio::test]
async fn a_split_gives_id_aliases_and_records_back() {
    // D-5
    each(async |database| {
        let store = open(&database).await;
        let (one, two) = (agent("one"), agent("two"));
        let (nas, twin, third) = (host("nas"), host("twin"), host("third"));
        let record = RecordRef { source: two.clone(), key: NativeKey::new("h").unwrap() };
        let sweep = async |entries| {
            store.sweep_commit(&DEFAULT, &SweepCommit { entries, ..SweepCommit::default() }).await.unwrap();
        };
        let removed_at = async |id| store.resource_get(&DEFAULT, id).await.unwrap().unwrap().removed_at;
        sweep(vec![observed(1, &one, "h", nas, "nas"), observed(2, &two, "h", twin, "twin")]).await;
        sweep(vec![
            ruled(3, 1, Verdict::Same { survivor: twin, absorbed: third }),
            ruled(4, 2, Verdict::Same { survivor: nas, absorbed: twin }),
        ])
        .await;
        assert_eq!(store.alias_list(&DEFAULT, nas).await.unwrap(), [third, twin]);
        sweep(vec![split(5, [nas, twin], vec![third], record)]).await;
        assert_eq!(store.alias_resolve(&DEFAULT, twin).await.unwrap(), twin);
        assert_eq!(store.alias_resolve(&DEFAULT, third).await.unwrap(), twin);
        assert!(store.alias_list(&DEFAULT, nas).await.unwrap().is_empty());
        let back = store.resource_get(&DEFAULT, twin).await.unwrap().unwrap();
        assert_eq!((back.name.as_str(), back.removed_at), ("twin", None));
        // The record is the other one's: what stayed goes alone.
        sweep(vec![withdrawn(6, &one, "h", nas)]).await;
        assert_eq!((removed_at(nas).await, removed_at(twin).await), (Some(stored(at(6))), None));
    })
    .await;
}

#[tokio::test]
async fn a_record_that_was_bound_anew_after_a_split_of_the_same_sweep_is_where_it_was_bound() {
    // D-5
    each(async |database| {
        let store = open(&database).await;
        let (one, two) = (agent("one"), agent("two"));
        let (nas, twin) = (host("nas"), host("twin"));
        let record = RecordRef { source: two.clone(), key: NativeKey::new("h").unwrap() };
        let sweep = async |entries| {
            store.sweep_commit(&DEFAULT, &SweepCommit { entries, ..SweepCommit::default() }).await.unwrap();
        };
        let removed_at = async |id| store.resource_get(&DEFAULT, id).await.unwrap().unwrap().removed_at;
        sweep(vec![observed(1, &one, "h", nas, "nas"), observed(2, &two, "h", nas, "nas")]).await;
        sweep(vec![split(3, [nas, twin], vec![], record), observed(4, &two, "h", nas, "nas")]).await;
        sweep(vec![withdrawn(5, &one, "h", nas)]).await;
        assert_eq!(removed_at(nas).await, None, "the second record speaks for it");
        // A join after that takes it along as ever.
        sweep(vec![ruled(6, 1, Verdict::Same { survivor: twin, absorbed: nas }), withdrawn(7, &two, "h", twin)]).await;
        assert_eq!(removed_at(twin).await, Some(stored(at(7))));
    })
    .await;
}
