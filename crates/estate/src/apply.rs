//! Takes one report into the state.
//!
//! In this order, so that the result does not depend on how a source sorts its records: the source speaks; what it no
//! longer lists is withdrawn; what is new or changed is bound, hosts first and disks last; certain joins are made; rows
//! are rebuilt and compared; tasks and events become lines of the timeline; samples find their resources. A record that is
//! the same as before costs one look-up.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use muster_model::{Completeness, LogOp, NativeKey, Record, Report, ResourceKind, SourceFreshness, SourceId};

use crate::{
    diff::Cause,
    estate::{Applied, Estate},
    ledger::Ledger,
    rejected::Rejected,
    source::{Listed, Source},
};

/// A report compared with what its source listed before.
#[derive(Debug, Default)]
struct Sorted {
    /// Places of records that are new or different, in binding order.
    news: Vec<usize>,
    /// Keys that the report does not name.
    absent: Vec<NativeKey>,
    /// Whether every record stands where it stood in the report before.
    same_places: bool,
}

impl Estate {
    /// Takes a report into the state. A report that says nothing new gives no entry, no change and no new revision.
    pub fn apply(&mut self, report: &Report, now: Timestamp) -> Applied {
        if report.tenant != self.tenant {
            let rejected = Rejected::WrongTenant { ours: self.tenant.clone(), theirs: report.tenant.clone() };
            return Applied { rejected: vec![rejected], ..Applied::default() };
        }
        let mut ledger = Ledger::new(self.revision, now);
        let mut rejected = Vec::new();
        let previously_seen = self.hear(report, &mut ledger);
        let sorted = self.sort_out(report, &mut rejected);
        self.miss(report, &sorted.absent, previously_seen, &mut ledger);
        let same_roster = sorted.same_places && sorted.news.is_empty() && sorted.absent.is_empty();
        ledger.reserve(sorted.news.len());
        for place in sorted.news {
            self.bind(&report.source, &report.records[place], place_number(place), &mut ledger);
        }
        self.settle_joins(&mut ledger);
        let mut changes = self.rebuild(&mut ledger, &Cause::Report(report.source.clone()));
        changes.extend(self.recount(report, &ledger, &mut rejected));
        let samples = self.measure(report, same_roster, &mut rejected);
        self.revision = ledger.revision;
        self.publisher.heard();
        Applied { entries: ledger.entries, changes, samples, rejected }
    }

    /// Notes that the source spoke; a source that was silent, or awaited after a restart, is current again.
    fn hear(&mut self, report: &Report, ledger: &mut Ledger) -> Option<Timestamp> {
        let was_dismissed = self.sources.get(&report.source).is_some_and(Source::is_dismissed);
        let source = self.sources.entry(report.source.clone()).or_insert_with(|| Source::new(report.source.clone()));
        let was_silent = was_dismissed || source.awaited || source.judged == SourceFreshness::Stale;
        source.judged = SourceFreshness::Online;
        source.awaited = false;
        source.silent_since = Some(ledger.now);
        source.round = source.round.wrapping_add(1);
        let state = source.state_mut();
        let previously_seen = state.last_seen.replace(ledger.now);
        state.freshness = SourceFreshness::Online;
        state.interval = report.interval;
        state.issues = report.completeness.issues().to_vec();
        if was_silent {
            let op = LogOp::SourceJudged { source: report.source.clone(), freshness: SourceFreshness::Online };
            self.touch_source(&report.source, op, ledger);
        }
        previously_seen
    }

    /// Compares the report with what the source listed before.
    fn sort_out(&mut self, report: &Report, rejected: &mut Vec<Rejected>) -> Sorted {
        let source = self.sources.get_mut(&report.source).expect("the source was heard just now");
        let round = source.round;
        let mut sorted = Sorted { same_places: true, ..Sorted::default() };
        let mut new_keys = HashSet::new();
        let mut again = 0;
        for (place, record) in report.records.iter().enumerate() {
            match source.listed.get_mut(&record.key) {
                Some(listed) if listed.round == round => rejected.push(duplicate(record, place)),
                None if new_keys.contains(&record.key) => rejected.push(duplicate(record, place)),
                Some(listed) => {
                    again += 1;
                    listed.round = round;
                    sorted.same_places &= listed.place == place_number(place);
                    listed.place = place_number(place);
                    if !same_record(listed, record) && is_valid(record, rejected) {
                        sorted.news.push(place);
                    }
                }
                None if is_valid(record, rejected) => {
                    new_keys.insert(&record.key);
                    sorted.news.push(place);
                }
                None => {}
            }
        }
        source.listed.reserve(new_keys.len());
        source.state_mut().record_count = u32::try_from(again + new_keys.len()).unwrap_or(u32::MAX);
        if again < source.listed.len() {
            let absent = source.listed.iter().filter(|(_, listed)| listed.round != round);
            sorted.absent = absent.map(|(key, _)| key.clone()).collect();
            sorted.absent.sort_unstable();
        }
        sorted.news.sort_by_key(|place| binding_order(report.records[*place].kind));
        sorted
    }

    /// What a full report does not name is gone; what a degraded one does not name keeps its last state and ages.
    fn miss(&mut self, report: &Report, absent: &[NativeKey], seen: Option<Timestamp>, ledger: &mut Ledger) {
        let mut left_out = BTreeMap::new();
        match &report.completeness {
            Completeness::Full => absent.iter().for_each(|key| self.withdraw(&report.source, key, ledger)),
            Completeness::Degraded { .. } => {
                let state = &self.sources[&report.source].state;
                let last_named = |key: &NativeKey| state.left_out.get(key).copied().or(seen).unwrap_or(ledger.now);
                left_out = absent.iter().map(|key| (key.clone(), last_named(key))).collect();
            }
        }
        if let Some(source) = self.sources.get_mut(&report.source)
            && source.state.left_out != left_out
        {
            source.state_mut().left_out = left_out;
        }
    }

    /// Writes an entry that concerns all that a source lists.
    pub(crate) fn touch_source(&mut self, source: &SourceId, op: LogOp, ledger: &mut Ledger) {
        let revision = ledger.write(op);
        for listed in self.sources.get(source).into_iter().flat_map(|source| source.listed.values()) {
            ledger.touch(self.registry.canonical(listed.resource), revision);
        }
    }
}

fn duplicate(record: &Record, place: usize) -> Rejected {
    Rejected::DuplicateKey { key: record.key.clone(), place }
}

fn same_record(listed: &Listed, record: &Arc<Record>) -> bool {
    Arc::ptr_eq(&listed.record, record) || listed.record == *record
}

fn is_valid(record: &Record, rejected: &mut Vec<Rejected>) -> bool {
    let facets = &record.facets;
    let is_repeated = |at: usize| facets[..at].iter().any(|before| before.kind() == facets[at].kind());
    let repeated = (1..facets.len()).find(|at| is_repeated(*at)).map(|at| facets[at].kind());
    rejected.extend(repeated.map(|facet| Rejected::DuplicateFacet { key: record.key.clone(), facet }));
    repeated.is_none()
}

/// Hosts before what belongs to them; disks last, since whether they join depends on whose they are.
fn binding_order(kind: ResourceKind) -> u8 {
    if kind == ResourceKind::Agent {
        0
    } else if kind == ResourceKind::PhysicalDisk {
        2
    } else {
        1
    }
}

fn place_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
