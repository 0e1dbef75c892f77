//! What readers see: the state of one tenant at one revision, immutable and shared (D-1).
//!
//! A snapshot has two planes. The facts plane carries the revision; the readings plane is one block for each source.
//! Nothing here can change anything, and no method looks at a clock.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use muster_model::{Metric, Reading, ResourceId, Revision, Ruling, SourceId, TenantId, UnknownReason};

use crate::{
    conflict::Conflict, delta::Delta, facts::Facts, relationship::Relationship, row::Row, source::SourceState,
    systems::System, view::View, witness::Witnesses,
};

/// From source to its place in a list. A search in the list itself would touch a dozen sources all over the memory for
/// each row of an answer.
pub(crate) type SourcePlaces = HashMap<SourceId, u32>;

/// The published state of a tenant.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) tenant: TenantId,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) facts: Arc<Facts>,
    /// In order of their ids.
    pub(crate) sources: Vec<Arc<SourceState>>,
    /// Where each source stands in that list; shared between snapshots of the same sources.
    pub(crate) source_places: Arc<SourcePlaces>,
    pub(crate) readings_sequence: u64,
}

impl Snapshot {
    /// The snapshot of a tenant that nobody has reported for.
    pub fn empty(tenant: TenantId) -> Self {
        let facts = Arc::new(Facts::empty());
        let source_places = Arc::default();
        Self { tenant, updated_at: None, facts, sources: Vec::new(), source_places, readings_sequence: 0 }
    }

    /// Whose it is.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The log position that it reflects. Two snapshots of one revision have the same facts.
    pub fn revision(&self) -> Revision {
        self.facts.revision
    }

