//! A resource while it is being worked on: the records that speak for it, what they know, and what was published of it.

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{Evidence, Identity, NativeKey, Record, ResourceId, SourceId, Status};

use crate::{clues::Clues, row::Row};

/// One thing of the estate, present or past.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) id: ResourceId,
    pub(crate) first_seen_at: Timestamp,
    /// Strongest source first; the order in which their words count.
    pub(crate) members: Vec<Member>,
    /// Records that spoke for it once. They keep its id for its return.
    pub(crate) former: Vec<Former>,
    pub(crate) clues: Clues,
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
}

/// A record that spoke for a resource until its source no longer listed it.
#[derive(Debug, Clone)]
pub(crate) struct Former {
    pub(crate) source: SourceId,
    pub(crate) key: NativeKey,
    pub(crate) identity: Identity,
}

impl Resource {
    pub(crate) fn new(id: ResourceId, first_seen_at: Timestamp) -> Self {
        Self {
            id,
            first_seen_at,
            members: Vec::new(),
            former: Vec::new(),
            clues: Clues::default(),
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

    /// When one of its present sources last described it differently than before. A function of what is known at present, so that a
    /// compacted log gives the same answer.
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

    /// What tells it from others: of the records that speak for it, else of those that did.
    pub(crate) fn gather_clues(&self) -> Clues {
        let mut clues = Clues::default();
        for member in &self.members {
            clues.add_record(&member.source, &member.record);
        }
        if !self.is_live() {
            for former in &self.former {
                clues.add_identity(self.id.kind(), &former.identity);
            }
        }
        clues
    }

    /// The same without the record in one seat.
    pub(crate) fn clues_without(&self, source: &SourceId, key: &NativeKey) -> Clues {
        let mut clues = Clues::default();
        for member in self.members.iter().filter(|member| !member.has_seat(source, key)) {
            clues.add_record(&member.source, &member.record);
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
