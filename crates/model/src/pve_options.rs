//! What may be chosen about how a Proxmox VE is looked at (R-82, R-92, R-94). What nobody has chosen is absent, and
//! stands for the rule's own number, which whoever does the looking knows.

use serde::{Deserialize, Serialize};

use crate::Within;

/// How long an agent may take. The platform itself does not wait longer for one.
pub type AgentTimeoutSeconds = Within<1, 30>;
/// How often a question is repeated that nobody answered in time.
pub type AgentRetries = Within<0, 3>;
/// How long an agent is left alone. The lane of agents has no turns closer to each other than its lower bound.
pub type AgentPauseSeconds = Within<30, 3600>;
/// By how much turns are spread.
pub type AgentJitterSeconds = Within<0, 600>;
/// Agents at the same time.
pub type AgentsAtOnce = Within<1, 8>;
/// How often disks are listed: up to a day.
pub type DiskMinutes = Within<1, 1440>;

/// Options of a connection to Proxmox VE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PveOptions {
    /// Agents inside virtual machines.
    pub guest_agent: GuestAgentOptions,
    /// Physical disks of nodes.
    pub disks: DiskOptions,
    /// ZFS pools of nodes.
    pub zfs: ZfsOptions,
}

/// How agents inside virtual machines are asked (R-82).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GuestAgentOptions {
    /// Whether they are asked at all; `true` when `null`.
    pub enabled: Option<bool>,
    /// How long one may take to list its file systems, 1 to 30; 15 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub file_systems_timeout_seconds: Option<AgentTimeoutSeconds>,
    /// How long one may take to list its interfaces, 1 to 30; 10 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub network_timeout_seconds: Option<AgentTimeoutSeconds>,
    /// How long one may take to name its operating system, 1 to 30; 10 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub os_info_timeout_seconds: Option<AgentTimeoutSeconds>,
    /// How long one may take to tell its version, and the name of its host, 1 to 30; 10 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub version_timeout_seconds: Option<AgentTimeoutSeconds>,
    /// How often a question is repeated that nobody answered in time, 0 to 3; 1 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub retries: Option<AgentRetries>,
    /// How long one that told everything is left alone, 30 to 3600; 120 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub refresh_seconds: Option<AgentPauseSeconds>,
    /// By up to how much longer, so that turns are spread, 0 to 600; 45 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub jitter_seconds: Option<AgentJitterSeconds>,
    /// How long one that told less than everything is left alone, 30 to 3600; 30 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub backoff_seconds: Option<AgentPauseSeconds>,
    /// How many are asked at the same time, over all nodes, 1 to 8; 2 when `null`. No node is asked for more than one.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub parallel: Option<AgentsAtOnce>,
}

/// How physical disks of nodes are looked at (R-94).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DiskOptions {
    /// How often they and the ZFS pools are listed, in minutes, 1 to 1440; 5 when `null`.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub every_minutes: Option<DiskMinutes>,
    /// Whether each disk is asked what it says of itself; `true` when `null`.
    pub smart: Option<bool>,
}

/// Whether ZFS pools of nodes are looked at (R-92).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ZfsOptions {
    /// Whether they are; `true` when `null`.
    pub enabled: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_chosen_may_be_left_out() {
        let read = |text| serde_json::from_str::<PveOptions>(text).unwrap();
        for nothing in ["{}", r#"{"guestAgent":{},"zfs":{}}"#, r#"{"guestAgent":{"retries":null}}"#] {
            assert_eq!(read(nothing), PveOptions::default(), "{nothing}");
        }
        let options = read(r#"{"zfs":{"enabled":false},"guestAgent":{"retries":0}}"#);
        assert_eq!(options.guest_agent.retries.map(Within::get), Some(0));
        assert_eq!((options.zfs.enabled, options.disks), (Some(false), DiskOptions::default()));
        assert_eq!(read(&serde_json::to_string(&options).unwrap()), options);
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        for odd in [r#"{"guestAgents":{}}"#, r#"{"guestAgent":{"retry":1}}"#, r#"{"disks":{"everyMinutes":0}}"#] {
            assert!(serde_json::from_str::<PveOptions>(odd).is_err(), "{odd}");
        }
    }
}
