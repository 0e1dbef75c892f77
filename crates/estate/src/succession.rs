//! Guests that were made anew under the number of another one (D-6): the same source and key, another thing.
//!
//! Binding asks whether a record tells of another guest than the one its key led to so far; the timeline is told who
//! took whose number. A guest of which only one half of its making differs, or is not known, is the same guest.

use muster_model::{Incarnation, NativeKey, Record, ResourceChange, ResourceId, SourceId};

use crate::{
    diff,
    estate::Estate,
    ledger::Succession,
    resource::{Former, Member},
};

/// What a source's key led to so far.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) id: ResourceId,
    pub(crate) incarnation: Incarnation,
}

impl Known {
    pub(crate) fn of_member(id: ResourceId, member: &Member) -> Self {
        Self { id, incarnation: member.incarnation.clone() }
    }

    fn of_former(id: ResourceId, former: &Former) -> Self {
        Self { id, incarnation: former.incarnation.clone() }
    }
}

/// Whether a record tells of another guest than what is known, and what is known of its guest's making from now on.
pub(crate) fn judge(record: &Record, known: Option<&Incarnation>) -> (bool, Incarnation) {
    let told = record.incarnation();
    match known {
        Some(known) if told == *known => (false, known.clone()),
        Some(known) if told.is_another_than(known) => (true, told),
        Some(known) => (false, told.after(known)),
        None => (false, told),
    }
}

/// Says in the timeline who took whose number.
pub(crate) fn tell(changes: &mut [ResourceChange], successions: &[Succession]) {
    for Succession { of, by } in successions {
        for change in changes.iter_mut() {
            if change.resource_id == *of && diff::is_removal(change) {
                change.reason = Some(format!("Another guest was made under its number: {by}"));
                change.related_resources = vec![*by];
            } else if change.resource_id == *by && diff::is_creation(change) {
                change.reason = Some(format!("It was made under the number of {of}, which is gone"));
                change.related_resources = vec![*of];
            }
        }
    }
}

impl Estate {
    /// What the key leads to, or led to when the source last listed it.
    pub(crate) fn known(&self, source: &SourceId, key: &NativeKey) -> Option<Known> {
        let reporter = self.sources.get(source)?;
        if let Some(listed) = reporter.listed.get(key) {
            let resource = self.registry.get(listed.resource)?;
            return Some(Known::of_member(resource.id, resource.member(source, key)?));
        }
        let resource = self.registry.get(*reporter.gone.get(key)?)?;
        let nothing = || Known { id: resource.id, incarnation: Incarnation::default() };
        Some(resource.former(source, key).map_or_else(nothing, |former| Known::of_former(resource.id, former)))
    }
}
