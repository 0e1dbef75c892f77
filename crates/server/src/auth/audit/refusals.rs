//! Refusals on their way to the audit log: the first of a kind is written at once, those that follow within a minute are
//! counted and told in one row. Anybody can be refused as often as they like, and must not be able to fill the disk.
//!
//! Of a kind are refusals of one action from one network for one reason: what one customer has of IPv6 is one network, or
//! each of its addresses would begin a row. Time is an input; memory is bounded.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use muster_model::TenantId;
use muster_store::AuditEntry;
use serde_json::json;
use tracing::warn;

use crate::{app::App, remote::network};

/// How long refusals of a kind are gathered.
const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// How often gathered refusals are looked at.
const EVERY: Duration = Duration::from_secs(10);

/// Kinds that are told apart. Beyond that, those of an action are told together, from whatever network. Each may write two
/// rows a minute.
const KINDS: usize = 256;

/// Targets that are named where refusals of a kind were about several.
const NAMED_TARGETS: usize = 10;

/// What makes refusals alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    tenant: TenantId,
    action: String,
    outcome: String,
    network: Option<IpAddr>,
}

/// Refusals of a kind that are not written yet.
#[derive(Debug)]
struct Gathered {
    since: Timestamp,
    /// The last one; none yet besides the one that was written at once.
    last: Option<AuditEntry>,
    occurrences: u32,
    actors: BTreeSet<String>,
    targets: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

/// The refusals of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashMap<Kind, Gathered>>);

impl Refusals {
    /// Takes note of a refusal. Gives back what is to be written now: the first of a kind, and those of its last minute.
    pub(crate) fn note(&self, tenant: &TenantId, entry: AuditEntry, now: Timestamp) -> Vec<AuditEntry> {
        let mut kinds = self.lock();
        let kind = kind_of(tenant, &entry, kinds.len() >= KINDS);
        match kinds.get_mut(&kind) {
            Some(gathered) if !gathered.is_over(now) => {
                gathered.add(entry);
                Vec::new()
            }
            Some(_) | None => {
                let before = kinds.insert(kind, Gathered::since(now));
                before.and_then(Gathered::told).into_iter().chain([entry]).collect()
            }
        }
    }

    /// Kinds whose repetitions are counted just now.
    pub(crate) fn gathered(&self) -> usize {
        self.lock().len()
    }

