//! The bulk lane: one call for everything that the cluster lists, and the report of all that is known.

use std::{collections::BTreeMap, time::Duration};

use futures::future::{Either, select};
use jiff::{SignedDuration, Timestamp};
use muster_collect::{Failure, Look, Observed};
use muster_model::{Issue, IssueClass};
use smol_str::SmolStr;

use super::{
    Pve,
    absorb::{Listed, RightsHold, Vanished},
    api::List,
    ceph, configs, guests,
    limits::NODE_STORAGE_AT_FIRST,
    nodes, report, slow,
    state::State,
};
use crate::wire::{Rows, cluster::StatusRow, node::CertificateRow};

const STATUS_EVERY: SignedDuration = SignedDuration::from_secs(30);
const VERSION_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// How long after its beginning a look still waits for newcomers, so that they do not appear in pieces. Who is slow to
/// list them is not waited for.
const NEWCOMERS: Duration = Duration::from_secs(5);
/// How far back the platform remembers every sample.
const MEMORY: SignedDuration = SignedDuration::from_mins(30);

/// Looks at the whole cluster.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Result<Look, Failure> {
    let began = pve.clock.monotonic();
    let (rows, unseen) = futures::join!(pve.api.resources(), cluster(pve, due));
    let rows = rows.map_err(super::Refused::into_failure)?;
    let mut issues: Vec<Issue> = rows.issue("resources", "the cluster's resources").into_iter().collect();
    let listed = Listed::of(rows);
    if !listed.whole && issues.is_empty() {
        issues.push(without_nodes());
    }
    let vanished = pve.state().vanished(&listed);
    let rights = rights(pve, vanished).await;
    issues.extend(lost_rights(vanished, rights));
    let is_whole = issues.is_empty();
    pve.state().take_bulk(listed, rights, is_whole.then_some(pve.interval), due);
    newcomers(pve, began, due).await;

    let mut state = pve.state();
    // What has not had its turn yet decides nothing, but it is no trouble either.
    let (trouble, early) = state.unread(due);
    issues.extend(trouble);
    let told = issues.iter().cloned().chain(unseen).chain(pve.api.lost_entries()).collect();
    issues.extend(early);
    let observed = Observed { collected_at: Some(due), counts: state.counts(), issues: told };
    let report = report::make(pve, &mut state, issues, due);
    Ok(Look { report: Some(report), backfill: Vec::new(), observed })
}

/// What is known of the cluster as a whole. What cannot be read stays as it was; only the list decides what exists.
async fn cluster(pve: &Pve, due: Timestamp) -> Option<Issue> {
    let old = |at: Option<Timestamp>, every| at.is_none_or(|at| due.duration_since(at) >= every);
    let (status_due, version_due) = {
        let state = pve.state();
        (old(state.cluster.read_at, STATUS_EVERY), old(state.version_read_at, VERSION_EVERY))
    };
    let version = async {
        if version_due && let Ok(version) = pve.api.version().await {
            let mut state = pve.state();
            state.version = version.number();
            state.version_read_at = Some(due);
        }
    };
    let status = async { if status_due { cluster_status(pve, due).await } else { None } };
    futures::join!(version, status).1
}

/// Reads how the cluster is, and tells when that cannot be read.
async fn cluster_status(pve: &Pve, due: Timestamp) -> Option<Issue> {
    match pve.api.cluster_status().await {
        Ok(rows) => pve.state().take_cluster(rows, due),
        Err(refused) => return Some(refused.issue("cluster status")),
    }
    None
}

/// Whether the rights hold without which a list would be as empty as this one.
async fn rights(pve: &Pve, vanished: Vanished) -> RightsHold {
    if !vanished.guests && !vanished.storages {
        return RightsHold::default();
    }
    let Ok(permissions) = pve.api.permissions().await else { return RightsHold::default() };
    RightsHold {
        guests: permissions.hold("/vms", "VM.Audit"),
        storages: permissions.hold("/storage", "Datastore.Audit"),
    }
}

