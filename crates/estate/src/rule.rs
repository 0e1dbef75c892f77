//! Takes a person's word on who is who into the state: that two resources are one, that they are not, that a host is
//! the system inside a guest, and that a ruling holds no more. Splits are [`crate::split`]'s.
//!
//! A ruling that stands already is answered once more and writes nothing. What cannot be is refused before anything
//! changes. Evidence is told, never held against a person: it is their word.

use jiff::Timestamp;
use muster_model::{
    Evidence, EvidenceKind, LogOp, Note, RecordRef, ResourceId, ResourceKind, Ruling, RulingId, Verdict,
};

use crate::{
    alias::Absorption,
    diff::{Cause, Context},
    estate::{Applied, Estate},
    ledger::Ledger,
    refusal::Refusal,
    story::Story,
};

/// Rulings that may stand at once.
pub const MOST_RULINGS: usize = 10_000;

/// What a person wants, and who wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The id of the ruling, should one be made.
    pub id: RulingId,
    /// Who, as the audit log names them.
    pub by: String,
    /// Why, in their own words.
    pub note: Option<Note>,
    /// What.
    pub wish: Wish,
}

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The two are one.
    Join {
        /// One of them.
        first: ResourceId,
        /// The other.
        second: ResourceId,
    },
    /// The two are not one, or the one does not run inside the other.
    SetApart {
        /// One of them.
        first: ResourceId,
        /// The other.
        second: ResourceId,
    },
    /// The host is the system inside the guest.
    PlaceInside {
        /// The host.
        host: ResourceId,
        /// The guest.
        guest: ResourceId,
    },
    /// Some records of a resource are of another one.
    Split {
        /// The resource.
        resource: ResourceId,
        /// What leaves it.
        leaving: Leaving,
    },
    /// A ruling holds no more.
    Withdraw {
        /// Which one.
        ruling: RulingId,
    },
}

/// What leaves a resource in a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaving {
    /// What came with a former id, which stands for itself again.
    Former(ResourceId),
    /// Some of its present records. They go to the former id that they came with, else to a new one.
    Records(Vec<RecordRef>),
}

/// What became of an order.
#[derive(Debug, PartialEq)]
pub struct Ruled {
    /// The ruling: made, already standing, or taken back.
    pub ruling: Ruling,
    /// Whether anything changed. What stood already is only told again.
    pub is_new: bool,
    /// Of a join: what speaks against the two being one.
    pub against: Vec<EvidenceKind>,
    /// Entries to store and rows of the timeline.
    pub applied: Applied,
}

/// Whose word it is.
pub(crate) struct Word {
    pub(crate) id: RulingId,
    pub(crate) by: String,
    pub(crate) note: Option<Note>,
    pub(crate) at: Timestamp,
}

impl Word {
    pub(crate) fn ruling(&self, verdict: Verdict) -> Ruling {
        let Self { id, by, note, at } = self;
        Ruling { id: *id, at: *at, by: by.clone(), note: note.clone(), verdict }
    }

    /// As a reason why a record is where it is.
    pub(crate) fn evidence(&self) -> Evidence {
        evidence(&self.by)
    }
}

/// A person's word as a reason why a record is where it is.
pub(crate) fn evidence(by: &str) -> Evidence {
    Evidence { kind: EvidenceKind::Operator, value: by.to_owned() }
}

impl Estate {
    /// Carries an order out.
    ///
    /// # Errors
    /// See [`Refusal`]; nothing was changed then.
    pub fn rule(&mut self, order: Order, now: Timestamp) -> Result<Ruled, Refusal> {
        let Order { id, by, note, wish } = order;
        let word = Word { id, by, note, at: now };
        match wish {
            Wish::Join { first, second } => self.rule_one(first, second, &word),
            Wish::SetApart { first, second } => self.rule_apart(first, second, &word),
            Wish::PlaceInside { host, guest } => self.rule_inside(host, guest, &word),
            Wish::Split { resource, leaving } => self.split(resource, leaving, &word),
            Wish::Withdraw { ruling } => self.take_back(ruling, &word),
        }
    }

    /// Makes one resource of two, whatever speaks against it (R-12: a manual link always merges).
    fn rule_one(&mut self, first: ResourceId, second: ResourceId, word: &Word) -> Result<Ruled, Refusal> {
        let (one, other) = (self.known_id(first)?, self.known_id(second)?);
        if one == other {
            let standing = self.joined_by(first, second).cloned();
            return standing.map(already).ok_or(Refusal::AlreadyOne { first, second });
        }
        check_kinds(one, other)?;
        self.check_not_above(one, other)?;
        self.check_not_apart(one, other)?;
        self.check_room()?;
        let against = self.against(one, other);
        let (survivor, absorbed) = self.by_age(one, other);
        let first_seen_at = self.registry.get(absorbed).map_or(word.at, |resource| resource.first_seen_at);
        let ruling = word.ruling(Verdict::Same { survivor, absorbed });
        let mut ledger = Ledger::new(self.revision, word.at);
        ledger.write(LogOp::Ruled { ruling: ruling.clone(), absorbed_first_seen_at: Some(first_seen_at) });
        let absorption = Absorption { into: survivor, at: word.at, first_seen_at, by: Some(word.id) };
        self.absorb(absorbed, absorption, &[word.evidence()], &mut ledger);
        self.registry.rulings_mut().insert(ruling.clone());
        let applied = self.conclude(ledger, word, &Story::of(&ruling));
        Ok(Ruled { ruling, is_new: true, against, applied })
    }

