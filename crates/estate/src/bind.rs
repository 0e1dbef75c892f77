//! Decides which resource a record belongs to, writes the decision down, and makes the joins that follow from it.
//!
//! A binding is decided once and then repeated: the same source's key leads to the same resource for as long as nothing
//! contradicts it. Two things undo it: a record that now shows other hardware than the rest of its resource, unless a person
//! said that they are one, and a guest that was made anew under the number of another one (D-6).

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{
    Binding, Evidence, EvidenceKind, Identity, Incarnation, LogOp, NativeKey, Record, ResourceId, ResourceKind,
    Revision, SourceId,
};

use crate::{
    alias::Absorption,
    clues::Clues,
    estate::Estate,
    ledger::{Absorbed, Ledger, Succession},
    matcher::{Match, Matcher, Subject},
    resource::{Former, Member, Resource},
    succession,
};

/// A record with the decision whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observed<'a> {
    pub(crate) source: &'a SourceId,
    pub(crate) record: &'a Arc<Record>,
    pub(crate) binding: &'a Binding,
    /// Its place in the report.
    pub(crate) place: u32,
    /// When it was observed.
    pub(crate) at: Timestamp,
}

/// What is known of a record that is placed anew.
struct Newcomer {
    /// Its guest was made under another one's number.
    is_successor: bool,
    incarnation: Incarnation,
}

impl Estate {
    /// Binds a record that is new or different than before.
    pub(crate) fn bind(&mut self, source: &SourceId, record: &Arc<Record>, place: u32, ledger: &mut Ledger) {
        let binding = self.bound(source, record).unwrap_or_else(|| self.bind_anew(source, record, ledger));
        let op = LogOp::Observed { source: source.clone(), record: Arc::clone(record), binding: binding.clone() };
        let revision = ledger.write(op);
        let is_new = self.observe(Observed { source, record, binding: &binding, place, at: ledger.now }, ledger);
        if is_new {
            self.touch_children(source, &record.key, revision, ledger);
        }
    }

    /// Decides whose a record is that has no resource, or no longer fits the one it had.
    fn bind_anew(&mut self, source: &SourceId, record: &Record, ledger: &mut Ledger) -> Binding {
        let known = self.known(source, &record.key);
        let (is_successor, incarnation) = succession::judge(record, known.as_ref().map(|known| &known.incarnation));
        if is_successor {
            // The other guest is gone, and says so in the log before this one takes its key.
            self.withdraw(source, &record.key, ledger);
        }
        self.leave(source, &record.key, ledger);
        let binding = self.place(source, record, Newcomer { is_successor, incarnation }, ledger);
        let left = known.map(|known| known.id).filter(|left| self.registry.canonical(*left) != binding.resource_id);
        if let Some(left) = left {
            self.restate(left, ledger);
            if is_successor {
                ledger.successions.push(Succession { of: left, by: binding.resource_id });
            }
        }
        binding
    }

    /// Lets a record speak for the resource of its binding. Says whether its source did not list it before.
    pub(crate) fn observe(&mut self, observed: Observed<'_>, ledger: &mut Ledger) -> bool {
        let Observed { source, record, binding, place, at } = observed;
        let id = self.registry.canonical(binding.resource_id);
        let reporter = self.sources.get_mut(source).expect("a record's source is known before its records");
        if let Some(former) = reporter.gone.get(&record.key).filter(|former| self.registry.canonical(**former) != id) {
            self.registry.forget(*former, source, &record.key);
        }
        let is_new = !reporter.listed.contains_key(&record.key);
        reporter.list(record, id, place);
        let Binding { resource_id: _, evidence, first_seen_at: _, incarnation, origin } = binding.clone();
        let record = Arc::clone(record);
        let member = Member { source: source.clone(), record, evidence, observed_at: at, incarnation, origin };
        let clues_changed = self.registry.seat(id, binding.first_seen_at, member);
        // A disk may have come to another host without a change of its own clues. Whoever is new and alone was looked
        // up just now.
        let is_alone = is_new && binding.evidence.is_empty();
        if !is_alone && (clues_changed || id.kind() == ResourceKind::PhysicalDisk) {
            ledger.to_match.push_back(id);
        }
        ledger.touch(id, ledger.revision);
        is_new
    }

    /// Takes a record that its source no longer lists.
    pub(crate) fn withdraw(&mut self, source: &SourceId, key: &NativeKey, ledger: &mut Ledger) {
        let Some((resource, identity)) = self.listing(source, key) else { return };
        let (id, first_seen_at) = (resource.id, resource.first_seen_at);
        let member = resource.member(source, key);
        let evidence = member.map(|member| member.evidence.clone()).unwrap_or_default();
        let incarnation = member.map(|member| member.incarnation.clone()).unwrap_or_default();
        let origin = member.and_then(|member| member.origin);
        let binding = Binding { resource_id: id, evidence, first_seen_at, incarnation, origin };
        let former = Former::new((source.clone(), key.clone()), identity.clone(), &binding);
        let op = LogOp::Withdrawn { source: source.clone(), key: key.clone(), binding, identity: identity.into() };
        let revision = ledger.write(op);
        self.touch_children(source, key, revision, ledger);
        self.retire(id, first_seen_at, former);
        ledger.touch(id, revision);
    }