fn lost_rights(vanished: Vanished, rights: RightsHold) -> Vec<Issue> {
    let sorts = [
        (vanished.guests && !rights.guests, "guests", "VM.Audit on /vms"),
        (vanished.storages && !rights.storages, "storages", "Datastore.Audit on /storage"),
    ];
    let lost = sorts.into_iter().filter(|(lost, _, _)| *lost);
    lost.map(|(_, what, right)| Issue {
        class: IssueClass::PermissionDenied,
        section: what.to_owned(),
        message: format!(
            "all {what} vanished from the list at once, which is what the platform shows to whom may not see them; they \
             are kept as they were: grant {right} again to the user and to its token"
        ),
    })
    .collect()
}

fn without_nodes() -> Issue {
    Issue {
        class: IssueClass::Unavailable,
        section: "resources".to_owned(),
        message: "the cluster's list of resources holds no node; everything is kept as it was".to_owned(),
    }
}

/// Reads what a newcomer is, so that it does not appear in pieces: nodes, configurations, memory, definitions, the
/// authority, and whether there is a Ceph cluster. For a short while only; who is not read by then appears in a later report.
async fn newcomers(pve: &Pve, began: Duration, due: Timestamp) {
    let left = NEWCOMERS.saturating_sub(pve.clock.monotonic().saturating_sub(began));
    if left.is_zero() {
        return;
    }
    let (guests, new_nodes, authority, storages, asks_ceph) = {
        let state = pve.state();
        let known = state.cluster.fingerprint.is_some();
        let authority = if known { Vec::new() } else { state.nodes_online() };
        let storages = state.storage_config.is_empty() && !state.storages.is_empty();
        (state.newcomers(), state.new_nodes(), authority, storages, !state.ceph.was_tried())
    };
    if guests.is_empty() && new_nodes.is_empty() && authority.is_empty() && !storages && !asks_ceph {
        return;
    }
    let reading = async {
        futures::join!(
            async {
                configs::read(pve, guests, due).await;
                let running = pve.state().guests_never_asked();
                guests::read(pve, running, due).await
            },
            async { nodes::read(pve, new_nodes, NODE_STORAGE_AT_FIRST, due).await },
            async { if storages { slow::storage_config(pve).await.ok() } else { None } },
            read_authority(pve, authority),
            async { if asks_ceph { ceph::look(pve, due).await } else { None } },
        )
    };
    let reading = std::pin::pin!(reading);
    match select(reading, pve.clock.sleep(left)).await {
        Either::Left(_) => {}
        Either::Right(_) => tracing::debug!("some newcomers were not read in time and appear later"),
    }
}

/// The cluster's authority tells it from another of the same name (D-6).
async fn read_authority(pve: &Pve, nodes: Vec<SmolStr>) {
    for node in nodes.iter().take(3) {
        if let Ok(List { rows, odd: _ }) = pve.api.node_certificates(node).await {
            let mut state = pve.state();
            state.cluster.fingerprint = fingerprint(state.cluster.name.as_deref(), &rows);
            return;
        }
    }
}

/// The cluster's name and the SHA-256 of its authority's certificate; absent without such a certificate.
pub(super) fn fingerprint(cluster: Option<&str>, rows: &[CertificateRow]) -> Option<String> {
    let authority = rows.iter().find(|row| row.filename == "pve-root-ca.pem")?.fingerprint.as_deref()?;
    let digits: String = authority.chars().filter(char::is_ascii_hexdigit).collect();
    (digits.len() == 64).then(|| format!("{}@{}", cluster.unwrap_or("standalone"), digits.to_ascii_lowercase()))
}

impl State {
    fn take_cluster(&mut self, rows: Rows<StatusRow>, due: Timestamp) {
        let was = self.cluster.name.take();
        self.cluster.quorate = None;
        self.cluster.members.clear();
        for row in rows {
            match row {
                StatusRow::Cluster(cluster) => {
                    self.cluster.quorate = cluster.quorate;
                    self.cluster.name = Some(cluster.name);
                }
                StatusRow::Member(member) => {
                    self.cluster.members.insert(member.name.clone(), member);
                }
                StatusRow::Other => {}
            }
        }
        if was != self.cluster.name {
            self.cluster.fingerprint = None;
        }
        self.cluster.read_at = Some(due);
    }

