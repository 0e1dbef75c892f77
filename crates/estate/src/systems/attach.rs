//! The last step of grouping: a group joins the one better group that stands on the same host or address. Two such
//! groups are one too many: then it stays by itself.
//!
//! The first group that has a home goes there; then all are asked again, until none has one. Who shares no name and no
//! address with the group that went would answer as before, and is not asked.

mod ground;

use std::{cmp::Reverse, collections::BinaryHeap};

use self::ground::Grounds;
use super::group::Groups;

/// Attaches groups until nothing changes any more.
pub(super) fn attach(groups: &mut Groups<'_>) {
    let mut grounds = Grounds::of(groups);
    let mut open = Open::all(groups.all().len());
    while let Some(place) = open.next() {
        let Some((into, reason)) = grounds.home_of(place) else { continue };
        groups.merge(place, into, reason);
        grounds.merge(place, into, |other| open.put(other));
    }
}

/// Places of groups that have to be asked, the first one first.
struct Open {
    places: BinaryHeap<Reverse<usize>>,
    is_open: Vec<bool>,
}

impl Open {
    fn all(groups: usize) -> Self {
        Self { places: (0..groups).map(Reverse).collect(), is_open: vec![true; groups] }
    }

    fn next(&mut self) -> Option<usize> {
        let Reverse(place) = self.places.pop()?;
        self.is_open[place] = false;
        Some(place)
    }

    fn put(&mut self, place: usize) {
        if !std::mem::replace(&mut self.is_open[place], true) {
            self.places.push(Reverse(place));
        }
    }
}