    /// The ruling but for which two ids of one resource would be of two: the one came with what it absorbed, the other
    /// did not.
    fn joined_by(&self, first: ResourceId, second: ResourceId) -> Option<&Ruling> {
        let aliases = self.registry.aliases();
        let parts_them = |ruling: &&Ruling| match ruling.verdict {
            Verdict::Same { absorbed, .. } => {
                let branch = aliases.branch(absorbed);
                branch.contains(&first) != branch.contains(&second)
            }
            Verdict::Distinct { .. } | Verdict::Inside { .. } => false,
        };
        let all = self.registry.rulings().of(aliases, aliases.canonical(first));
        // Of several that had to be made, the last one made them one.
        all.filter(parts_them).last()
    }

    /// Keeps two resources apart (R-12: a manual exclusion always wins), or a host out of a guest.
    fn rule_apart(&mut self, first: ResourceId, second: ResourceId, word: &Word) -> Result<Ruled, Refusal> {
        let (one, other) = (self.known_id(first)?, self.known_id(second)?);
        if one == other {
            return Err(Refusal::AlreadyOne { first, second });
        }
        if !is_host_and_guest(one, other) && !is_host_and_guest(other, one) {
            check_kinds(one, other)?;
        }
        if let Some(ruling) = self.registry.rulings().between(self.registry.aliases(), one, other) {
            return match ruling.verdict {
                Verdict::Distinct { .. } => Ok(already(ruling.clone())),
                Verdict::Same { .. } | Verdict::Inside { .. } => Err(Refusal::Standing { ruling: ruling.id }),
            };
        }
        self.declare(word.ruling(Verdict::Distinct { first: one, second: other }), word)
    }

    /// Relates a host to the guest that it runs in.
    fn rule_inside(&mut self, host: ResourceId, guest: ResourceId, word: &Word) -> Result<Ruled, Refusal> {
        let (host, guest) = (self.known_id(host)?, self.known_id(guest)?);
        if !is_host_and_guest(host, guest) {
            return Err(Refusal::NotHostAndGuest);
        }
        self.check_not_above(host, guest)?;
        let aliases = self.registry.aliases();
        if let Some(ruling) = self.registry.rulings().between(aliases, host, guest) {
            return match ruling.verdict {
                Verdict::Inside { .. } => Ok(already(ruling.clone())),
                Verdict::Same { .. } | Verdict::Distinct { .. } => Err(Refusal::Standing { ruling: ruling.id }),
            };
        }
        let of_either = self.registry.rulings().of(aliases, host).chain(self.registry.rulings().of(aliases, guest));
        let is_inside = |ruling: &&Ruling| matches!(ruling.verdict, Verdict::Inside { .. });
        if let Some(other) = of_either.into_iter().find(is_inside) {
            return Err(Refusal::Standing { ruling: other.id });
        }
        self.declare(word.ruling(Verdict::Inside { host, guest }), word)
    }

    /// Takes a ruling back. What it kept from happening may happen at once.
    fn take_back(&mut self, id: RulingId, word: &Word) -> Result<Ruled, Refusal> {
        let standing = self.registry.rulings().get(id).cloned().ok_or(Refusal::UnknownRuling { ruling: id })?;
        if let Verdict::Same { survivor, absorbed } = standing.verdict {
            let survivor = self.registry.canonical(survivor);
            return Err(Refusal::NeedsSplit { ruling: id, survivor, absorbed });
        }
        let mut ledger = Ledger::new(self.revision, word.at);
        ledger.write(LogOp::RulingWithdrawn { ruling: id });
        self.registry.rulings_mut().remove(id);
        self.look_again(&standing, &mut ledger);
        let applied = self.conclude(ledger, word, &Story::of_withdrawal(&standing, word));
        Ok(Ruled { ruling: standing, is_new: true, against: Vec::new(), applied })
    }

