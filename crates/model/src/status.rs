//! Coarse health, and how each kind of thing's own words map to it.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{SmartHealth, SourceFreshness};

/// Coarse health of a resource, best first.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// It works, and somebody saw so recently.
    Online,
    /// It works with reservations, or nobody has looked recently.
    Warning,
    /// It does not work, or is switched off.
    Offline,
    /// Nobody can say.
    #[default]
    Unknown,
}

/// Whose words are being mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusDomain {
    /// A node, a host, or anything without a vocabulary of its own.
    Generic,
    /// A virtual machine or system container.
    Guest,
    /// A storage; the word is its state, `enabled` and `active` are separate (see [`Status::of_storage`]).
    Storage,
    /// A Ceph cluster's health.
    Ceph,
    /// A Docker or Podman container.
    Container,
}

impl Status {
    /// Every status, best first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The status's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Maps a word of the given vocabulary, in any case and with outer white space.
    pub fn from_word(domain: StatusDomain, word: &str) -> Self {
        let word = word.trim().to_ascii_lowercase();
        let word = word.as_str();
        match domain {
            StatusDomain::Generic => match word {
                "running" | "online" | "ok" => Self::Online,
                "warning" | "degraded" => Self::Warning,
                "offline" | "down" | "stopped" => Self::Offline,
                _ => Self::Unknown,
            },
            StatusDomain::Guest => match word {
                "running" => Self::Online,
                "stopped" | "paused" | "offline" | "down" => Self::Offline,
                _ => Self::Unknown,
            },
            StatusDomain::Storage => match word {
                "available" | "active" => Self::Online,
                "unavailable" | "error" | "inactive" => Self::Offline,
                _ => Self::Unknown,
            },
            StatusDomain::Ceph => match word {
                "health_ok" => Self::Online,
                "health_warn" => Self::Warning,
                "health_err" => Self::Offline,
                _ => Self::Unknown,
            },
            StatusDomain::Container => match word {
                "running" => Self::Online,
                "restarting" => Self::Warning,
                "created" | "exited" | "dead" | "paused" => Self::Offline,
                _ => Self::Unknown,
            },
        }
    }

    /// A storage's status: its word where it has a decisive one, else what its two switches say.
    pub fn of_storage(word: Option<&str>, enabled: bool, active: bool) -> Self {
        let worded = word.map_or(Self::Unknown, |word| Self::from_word(StatusDomain::Storage, word));
        match (worded, enabled, active) {
            (Self::Offline, _, _) | (_, _, false) => Self::Offline,
            (_, false, true) => Self::Warning,
            (Self::Online | Self::Warning | Self::Unknown, true, true) => Self::Online,
        }
    }

    /// A physical disk's status: SMART's verdict, worsened by a known risk; firmware known to cry wolf makes a failed
    /// verdict unknown.
    pub fn of_disk(verdict: SmartHealth, at_risk: bool, known_bad_firmware: bool) -> Self {
        match verdict {
            SmartHealth::Failed if !known_bad_firmware => Self::Offline,
            SmartHealth::Passed | SmartHealth::Failed | SmartHealth::Unknown if at_risk => Self::Warning,
            SmartHealth::Passed => Self::Online,
            SmartHealth::Failed | SmartHealth::Unknown => Self::Unknown,
        }
    }

    /// A Swarm service's status from how many replicas are wanted and how many run.
    pub fn of_service(desired: u32, running: u32) -> Self {
        match (desired, running) {
            (0, 0) => Self::Unknown,
            (desired, running) if running >= desired => Self::Online,
            (_, 0) => Self::Offline,
            _ => Self::Warning,
        }
    }