    /// Takes out what was gathered until a minute before `now`; everything when `now` is `None`.
    fn take(&self, now: Option<Timestamp>) -> Vec<(TenantId, AuditEntry)> {
        let over = |gathered: &Gathered| now.is_none_or(|now| gathered.is_over(now));
        let ended = self.lock().extract_if(|_, gathered| over(gathered)).collect::<Vec<_>>();
        ended.into_iter().filter_map(|(kind, gathered)| Some((kind.tenant, gathered.told()?))).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, Gathered>> {
        // Counts are valid whatever happened between two of them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kind_of(tenant: &TenantId, entry: &AuditEntry, crowded: bool) -> Kind {
    let address = entry.remote_addr.as_deref().filter(|_| !crowded).and_then(|address| address.parse().ok());
    let (action, outcome) = (entry.action.clone(), entry.outcome.clone());
    Kind { tenant: tenant.clone(), action, outcome, network: address.map(network) }
}

impl Gathered {
    fn since(since: Timestamp) -> Self {
        Self {
            since,
            last: None,
            occurrences: 0,
            actors: BTreeSet::new(),
            targets: BTreeSet::new(),
            addresses: BTreeSet::new(),
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.since) >= WINDOW
    }

    fn add(&mut self, entry: AuditEntry) {
        self.occurrences = self.occurrences.saturating_add(1);
        let told = [
            (&mut self.actors, Some(&entry.actor)),
            (&mut self.targets, entry.target.as_ref()),
            (&mut self.addresses, entry.remote_addr.as_ref()),
        ];
        for (names, name) in told {
            if let Some(name) = name.filter(|_| names.len() <= NAMED_TARGETS) {
                names.insert(name.clone());
            }
        }
        self.last = Some(entry);
    }

    /// The row that tells of them all.
    fn told(self) -> Option<AuditEntry> {
        let Self { since, last, occurrences, actors, targets, addresses } = self;
        let mut entry = AuditEntry { occurrences, ..last? };
        if actors.len() > 1 {
            entry.actor = "several".to_owned();
        }
        if targets.len() > 1 {
            entry.target = None;
        }
        let some = |names: BTreeSet<String>| names.into_iter().take(NAMED_TARGETS).collect::<Vec<_>>();
        entry.detail = json!({"since": since, "actors": some(actors), "targets": some(targets)});
        if addresses.len() > 1 {
            entry.detail["addresses"] = json!(some(addresses));
        }
        Some(entry)
    }
}

/// Writes what was gathered, until shutdown and then the rest.
pub(crate) async fn run(app: App) {
    loop {
        // Cancel-safe: dropping the wait forgets only the wait, and asking again gives the same answer.
        let stopping = tokio::select! {
            () = app.clock().sleep(EVERY) => false,
            () = app.shutdown().requested() => true,
        };
        let now = Some(app.now()).filter(|_| !stopping);
        for (tenant, entry) in app.refusals().take(now) {
            if let Err(error) = app.store().audit_append(&tenant, &entry).await {
                warn!(error = muster_runtime::chain(&error), entry.occurrences, "refusals could not be recorded");
            }
        }
        if stopping {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    const TENANT: TenantId = TenantId::DEFAULT;

    #[test]
    fn the_first_is_told_at_once_and_the_rest_together() {
        let refusals = Refusals::default();
        assert_eq!(refusals.note(&TENANT, refusal("10.0.0.1", "anna"), at(0)).len(), 1);
        for second in 1..=50 {
            let name = if second % 2 == 0 { "anna" } else { "bert" };
            assert_eq!(refusals.note(&TENANT, refusal("10.0.0.1", name), at(second)), []);
        }
        assert_eq!(refusals.note(&TENANT, refusal("10.0.0.2", "anna"), at(50)).len(), 1, "another address");
        assert_eq!(refusals.take(Some(at(59))), []);
        let told = refusals.take(Some(at(60)));
        let [(tenant, entry)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((tenant, entry.occurrences, &entry.target), (&TENANT, 50, &None));
        assert_eq!(entry.detail["targets"], json!(["anna", "bert"]));
        // A minute later it begins anew.
        assert_eq!(refusals.note(&TENANT, refusal("10.0.0.1", "anna"), at(61)).len(), 1);
        // Nobody looked: the next one of the kind brings those before it along.
        assert_eq!(refusals.note(&TENANT, refusal("10.0.0.1", "anna"), at(62)), []);
        assert_eq!(refusals.note(&TENANT, refusal("10.0.0.1", "anna"), at(200)).len(), 2);
        assert_eq!(refusals.take(None), [], "single ones are told already");
    }

    #[test]
    fn a_flood_from_one_network_is_one_row() {
        let refusals = Refusals::default();
        let note = |host: usize| refusals.note(&TENANT, refusal(&format!("2001:db8::{host:x}"), "anna"), at(0)).len();
        assert_eq!((0..4096).map(note).sum::<usize>(), 1);
        assert_eq!(refusals.gathered(), 1);
        let told = refusals.take(None);
        let [(_, entry)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((entry.occurrences, entry.detail["addresses"].as_array().unwrap().len()), (4095, NAMED_TARGETS));
        assert_eq!(refusals.note(&TENANT, refusal("2001:db8:0:1::1", "anna"), at(0)).len(), 1, "another network");
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded() {
        let refusals = Refusals::default();
        let mut written = 0;
        for number in 0..3 * KINDS {
            let address = format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
            written += refusals.note(&TENANT, refusal(&address, "anna"), at(0)).len();
        }
        assert_eq!((written, refusals.lock().len()), (KINDS + 1, KINDS + 1));
        let told = refusals.take(None);
        assert_eq!(told.iter().map(|(_, entry)| entry.occurrences as usize).sum::<usize>(), 3 * KINDS - written);
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn refusal(address: &str, name: &str) -> AuditEntry {
        AuditEntry {
            id: Uuid::nil(),
            at: at(0),
            actor: "anonymous".into(),
            action: "session.login".into(),
            target: Some(name.into()),
            outcome: "login_failed".into(),
            remote_addr: Some(address.into()),
            request_id: None,
            occurrences: 1,
            detail: Value::Null,
        }
    }
}
