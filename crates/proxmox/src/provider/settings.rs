//! How a connection is looked at where people may choose: what its options say, and the rules' own numbers for what they
//! leave out.
//!
//! The provider makes it once; an edit of the connection makes another provider.

use std::time::Duration;

use jiff::SignedDuration;
use muster_model::{DiskOptions, GuestAgentOptions, PveOptions, Within, ZfsOptions};

use super::limits::AgentLimits;
use crate::rules::agent_pacing::{CONCURRENT, Pace};

/// How often disks are listed.
const DISKS: SignedDuration = SignedDuration::from_mins(5);
/// How often a question to an agent is repeated.
const RETRIES: u32 = 1;

/// What was chosen, complete.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) agents: Agents,
    /// How often the lane of disks looks.
    pub(crate) disks_every: SignedDuration,
    /// Whether each disk is asked what it says of itself.
    pub(crate) asks_smart: bool,
    /// Whether ZFS pools are looked at.
    pub(crate) sees_pools: bool,
}

/// How agents inside machines are asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agents {
    /// Whether they are asked at all.
    pub(crate) are_asked: bool,
    pub(crate) limits: AgentLimits,
    pub(crate) pace: Pace,
    /// How often a question is repeated that nobody answered in time.
    pub(crate) retries: u32,
    /// How many at the same time, containers included.
    pub(crate) at_once: usize,
}

impl Settings {
    /// Those of a connection.
    pub(crate) fn of(options: &PveOptions) -> Self {
        let PveOptions { guest_agent, disks, zfs } = options;
        let (DiskOptions { every_minutes, smart }, ZfsOptions { enabled: sees_pools }) = (disks, zfs);
        Self {
            agents: Agents::of(guest_agent),
            disks_every: every_minutes.map_or(DISKS, |minutes| SignedDuration::from_mins(minutes.get().into())),
            asks_smart: smart.unwrap_or(true),
            sees_pools: sees_pools.unwrap_or(true),
        }
    }
}

impl Agents {
    fn of(options: &GuestAgentOptions) -> Self {
        let GuestAgentOptions {
            enabled,
            file_systems_timeout_seconds,
            network_timeout_seconds,
            os_info_timeout_seconds,
            version_timeout_seconds,
            retries,
            refresh_seconds,
            jitter_seconds,
            backoff_seconds,
            parallel,
        } = options;
        let (limits, pace) = (AgentLimits::default(), Pace::default());
        Self {
            are_asked: enabled.unwrap_or(true),
            limits: AgentLimits {
                filesystems: file_systems_timeout_seconds.map_or(limits.filesystems, timeout),
                network: network_timeout_seconds.map_or(limits.network, timeout),
                os_info: os_info_timeout_seconds.map_or(limits.os_info, timeout),
                version: version_timeout_seconds.map_or(limits.version, timeout),
            },
            pace: Pace {
                complete: refresh_seconds.map_or(pace.complete, pause),
                jitter: jitter_seconds.map_or(pace.jitter, pause),
                incomplete: backoff_seconds.map_or(pace.incomplete, pause),
            },
            retries: retries.map_or(RETRIES, Within::get),
            at_once: parallel.map_or(CONCURRENT, |at_once| at_once.get() as usize),
        }
    }

    /// How long the most hesitant agent takes that answers every question at the last moment. A look that is given up
    /// before would ask it again and again.
    pub(crate) fn longest(&self) -> Duration {
        let AgentLimits { filesystems, network, os_info, version } = self.limits;
        // The version and the name of the host have the same limit.
        (filesystems + network + os_info + version * 2 + super::agents::RETRY_AFTER * 5) * (self.retries + 1)
    }
}

fn timeout<const MIN: u32, const MAX: u32>(seconds: Within<MIN, MAX>) -> Duration {
    Duration::from_secs(seconds.get().into())
}

fn pause<const MIN: u32, const MAX: u32>(seconds: Within<MIN, MAX>) -> SignedDuration {
    SignedDuration::from_secs(seconds.get().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_chosen_is_as_the_rules_say() {
        //
        let Settings { agents, disks_every, asks_smart, sees_pools } = Settings::of(&PveOptions::default());
        let AgentLimits { filesystems, network, os_info, version } = agents.limits;
        assert_eq!([filesystems, network, os_info, version].map(|limit| limit.as_secs()), [15, 10, 10, 10]);
        let Pace { complete, jitter, incomplete } = agents.pace;
        assert_eq!([complete, jitter, incomplete].map(|pause| pause.as_secs()), [120, 45, 30]);
        assert_eq!((agents.are_asked, agents.retries, agents.at_once), (true, 1, 2));
        assert_eq!((disks_every.as_secs(), asks_smart, sees_pools), (300, true, true));
    }
}
