//! A resource while it is being worked on: the records that speak for it, what they know, and what was published of it.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use muster_model::{
    Binding, Evidence, Identity, Incarnation, NativeKey, Record, RecordRef, ResourceId, SourceId, Status,
};
use smol_str::SmolStr;

use crate::{
    clues::{Clues, platform_key},
    row::Row,
    told::Told,
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
    /// When it last absorbed another one, or was split.
    pub(crate) joined_at: Option<Timestamp>,
    /// Whether a person made it out of several: then nothing but a person takes it apart.
    pub(crate) is_held_together: bool,
    /// What the timeline last said of its status. A restart's staleness is not among it.
    pub(crate) settled: Status,
    /// What the timeline knows of its facts beyond what its row says.
    pub(crate) told: Told,
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
    /// The id under which it was known before its resource was absorbed, where it was.
    pub(crate) origin: Option<ResourceId>,
}

/// A record that spoke for a resource until its source no longer listed it.
#[derive(Debug, Clone)]
pub(crate) struct Former {
    pub(crate) source: SourceId,
    pub(crate) key: NativeKey,
    pub(crate) identity: Identity,
    pub(crate) incarnation: Incarnation,
    /// Why it was taken for that resource.
    pub(crate) evidence: Vec<Evidence>,
    /// As a member's.
    pub(crate) origin: Option<ResourceId>,
}

impl Former {
    /// What is remembered of a record when its source no longer lists it.
    pub(crate) fn new((source, key): (SourceId, NativeKey), identity: Identity, binding: &Binding) -> Self {
        let Binding { resource_id: _, evidence, first_seen_at: _, incarnation, origin } = binding.clone();
        Self { source, key, identity, incarnation, evidence, origin }
    }
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
            is_held_together: false,
            settled: Status::Unknown,
            told: Told::default(),
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
        if self.members.is_empty() {
            // Of nearly everything one source speaks.
            self.members.reserve_exact(1);
        }
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
            add(&mut member.evidence, evidence);
            member.origin = member.origin.or(Some(other.id));
            self.seat(member);
        }
        for former in &other.former {
            let mut former = former.clone();
            add(&mut former.evidence, evidence);
            former.origin = former.origin.or(Some(other.id));
            self.former.push(former);
        }
    }

    /// Takes over the named records of another resource, present or past; those that are present say why they are here.
    pub(crate) fn take_from(&mut self, other: &mut Self, records: &[RecordRef], evidence: &Evidence) {
        let leaves = |source: &SourceId, key: &NativeKey| {
            records.iter().any(|record| record.source == *source && record.key == *key)
        };
        let (leaving, staying): (Vec<_>, _) =
            std::mem::take(&mut other.members).into_iter().partition(|it| leaves(&it.source, &it.record.key));
        other.members = staying;
        for member in leaving {
            self.seat(Member { evidence: vec![evidence.clone()], ..member });
        }
        let (leaving, staying): (Vec<_>, _) =
            std::mem::take(&mut other.former).into_iter().partition(|it| leaves(&it.source, &it.key));
        other.former = staying;
        self.former.extend(leaving);
    }

    /// Keeps only such origins as still lead here.
    pub(crate) fn forget_origins(&mut self, leads_here: impl Fn(ResourceId) -> bool) {
        let members = self.members.iter_mut().map(|member| &mut member.origin);
        let origins = members.chain(self.former.iter_mut().map(|former| &mut former.origin));
        for origin in origins {
            *origin = origin.filter(|origin| leads_here(*origin));
        }
    }

    /// The member behind a seat.
    pub(crate) fn member(&self, source: &SourceId, key: &NativeKey) -> Option<&Member> {
        self.members.iter().find(|member| member.has_seat(source, key))
    }

    /// What is remembered of the record that was in a seat once.
    pub(crate) fn former(&self, source: &SourceId, key: &NativeKey) -> Option<&Former> {
        self.former.iter().find(|former| former.source == *source && former.key == *key)
    }

    /// Everything that tells it from others.
    pub(crate) fn telling(&self) -> Cow<'_, Clues> {
        if self.id.kind().joins_on_evidence() { Cow::Borrowed(&self.clues) } else { Cow::Owned(self.gather_clues()) }
    }

    /// What platforms call it, by those who speak for it, else by those who did.
    pub(crate) fn gather_platform_keys(&self) -> Vec<SmolStr> {
        let present = self.members.iter().filter_map(|member| platform_key(&member.record.identity));
        let past = self.former.iter().filter(|_| self.is_told_by_its_past());
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

    /// Whether those who spoke for it once still tell what it is: where nobody speaks for it at present, and where a person
    /// said that it is all of them.
    fn is_told_by_its_past(&self) -> bool {
        !self.is_live() || self.is_held_together
    }

    /// What tells it from others: of the records that speak for it, else of those that did.
    pub(crate) fn gather_clues(&self) -> Clues {
        let mut clues = Clues::default();
        for member in &self.members {
            clues.add_record(&member.source, &member.record, &member.incarnation);
        }
        if self.is_told_by_its_past() {
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

/// Adds the evidence that is not there yet.
fn add(evidence: &mut Vec<Evidence>, more: &[Evidence]) {
    let new: Vec<_> = more.iter().filter(|new| !evidence.contains(new)).cloned().collect();
    evidence.extend(new);
}

impl Member {
    pub(crate) fn has_seat(&self, source: &SourceId, key: &NativeKey) -> bool {
        self.source == *source && self.record.key == *key
    }

    /// Where it stands among the members: stronger sources first, ties by name.
    fn rank(&self) -> (std::cmp::Reverse<u8>, &SourceId, &NativeKey) {
        (std::cmp::Reverse(self.source.kind().precedence(self.record.kind)), &self.source, &self.record.key)
    }
}
