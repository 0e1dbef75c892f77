//! Who has to do with whom: which hosts and guests show the same word, kept in step with the rows.
//!
//! Whether a host is inside a guest depends on nobody who is not linked with one of the two by words, one host and one
//! guest after the other. What differs is noted here row by row; who has to do with it is gathered once per rebuild.

use std::collections::{HashMap, HashSet};

use muster_model::ResourceId;

use super::{
    Inside,
    word::{Role, Sign, Word},
};
use crate::{
    id_map::{IdMap, IdSet},
    row::Row,
    rulings::Ruled,
};

/// The words of all hosts and guests, and which of these differ since they were last gathered.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    known: IdMap<Known>,
    hosts: HashMap<Word, IdSet>,
    guests: HashMap<Word, IdSet>,
    moved: IdSet,
    /// Words that somebody of the other side shows no more: by whom they are shown, and which.
    dropped: HashSet<(Role, Word)>,
    /// A ruling may be about anybody.
    all_moved: bool,
}

#[derive(Debug)]
struct Known {
    role: Role,
    words: HashSet<Word>,
}

impl Neighbours {
    /// Notes that a row became another one, appeared or left.
    pub(crate) fn note(&mut self, id: ResourceId, old: Option<&Row>, new: Option<&Row>) {
        let says_the_same = old.zip(new).is_some_and(|(old, new)| {
            old.identity == new.identity && old.name == new.name && Role::of(old) == Role::of(new)
        });
        let role = new.and_then(Role::of);
        if says_the_same || (role.is_none() && !self.known.contains_key(&id)) {
            return;
        }
        self.moved.insert(id);
        if let Some(known) = self.known.remove(&id) {
            self.forget(id, &known);
        }
        if let Some((role, row)) = role.zip(new) {
            self.file(id, role, row);
        }
    }

    /// Notes that a ruling was made or taken back.
    pub(crate) fn note_ruling(&mut self) {
        self.all_moved = true;
    }

    /// Notes that ids were joined or parted: rulings on one of them mean another one now.
    pub(crate) fn note_ids(&mut self, ids: [ResourceId; 2]) {
        self.moved.extend(ids);
    }

    /// Everybody who has to do with what differs, the former partners included; nothing differs from then on.
    pub(crate) fn take_moved(&mut self, inside: &Inside, ruled: Ruled<'_>) -> IdSet {
        let mut moved = std::mem::take(&mut self.moved);
        for (side, word) in std::mem::take(&mut self.dropped) {
            moved.extend(self.showing(side, &word));
        }
        let mut open: Vec<ResourceId> =
            moved.iter().map(|id| ruled.aliases.canonical(*id)).chain(moved.clone()).collect();
        if std::mem::take(&mut self.all_moved) {
            open.extend(self.known.keys().chain(inside.pairs.keys()));
            open.extend(ruled.inside().flat_map(|(host, guest, _)| [host, guest]));
        }
        if open.is_empty() {
            return IdSet::default();
        }
        let mut partners: IdMap<Vec<ResourceId>> = IdMap::default();
        for (host, guest, _) in ruled.inside() {
            partners.entry(host).or_default().push(guest);
            partners.entry(guest).or_default().push(host);
        }
        let mut among = IdSet::default();
        let mut asked: HashSet<(Role, &Word)> = HashSet::new();
        while let Some(id) = open.pop() {
            if among.insert(id) {
                open.extend(inside.pairs.get(&id).into_iter().flat_map(|pair| [pair.host, pair.guest]));
                open.extend(partners.remove(&id).into_iter().flatten());
                // Of all who show a word, the first one asks for the other side.
                open.extend(self.linked(id, |side, word| asked.insert((side, word))));
            }
        }
        among
    }

    /// Whoever on the other side shows a word that this one shows, of the words that are to be looked up.
    fn linked<'a>(
        &'a self,
        id: ResourceId,
        mut is_asked: impl FnMut(Role, &'a Word) -> bool,
    ) -> impl Iterator<Item = ResourceId> {
        let known = self.known.get(&id).into_iter();
        let words = known.flat_map(|known| known.words.iter().map(|word| (known.role.other(), word)));
        words.filter(move |(side, word)| is_asked(*side, word)).flat_map(|(side, word)| self.showing(side, word))
    }

    fn showing(&self, side: Role, word: &Word) -> impl Iterator<Item = ResourceId> {
        let side = match side {
            Role::Host => &self.hosts,
            Role::Guest => &self.guests,
        };
        side.get(word).into_iter().flatten().copied()
    }

    fn file(&mut self, id: ResourceId, role: Role, row: &Row) {
        let mut words = HashSet::new();
        Sign::ALL.iter().for_each(|sign| sign.words(row, |word| words.extend([word])));
        let side = self.side(role);
        for word in &words {
            side.entry(word.clone()).or_default().insert(id);
        }
        self.known.insert(id, Known { role, words });
    }

    /// Takes somebody's words out. Those who were compared with it by these are to be looked at again.
    fn forget(&mut self, id: ResourceId, known: &Known) {
        for word in &known.words {
            self.dropped.insert((known.role.other(), word.clone()));
            let ours = self.side(known.role);
            if let Some(holders) = ours.get_mut(word) {
                holders.remove(&id);
                if holders.is_empty() {
                    ours.remove(word);
                }
            }
        }
    }

    fn side(&mut self, role: Role) -> &mut HashMap<Word, IdSet> {
        match role {
            Role::Host => &mut self.hosts,
            Role::Guest => &mut self.guests,
        }
    }
}
