//! What the lanes have learned of a connection. Each lane writes its part; the bulk lane makes reports of the whole.
//! What a lane could not read stays as it was.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use muster_model::{
    Activity, Facet, GuestFilesystem, GuestMemoryInputs, GuestReplication, MemorySource, NativeKey, NodeMemoryInputs,
    Record, Status,
};
use smol_str::SmolStr;

use super::{
    backups::Backups,
    ceph::Ceph,
    key::{GuestKey, StorageKey},
    pools::Pool,
    snapshots::Snapshots,
};
use crate::{
    config::Configured,
    rules::{
        absence::Absence,
        agent_metadata::Told,
        agent_pacing::{Optional, Pacing},
        disk_carry::{GuestDisks, PreviousDisks},
        expiring::{Expiring, HISTORY, MEMINFO},
        grace::Grace,
        memory::Memory,
        memory_decision::Kept,
        rates::{Baseline, Rates},
        smart::DiskHealth,
        stabilise::MemorySnapshot,
        storage_status::Sight,
        traffic::Traffic,
    },
    wire::{
        cluster::MemberRow,
        disk::DiskRow,
        guest::{GuestRow, GuestStatus},
        node::{CertificateRow, NetworkRow, NodeRow, NodeStatus, Subscription},
        storage::{NodeStorageRow, StorageConfigRow},
    },
};

/// Everything that is known.
#[derive(Debug)]
pub(crate) struct State {
    /// Major and minor version of the platform.
    pub(crate) version: Option<(u16, u16)>,
    pub(crate) version_read_at: Option<Timestamp>,
    pub(crate) cluster: Cluster,
    pub(crate) nodes: BTreeMap<SmolStr, Node>,
    pub(crate) guests: BTreeMap<GuestKey, Guest>,
    pub(crate) storages: BTreeMap<StorageKey, Storage>,
    pub(crate) ceph: Ceph,
    pub(crate) backups: Backups,
    /// Definitions by name.
    pub(crate) storage_config: HashMap<SmolStr, StorageConfigRow>,
    pub(crate) absent: Absences,
    pub(crate) grace: Grace,
    pub(crate) activities: Vec<Activity>,
    pub(crate) pacing: Pacing,
    pub(crate) meminfo: Expiring<(SmolStr, GuestKey), u64>,
    pub(crate) guest_history: Expiring<(SmolStr, GuestKey), GuestHistory>,
    pub(crate) node_history: Expiring<SmolStr, NodeHistory>,
    /// Whether guests' own history is asked for what is available; most versions do not have it.
    pub(crate) history_offer: Offer,
    /// When the bulk lane last read a whole answer.
    pub(crate) last_bulk: Option<Timestamp>,
    /// From when on samples are missing.
    pub(crate) gap_since: Option<Timestamp>,
    /// Nodes of which samples of the past are still to be read.
    pub(crate) missing: super::history::Missing,
    /// Records of the last report, shared with the next where they are the same.
    pub(crate) reported: BTreeMap<NativeKey, Arc<Record>>,
}

/// What decides whether something is gone.
#[derive(Debug)]
pub(crate) struct Absences {
    pub(crate) nodes: Absence<SmolStr>,
    pub(crate) guests: Absence<GuestKey>,
    pub(crate) storages: Absence<StorageKey>,
}

/// The cluster as a whole.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    pub(crate) read_at: Option<Timestamp>,
    /// Absent for a node on its own.
    pub(crate) name: Option<SmolStr>,
    pub(crate) quorate: Option<bool>,
    pub(crate) members: BTreeMap<SmolStr, MemberRow>,
    /// Its name and the SHA-256 of its authority's certificate.
    pub(crate) fingerprint: Option<String>,
    /// Nodes that are kept free of guests.
    pub(crate) maintenance: Option<BTreeSet<SmolStr>>,
    /// State of each service in high availability, such as `vm:100`.
    pub(crate) services: HashMap<SmolStr, SmolStr>,
    /// What each node's part in high availability is doing.
    pub(crate) agents: BTreeMap<SmolStr, SmolStr>,
}

/// The newest point of a guest's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GuestHistory {
    pub(crate) available: Option<u64>,
    pub(crate) used: Option<u64>,
}

/// The newest point of a node's history.
pub(crate) type NodeHistory = crate::rules::node_memory::NodeHistory;