    /// When the picture was last brought up to date; absent before the first report since the start.
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.updated_at
    }

    /// How many resources there are.
    pub fn len(&self) -> usize {
        self.facts.rows.len()
    }

    /// Whether there is no resource.
    pub fn is_empty(&self) -> bool {
        self.facts.rows.is_empty()
    }

    /// All resources, ordered by lower-cased trimmed display name, then by id.
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.facts.rows
    }

    /// The resource with this id, or with the id that it was absorbed into.
    pub fn get(&self, id: ResourceId) -> Option<&Arc<Row>> {
        self.facts.get(id)
    }

    /// The id that stands for the given one today.
    pub fn canonical(&self, id: ResourceId) -> ResourceId {
        self.facts.aliases.canonical(id)
    }

    /// Former ids that lead to this resource, ascending.
    pub fn aliases_of(&self, id: ResourceId) -> &[ResourceId] {
        self.facts.aliases.of(self.canonical(id))
    }

    /// A current reading: of the strongest current source that has a value, else of a silent one with the time it was
    /// measured, else why there is none. Not reported when nobody spoke of it.
    pub fn reading(&self, id: ResourceId, metric: Metric) -> Reading<f64> {
        let unknown = Reading::Unknown { reason: UnknownReason::NotReported };
        self.get(id).map_or(unknown, |row| self.witnesses(row).reading(metric))
    }

    /// Who speaks of a row of this snapshot: readings and when it was last seen.
    pub fn witnesses<'a>(&'a self, row: &'a Row) -> Witnesses<'a> {
        Witnesses::find(row, |id| self.source(id))
    }

    /// When any source last spoke of the resource.
    pub fn last_seen(&self, id: ResourceId) -> Option<Timestamp> {
        let parts = self.get(id)?.sources.iter();
        parts.filter_map(|part| self.source(&part.source)?.last_seen_of(&part.key)).max()
    }

    /// A source.
    pub fn source(&self, id: &SourceId) -> Option<&SourceState> {
        let place = self.source_places.get(id)?;
        Some(&self.sources[*place as usize])
    }

    /// The sources, in order of their ids.
    pub fn sources(&self) -> impl Iterator<Item = &SourceState> {
        self.sources.iter().map(|source| &**source)
    }

    /// Ids of the resources that belong to a resource, in the order of [`Self::rows`].
    pub fn children(&self, id: ResourceId) -> &[ResourceId] {
        self.facts.children(id)
    }

    /// Relations of a resource to others: to its parent, and between a guest and the system inside it.
    pub fn relationships(&self, id: ResourceId) -> Vec<Relationship> {
        self.get(id).map(|row| self.relationships_of(row).collect()).unwrap_or_default()
    }

    /// The same for a row of this snapshot.
    pub fn relationships_of<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = Relationship> + 'a {
        row.to_parent().into_iter().chain(self.facts.related(row.id).iter().cloned())
    }

    /// What differs from an earlier revision; `None` when that is further back than is remembered, or unknown.
    pub fn changed_since(&self, since: Revision) -> Option<Delta> {
        let ids = if since == self.revision() { BTreeSet::new() } else { self.facts.steps.since(since)? };
        let (present, removes): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| self.facts.index.get(*id).is_some());
        let mut upserts: Vec<Arc<Row>> = present.iter().filter_map(|id| self.facts.index.get(*id).cloned()).collect();
        upserts.sort_unstable_by(|one, other| one.order().cmp(&other.order()));
        Some(Delta { from: since, to: self.revision(), upserts, removes })
    }

    /// Grows with every sweep that brought readings. Hand it to [`Self::readings_changed_since`] of a later snapshot.
    pub fn readings_sequence(&self) -> u64 {
        self.readings_sequence
    }

    /// Resources of which a source has measured something anew since the given sequence, ascending.
    pub fn readings_changed_since(&self, sequence: u64) -> Vec<ResourceId> {
        let newer = self.sources.iter().filter(|source| source.readings_sequence > sequence);
        let blocks = newer.filter_map(|source| source.readings.as_ref());
        let ids = blocks.flat_map(|block| block.resources()).map(|id| self.canonical(id));
        // The agent inside a guest may speak for the guest as well.
        let ids = ids.flat_map(|id| [Some(id), self.facts.guests.guest_of(id)]).flatten();
        let mut ids: Vec<_> = ids.filter(|id| self.facts.index.get(*id).is_some()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Top-level systems, found once a revision on first use.
    pub fn systems(&self) -> &[System] {
        self.facts.systems()
    }

    /// When any member of a system was last seen.
    pub fn system_last_seen(&self, system: &System) -> Option<Timestamp> {
        system.members.iter().filter_map(|id| self.last_seen(*id)).max()
    }

    /// Hosts that might be one, and hosts that might be inside a guest, for people to decide (D-7, R-13); found once a
    /// revision on first use.
    pub fn conflicts(&self) -> &[Conflict] {
        self.facts.conflicts()
    }

    /// What people have ruled on who is who and not taken back, newest first.
    pub fn rulings(&self) -> impl Iterator<Item = &Ruling> {
        self.facts.rulings.iter().rev()
    }

    /// Those of them that speak of a resource, by any of its ids, oldest first.
    pub fn rulings_of(&self, id: ResourceId) -> impl Iterator<Item = &Ruling> {
        self.facts.rulings_of(id)
    }

    fn view(&self, view: View) -> impl Iterator<Item = &Arc<Row>> {
        self.facts.views().places(view).iter().map(|place| &self.facts.rows[*place as usize])
    }
}

/// The typed views, each in the order of [`Snapshot::rows`].
impl Snapshot {
    /// Virtual machines.
    pub fn vms(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::Vms)
    }

    /// System containers.
    pub fn containers(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::Containers)
    }

    /// Hosts that a Proxmox VE reports as its nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::Nodes)
    }

    /// Hosts that an agent or a vCenter reports. [`Row::sources`] tells who else integrates them.
    pub fn hosts(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::Hosts)
    }

    /// Hosts that a Docker engine reports.
    pub fn docker_hosts(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::DockerHosts)
    }

    /// Application containers.
    pub fn docker_containers(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::DockerContainers)
    }

    /// Places that hold data: filesystems, pools, datasets, datastores.
    pub fn storage_pools(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::StoragePools)
    }

    /// Physical disks.
    pub fn physical_disks(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::PhysicalDisks)
    }

    /// Network interfaces.
    pub fn network_interfaces(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::NetworkInterfaces)
    }

    /// Backup servers.
    pub fn pbs_instances(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::PbsInstances)
    }

    /// Mail gateways.
    pub fn pmg_instances(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::PmgInstances)
    }

    /// Kubernetes clusters.
    pub fn k8s_clusters(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::K8sClusters)
    }

    /// Kubernetes nodes.
    pub fn k8s_nodes(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::K8sNodes)
    }

    /// Pods.
    pub fn pods(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::Pods)
    }

    /// Kubernetes deployments.
    pub fn k8s_deployments(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::K8sDeployments)
    }

    /// Everything host-like.
    pub fn infrastructure(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::Infrastructure)
    }

    /// Everything that runs, whatever the platform.
    pub fn workloads(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.view(View::Workloads)
    }
}
