//! Takes records out of a resource because a person said so, and a join apart (D-5, D-11).
//!
//! What leaves goes back to the former id that it came with, else to a new one; from then on the two are ruled apart. Of
//! what was measured nothing moves: the series of a former id were its own all the time, and the span in which the two were
//! one stays with the resource that stayed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_model::{LogOp, RecordRef, ResourceId, Ruling, Verdict};

use crate::{
    estate::Estate,
    ledger::Ledger,
    parting::{Parting, Side},
    refusal::Refusal,
    resource::{Member, Resource},
    rule::{Leaving, Ruled, Word, already, evidence},
    story::{Story, Together},
};

/// Who leaves, and where to.
struct Plan {
    /// The former id that stands for itself again; none where a new one is minted.
    former: Option<ResourceId>,
    records: Vec<RecordRef>,
}

impl Estate {
    /// Splits a resource. What a split has taken out already is told again.
    pub(crate) fn split(&mut self, resource: ResourceId, leaving: Leaving, word: &Word) -> Result<Ruled, Refusal> {
        let survivor = self.known_id(resource)?;
        if let Some(standing) = self.split_before(survivor, &leaving) {
            return Ok(already(standing.clone()));
        }
        let plan = match leaving {
            Leaving::Former(former) => self.plan_former(survivor, former)?,
            Leaving::Records(records) => self.plan_records(survivor, records)?,
        };
        self.check_room()?;
        let departed = self.departed(survivor, &plan, word);
        let together = self.together(&plan, word);
        let ruling = word.ruling(Verdict::Distinct { first: survivor, second: departed.id });
        let survivor_first_seen_at = self.registry.get(survivor).map_or(word.at, |resource| resource.first_seen_at);
        let mut aliases = plan.former.map(|former| self.registry.aliases().branch(former)).unwrap_or_default();
        aliases.retain(|id| *id != departed.id);
        let op = LogOp::Split {
            ruling: ruling.clone(),
            survivor,
            survivor_first_seen_at,
            departed: departed.id,
            departed_first_seen_at: departed.first_seen_at,
            aliases,
            records: plan.records.clone(),
        };
        let mut ledger = Ledger::new(self.revision, word.at);
        ledger.write(op.clone());
        self.repeat_split(op, word.at);
        self.stir([survivor, departed.id], &plan.records, &mut ledger);
        let applied = self.conclude(ledger, word, &Story::of_split([survivor, departed.id], together, word));
        Ok(Ruled { ruling, is_new: true, against: Vec::new(), applied })
    }

    /// The ruling that keeps what should leave a resource apart from it, where it has left.
    fn split_before(&self, survivor: ResourceId, leaving: &Leaving) -> Option<&Ruling> {
        let aliases = self.registry.aliases();
        let has_left = |ruling: &&Ruling| {
            let Verdict::Distinct { first, second } = ruling.verdict else { return false };
            let (first, second) = (aliases.canonical(first), aliases.canonical(second));
            match leaving {
                Leaving::Former(former) => second == *former,
                Leaving::Records(records) => first == survivor && self.holds(second, records),
            }
        };
        self.registry.rulings().of(aliases, survivor).find(has_left)
    }

    /// Whether records were named, and all of them are of one resource.
    fn holds(&self, id: ResourceId, records: &[RecordRef]) -> bool {
        let is_of = |resource: &Resource| records.iter().all(|it| resource.member(&it.source, &it.key).is_some());
        !records.is_empty() && self.registry.get(id).is_some_and(is_of)
    }

    /// Repeats a split of the log.
    pub(crate) fn repeat_split(&mut self, op: LogOp, at: Timestamp) {
        let LogOp::Split {
            ruling,
            survivor,
            survivor_first_seen_at,
            departed,
            departed_first_seen_at,
            aliases: _,
            records,
        } = op
        else {
            return;
        };
        let undone = self.registry.aliases().absorption(departed).and_then(|absorption| absorption.by);
        self.part(&Parting {
            survivor: Side { id: survivor, first_seen_at: survivor_first_seen_at },
            departed: Side { id: departed, first_seen_at: departed_first_seen_at },
            records: &records,
            evidence: evidence(&ruling.by),
            at,
        });
        let rulings = self.registry.rulings_mut();
        // The word that made them one stands no more.
        undone.and_then(|undone| rulings.remove(undone));
        rulings.insert(ruling);
    }