/// Whether the platform has something at all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Offer {
    refused: u8,
    asked_again_at: Option<Timestamp>,
}

/// A node.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) row: NodeRow,
    /// Whether it was in the last list.
    pub(crate) listed: bool,
    pub(crate) shown: Status,
    /// Since when it has not been online.
    pub(crate) lost_at: Option<Timestamp>,
    /// Whether anything but the list was tried.
    pub(crate) tried: bool,
    pub(crate) status: Option<(Timestamp, NodeStatus)>,
    /// The newest point of its history when its status was read, where the status needs it.
    pub(crate) history: NodeHistory,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) network: Vec<NetworkRow>,
    pub(crate) certificates: Vec<CertificateRow>,
    pub(crate) storage: Vec<NodeStorageRow>,
    pub(crate) details_read_at: Option<Timestamp>,
    pub(crate) storage_refused_at: Option<Timestamp>,
    pub(crate) subscription: Option<Subscription>,
    pub(crate) updates: Option<u32>,
    /// Whether the list of its disks was asked for, whatever came of it.
    pub(crate) disks_tried: bool,
    /// Absent until they were listed or we know that we may not.
    pub(crate) disks: Option<BTreeMap<SmolStr, Disk>>,
    pub(crate) smart_read_at: Option<Timestamp>,
    /// Absent until they were listed or we know that we may not.
    pub(crate) pools: Option<BTreeMap<SmolStr, Pool>>,
    pub(crate) traffic: Option<Traffic>,
    /// What the last report said of its memory.
    pub(crate) decision: Kept<NodeMemoryInputs>,
}

/// A physical disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    pub(crate) row: DiskRow,
    /// What the disk itself said.
    pub(crate) smart: DiskHealth,
}

/// A storage.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    pub(crate) listed: bool,
    pub(crate) storage_type: SmolStr,
    pub(crate) content: SmolStr,
    /// By node.
    pub(crate) sights: BTreeMap<SmolStr, Sight>,
}

/// A guest was seen on another node than before.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Timestamp,
    /// Since when it had run until then.
    pub(crate) before: Timestamp,
}

/// A guest.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) row: GuestRow,
    /// Whether it was in the last list, with a status that its node reported.
    pub(crate) listed: bool,
    pub(crate) started_at: Option<Timestamp>,
    /// Its last move while it ran.
    pub(crate) arrival: Option<Arrival>,
    /// Whether its configuration was tried since it was first seen.
    pub(crate) tried: bool,
    pub(crate) config: Option<Configured>,
    pub(crate) config_read_at: Option<Timestamp>,
    /// Set where something says that the configuration changed.
    pub(crate) config_wanted: bool,
    /// Whether a container is known to be made from an application image.
    pub(crate) image: bool,
    pub(crate) status: Option<(Timestamp, GuestStatus)>,
    /// When its status was last asked for, whatever came of it.
    pub(crate) status_tried_at: Option<Timestamp>,
    pub(crate) memory: Option<MemorySnapshot>,
    /// What its memory was chosen by.
    pub(crate) memory_inputs: Option<GuestMemoryInputs>,
    /// What the last report said of its memory.
    pub(crate) decision: Kept<GuestMemoryInputs>,
    /// What the agent inside last said is mounted.
    pub(crate) filesystems: Vec<GuestFilesystem>,
    pub(crate) disks: GuestDisks,
    pub(crate) previous_disks: Option<PreviousDisks>,
    pub(crate) told: Option<Told>,
    pub(crate) agent: muster_model::GuestAgent,
    pub(crate) os_info: Optional,
    pub(crate) baseline: Option<Baseline>,
    pub(crate) rates: Rates,
    pub(crate) replication: Vec<GuestReplication>,
    pub(crate) snapshots: Snapshots,
    /// What it could be brought back from; made when something of it was read.
    pub(crate) protection: Option<Arc<Facet>>,
}

