//! What kinds of thing an estate is made of.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The kind of a resource. Closed on purpose: a provider never adds a kind of its own, and every `match` on it
/// is exhaustive, so that a new kind shows every place that must think.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, EnumString, IntoStaticStr, VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ResourceKind {
    /// Any host-like system: standalone host, Proxmox node, ESXi host, TrueNAS appliance, Docker host.
    Agent,
    /// A virtual machine.
    Vm,
    /// A system container (LXC).
    SystemContainer,
    /// An application container: Docker, Podman, or a TrueNAS app.
    AppContainer,
    /// A Swarm service.
    DockerService,
    /// A container image on a Docker host.
    DockerImage,
    /// A volume on a Docker host.
    DockerVolume,
    /// A network of a Docker host or Swarm.
    DockerNetwork,
    /// A Swarm task.
    DockerTask,
    /// A member of a Swarm.
    DockerSwarmNode,
    /// The existence, never the content, of a Swarm secret.
    DockerSecret,
    /// A Swarm config.
    DockerConfig,
    /// A Kubernetes cluster.
    K8sCluster,
    /// A Kubernetes node.
    K8sNode,
    /// A Kubernetes pod.
    Pod,
    /// A Kubernetes deployment.
    K8sDeployment,
    /// A place that holds data: filesystem, pool, dataset, datastore.
    Storage,
    /// A Ceph cluster.
    Ceph,
    /// A physical disk.
    #[serde(rename = "physical_disk")]
    #[strum(serialize = "physical_disk")]
    PhysicalDisk,
    /// A Proxmox Backup Server.
    Pbs,
    /// A Proxmox Mail Gateway.
    Pmg,
    /// A share offered over the network (NFS, SMB).
    NetworkShare,
    /// A network: VLAN, subnet, SDN zone.
    Network,
    /// A point where something attaches to a network: an interface with its addresses.
    NetworkEndpoint,
}

impl ResourceKind {
    /// Every kind, in the order of the enum.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The kind's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a kind as an outsider may spell it: any case, outer white space, and the aliases of R-3.
    pub fn from_input(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        Some(match text.as_str() {
            "host" | "docker-host" | "docker_host" => Self::Agent,
            "system_container" => Self::SystemContainer,
            "docker_container" | "app_container" => Self::AppContainer,
            "kubernetes_cluster" | "k8s_cluster" => Self::K8sCluster,
            other => other.parse().ok()?,
        })
    }

    /// Whether resources of this kind are joined across sources by hardware evidence. Everything else is what
    /// its one source says it is.
    pub fn joins_on_evidence(self) -> bool {
        matches!(self, Self::Agent | Self::PhysicalDisk)
    }

    /// Whether the kind is something that runs: R-22's cross-platform list of workloads.
    pub fn is_workload(self) -> bool {
        matches!(self, Self::Vm | Self::SystemContainer | Self::AppContainer)
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ResourceKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = smol_str::SmolStr::deserialize(deserializer)?;
        Self::from_input(&text).ok_or_else(|| serde::de::Error::custom(format_args!("unknown resource kind `{text}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_everywhere() {
        for kind in ResourceKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert_eq!(ResourceKind::PhysicalDisk.as_str(), "physical_disk");
        assert_eq!(ResourceKind::K8sCluster.as_str(), "k8s-cluster");
    }

    #[test]
    fn aliases_are_accepted_as_input() {
        //
        let check = |text, kind| assert_eq!(ResourceKind::from_input(text), Some(kind), "{text}");
        check("host", ResourceKind::Agent);
        check(" Docker_Host ", ResourceKind::Agent);
        check("system_container", ResourceKind::SystemContainer);
        check("docker_container", ResourceKind::AppContainer);
        check("app_container", ResourceKind::AppContainer);
        check("kubernetes_cluster", ResourceKind::K8sCluster);
        check("k8s_cluster", ResourceKind::K8sCluster);
        assert_eq!(ResourceKind::from_input("vmware-host"), None);
        assert_eq!(serde_json::from_str::<ResourceKind>("\"host\"").unwrap(), ResourceKind::Agent);
    }
}
