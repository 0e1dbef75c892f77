//! A resource while it is being worked on: the records that speak for it, what they know, and what was published of it.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use muster_model::{Evidence, Identity, Incarnation, NativeKey, Record, ResourceId, SourceId, Status};
use smol_str::SmolStr;

use crate::{
    clues::{Clues, platform_key},
    row::Row,
};

/// One thing of the estate, present or past.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) id: ResourceId,
    pub(crate) first_seen_at: Timestamp,
    /// Strongest source first; the order in which their words count.
    pub(crate) members: Vec<Member>,
    /// Records that spoke for it once. They keep its id for its return.
    pub(crate) former: Vec<Former>,
    /// Of a kind that is joined by its hardware.
    pub(crate) clues: Clues,
    /// Of any other kind: what platforms call it, ascending.
    pub(crate) platform_keys: Vec<SmolStr>,
    /// The parent that its strongest record names; see [`crate::parents`].
    pub(crate) claimed: Option<ResourceId>,
    pub(crate) parent: Option<ResourceId>,
    pub(crate) child_count: u32,
    /// When it last absorbed another one.
    pub(crate) joined_at: Option<Timestamp>,
    /// What the timeline last said of its status. A restart's staleness is not among it.
    pub(crate) settled: Status,
    pub(crate) row: Option<Arc<Row>>,
}

/// A record that speaks for a resource.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) source: SourceId,
    pub(crate) record: Arc<Record>,
    pub(crate) evidence: Vec<Evidence>,
    /// When this word was first given.
    pub(crate) observed_at: Timestamp,
    /// What the source has told of its making so far.
    pub(crate) incarnation: Incarnation,
}

/// A record that spoke for a resource until its source no longer listed it.
#[derive(Debug, Clone)]
pub(crate) struct Former {
    pub(crate) source: SourceId,
    pub(crate) key: NativeKey,
    pub(crate) identity: Identity,
    pub(crate) incarnation: Incarnation,
}

impl Resource {
    pub(crate) fn new(id: ResourceId, first_seen_at: Timestamp) -> Self {
        Self {
            id,
            first_seen_at,
            members: Vec::new(),
            former: Vec::new(),
            clues: Clues::default(),
            platform_keys: Vec::new(),
            claimed: None,
            parent: None,
            child_count: 0,
            joined_at: None,
            settled: Status::Unknown,
            row: None,
        }
    }

    /// Whether anybody speaks for it at present.
    pub(crate) fn is_live(&self) -> bool {
        !self.members.is_empty()
    }

    /// When one of its present sources last described it differently than before. A function of what is known at
    /// present, so that a compacted log gives the same answer.
    pub(crate) fn changed_at(&self) -> Timestamp {
        let members = self.members.iter().map(|member| member.observed_at);
        members.chain(self.joined_at).max().unwrap_or(self.first_seen_at)
    }

    /// Lets a record speak for it, in the order of precedence: stronger kinds first, then by name.
    pub(crate) fn seat(&mut self, member: Member) {
        self.former.retain(|former| former.source != member.source || former.key != member.record.key);
        self.members.retain(|other| !other.has_seat(&member.source, &member.record.key));
        let place = self.members.partition_point(|other| other.rank() < member.rank());
        self.members.insert(place, member);
    }

    /// Takes a record's word from it.
    pub(crate) fn unseat(&mut self, source: &SourceId, key: &NativeKey) -> Option<Member> {
        let place = self.members.iter().position(|member| member.has_seat(source, key))?;
        Some(self.members.remove(place))
    }

    /// Takes over everything of a resource that turned out to be this one; its members say why they are here.
    pub(crate) fn take_over(&mut self, other: &Self, evidence: &[Evidence]) {
        self.first_seen_at = self.first_seen_at.min(other.first_seen_at);
        self.joined_at = self.joined_at.max(other.joined_at);
        for member in &other.members {
            let mut member = member.clone();
            let new: Vec<_> = evidence.iter().filter(|new| !member.evidence.contains(new)).cloned().collect();
            member.evidence.extend(new);
            self.seat(member);
        }
        self.former.extend(other.former.iter().cloned());
    }

    /// The member behind a seat.
    pub(crate) fn member(&self, source: &SourceId, key: &NativeKey) -> Option<&Member> {
        self.members.iter().find(|member| member.has_seat(source, key))
    }

    /// Everything that tells it from others.
    pub(crate) fn telling(&self) -> Cow<'_, Clues> {
        if self.id.kind().joins_on_evidence() { Cow::Borrowed(&self.clues) } else { Cow::Owned(self.gather_clues()) }
    }

    /// What platforms call it, by those who speak for it, else by those who did.
    pub(crate) fn gather_platform_keys(&self) -> Vec<SmolStr> {
        let present = self.members.iter().filter_map(|member| platform_key(&member.record.identity));
        let past = self.former.iter().filter(|_| !self.is_live());
        let mut keys: Vec<_> = present.chain(past.filter_map(|former| platform_key(&former.identity))).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether a record says of itself what the same source's record before it said.
    pub(crate) fn is_told_the_same_by(&self, member: &Member) -> bool {
        self.member(&member.source, &member.record.key).is_some_and(|before| {
            before.record.identity.platform_key == member.record.identity.platform_key
                && before.incarnation == member.incarnation
        })
    }

    /// What tells it from others: of the records that speak for it, else of those that did.
    pub(crate) fn gather_clues(&self) -> Clues {
        let mut clues = Clues::default();
        for member in &self.members {
            clues.add_record(&member.source, &member.record, &member.incarnation);
        }
        if !self.is_live() {
            for former in &self.former {
                clues.add_telling(self.id.kind(), &former.identity, &former.incarnation);
            }
        }
        clues
    }

    /// The same without the record in one seat.
    pub(crate) fn clues_without(&self, source: &SourceId, key: &NativeKey) -> Clues {
        let mut clues = Clues::default();
        for member in self.members.iter().filter(|member| !member.has_seat(source, key)) {
            clues.add_record(&member.source, &member.record, &member.incarnation);
        }
        clues
    }
}

impl Member {
    fn has_seat(&self, source: &SourceId, key: &NativeKey) -> bool {
        self.source == *source && self.record.key == *key
    }

    /// Where it stands among the members: stronger sources first, ties by name.
    fn rank(&self) -> (std::cmp::Reverse<u8>, &SourceId, &NativeKey) {
        (std::cmp::Reverse(self.source.kind().precedence(self.record.kind)), &self.source, &self.record.key)
    }
}