    /// What came with a former id, now and in the past. What a person joined can be taken back even where nothing of it is
    /// remembered: whatever returns to it returns to an id of its own then.
    fn plan_former(&self, survivor: ResourceId, former: ResourceId) -> Result<Plan, Refusal> {
        let aliases = self.registry.aliases();
        if former == survivor || aliases.canonical(former) != survivor {
            return Err(Refusal::NotFormer { resource: survivor, former });
        }
        let branch = aliases.branch(former);
        let came_with = |origin: Option<ResourceId>| origin.is_some_and(|origin| branch.contains(&origin));
        let resource = self.registry.get(survivor).ok_or(Refusal::UnknownResource { id: survivor })?;
        let present = resource.members.iter().filter(|member| came_with(member.origin)).map(seat);
        let records: Vec<_> = present.chain(past(resource, came_with)).collect();
        let is_by_a_person = aliases.absorption(former).is_some_and(|absorption| absorption.by.is_some());
        if records.is_empty() && !is_by_a_person {
            Err(Refusal::NothingRemembered { former })
        } else {
            Ok(Plan { former: Some(former), records })
        }
    }

    /// The records that were named, and where they came from.
    fn plan_records(&self, survivor: ResourceId, records: Vec<RecordRef>) -> Result<Plan, Refusal> {
        let resource = self.registry.get(survivor).ok_or(Refusal::UnknownResource { id: survivor })?;
        let mut records: Vec<_> = records.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let stranger = records.iter().find(|record| resource.member(&record.source, &record.key).is_none());
        if let Some(record) = stranger {
            return Err(Refusal::NotItsRecord { resource: survivor, record: record.clone() });
        }
        if records.is_empty() {
            return Err(Refusal::NoRecord);
        }
        let former = self.common_origin(resource, &records)?;
        if former.is_none() && records.len() == resource.members.len() {
            return Err(Refusal::NothingStays { resource: survivor });
        }
        let branch = former.map(|former| self.registry.aliases().branch(former)).unwrap_or_default();
        records.extend(past(resource, |origin| origin.is_some_and(|origin| branch.contains(&origin))));
        Ok(Plan { former, records })
    }

    /// The former id that all of these records came with; none where one of them came with none.
    fn common_origin(&self, resource: &Resource, records: &[RecordRef]) -> Result<Option<ResourceId>, Refusal> {
        let members = records.iter().filter_map(|record| resource.member(&record.source, &record.key));
        let origins: Option<BTreeSet<ResourceId>> = members.map(|member| member.origin).collect();
        let Some(origins) = origins else { return Ok(None) };
        let holds_all = |former: &&ResourceId| {
            let branch = self.registry.aliases().branch(**former);
            origins.iter().all(|origin| branch.contains(origin))
        };
        let several = || {
            let mut each = origins.iter().copied();
            each.next().zip(each.next())
        };
        match (origins.iter().find(holds_all), several()) {
            (None, Some((first, second))) => Err(Refusal::SeveralFormers { first, second }),
            (former, _) => Ok(former.copied()),
        }
    }

    /// The resource that the records go to.
    fn departed(&self, survivor: ResourceId, plan: &Plan, word: &Word) -> Side {
        if let Some(former) = plan.former {
            let first_seen_at = self.registry.aliases().absorption(former).map_or(word.at, |it| it.first_seen_at);
            return Side { id: former, first_seen_at };
        }
        let resource = self.registry.get(survivor);
        let leaves = |member: &&Member| plan.records.contains(&seat(member));
        let leaving: Vec<&Member> = resource.iter().flat_map(|resource| &resource.members).filter(leaves).collect();
        let leader = leaving.first().expect("a split without former id names present records");
        let id = self.registry.mint(&leader.source, &leader.record, false);
        let first_seen_at = leaving.iter().map(|member| member.observed_at).min().unwrap_or(word.at);
        Side { id, first_seen_at }
    }

    fn together(&self, plan: &Plan, word: &Word) -> Together {
        let absorption = plan.former.and_then(|former| self.registry.aliases().absorption(former));
        Together { since: absorption.map(|absorption| absorption.at), until: word.at }
    }

    /// Has everything looked at anew that may differ after a split: both, and whatever belongs to either.
    fn stir(&self, pair: [ResourceId; 2], records: &[RecordRef], ledger: &mut Ledger) {
        let revision = ledger.revision;
        for id in pair {
            ledger.touch(id, revision);
            ledger.to_match.push_back(id);
        }
        for record in records {
            self.touch_children(&record.source, &record.key, revision, ledger);
        }
    }
}

fn seat(member: &Member) -> RecordRef {
    RecordRef { source: member.source.clone(), key: member.record.key.clone() }
}

/// Records of the past that came with some former id.
fn past(resource: &Resource, came_with: impl Fn(Option<ResourceId>) -> bool) -> impl Iterator<Item = RecordRef> {
    let former = resource.former.iter().filter(move |former| came_with(former.origin));
    former.map(|former| RecordRef { source: former.source.clone(), key: former.key.clone() })
}