    /// Takes the list in, and notes from when on samples are missing: before the first look, and after one that is more
    /// than an interval and a half ago.
    fn take_bulk(&mut self, listed: Listed, rights: RightsHold, whole: Option<SignedDuration>, due: Timestamp) {
        self.absorb(listed, rights, due);
        self.meminfo.sweep(due);
        self.guest_history.sweep(due);
        self.node_history.sweep(due);
        let Some(interval) = whole else { return };
        let oldest = due.checked_sub(MEMORY).unwrap_or(due);
        let missing = match self.last_bulk {
            None => Some(oldest),
            Some(last) => (due.duration_since(last).as_millis() * 2 > interval.as_millis() * 3).then_some(last),
        };
        if let Some(since) = missing {
            self.gap_since = Some(self.gap_since.map_or(since, |known| known.min(since)).max(oldest));
        }
        self.last_bulk = Some(due);
    }

    /// Parts that decide what exists and that nobody has read yet: those that were tried in vain, and those that have not
    /// had their turn.
    fn unread(&self, now: Timestamp) -> (Vec<Issue>, Vec<Issue>) {
        let issue = |section: &str, message| Issue { class: IssueClass::Unavailable, section: section.into(), message };
        let waiting = self.guests.values().filter(|guest| guest.is_waiting()).count();
        let guests = (waiting > 0)
            .then(|| issue("newcomers", format!("{waiting} guests appear as soon as their configuration was read")));
        let disks = |tried: bool| {
            let unread = self.nodes.values().filter(|node| node.disks.is_none() && node.disks_tried == tried);
            let unread: Vec<_> = unread.map(|node| node.row.node.as_str()).collect();
            let message = || format!("physical disks of {} have not been listed yet", unread.join(", "));
            (!unread.is_empty()).then(|| issue("disk lists", message()))
        };
        let unread = self.nodes.values().filter(|node| node.disks.is_some() && node.pools.is_none());
        let unread: Vec<_> = unread.map(|node| node.row.node.as_str()).collect();
        let pools = (!unread.is_empty())
            .then(|| issue("pool lists", format!("ZFS pools of {} could not be listed yet", unread.join(", "))));
        let ceph = self
            .ceph
            .is_in_doubt(now)
            .then(|| issue("Ceph", "nobody could say yet whether there is a Ceph cluster".to_owned()));
        let trouble = guests.into_iter().chain(disks(true)).chain(pools).chain(ceph);
        (trouble.collect(), disks(false).into_iter().collect())
    }

    /// How many there are of what. Disks are not counted before any node has listed its own.
    fn counts(&self) -> BTreeMap<&'static str, u32> {
        let listed = self.nodes.values().filter_map(|node| node.disks.as_ref());
        let disks = listed.map(BTreeMap::len).reduce(|sum, more| sum + more);
        let counts = [("nodes", self.nodes.len()), ("guests", self.guests.len()), ("storages", self.storages.len())];
        counts
            .into_iter()
            .chain(disks.map(|disks| ("disks", disks)))
            .map(|(what, count)| (what, u32::try_from(count).unwrap_or(u32::MAX)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_tells_clusters_of_one_name_apart() {
        // D-6
        let rows = |filename: &str, fingerprint: &str| -> Vec<CertificateRow> {
            serde_json::from_str(&format!(r#"[{{"filename":"{filename}","fingerprint":"{fingerprint}"}}]"#)).unwrap()
        };
        let pairs = vec!["AB"; 32].join(":");
        let found = fingerprint(Some("lab"), &rows("pve-root-ca.pem", &pairs)).unwrap();
        assert_eq!(found, format!("lab@{}", "ab".repeat(32)));
        assert_eq!(fingerprint(Some("lab"), &rows("pve-ssl.pem", &pairs)), None);
        assert_eq!(fingerprint(None, &rows("pve-root-ca.pem", "AB:CD")), None);
    }

    #[test]
    fn a_gap_is_noted_and_no_longer_than_the_platform_remembers() {
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
        let interval = SignedDuration::from_secs(10);
        let mut state = State::new();
        state.take_bulk(Listed::default(), RightsHold::default(), Some(interval), at(0));
        assert_eq!(state.gap_since.take(), Some(at(-1800)));
        state.take_bulk(Listed::default(), RightsHold::default(), Some(interval), at(10));
        assert_eq!(state.gap_since, None);
        state.take_bulk(Listed::default(), RightsHold::default(), Some(interval), at(26));
        assert_eq!(state.gap_since.take(), Some(at(10)));
        state.take_bulk(Listed::default(), RightsHold::default(), Some(interval), at(9000));
        assert_eq!(state.gap_since, Some(at(7200)));
    }
}
