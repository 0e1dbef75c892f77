//! A published resource: everything that its sources say, merged, without readings.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use muster_model::{
    Evidence, Facet, FilesystemFacet, HostFacet, Identity, NativeKey, NetworkInterfaceFacet, PhysicalDiskFacet,
    ResourceId, ResourceKind, Revision, SourceFreshness, SourceId, SourceKind, Status, StoragePoolFacet,
};
use smol_str::SmolStr;

use crate::{insider::Insider, relationship::Relationship};

/// One resource of a snapshot. Immutable; shared between snapshots until it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id; never changes.
    pub id: ResourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// What its strongest source calls it. May be empty.
    pub name: SmolStr,
    /// What to call it on a screen. Never empty.
    pub display_name: SmolStr,
    /// Its host name.
    pub hostname: Option<SmolStr>,
    /// The platform's own name of it.
    pub platform_id: SmolStr,
    /// Its strongest id in the form `<type>:<id>`.
    pub primary_id: SmolStr,
    /// The product or technology behind it.
    pub technology: Option<SmolStr>,
    /// Its health, worsened where its sources have fallen silent.
    pub status: Status,
    /// Its health in the words of its strongest current source.
    pub reported_status: Status,
    /// What tells it from others, from all of its sources.
    pub identity: Arc<Identity>,
    /// The resource it belongs to.
    pub parent: Option<ResourceId>,
    /// Tags given on any of its platforms.
    pub tags: BTreeSet<SmolStr>,
    /// Typed facts as each source tells them, strongest source first. [`Self::shown_facets`] is what to show.
    pub facets: Vec<FacetEntry>,
    /// What can only be told of all sources together, in the place of the strongest facet of its kind.
    pub(crate) merged: Option<Arc<Facet>>,
    /// The agent inside it, where that says something in its platform's place.
    pub(crate) insider: Option<Arc<Insider>>,
    /// Who reports it, strongest first.
    pub sources: Vec<RowSource>,
    /// The log position of its last change.
    pub revision: Revision,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When one of its present sources last described it differently than before, or it absorbed another one.
    pub changed_at: Timestamp,
    /// How many resources belong to it.
    pub child_count: u32,
    /// The display name as lists are ordered by it.
    pub(crate) sort_name: SmolStr,
}

/// A facet and who says so.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetEntry {
    /// Who.
    pub source: SourceId,
    /// What; shared with the source's record.
    pub facet: Arc<Facet>,
}

/// One source's part in a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSource {
    /// Who.
    pub source: SourceId,
    /// The source's own key for the thing.
    pub key: NativeKey,
    /// Why its record was taken for this resource; empty when the resource was created for it.
    pub evidence: Vec<Evidence>,
    /// The former id that its record came with, where it came with one.
    pub origin: Option<ResourceId>,
    /// Whether what it said is still current.
    pub status: SourceFreshness,
}

impl Row {
    /// What its strongest source says of it as a host.
    pub fn host(&self) -> Option<&HostFacet> {
        self.facets().find_map(|facet| if let Facet::Host(host) = facet { Some(&**host) } else { None })
    }

    /// What its strongest source says of it as a filesystem.
    pub fn filesystem(&self) -> Option<&FilesystemFacet> {
        self.facets().find_map(|facet| if let Facet::Filesystem(fs) = facet { Some(fs) } else { None })
    }

    /// What its strongest source says of it as a pool of disks.
    pub fn pool(&self) -> Option<&StoragePoolFacet> {
        self.facets().find_map(|facet| if let Facet::StoragePool(pool) = facet { Some(pool) } else { None })
    }

    /// What all its sources together say of it as a physical disk.
    pub fn disk(&self) -> Option<&PhysicalDiskFacet> {
        self.facets().find_map(|facet| facet.as_disk())
    }

    /// What its strongest source says of it as a network interface.
    pub fn interface(&self) -> Option<&NetworkInterfaceFacet> {
        self.facets().find_map(|facet| if let Facet::NetworkInterface(nic) = facet { Some(nic) } else { None })
    }

    /// Under which type and id its history is stored (R-24 with D-11). The tenant is the snapshot's.
    pub fn metrics_target(&self) -> (ResourceKind, ResourceId) {
        (self.kind, self.id)
    }

    /// What having its parent means.
    pub(crate) fn to_parent(&self) -> Option<Relationship> {
        Relationship::to_parent(self)
    }

    /// Whether a source of this kind reports it.
    pub fn is_reported_by(&self, kind: SourceKind) -> bool {
        self.sources.iter().any(|source| source.source.kind() == kind)
    }

    /// The order of lists.
    pub(crate) fn order(&self) -> (&str, ResourceId) {
        (&self.sort_name, self.id)
    }

    /// Typed facts by source, strongest first; what was merged from several of them stands in the first of its kind.
    pub fn shown_facets(&self) -> impl Iterator<Item = (&SourceId, &Arc<Facet>)> {
        let mut merged = self.merged.as_ref();
        self.facets.iter().map(move |entry| {
            let shown = merged.take_if(|merged| merged.kind() == entry.facet.kind()).unwrap_or(&entry.facet);
            (&entry.source, shown)
        })
    }

    fn facets(&self) -> impl Iterator<Item = &Facet> {
        self.shown_facets().map(|(_, facet)| &**facet)
    }
}
