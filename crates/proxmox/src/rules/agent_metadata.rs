//! What the agent inside a guest told, kept for a while, and when it may be asked again. Keyed by the guest,
//! whatever node runs it (D-6).

use jiff::{SignedDuration, Timestamp};
use muster_model::GuestInterface;

use super::disk_carry::{PreviousDisks, has_evidence};

const COMPLETE: SignedDuration = SignedDuration::from_mins(5);
const INCOMPLETE: SignedDuration = SignedDuration::from_secs(30);
const DROPPED: SignedDuration = SignedDuration::from_mins(10);

/// What an agent told of its guest.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AgentMetadata {
    /// Interfaces with their addresses, sorted.
    pub(crate) interfaces: Vec<GuestInterface>,
    pub(crate) hostname: Option<String>,
    pub(crate) os: Option<String>,
    pub(crate) version: Option<String>,
}

impl AgentMetadata {
    /// Whether anything is known that only an agent can have told.
    pub(crate) fn is_known(&self) -> bool {
        let Self { interfaces, hostname, os, version } = self;
        !interfaces.is_empty() || hostname.is_some() || os.is_some() || version.is_some()
    }

    /// Whether an interface is known by name or hardware address; anything less is asked for again soon.
    pub(crate) fn is_complete(&self) -> bool {
        self.interfaces.iter().any(|interface| {
            interface.mac_address.is_some() || interface.guest_name.as_ref().is_some_and(|name| !name.is_empty())
        })
    }

    /// How long it is good for.
    pub(crate) fn lifetime(&self) -> SignedDuration {
        if self.is_complete() { COMPLETE } else { INCOMPLETE }
    }

    /// Takes over what was told now, and keeps the rest: a call that failed or said nothing takes nothing away.
    pub(crate) fn update(&mut self, told: Self) {
        let Self { interfaces, hostname, os, version } = told;
        if !interfaces.is_empty() {
            self.interfaces = interfaces;
        }
        self.hostname = hostname.or(self.hostname.take());
        self.os = os.or(self.os.take());
        self.version = version.or(self.version.take());
    }
}

/// Metadata with the time at which it was told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) at: Timestamp,
    pub(crate) metadata: AgentMetadata,
}

impl Told {
    /// Whether it is still good.
    pub(crate) fn is_good(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < self.metadata.lifetime()
    }

    /// Whether its memory can be given back.
    pub(crate) fn is_dropped(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) >= DROPPED
    }
}

/// Whether the agent is asked. An explicit word of the status decides; without a status, recent evidence does, so
/// that names and addresses survive a short failure of the platform.
pub(crate) fn may_ask(
    running: bool,
    status_agent: Option<bool>,
    previous: Option<&PreviousDisks>,
    told: Option<&Told>,
    now: Timestamp,
) -> bool {
    let evidence = previous.is_some_and(|previous| has_evidence(previous, now))
        || told.is_some_and(|told| told.metadata.is_known() && told.is_good(now));
    running && status_agent.unwrap_or(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::disk_carry::GuestDisks;

    #[test]
    fn a_full_answer_is_good_for_longer() {
        //
        let full = told(AgentMetadata { interfaces: vec![interface()], ..version() });
        assert!(full.is_good(at(299)) && !full.is_good(at(300)));
        let partial = told(version());
        assert!(partial.is_good(at(29)) && !partial.is_good(at(30)));
        assert!(!full.is_dropped(at(599)) && full.is_dropped(at(600)));
    }

    #[test]
    fn a_failed_call_takes_nothing_away() {
        //
        let mut metadata = AgentMetadata { interfaces: vec![interface()], ..version() };
        metadata.update(AgentMetadata { os: Some("Debian 13".into()), ..AgentMetadata::default() });
        assert_eq!((metadata.interfaces.len(), metadata.version.as_deref()), (1, Some("9.2")));
        assert_eq!(metadata.os.as_deref(), Some("Debian 13"));
    }

    #[test]
    fn the_status_decides_and_evidence_stands_in_for_it() {
        //
        let known = told(version());
        assert!(!may_ask(true, Some(false), None, Some(&known), at(1)));
        assert!(may_ask(true, Some(true), None, None, at(1)));
        assert!(may_ask(true, None, None, Some(&known), at(1)));
        assert!(!may_ask(true, None, None, Some(&known), at(31)));
        assert!(!may_ask(true, None, None, None, at(1)));
        assert!(!may_ask(false, Some(true), None, None, at(1)));
        let previous = PreviousDisks { disks: GuestDisks::default(), seen_at: at(0), metadata_known: true };
        assert!(may_ask(true, None, Some(&previous), None, at(540)));
        assert!(!may_ask(true, None, Some(&previous), None, at(660)));
    }

    fn told(metadata: AgentMetadata) -> Told {
        Told { at: at(0), metadata }
    }

    fn version() -> AgentMetadata {
        AgentMetadata { version: Some("9.2".into()), ..AgentMetadata::default() }
    }

    fn interface() -> GuestInterface {
        GuestInterface { guest_name: Some("eth0".into()), ..GuestInterface::default() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
