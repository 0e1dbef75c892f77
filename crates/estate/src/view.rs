//! The typed views: which rows are hosts, nodes, workloads and so on. Sorted out once a revision, on first use.

use std::sync::Arc;

use muster_model::{FacetKind, ResourceKind, SourceKind};

use crate::row::Row;

/// A view of the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum View {
    Vms,
    Containers,
    Nodes,
    Hosts,
    DockerHosts,
    DockerContainers,
    StoragePools,
    PhysicalDisks,
    NetworkInterfaces,
    PbsInstances,
    PmgInstances,
    K8sClusters,
    K8sNodes,
    Pods,
    K8sDeployments,
    Infrastructure,
    Workloads,
}

impl View {
    pub(crate) const ALL: [Self; 17] = [
        Self::Vms,
        Self::Containers,
        Self::Nodes,
        Self::Hosts,
        Self::DockerHosts,
        Self::DockerContainers,
        Self::StoragePools,
        Self::PhysicalDisks,
        Self::NetworkInterfaces,
        Self::PbsInstances,
        Self::PmgInstances,
        Self::K8sClusters,
        Self::K8sNodes,
        Self::Pods,
        Self::K8sDeployments,
        Self::Infrastructure,
        Self::Workloads,
    ];

    /// Whether a row belongs to the view.
    pub(crate) fn shows(self, row: &Row) -> bool {
        use ResourceKind as K;
        let is_host = row.kind == K::Agent;
        match self {
            Self::Vms => row.kind == K::Vm,
            Self::Containers => row.kind == K::SystemContainer,
            Self::Nodes => is_host && row.is_reported_by(SourceKind::Proxmox),
            Self::Hosts => is_host && (row.is_reported_by(SourceKind::Agent) || row.is_reported_by(SourceKind::Vmware)),
            Self::DockerHosts => is_host && row.is_reported_by(SourceKind::Docker),
            Self::DockerContainers => row.kind == K::AppContainer,
            Self::StoragePools => row.kind == K::Storage,
            Self::PhysicalDisks => row.kind == K::PhysicalDisk,
            Self::NetworkInterfaces => {
                row.kind == K::NetworkEndpoint
                    && row.facets.iter().any(|entry| entry.facet.kind() == FacetKind::NetworkInterface)
            }
            Self::PbsInstances => row.kind == K::Pbs,
            Self::PmgInstances => row.kind == K::Pmg,
            Self::K8sClusters => row.kind == K::K8sCluster,
            Self::K8sNodes => row.kind == K::K8sNode,
            Self::Pods => row.kind == K::Pod,
            Self::K8sDeployments => row.kind == K::K8sDeployment,
            Self::Infrastructure => is_host,
            Self::Workloads => row.kind.is_workload(),
        }
    }
}

/// The places of every view's rows in the ordered list.
#[derive(Debug)]
pub(crate) struct Views([Vec<u32>; View::ALL.len()]);

impl Views {
    /// Sorts the rows into their views; the order of the list carries over.
    pub(crate) fn of(rows: &[Arc<Row>]) -> Self {
        let mut views: [Vec<u32>; View::ALL.len()] = Default::default();
        for (place, row) in (0..).zip(rows) {
            for (view, places) in View::ALL.iter().zip(&mut views) {
                if view.shows(row) {
                    places.push(place);
                }
            }
        }
        Self(views)
    }

    /// The places of one view.
    pub(crate) fn places(&self, view: View) -> &[u32] {
        &self.0[view as usize]
    }
}
