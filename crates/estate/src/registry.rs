//! All resources of a tenant with their aliases and the index of their clues, kept in step with each other.
//!
//! The registry stores decisions; it takes none. Who joins whom is the matcher's question, when is the sweep's.

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{Evidence, NativeKey, Record, ResourceId, SourceId, StableKey};

use crate::{
    alias::{Absorption, Aliases},
    clues::{Clue, Clues, platform_key},
    coordinates::trimmed,
    id_map::IdMap,
    index::Index,
    inside::{Inside, Neighbours},
    parting::Parting,
    resource::{Former, Member, Resource},
    row::Row,
    rulings::{Ruled, Rulings},
};

/// The resources of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Boxed, since the map moves its values when it grows.
    resources: IdMap<Box<Resource>>,
    aliases: Arc<Aliases>,
    rulings: Arc<Rulings>,
    index: Index,
    inside: Arc<Inside>,
    neighbours: Neighbours,
}

impl Registry {
    /// The resource with this id or alias.
    pub(crate) fn get(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.get(&self.canonical(id)).map(|resource| &**resource)
    }

    /// The same, for writing. Whoever changes members calls a method of the registry instead.
    pub(crate) fn get_mut(&mut self, id: ResourceId) -> Option<&mut Resource> {
        self.resources.get_mut(&self.aliases.canonical(id)).map(|resource| &mut **resource)
    }

    /// The id that stands for the given one today.
    pub(crate) fn canonical(&self, id: ResourceId) -> ResourceId {
        self.aliases.canonical(id)
    }

    pub(crate) fn aliases(&self) -> &Arc<Aliases> {
        &self.aliases
    }

    /// What people have ruled.
    pub(crate) fn rulings(&self) -> &Arc<Rulings> {
        &self.rulings
    }

    pub(crate) fn rulings_mut(&mut self) -> &mut Rulings {
        self.neighbours.note_ruling();
        Arc::make_mut(&mut self.rulings)
    }

    /// Whether a person said that the two are not one.
    pub(crate) fn are_ruled_apart(&self, one: ResourceId, other: ResourceId) -> bool {
        self.rulings.are_apart(&self.aliases, one, other)
    }

    /// Whether a person said of anything that it is not this.
    pub(crate) fn is_ruled_on(&self, id: ResourceId) -> bool {
        self.rulings.set_something_apart(&self.aliases, id)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Which hosts are inside which guests, by the rows as they were last found.
    pub(crate) fn inside(&self) -> &Arc<Inside> {
        &self.inside
    }

    /// Notes that a row became another one.
    pub(crate) fn note_inside(&mut self, id: ResourceId, old: Option<&Row>, new: Option<&Row>) {
        self.neighbours.note(id, old, new);
    }

    /// Finds anew which hosts are inside which guests, among those who have to do with a row or ruling that differs.
    /// Answers with the guests that have another host inside them than before.
    pub(crate) fn find_inside(&mut self) -> Vec<ResourceId> {
        let ruled = Ruled { rulings: &self.rulings, aliases: &self.aliases };
        let among = self.neighbours.take_moved(&self.inside, ruled);
        if among.is_empty() {
            return Vec::new();
        }
        let rows = among.iter().filter_map(|id| self.resources.get(id)?.row.as_deref());
        let found = Inside::find(rows, &among, ruled);
        if found.stands_in(&self.inside, &among) {
            return Vec::new();
        }
        Arc::make_mut(&mut self.inside).replace(&among, found)
    }

    /// Every resource that ever was and was not absorbed.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ResourceId> {
        self.resources.keys().copied()
    }

    /// Mints the id of a new thing from R-10's stable key. An id that another thing has, or had, is not given twice; a
    /// guest made under another one's number never takes the other's id, not even when nobody remembers it (D-6).
    pub(crate) fn mint(&self, source: &SourceId, record: &Record, is_successor: bool) -> ResourceId {
        let own = || StableKey::from_source(source, &record.key);
        let mut stable = trimmed(&record.identity).stable_key(record.kind).unwrap_or_else(own);
        if is_successor || (!record.incarnation().is_unknown() && self.has_namesake(record)) {
            stable = stable.of_incarnation(&record.incarnation());
        }
        loop {
            let id = stable.mint(record.kind);
            if !self.resources.contains_key(&id) && !self.aliases.contains(id) {
                return id;
            }
            stable = stable.disambiguated(source, &record.key);
        }
    }

    /// Whether there is, or was, something of the same kind that its platform calls the same.
    pub(crate) fn has_namesake(&self, record: &Record) -> bool {
        let clue = platform_key(&record.identity).map(Clue::PlatformKey);
        clue.is_some_and(|clue| self.index.holders(&clue).iter().any(|id| id.kind() == record.kind))
    }

    /// Lets a record speak for a resource, which is created when it is new. Says whether its clues changed.
    pub(crate) fn seat(&mut self, id: ResourceId, first_seen_at: Timestamp, member: Member) -> bool {
        let id = self.canonical(id);
        let resource = self.resources.entry(id).or_insert_with(|| Box::new(Resource::new(id, first_seen_at)));
        resource.first_seen_at = resource.first_seen_at.min(first_seen_at);
        if !id.kind().joins_on_evidence() && resource.is_told_the_same_by(&member) {
            resource.seat(member);
            return false;
        }
        resource.seat(member);
        let is_refiled = self.refile(id);
        is_refiled || self.resources.get(&id).is_some_and(|resource| !resource.platform_keys.is_empty())
    }