    /// Takes a record's word from its resource and remembers what it was.
    pub(crate) fn retire(&mut self, id: ResourceId, first_seen_at: Timestamp, former: Former) {
        self.registry.unseat(id, &former.source, &former.key);
        if let Some(source) = self.sources.get_mut(&former.source) {
            source.unlist(&former.key, id);
        }
        self.registry.remember(id, first_seen_at, former);
    }

    /// Makes the joins that are certain now, until there are none left. Each join may make another one certain.
    pub(crate) fn settle_joins(&mut self, ledger: &mut Ledger) {
        while let Some(id) = ledger.to_match.pop_front() {
            let Some(resource) = self.registry.get(id).filter(|resource| resource.id == id && resource.is_live())
            else {
                continue;
            };
            let matcher = self.matcher();
            let parent = matcher.parent(resource);
            let clues = resource.telling();
            let subject = Subject { kind: id.kind(), clues: &clues, parent, own: Some(id) };
            if let Some(Match { id: other, evidence }) = matcher.present(subject).into_iter().next() {
                self.join(id, other, &evidence, ledger);
            }
        }
    }

    /// The resource to which a record is bound already, unless it now speaks of something else.
    fn bound(&self, source: &SourceId, record: &Record) -> Option<Binding> {
        let listed = self.sources.get(source)?.listed.get(&record.key)?;
        let resource = self.registry.get(listed.resource).filter(|resource| resource.id.kind() == record.kind)?;
        let member = resource.member(source, &record.key)?;
        let (is_successor, incarnation) = succession::judge(record, Some(&member.incarnation));
        let fits = !is_successor
            && (resource.members.len() == 1
                || resource.is_held_together
                || Clues::of_record(source, record, &incarnation)
                    .agrees_with(&resource.clues_without(source, &record.key)));
        let evidence = member.evidence.clone();
        let (resource_id, first_seen_at, origin) = (resource.id, resource.first_seen_at, member.origin);
        fits.then_some(Binding { resource_id, evidence, first_seen_at, incarnation, origin })
    }

    /// Finds the resource of a record that has none: its former one, one that it certainly is, or a new one.
    fn place(&self, source: &SourceId, record: &Record, newcomer: Newcomer, ledger: &Ledger) -> Binding {
        if let Some(binding) = self.returned(source, record, &newcomer) {
            return binding;
        }
        let Newcomer { is_successor, incarnation } = newcomer;
        let found = self.resembles(source, record).then(|| Clues::of_record(source, record, &incarnation));
        let found = found.and_then(|clues| self.certain(source, record, &clues));
        match found.and_then(|found| Some((self.registry.get(found.id)?.first_seen_at, found))) {
            Some((first_seen_at, Match { id, evidence })) => {
                Binding { resource_id: id, evidence, first_seen_at, incarnation, origin: None }
            }
            None => Binding {
                resource_id: self.registry.mint(source, record, is_successor),
                evidence: Vec::new(),
                first_seen_at: ledger.now,
                incarnation,
                origin: None,
            },
        }
    }

    /// Whether there may be a resource for a record: most new things are only new.
    fn resembles(&self, source: &SourceId, record: &Record) -> bool {
        let is_gone = self.sources.get(source).is_some_and(|source| source.gone.contains_key(&record.key));
        record.kind.joins_on_evidence() || is_gone || self.registry.has_namesake(record)
    }

    /// The binding of a record that its source has listed before, to the resource of that time.
    fn returned(&self, source: &SourceId, record: &Record, newcomer: &Newcomer) -> Option<Binding> {
        let Newcomer { is_successor, incarnation } = newcomer;
        let id = *self.sources.get(source)?.gone.get(&record.key)?;
        let resource = self.registry.get(id).filter(|resource| resource.id.kind() == record.kind)?;
        let is_held = resource.is_held_together && !is_successor;
        if !is_held && !Clues::of_record(source, record, incarnation).agrees_with(&resource.telling()) {
            return None;
        }
        let former = resource.former(source, &record.key);
        let by_word =
            former.into_iter().flat_map(|former| &former.evidence).filter(|it| it.kind == EvidenceKind::Operator);
        let mut evidence: Vec<Evidence> = by_word.cloned().collect();
        evidence.push(Evidence { kind: EvidenceKind::SameSource, value: record.key.to_string() });
        let origin = former.and_then(|former| former.origin);
        let (resource_id, first_seen_at, incarnation) = (resource.id, resource.first_seen_at, incarnation.clone());
        Some(Binding { resource_id, evidence, first_seen_at, incarnation, origin })
    }

