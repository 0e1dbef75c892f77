//! What a cluster says of a machine that runs guests.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::MemorySource;

/// A node of a virtualisation platform, beside what [`HostFacet`](super::HostFacet) says of any host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct NodeFacet {
    /// The platform's name for it.
    pub node: String,
    /// The cluster that it belongs to; absent for a node on its own.
    pub cluster: Option<String>,
    /// Whether the cluster has its quorum; absent for a node on its own.
    pub quorate: Option<bool>,
    /// Version of the platform, such as `9.1.2`.
    pub version: Option<String>,
    /// Level of the subscription, such as `community`; empty means none.
    pub subscription: Option<String>,
    /// How the subscription is, in the platform's word, such as `active`, `expired` or `notfound`.
    pub subscription_status: Option<String>,
    /// The day until which it is paid, as `YYYY-MM-DD`.
    pub subscription_until: Option<String>,
    /// Address in the cluster's own network; may not be reachable from here.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub cluster_address: Option<std::net::IpAddr>,
    /// SHA-256 of the certificate that its web server uses, colon-separated upper-case hexadecimal.
    pub certificate_fingerprint: Option<String>,
    /// Until when that certificate is good.
    pub certificate_not_after: Option<Timestamp>,
    /// Whether that is soon; absent where nobody knows.
    pub certificate_state: Option<CertificateState>,
    /// Whether its guests are kept away from it, as high availability says.
    pub maintenance: Option<bool>,
    /// Where the value of its memory comes from; absent while nothing is known of it.
    pub memory_source: Option<MemorySource>,
    /// Where the value of its disk comes from: `agent`, `node-status-rootfs`, `nodes-endpoint` or the name of a storage.
    pub disk_source: Option<String>,
    /// Where the values of its network come from: `rrd-average`, the platform's own mean over the last whole minute.
    /// Absent while nothing is known of them.
    pub network_source: Option<String>,
    /// What its part in high availability is doing, such as `idle` or `active`.
    pub ha_state: Option<String>,
    /// Updates that wait to be installed; absent where we may not ask.
    pub pending_updates: Option<u32>,
}

/// How long a certificate is still good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum CertificateState {
    /// For longer than three weeks.
    Good,
    /// For less than three weeks.
    EndsSoon,
    /// Not any more.
    Expired,
}