impl State {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            version: None,
            version_read_at: None,
            cluster: Cluster::default(),
            nodes: BTreeMap::new(),
            guests: BTreeMap::new(),
            storages: BTreeMap::new(),
            ceph: Ceph::default(),
            backups: Backups::default(),
            storage_config: HashMap::new(),
            absent: Absences { nodes: Absence::new(), guests: Absence::new(), storages: Absence::new() },
            grace: Grace::default(),
            activities: Vec::new(),
            pacing: Pacing::default(),
            meminfo: Expiring::new(MEMINFO),
            guest_history: Expiring::new(HISTORY),
            node_history: Expiring::new(HISTORY),
            history_offer: Offer::default(),
            last_bulk: None,
            gap_since: None,
            missing: super::history::Missing::default(),
            reported: BTreeMap::new(),
        }
    }

    /// Names of the nodes that can be asked, in order.
    pub(crate) fn nodes_online(&self) -> Vec<SmolStr> {
        let online = |node: &&Node| node.listed && node.row.status.as_deref() != Some("offline");
        self.nodes.values().filter(online).map(|node| node.row.node.clone()).collect()
    }
}

impl Guest {
    /// A guest of which only the list is known.
    pub(crate) fn new(row: GuestRow) -> Self {
        Self {
            row,
            listed: false,
            started_at: None,
            arrival: None,
            tried: false,
            config: None,
            config_read_at: None,
            config_wanted: false,
            image: false,
            status: None,
            status_tried_at: None,
            memory: None,
            memory_inputs: None,
            decision: Kept::default(),
            filesystems: Vec::new(),
            disks: GuestDisks::default(),
            previous_disks: None,
            told: None,
            agent: muster_model::GuestAgent::Unknown,
            os_info: Optional::default(),
            baseline: None,
            rates: [Err(muster_model::UnknownReason::NoBaseline); crate::rules::rates::COUNTERS],
            replication: Vec::new(),
            snapshots: Snapshots::default(),
            protection: None,
        }
    }

    /// Whether the platform says that it runs.
    pub(crate) fn runs(&self) -> bool {
        self.row.status.as_deref() == Some("running")
    }

    /// The node that has it; empty where nobody said.
    pub(crate) fn node(&self) -> SmolStr {
        self.row.node.clone().unwrap_or_default()
    }

    /// Its status, where it could be read when it was last asked for.
    pub(crate) fn last_status(&self) -> Option<&GuestStatus> {
        let (at, status) = self.status.as_ref()?;
        (self.status_tried_at == Some(*at)).then_some(status)
    }

    /// Whether its memory was chosen to be what the list of resources tells as well.
    pub(crate) fn memory_is_listed(&self) -> bool {
        let source = self.memory.as_ref().map(|memory| memory.memory.source);
        matches!(source, Some(MemorySource::StatusMem | MemorySource::ClusterResources))
    }

    /// Its memory as it was chosen last, while the choice is young enough to stand for now.
    pub(crate) fn chosen_memory(&self, now: Timestamp) -> Option<Memory> {
        const YOUNG: SignedDuration = SignedDuration::from_secs(150);
        // Of these only the choice is kept; the value is that of the list.
        const YOUNG_CHOICE: SignedDuration = SignedDuration::from_mins(15);
        let snapshot = self.memory.as_ref()?;
        let (checked_at, _) = self.status.as_ref()?;
        let young = if self.memory_is_listed() { YOUNG_CHOICE } else { YOUNG };
        (snapshot.running && now.duration_since(*checked_at) <= young).then_some(snapshot.memory)
    }
}

impl Offer {
    /// Failures in a row after which it is thought to be missing.
    const PATIENCE: u8 = 3;
    const AGAIN: SignedDuration = SignedDuration::from_hours(1);

    /// Whether to ask.
    pub(crate) fn is_asked(&self, now: Timestamp) -> bool {
        self.refused < Self::PATIENCE || self.asked_again_at.is_none_or(|at| now >= at)
    }

    /// Notes whether it was there.
    pub(crate) fn note(&mut self, found: bool, now: Timestamp) {
        self.refused = if found { 0 } else { self.refused.saturating_add(1) };
        self.asked_again_at = Some(now + Self::AGAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_platform_does_not_have_is_asked_for_once_an_hour() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut offer = Offer::default();
        for second in 0..3 {
            assert!(offer.is_asked(at(second)));
            offer.note(false, at(second));
        }
        assert!(!offer.is_asked(at(10)));
        assert!(offer.is_asked(at(3602)));
        offer.note(true, at(3602));
        assert!(offer.is_asked(at(3603)));
    }
}
