//! The chain from inside: a log is written through the store, tampered with behind its back, and checked.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use muster_model::TenantId;
use muster_runtime::{Shutdown, Tasks};
use muster_testkit::database::{Database, each};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel, Iterable, ModelTrait, Value,
};
use serde_json::json;
use uuid::Uuid;

use super::{AnchorState, AuditEntry, AuditFault, AuditHead, AuditQuery, AuditStream, AuditVerdict, Line};
use crate::{
    Store, Trouble,
    backend::Backend,
    entity::{audit_entry, audit_link, audit_segment},
};

static TENANT: TenantId = TenantId::DEFAULT;

/// The start of some day.
const START: i64 = 1_800_057_600;

#[tokio::test]
async fn a_change_and_its_row_are_one_transaction() {
    // D-18
    each(async |database| {
        let log = Log::open(&database).await;
        let recorded = log.store.recording(&TENANT, entry(1, 0));
        recorded.setting_set(&TENANT, "theme", &json!("dark")).await.unwrap();
        assert_eq!(log.ids().await, [1]);
        // The id is used up: neither the change nor a second row.
        let error = recorded.setting_set(&TENANT, "theme", &json!("light")).await.unwrap_err();
        assert_eq!(error.trouble(), Trouble::Contradiction);
        assert_eq!(log.store.setting_get(&TENANT, "theme").await.unwrap(), Some(json!("dark")));
        // Nothing changed, nothing to tell.
        let nobody = log.store.recording(&TENANT, entry(2, 0)).user_delete(&TENANT, Uuid::from_u128(9)).await;
        assert!(!nobody.unwrap());
        assert_eq!(log.ids().await, [1]);
        assert_eq!(log.verify(&[]).await, sound(1, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_group_commit_adds_one_link() {
    // D-18
    each(async |database| {
        let log = Log::open(&database).await;
        let before = log.store.stats();
        join_all((1..=200).map(|number| log.append(number, 0))).await;
        let after = log.store.stats();
        let verdict = log.verify(&[]).await;
        assert_eq!(verdict.links, after.commits - before.commits);
        assert!(verdict.is_sound() && verdict.entries == 200 && verdict.links < 200, "{verdict:?}");
    })
    .await;
}

#[tokio::test]
async fn streams_and_tenants_are_chains_of_their_own() {
    each(async |database| {
        let log = Log::open(&database).await;
        let other: TenantId = "other".parse().unwrap();
        log.append(1, 0).await;
        log.store.audit_append(&other, &entry(2, 0)).await.unwrap();
        let stream = AuditStream::Submissions;
        let submission = log.store.with_line(Line { tenant: TENANT.clone(), stream, entry: entry(3, 0) });
        submission.setting_set(&TENANT, "k", &json!(1)).await.unwrap();
        log.append(4, 0).await;
        let heads = log.store.audit_heads(&TENANT).await.unwrap();
        let ends: Vec<_> = heads.iter().map(|head| (head.stream, head.segment, head.link)).collect();
        assert_eq!(ends, [(AuditStream::Actions, 1, 2), (stream, 2, 1)]);
        assert_eq!(log.verify(&[]).await.faults, 0);
        assert!(log.store.audit_verify(&other, &[]).await.unwrap().is_sound());
        let of_stream = AuditQuery { stream: Some(stream), ..AuditQuery::newest(10) };
        assert_eq!(log.store.audit_list(&TENANT, &of_stream).await.unwrap()[0].entry, entry(3, 0));
    })
    .await;
}

#[tokio::test]
async fn no_column_of_any_row_can_be_changed_unseen() {
    // D-18: every column of every row of the three tables, at a place that the seed chooses.
    let seed: u64 = std::env::var("MUSTER_SEED").map_or(20_261, |seed| seed.parse().unwrap());
    let rounds: u64 = std::env::var("MUSTER_SOAK_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    println!("MUSTER_SEED={seed}");
    each(async |database| {
        let log = Log::filled(&database).await;
        let mut tried = 0;
        for seed in seed..seed + rounds {
            tried += log.tamper::<audit_entry::Entity>(seed).await;
            tried += log.tamper::<audit_link::Entity>(seed).await;
            tried += log.tamper::<audit_segment::Entity>(seed).await;
        }
        assert!(tried > 200, "only {tried} changes were possible");
        assert!(log.verify(&[]).await.is_sound(), "everything was put back");
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_is_named() {
    each(async |database| {
        let log = Log::filled(&database).await;
        let found = async |sql: &str| {
            log.raw.execute_unprepared(sql).await.unwrap();
            let verdict = log.verify(&[]).await;
            let named =
                verdict.findings.iter().map(|finding| (finding.fault, finding.segment, finding.link, finding.rows));
            named.collect::<Vec<_>>()
        };
        use AuditFault as F;
        let changed = "UPDATE audit_entry SET actor = 'user:eve' WHERE segment = 2 AND sequence = 1";
        assert_eq!(found(changed).await, [(F::Changed, 2, None, Some((1, 1)))]);
        found("UPDATE audit_entry SET actor = 'user:anna' WHERE segment = 2 AND sequence = 1").await;

        for (place, to) in [(1, 99), (2, 1), (99, 2)] {
            found(&format!("UPDATE audit_entry SET sequence = {to} WHERE segment = 2 AND sequence = {place}")).await;
        }
        assert_eq!(
            found("SELECT 1").await,
            [(F::Reordered, 2, None, Some((1, 1))), (F::Reordered, 2, None, Some((2, 2)))]
        );
        for (place, to) in [(1, 99), (2, 1), (99, 2)] {
            found(&format!("UPDATE audit_entry SET sequence = {to} WHERE segment = 2 AND sequence = {place}")).await;
        }
        assert_eq!(found("SELECT 1").await, []);

        let cut = found("DELETE FROM audit_entry WHERE segment = 3 AND sequence = 4").await;
        assert_eq!(cut, [(F::Truncated, 3, None, Some((4, 4)))]);
        let gone = found("DELETE FROM audit_entry WHERE segment = 2 AND sequence = 2").await;
        assert_eq!(gone[0], (F::Missing, 2, None, Some((2, 2))));
        assert_eq!(gone.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_head_that_was_noted_shows_what_was_cut_off_cleanly() {
    // D-18: whoever can write the database can make a chain that fits. Only a copy elsewhere tells.
    each(async |database| {
        let log = Log::filled(&database).await;
        let [early] = log.store.audit_heads(&TENANT).await.unwrap().try_into().unwrap();
        log.append(100, 2).await;
        let [late] = log.store.audit_heads(&TENANT).await.unwrap().try_into().unwrap();
        let state = async |anchor: &AuditHead| log.verify(std::slice::from_ref(anchor)).await.anchors[0].1;
        assert_eq!((state(&early).await, state(&late).await), (AnchorState::Confirmed, AnchorState::Confirmed));

        log.undo_last_commit(&early).await;
        let verdict = log.verify(std::slice::from_ref(&late)).await;
        assert_eq!((verdict.faults, verdict.is_sound()), (0, false), "{verdict:?}");
        assert_eq!((state(&early).await, state(&late).await), (AnchorState::Confirmed, AnchorState::Absent));

        log.append(101, 2).await;
        assert_eq!(state(&late).await, AnchorState::Contradicted);
        assert_eq!(log.verify(&[]).await.faults, 0);
    })
    .await;
}

#[tokio::test]
async fn retention_drops_whole_segments_and_the_chain_still_verifies() {
    // D-18
    each(async |database| {
        let log = Log::filled(&database).await;
        let first = log.verify(&[]).await;
        assert_eq!(log.store.audit_prunable(&TENANT, at(2, 0), SignedDuration::from_hours(48)).await.unwrap(), None);
        let pruned = log.store.audit_prunable(&TENANT, at(2, 0), SignedDuration::ZERO).await.unwrap().unwrap();
        assert_eq!((pruned.segment, pruned.entries, pruned.found), (1, 4, 4));
        let end_of_first = segment_end(&log, 1).await;
        let recorded = log.store.recording(&TENANT, entry(100, 2));
        assert_eq!(recorded.audit_drop(&TENANT, pruned.segment).await.unwrap(), Some(4));
        assert_eq!(log.store.audit_drop(&TENANT, 1).await.unwrap(), None, "it went before");
        assert_eq!(
            log.store.audit_prunable(&TENANT, at(2, 0), SignedDuration::ZERO).await.unwrap().unwrap().segment,
            2
        );
        assert_eq!(log.store.audit_drop(&TENANT, 3).await.unwrap(), None, "it is written to");

        let verdict = log.verify(&[end_of_first.clone(), AuditHead { link: 1, ..end_of_first }]).await;
        assert_eq!((verdict.faults, verdict.dropped_segments, verdict.dropped_entries), (0, 1, 4), "{verdict:?}");
        assert_eq!(verdict.entries, first.entries - 4 + 1, "dropping is recorded");
        let states: Vec<_> = verdict.anchors.iter().map(|(_, state)| *state).collect();
        assert_eq!(states, [AnchorState::Confirmed, AnchorState::Dropped]);

        // What is left of a dropped segment cannot be changed either.
        assert!(log.tamper::<audit_segment::Entity>(7).await > 20);
    })
    .await;
}

#[tokio::test]
async fn rows_of_a_time_to_come_keep_nothing_for_ever() {
    // D-18: a clock was ahead for a while.
    each(async |database| {
        let log = Log::open(&database).await;
        log.append(1, 5000).await;
        log.append(2, 0).await;
        log.append(3, 1).await;
        let prunable = async |day| {
            let old = log.store.audit_prunable(&TENANT, at(day, 0), SignedDuration::from_hours(24 * 30)).await;
            old.unwrap().map(|old| old.segment)
        };
        assert_eq!((prunable(30).await, prunable(31).await), (None, Some(1)));
        assert_eq!(log.store.audit_last_at(&TENANT).await.unwrap(), Some(at(1, 3)));
    })
    .await;
}

#[tokio::test]
async fn a_segment_whose_rows_are_gone_does_not_go_in_silence() {
    // D-18
    each(async |database| {
        let log = Log::filled(&database).await;
        log.raw.execute_unprepared("DELETE FROM audit_entry WHERE segment = 1").await.unwrap();
        let old = log.store.audit_prunable(&TENANT, at(2, 0), SignedDuration::ZERO).await.unwrap().unwrap();
        assert_eq!((old.entries, old.found), (4, 0));
        let recorded = log.store.recording(&TENANT, entry(100, 2));
        assert_eq!(recorded.audit_drop(&TENANT, 1).await.unwrap(), Some(0));
        assert_eq!(log.ids().await[0], 100, "it is told of");
    })
    .await;
}

#[tokio::test]
async fn text_is_found_as_it_stands_there() {
    each(async |database| {
        let log = Log::open(&database).await;
        let told = AuditEntry { target: Some("Straße 50%_ÄPFEL".into()), ..entry(1, 0) };
        log.store.audit_append(&TENANT, &told).await.unwrap();
        let finds = async |text: &str| {
            let query = AuditQuery { text: Some(text.to_owned()), ..AuditQuery::newest(9) };
            log.store.audit_list(&TENANT, &query).await.unwrap().len() == 1
        };
        for text in ["ÄPFEL", "STRAße", "straße 50%_Ä", "TOKEN.create", "50%_"] {
            assert!(finds(text).await, "{text}");
        }
        for text in ["ÖPFEL", "50__", "%e%"] {
            assert!(!finds(text).await, "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_segment_that_is_full_is_followed_by_another() {
    let database = Database::sqlite();
    let log = Log::open(&database).await;
    let rows = super::ledger::SEGMENT_ENTRIES.unsigned_abs() + 5;
    for chunk in (1..=u128::from(rows)).collect::<Vec<_>>().chunks(256) {
        join_all(chunk.iter().map(|number| log.append(*number, 0))).await;
    }
    let verdict = log.verify(&[]).await;
    assert_eq!((verdict.segments, verdict.entries, verdict.is_sound()), (2, rows, true), "{verdict:?}");
}

#[tokio::test]
async fn rows_from_before_the_chain_are_taken_in() {
    each(async |database| {
        let log = Log::open(&database).await;
        log.put_old(3).await;
        assert_eq!(log.verify(&[]).await.findings[0].fault, AuditFault::Added);
        assert_eq!(log.ids().await, [3, 2, 1], "they can be read all the same");
        log.store.close().await;
        let log = Log::open(&database).await;
        assert_eq!(log.ids().await, [3, 2, 1]);
        assert_eq!(log.verify(&[]).await, sound(1, 1, 3));
        log.append(4, 0).await;
        assert_eq!(log.verify(&[]).await.faults, 0);
    })
    .await;
}

#[tokio::test]
async fn many_rows_from_before_the_chain_are_taken_in_by_parts() {
    each(async |database| {
        let log = Log::open(&database).await;
        log.put_old(2500).await;
        log.store.close().await;
        let log = Log::open(&database).await;
        assert_eq!(log.verify(&[]).await, sound(1, 3, 2500));
    })
    .await;
}

/// A log, and a way behind its back.
struct Log {
    store: Store,
    raw: DatabaseConnection,
}

impl Log {
    async fn open(database: &Database) -> Self {
        let url = database.url().parse().unwrap();
        let store = Store::open(&url, &Tasks::new(Shutdown::new())).await.unwrap();
        let raw = Backend::new(&url).unwrap().connect_writer().await.unwrap();
        Self { store, raw }
    }

    /// Three days with four rows each, in links of one row and of several.
    async fn filled(database: &Database) -> Self {
        let log = Self::open(database).await;
        for day in 0..3 {
            let first = u128::try_from(day).unwrap() * 4 + 1;
            log.append(first, day).await;
            join_all((first + 1..first + 4).map(|number| log.append(number, day))).await;
        }
        let verdict = log.verify(&[]).await;
        assert!(verdict.is_sound() && (verdict.segments, verdict.entries) == (3, 12), "{verdict:?}");
        log
    }

    /// Rows as they were before there was a chain. Ten of them are of the same moment.
    async fn put_old(&self, rows: u128) {
        let row = |number: u128| {
            let id = match self.raw.get_database_backend() {
                sea_orm::DbBackend::Sqlite => format!("X'{number:032x}'"),
                _ => format!("'{}'", Uuid::from_u128(number)),
            };
            format!("('default', {id}, 1, {number}, {}, 'user:anna', 'token.create', 'ok', 'null')", number / 10)
        };
        let rows: Vec<_> = (1..=rows).map(row).collect();
        let columns = "tenant_id, id, segment, sequence, at, actor, action, outcome, detail";
        let sql = format!("INSERT INTO audit_entry ({columns}) VALUES {}", rows.join(", "));
        self.raw.execute_unprepared(&sql).await.unwrap();
    }

    async fn append(&self, number: u128, day: i64) {
        self.store.audit_append(&TENANT, &entry(number, day)).await.unwrap();
    }

    async fn verify(&self, anchors: &[AuditHead]) -> AuditVerdict {
        let verdict = self.store.audit_verify(&TENANT, anchors).await.unwrap();
        AuditVerdict { heads: vec![], ..verdict }
    }

    async fn ids(&self) -> Vec<u128> {
        let rows = self.store.audit_list(&TENANT, &AuditQuery::newest(100)).await.unwrap();
        rows.iter().map(|row| row.entry.id.as_u128()).collect()
    }

    /// Changes each column of each row of a table, one at a time, and sees that the check finds it. Says how many
    /// changes the database let through.
    async fn tamper<E>(&self, seed: u64) -> usize
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel> + Sync,
        E::ActiveModel: Send,
    {
        let mut tried = 0;
        for row in E::find().all(&self.raw).await.unwrap() {
            for column in E::Column::iter() {
                for (nth, value) in others(row.get(column), seed.wrapping_add(tried as u64)).into_iter().enumerate() {
                    let mut changed = row.clone().into_active_model().reset_all();
                    changed.set(column, value.clone());
                    row.clone().delete(&self.raw).await.unwrap();
                    let put = E::insert(changed.clone()).exec_without_returning(&self.raw).await;
                    if put.is_ok() {
                        let verdict = self.verify(&[]).await;
                        let place = format!("{:?}.{column:?} {nth} seed {seed}: {row:?}", E::default());
                        assert!(verdict.faults > 0, "nobody noticed {place} → {value:?}");
                        E::delete(changed).exec(&self.raw).await.unwrap();
                        tried += 1;
                    }
                    E::insert(row.clone().into_active_model().reset_all())
                        .exec_without_returning(&self.raw)
                        .await
                        .unwrap();
                }
            }
        }
        tried
    }

    /// Takes the last link and its one row away, and everything that tells of them.
    async fn undo_last_commit(&self, head_before: &AuditHead) {
        let segment = head_before.segment;
        let hash: String = head_before.to_string().rsplit('.').next().unwrap().to_owned();
        let literal = match self.raw.get_database_backend() {
            sea_orm::DbBackend::Sqlite => format!("X'{hash}'"),
            _ => format!("'\\x{hash}'"),
        };
        let last_row = format!("SELECT max(sequence) FROM audit_entry WHERE segment = {segment}");
        let statements = [
            format!("DELETE FROM audit_link WHERE segment = {segment} AND number > {}", head_before.link),
            format!("DELETE FROM audit_entry WHERE segment = {segment} AND sequence = ({last_row})"),
            format!(
                "UPDATE audit_segment SET links = links - 1, entries = entries - 1, head = {literal}, \
                 last_at = (SELECT at FROM audit_entry WHERE segment = {segment} AND sequence = ({last_row})) \
                 WHERE number = {segment}"
            ),
        ];
        for statement in statements {
            self.raw.execute_unprepared(&statement).await.unwrap();
        }
    }
}

/// The end of a closed segment.
async fn segment_end(log: &Log, number: i64) -> AuditHead {
    let segment = audit_segment::Entity::find_by_id(("default".to_owned(), number)).one(&log.raw).await.unwrap();
    super::head::head_of(segment.unwrap()).unwrap()
}

/// Values that a column might be changed to. Where a text or some bytes are changed depends on the seed.
fn others(value: Value, seed: u64) -> Vec<Value> {
    let place =
        |length: usize| usize::try_from(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33).unwrap() % length.max(1);
    match value {
        Value::BigInt(Some(number)) => {
            vec![(number + 1).into(), (number - 1).into(), i64::MAX.into(), (-number).into()]
        }
        Value::Bool(Some(is)) => vec![(!is).into()],
        Value::String(None) => vec!["".into(), "x".into()],
        Value::String(Some(text)) => {
            let mut chars: Vec<char> = text.chars().collect();
            match chars.len() {
                0 => chars.push('x'),
                length => chars[place(length)] = if chars[place(length)] == '#' { '%' } else { '#' },
            }
            let changed: String = chars.into_iter().collect();
            vec![changed.into(), format!("{text} ").into()]
        }
        Value::Bytes(None) => vec![vec![0_u8; 32].into()],
        Value::Bytes(Some(mut bytes)) => {
            let place = place(bytes.len());
            bytes[place] ^= 1 << (seed % 8);
            vec![bytes.into()]
        }
        Value::Uuid(Some(id)) => vec![Uuid::from_u128(id.as_u128() ^ (1 << (seed % 128))).into()],
        other => panic!("no table of the audit log has a column with {other:?}"),
    }
}

fn sound(segments: u64, links: u64, entries: u64) -> AuditVerdict {
    AuditVerdict {
        segments,
        links,
        entries,
        dropped_segments: 0,
        dropped_entries: 0,
        dropped_until: None,
        faults: 0,
        findings: vec![],
        anchors: vec![],
        heads: vec![],
    }
}

fn at(day: i64, second: i64) -> Timestamp {
    Timestamp::from_second(START).unwrap() + SignedDuration::from_hours(24 * day) + SignedDuration::from_secs(second)
}

fn entry(number: u128, day: i64) -> AuditEntry {
    AuditEntry {
        id: Uuid::from_u128(number),
        at: at(day, i64::try_from(number).unwrap() % 3600),
        actor: "user:anna".into(),
        action: "token.create".into(),
        target: Some(format!("ci-{number}")),
        outcome: "ok".into(),
        remote_addr: None,
        request_id: Some("r".into()),
        occurrences: 1,
        detail: json!({"n": number.to_string()}),
    }
}