    /// A PBS or PMG instance's status: its own word first, then the health of the connection to it.
    pub fn of_appliance(word: Option<&str>, connection: Option<&str>) -> Self {
        let worded = word.map_or(Self::Unknown, |word| Self::from_word(StatusDomain::Generic, word));
        if worded != Self::Unknown {
            return worded;
        }
        match connection.map(|word| word.trim().to_ascii_lowercase()).as_deref() {
            Some("connected" | "healthy") => Self::Online,
            Some("disconnected" | "error") => Self::Offline,
            _ => Self::Unknown,
        }
    }

    /// A Kubernetes cluster's status: its own word first, then how many of its nodes are ready.
    pub fn of_k8s_cluster(word: Option<&str>, nodes: u32, ready: u32) -> Self {
        let worded = word.map_or(Self::Unknown, |word| Self::from_word(StatusDomain::Generic, word));
        match (worded, nodes, ready) {
            (Self::Unknown, 0, _) => Self::Unknown,
            (Self::Unknown, _, 0) => Self::Offline,
            (Self::Unknown, nodes, ready) if ready >= nodes => Self::Online,
            (Self::Unknown, _, _) => Self::Warning,
            (worded, _, _) => worded,
        }
    }

    /// A Kubernetes node's status.
    pub fn of_k8s_node(ready: bool, unschedulable: bool) -> Self {
        match (ready, unschedulable) {
            (false, _) => Self::Offline,
            (true, true) => Self::Warning,
            (true, false) => Self::Online,
        }
    }

    /// A pod's status from its phase and whether all of its containers are ready.
    pub fn of_pod(phase: &str, all_ready: bool) -> Self {
        match (phase.trim().to_ascii_lowercase().as_str(), all_ready) {
            ("running", true) => Self::Online,
            ("failed" | "succeeded", _) => Self::Offline,
            _ => Self::Warning,
        }
    }