    fn certain(&self, source: &SourceId, record: &Record, clues: &Clues) -> Option<Match> {
        if !record.kind.joins_on_evidence() && clues.platform_keys.is_empty() {
            return None;
        }
        let matcher = self.matcher();
        let parent = matcher.parent_of(source, record);
        let subject = Subject { kind: record.kind, clues, parent, own: None };
        matcher.present_or_past(subject)
    }

    /// Takes a record's word from the resource that it spoke for, where there is one. Answers with that resource.
    pub(crate) fn leave(&mut self, source: &SourceId, key: &NativeKey, ledger: &mut Ledger) -> Option<ResourceId> {
        let (resource, _) = self.listing(source, key)?;
        let (id, next) = (resource.id, ledger.revision.next());
        self.registry.unseat(id, source, key);
        ledger.touch(id, next);
        self.touch_children(source, key, next, ledger);
        Some(id)
    }

    /// Writes the bindings of a resource anew after a record left it: what only the entries of that record told, such
    /// as when the resource was first seen, must outlive their compaction.
    fn restate(&mut self, id: ResourceId, ledger: &mut Ledger) {
        let Some(resource) = self.registry.get_mut(id) else { return };
        let (id, first_seen_at) = (resource.id, resource.first_seen_at);
        for member in &mut resource.members {
            member.observed_at = ledger.now;
            let (evidence, incarnation) = (member.evidence.clone(), member.incarnation.clone());
            let binding = Binding { resource_id: id, evidence, first_seen_at, incarnation, origin: member.origin };
            let (source, record) = (member.source.clone(), Arc::clone(&member.record));
            let revision = ledger.write(LogOp::Observed { source, record, binding });
            ledger.touch(id, revision);
        }
    }

    /// The resource of a record that its source lists, and what identifies it.
    fn listing(&self, source: &SourceId, key: &NativeKey) -> Option<(&Resource, Identity)> {
        let listed = self.sources.get(source)?.listed.get(key)?;
        Some((self.registry.get(listed.resource)?, listed.record.identity.clone()))
    }

    /// Makes one of two; the younger gives way.
    fn join(&mut self, one: ResourceId, other: ResourceId, evidence: &[Evidence], ledger: &mut Ledger) {
        let (survivor, absorbed) = self.by_age(one, other);
        let first_seen_at = self.registry.get(absorbed).map_or(ledger.now, |resource| resource.first_seen_at);
        let absorbed_first_seen_at = Some(first_seen_at);
        ledger.write(LogOp::Joined { survivor, absorbed, evidence: evidence.to_vec(), absorbed_first_seen_at });
        let absorption = Absorption { into: survivor, at: ledger.now, first_seen_at, by: None };
        self.absorb(absorbed, absorption, evidence, ledger);
    }

    /// Two resources, the older one first.
    pub(crate) fn by_age(&self, one: ResourceId, other: ResourceId) -> (ResourceId, ResourceId) {
        let age = |id: ResourceId| (self.registry.get(id).map(|resource| resource.first_seen_at), id);
        if age(one) <= age(other) { (one, other) } else { (other, one) }
    }

    /// Takes a resource into another one, by the entry that was written last.
    pub(crate) fn absorb(
        &mut self,
        absorbed: ResourceId,
        absorption: Absorption,
        evidence: &[Evidence],
        ledger: &mut Ledger,
    ) {
        let (survivor, revision) = (absorption.into, ledger.revision);
        let Some(removed) = self.registry.join(absorbed, absorption, evidence) else { return };
        self.count_child(removed.parent, revision, ledger, |count| count.saturating_sub(1));
        for member in &removed.members {
            self.touch_children(&member.source, &member.record.key, revision, ledger);
        }
        ledger.touch(survivor, revision);
        ledger.to_match.push_back(survivor);
        ledger.absorbed.push(Absorbed { id: absorbed, survivor, row: removed.row, revision, why: explain(evidence) });
    }

    /// Whatever names this record as its parent has to find its parent anew.
    pub(crate) fn touch_children(&self, source: &SourceId, key: &NativeKey, revision: Revision, ledger: &mut Ledger) {
        for child in self.sources.get(source).into_iter().flat_map(|source| source.children_of(key)) {
            let id = self.registry.canonical(child.resource);
            ledger.touch(id, revision);
            if id.kind() == ResourceKind::PhysicalDisk {
                ledger.to_match.push_back(id);
            }
        }
    }

    pub(crate) fn matcher(&self) -> Matcher<'_> {
        Matcher { registry: &self.registry, sources: &self.sources }
    }
}

fn explain(evidence: &[Evidence]) -> String {
    let each =
        evidence.iter().map(|evidence| format!("{} {}", <&str>::from(evidence.kind).replace('_', " "), evidence.value));
    each.collect::<Vec<_>>().join(", ")
}