    /// Takes a record's word from a resource, because it turned out to speak of something else.
    pub(crate) fn unseat(&mut self, id: ResourceId, source: &SourceId, key: &NativeKey) -> Option<Member> {
        let id = self.canonical(id);
        let member = self.resources.get_mut(&id)?.unseat(source, key)?;
        self.refile(id);
        Some(member)
    }

    /// Keeps the identity of a thing that is gone.
    pub(crate) fn remember(&mut self, id: ResourceId, first_seen_at: Timestamp, former: Former) {
        let id = self.canonical(id);
        let resource = self.resources.entry(id).or_insert_with(|| Box::new(Resource::new(id, first_seen_at)));
        resource.first_seen_at = resource.first_seen_at.min(first_seen_at);
        resource.former.retain(|other| other.source != former.source || other.key != former.key);
        resource.former.push(former);
        self.refile(id);
    }

    /// Makes one resource of two. The absorbed id becomes an alias; its members say why they are here.
    pub(crate) fn join(
        &mut self,
        absorbed: ResourceId,
        absorption: Absorption,
        evidence: &[Evidence],
    ) -> Option<Box<Resource>> {
        let removed = self.resources.remove(&absorbed);
        if let Some(removed) = &removed {
            self.index.remove(absorbed, &removed.clues);
            for key in &removed.platform_keys {
                self.index.remove_under(absorbed, &Clue::PlatformKey(key.clone()));
            }
        }
        let survivor = self.canonical(absorption.into);
        self.neighbours.note_ids([absorbed, survivor]);
        Arc::make_mut(&mut self.aliases).join(absorbed, absorption);
        // In a compacted log the two may have nothing to bring any more; that they were joined counts all the same.
        let resource =
            self.resources.entry(survivor).or_insert_with(|| Box::new(Resource::new(survivor, Timestamp::MAX)));
        resource.joined_at = resource.joined_at.max(Some(absorption.at));
        resource.is_held_together = self.aliases.is_held_together(survivor);
        if let Some(removed) = &removed {
            resource.take_over(removed, evidence);
        }
        self.refile(survivor);
        removed
    }

    /// Moves records from one resource to another one, with those of the past. A former id that they leave to stands for
    /// itself again.
    pub(crate) fn part(&mut self, parting: &Parting<'_>) {
        let Parting { survivor, departed, records, evidence, at } = parting;
        self.neighbours.note_ids([survivor.id, departed.id]);
        if self.aliases.contains(departed.id) {
            Arc::make_mut(&mut self.aliases).take_back(departed.id);
        }
        let mut rest = self.remove_or_new(survivor.id);
        let mut left = self.remove_or_new(departed.id);
        left.take_from(&mut rest, records, evidence);
        for (mut resource, side) in [(rest, survivor), (left, departed)] {
            resource.first_seen_at = resource.first_seen_at.min(side.first_seen_at);
            resource.joined_at = resource.joined_at.max(Some(*at));
            resource.is_held_together = self.aliases.is_held_together(side.id);
            resource.forget_origins(|origin| origin != side.id && self.aliases.canonical(origin) == side.id);
            self.resources.insert(side.id, resource);
            self.refile(side.id);
        }
    }

    /// Takes a resource out, to be put back; in a compacted log it may have nothing to bring yet.
    fn remove_or_new(&mut self, id: ResourceId) -> Box<Resource> {
        self.resources.remove(&id).unwrap_or_else(|| Box::new(Resource::new(id, Timestamp::MAX)))
    }

    /// Forgets that a record once spoke for a resource, because it now speaks for another one.
    pub(crate) fn forget(&mut self, id: ResourceId, source: &SourceId, key: &NativeKey) {
        let id = self.canonical(id);
        if let Some(resource) = self.resources.get_mut(&id) {
            resource.former.retain(|former| former.source != *source || former.key != *key);
            self.refile(id);
        }
    }

    /// Gathers a resource's clues anew and files it under them. Says whether they changed.
    fn refile(&mut self, id: ResourceId) -> bool {
        let Some(resource) = self.resources.get_mut(&id) else { return false };
        if !id.kind().joins_on_evidence() {
            let keys = resource.gather_platform_keys();
            if keys == resource.platform_keys {
                return false;
            }
            let before = std::mem::replace(&mut resource.platform_keys, keys);
            before.into_iter().for_each(|key| self.index.remove_under(id, &Clue::PlatformKey(key)));
            resource.platform_keys.iter().for_each(|key| self.index.insert_under(id, Clue::PlatformKey(key.clone())));
            return true;
        }
        let clues = resource.gather_clues();
        if clues == resource.clues {
            return false;
        }
        let before: Clues = std::mem::replace(&mut resource.clues, clues);
        self.index.remove(id, &before);
        self.index.insert(id, &resource.clues);
        true
    }
}