    /// What is left of a reported status once the freshness of its sources is known: the best source counts, and
    /// stale shows as a warning rather than as whatever was last claimed.
    #[must_use]
    pub fn aged(self, sources: impl IntoIterator<Item = SourceFreshness>) -> Self {
        match sources.into_iter().min() {
            Some(SourceFreshness::Online) => self,
            Some(SourceFreshness::Stale) => self.max(Self::Warning),
            Some(SourceFreshness::Offline) => Self::Offline,
            Some(SourceFreshness::Unknown) | None => Self::Unknown,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use Status::{Offline, Online, Unknown, Warning};

    use super::*;

    // R-8, one test a row.

    #[test]
    fn generic() {
        let meanings = |words: &[&str]| meanings(StatusDomain::Generic, words);
        assert_eq!(meanings(&["running", "online", "ok"]), [Online]);
        assert_eq!(meanings(&["warning", "degraded"]), [Warning]);
        assert_eq!(meanings(&["offline", "down", "stopped"]), [Offline]);
        assert_eq!(meanings(&["", "fine"]), [Unknown]);
    }

    #[test]
    fn guest() {
        let meanings = |words: &[&str]| meanings(StatusDomain::Guest, words);
        assert_eq!(meanings(&["running"]), [Online]);
        assert_eq!(meanings(&["stopped", "paused", "offline", "down"]), [Offline]);
        assert_eq!(meanings(&["", "prelaunch"]), [Unknown]);
    }

    #[test]
    fn storage() {
        assert_eq!(Status::of_storage(Some("available"), true, true), Online);
        assert_eq!(Status::of_storage(None, true, true), Online);
        assert_eq!(Status::of_storage(None, false, true), Warning);
        assert_eq!(Status::of_storage(Some("active"), true, false), Offline);
        assert_eq!(Status::of_storage(Some("error"), true, true), Offline);
    }

    #[test]
    fn physical_disk() {
        use SmartHealth as H;
        assert_eq!(Status::of_disk(H::Passed, false, false), Online);
        assert_eq!(Status::of_disk(H::Passed, true, false), Warning);
        assert_eq!(Status::of_disk(H::Failed, false, false), Offline);
        assert_eq!(Status::of_disk(H::Failed, true, false), Offline);
        assert_eq!(Status::of_disk(H::Failed, false, true), Unknown);
        assert_eq!(Status::of_disk(H::Failed, true, true), Warning);
        assert_eq!(Status::of_disk(H::Unknown, false, false), Unknown);
    }

    #[test]
    fn ceph() {
        let meanings = |words: &[&str]| meanings(StatusDomain::Ceph, words);
        assert_eq!(meanings(&["HEALTH_OK"]), [Online]);
        assert_eq!(meanings(&["HEALTH_WARN"]), [Warning]);
        assert_eq!(meanings(&["HEALTH_ERR"]), [Offline]);
        assert_eq!(meanings(&["", "x"]), [Unknown]);
    }

    #[test]
    fn container() {
        let meanings = |words: &[&str]| meanings(StatusDomain::Container, words);
        assert_eq!(meanings(&["running"]), [Online]);
        assert_eq!(meanings(&["restarting"]), [Warning]);
        assert_eq!(meanings(&["created", "exited", "dead", "paused"]), [Offline]);
        assert_eq!(meanings(&["", "removing"]), [Unknown]);
    }

    #[test]
    fn swarm_service() {
        assert_eq!(Status::of_service(2, 2), Online);
        assert_eq!(Status::of_service(2, 1), Warning);
        assert_eq!(Status::of_service(2, 0), Offline);
        assert_eq!(Status::of_service(0, 1), Online);
        assert_eq!(Status::of_service(0, 0), Unknown);
    }

    #[test]
    fn appliance() {
        assert_eq!(Status::of_appliance(Some("online"), Some("error")), Online);
        assert_eq!(Status::of_appliance(Some("?"), Some("connected")), Online);
        assert_eq!(Status::of_appliance(None, Some("disconnected")), Offline);
        assert_eq!(Status::of_appliance(None, None), Unknown);
    }

    #[test]
    fn kubernetes() {
        assert_eq!(Status::of_k8s_cluster(None, 3, 3), Online);
        assert_eq!(Status::of_k8s_cluster(None, 3, 1), Warning);
        assert_eq!(Status::of_k8s_cluster(None, 3, 0), Offline);
        assert_eq!(Status::of_k8s_cluster(None, 0, 0), Unknown);
        assert_eq!(Status::of_k8s_cluster(Some("degraded"), 3, 3), Warning);
        assert_eq!(Status::of_k8s_node(true, false), Online);
        assert_eq!(Status::of_k8s_node(true, true), Warning);
        assert_eq!(Status::of_k8s_node(false, true), Offline);
        assert_eq!(Status::of_pod("Running", true), Online);
        assert_eq!(Status::of_pod("Running", false), Warning);
        assert_eq!(Status::of_pod("Pending", false), Warning);
        assert_eq!(Status::of_pod("Failed", false), Offline);
        assert_eq!(Status::of_pod("Succeeded", false), Offline);
        assert_eq!(Status::of_pod("Unknown", false), Warning);
    }

    #[test]
    fn ageing_takes_the_best_source() {
        // stale is not OK, and one fresh source is enough.
        use SourceFreshness as F;
        assert_eq!(Online.aged([F::Online, F::Stale]), Online);
        assert_eq!(Online.aged([F::Stale, F::Stale]), Warning);
        assert_eq!(Offline.aged([F::Stale]), Offline);
        assert_eq!(Online.aged([F::Offline]), Offline);
        assert_eq!(Online.aged([]), Unknown);
    }

    /// All that the words mean, as they stand and in other letters between white space.
    fn meanings(domain: StatusDomain, words: &[&str]) -> Vec<Status> {
        let spelled = words.iter().flat_map(|word| [(*word).to_owned(), format!(" {} ", word.to_uppercase())]);
        let meanings: BTreeSet<Status> = spelled.map(|word| Status::from_word(domain, &word)).collect();
        meanings.into_iter().collect()
    }
}