    /// Writes a ruling that moves nothing by itself.
    fn declare(&mut self, ruling: Ruling, word: &Word) -> Result<Ruled, Refusal> {
        self.check_room()?;
        let mut ledger = Ledger::new(self.revision, word.at);
        ledger.write(LogOp::Ruled { ruling: ruling.clone(), absorbed_first_seen_at: None });
        self.registry.rulings_mut().insert(ruling.clone());
        self.look_again(&ruling, &mut ledger);
        let applied = self.conclude(ledger, word, &Story::of(&ruling));
        Ok(Ruled { ruling, is_new: true, against: Vec::new(), applied })
    }

    /// Has the two matched anew: of two that a thing could be, one may be left.
    fn look_again(&self, ruling: &Ruling, ledger: &mut Ledger) {
        let pair = ruling.verdict.pair().map(|id| self.registry.canonical(id));
        ledger.to_match.extend(pair);
        pair.into_iter().for_each(|id| ledger.touch(id, ledger.revision));
    }

    /// Draws the conclusions, and tells the story on both timelines.
    pub(crate) fn conclude(&mut self, mut ledger: Ledger, word: &Word, story: &Story) -> Applied {
        let revision = ledger.revision;
        self.settle_joins(&mut ledger);
        let cause = Cause::Ruling { by: word.by.clone() };
        let mut changes = self.rebuild(&mut ledger, &cause);
        let context = Context { tenant: &self.tenant, now: word.at, revision, cause: &cause };
        story.tell(&context, &mut changes);
        self.revision = ledger.revision;
        Applied { entries: ledger.entries, changes, ..Applied::default() }
    }

    /// Repeats a ruling of the log.
    pub(crate) fn repeat_ruling(&mut self, ruling: Ruling, absorbed_first_seen_at: Option<Timestamp>) {
        if let Verdict::Same { survivor, absorbed } = ruling.verdict {
            let first_seen_at = absorbed_first_seen_at.unwrap_or(ruling.at);
            let absorption = Absorption { into: survivor, at: ruling.at, first_seen_at, by: Some(ruling.id) };
            self.registry.join(absorbed, absorption, &[evidence(&ruling.by)]);
        }
        self.registry.rulings_mut().insert(ruling);
    }

    /// Today's id of a resource that is, or was, there.
    pub(crate) fn known_id(&self, id: ResourceId) -> Result<ResourceId, Refusal> {
        self.registry.get(id).map(|resource| resource.id).ok_or(Refusal::UnknownResource { id })
    }

    pub(crate) fn check_room(&self) -> Result<(), Refusal> {
        if self.registry.rulings().len() < MOST_RULINGS { Ok(()) } else { Err(Refusal::TooMany { most: MOST_RULINGS }) }
    }

    fn check_not_apart(&self, one: ResourceId, other: ResourceId) -> Result<(), Refusal> {
        match self.registry.rulings().between(self.registry.aliases(), one, other) {
            Some(ruling) => Err(Refusal::Standing { ruling: ruling.id }),
            None => Ok(()),
        }
    }

    fn check_not_above(&self, one: ResourceId, other: ResourceId) -> Result<(), Refusal> {
        let is_above = |above, below| self.parents(below).any(|parent| parent == above);
        if is_above(one, other) {
            return Err(Refusal::Ancestor { above: one, below: other });
        }
        if is_above(other, one) { Err(Refusal::Ancestor { above: other, below: one }) } else { Ok(()) }
    }

    /// What a resource belongs to, nearest first. Parents never lead round (see [`crate::parents`]).
    fn parents(&self, id: ResourceId) -> impl Iterator<Item = ResourceId> {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    fn parent(&self, id: ResourceId) -> Option<ResourceId> {
        self.registry.get(id)?.parent
    }

    /// What speaks against two resources being one.
    fn against(&self, one: ResourceId, other: ResourceId) -> Vec<EvidenceKind> {
        let pair = self.registry.get(one).zip(self.registry.get(other));
        pair.map(|(one, other)| one.telling().contradictions(&other.telling())).unwrap_or_default()
    }
}

/// What stands is told once more.
pub(crate) fn already(ruling: Ruling) -> Ruled {
    Ruled { ruling, is_new: false, against: Vec::new(), applied: Applied::default() }
}

/// Whether things of these kinds can be one because a person says so.
fn check_kinds(one: ResourceId, other: ResourceId) -> Result<(), Refusal> {
    use ResourceKind as K;
    let (first, second) = (one.kind(), other.kind());
    if first != second {
        return Err(Refusal::DifferentKinds { first, second });
    }
    let is_joined = [K::Agent, K::PhysicalDisk, K::Vm, K::SystemContainer, K::Storage].contains(&first);
    if is_joined { Ok(()) } else { Err(Refusal::KindNotJoined { kind: first }) }
}

fn is_host_and_guest(host: ResourceId, guest: ResourceId) -> bool {
    let is_guest = [ResourceKind::Vm, ResourceKind::SystemContainer].contains(&guest.kind());
    host.kind() == ResourceKind::Agent && is_guest
}
