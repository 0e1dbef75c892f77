//! Which plans there are, and where each series is found in them. Interning, so that the hot path is an array write.
//!
//! A series may stand in several plans: its source began to measure more, or two sources see the same thing. Plans that
//! share a resource are rivals; whoever writes to a tick last owns the value there. In stored data neither plan nor source
//! remains, only tracks: a tenant's resources, numbered once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use muster_model::{Metric, ResourceId, SourceId, TenantId};

use crate::{
    grid::Period,
    plan::{Definition, Plan, PlanError, PlanId, Series, TrackId},
    store::StoredTrack,
};

/// Whose metrics a track holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Track {
    pub(crate) tenant: TenantId,
    pub(crate) resource: ResourceId,
    /// The shortest period that it was recorded with.
    pub(crate) period: Period,
    /// What has ever been recorded of it.
    pub(crate) metrics: MetricSet,
    /// Whether the database knows all this.
    pub(crate) is_stored: bool,
    /// Where it stands in plans, oldest plan first.
    places: Vec<Place>,
}

/// A run of columns of one plan.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    plan: PlanId,
    columns: Range<u32>,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// What a source measures, sweep by sweep.
    Sweeps,
    /// What it remembers of the past.
    Backfill,
    /// What the log remembers of a plan that was forgotten. Nobody writes to it.
    ReadBack,
}

/// All plans and tracks of a history.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    plans: BTreeMap<PlanId, Arc<Plan>>,
    next_plan: Option<u32>,
    /// The plans of each source, the one used last at the end.
    by_source: HashMap<(TenantId, SourceId, Purpose), Vec<PlanId>>,
    /// By number. A number whose track could not be read is nobody's, and stays taken.
    tracks: Vec<Option<Track>>,
    by_resource: HashMap<TenantId, HashMap<ResourceId, TrackId>>,
    rivals: HashMap<PlanId, BTreeSet<PlanId>>,
}

impl Catalogue {
    /// Finds the plan of these arguments, or makes it.
    pub(crate) fn intern(
        &mut self,
        tenant: &TenantId,
        source: &SourceId,
        period: Period,
        series: &[Series],
    ) -> Result<PlanId, PlanError> {
        self.intern_for(Purpose::Sweeps, tenant, source, period, series)
    }

    /// The same for a purpose. Only plans of the same purpose follow each other.
    pub(crate) fn intern_for(
        &mut self,
        purpose: Purpose,
        tenant: &TenantId,
        source: &SourceId,
        period: Period,
        series: &[Series],
    ) -> Result<PlanId, PlanError> {
        let key = (tenant.clone(), source.clone(), purpose);
        if let Some(known) = self.find(&key, period, series) {
            return Ok(known);
        }
        check(source, series)?;
        let id = PlanId(self.next_plan.unwrap_or(0));
        if id.0 == u32::MAX {
            return Err(PlanError::Exhausted { source_id: source.clone() });
        }
        let series = series.iter().copied().map(Some).collect();
        self.insert(&Definition { id, tenant: tenant.clone(), source: source.clone(), period, series }, purpose);
        Ok(id)
    }

    fn find(&mut self, key: &(TenantId, SourceId, Purpose), period: Period, series: &[Series]) -> Option<PlanId> {
        let candidates = self.by_source.get_mut(key)?;
        let at = candidates.iter().rposition(|id| self.plans[id].samples(period, series))?;
        candidates[at..].rotate_left(1);
        candidates.last().copied()
    }

    /// Adds a plan that has its id already. One that is known stays as it is; `None` when that is another plan.
    pub(crate) fn adopt(&mut self, definition: &Definition, purpose: Purpose) -> Option<Arc<Plan>> {
        match self.plans.get(&definition.id) {
            Some(known) => known.is_defined_by(definition).then(|| Arc::clone(known)),
            None => Some(self.insert(definition, purpose)),
        }
    }

    fn insert(&mut self, definition: &Definition, purpose: Purpose) -> Arc<Plan> {
        let plan = Plan::new(definition, |resource| self.track(&definition.tenant, resource, definition.period));
        let plan = Arc::new(plan);
        for (track, columns) in plan.runs() {
            let known = self.track_mut(track);
            let metrics = plan.columns[columns.clone()].iter().filter_map(|column| column.metric());
            let metrics = metrics.fold(known.metrics, MetricSet::with);
            known.is_stored &= metrics == known.metrics;
            known.metrics = metrics;
            let narrow = |column: usize| u32::try_from(column).expect("a plan has at most 2^20 series");
            let place = Place { plan: plan.id, columns: narrow(columns.start)..narrow(columns.end) };
            let others: Vec<PlanId> = known.places.iter().map(|place| place.plan).collect();
            known.places.push(place);
            for rival in others.into_iter().filter(|rival| *rival != plan.id) {
                self.rivals.entry(rival).or_default().insert(plan.id);
                self.rivals.entry(plan.id).or_default().insert(rival);
            }
        }
        let key = (plan.tenant.clone(), plan.source.clone(), purpose);
        self.by_source.entry(key).or_default().push(plan.id);
        self.next_plan = self.next_plan.max(plan.id.0.checked_add(1));
        self.plans.insert(plan.id, Arc::clone(&plan));
        plan
    }

    fn track(&mut self, tenant: &TenantId, resource: ResourceId, period: Period) -> TrackId {
        let by_resource = self.by_resource.entry(tenant.clone()).or_default();
        if let Some(known) = by_resource.get(&resource) {
            let known = *known;
            let track = self.track_mut(known);
            if period < track.period {
                (track.period, track.is_stored) = (period, false);
            }
            return known;
        }
        let id = TrackId(u32::try_from(self.tracks.len()).expect("2^32 resources do not fit into memory"));
        by_resource.insert(resource, id);
        let (metrics, places) = (MetricSet::default(), Vec::new());
        self.tracks.push(Some(Track { tenant: tenant.clone(), resource, period, metrics, is_stored: false, places }));
        id
    }

    /// Takes a stored track back, in the order of their numbers. One that could not be read takes a number, and so does
    /// a second one of a resource: what was stored under it is nobody's.
    pub(crate) fn restore(&mut self, stored: Option<StoredTrack>) {
        let is_known = |it: &StoredTrack| self.track_of(&it.tenant, it.resource).is_some();
        let Some(StoredTrack { tenant, resource, period, metrics }) = stored.filter(|it| !is_known(it)) else {
            self.tracks.push(None);
            return;
        };
        let id = self.track(&tenant, resource, period);
        let track = self.track_mut(id);
        (track.metrics, track.is_stored) = (metrics, true);
    }

    fn track_mut(&mut self, id: TrackId) -> &mut Track {
        self.tracks[id.0 as usize].as_mut().expect("a number that was given out is of a track")
    }

    /// Notes that the database knows so much of some tracks. More may have become known meanwhile.
    pub(crate) fn note_stored(&mut self, tracks: &[(TrackId, Track)]) {
        for (id, stored) in tracks {
            let track = self.track_mut(*id);
            track.is_stored = (track.period, track.metrics) == (stored.period, stored.metrics);
        }
    }

    /// Forgets plans that hold nothing and were followed by another plan of the same source and purpose.
    pub(crate) fn retire(&mut self, is_idle: impl Fn(&Plan) -> bool) -> Vec<Arc<Plan>> {
        let followed = self.by_source.values().filter_map(|plans| plans.split_last()).flat_map(|(_, older)| older);
        let retired: Vec<PlanId> = followed.copied().filter(|id| is_idle(&self.plans[id])).collect();
        retired.into_iter().filter_map(|id| self.forget(id)).collect()
    }

    /// Forgets a plan. Its number is not given again.
    pub(crate) fn forget(&mut self, id: PlanId) -> Option<Arc<Plan>> {
        let plan = self.plans.remove(&id)?;
        for (track, _) in &plan.tracks {
            self.track_mut(*track).places.retain(|place| place.plan != id);
        }
        for purpose in [Purpose::Sweeps, Purpose::Backfill, Purpose::ReadBack] {
            if let Some(plans) = self.by_source.get_mut(&(plan.tenant.clone(), plan.source.clone(), purpose)) {
                plans.retain(|other| *other != id);
            }
        }
        for rival in self.rivals.remove(&id).into_iter().flatten() {
            if let Some(theirs) = self.rivals.get_mut(&rival) {
                theirs.remove(&id);
            }
        }
        Some(plan)
    }

    pub(crate) fn get(&self, id: PlanId) -> Option<&Arc<Plan>> {
        self.plans.get(&id)
    }

    pub(crate) fn plans(&self) -> &BTreeMap<PlanId, Arc<Plan>> {
        &self.plans
    }

    /// All tracks, by number.
    pub(crate) fn tracks(&self) -> impl Iterator<Item = (TrackId, &Track)> {
        self.tracks.iter().zip(0..).filter_map(|(track, number)| Some((TrackId(number), track.as_ref()?)))
    }

    /// The track of a number, unless it is nobody's.
    pub(crate) fn track_by_id(&self, id: TrackId) -> Option<&Track> {
        self.tracks.get(id.0 as usize)?.as_ref()
    }

    /// Numbers whose track could not be read.
    pub(crate) fn lost_tracks(&self) -> impl Iterator<Item = TrackId> {
        self.tracks.iter().zip(0..).filter(|(track, _)| track.is_none()).map(|(_, number)| TrackId(number))
    }

    /// The track of a resource.
    pub(crate) fn track_of(&self, tenant: &TenantId, resource: ResourceId) -> Option<TrackId> {
        self.by_resource.get(tenant)?.get(&resource).copied()
    }

    /// In which plans a metric of a track stands, and in which column, oldest plan first.
    pub(crate) fn cells(&self, track: TrackId, metric: Metric) -> impl Iterator<Item = (PlanId, usize)> {
        let places = self.track_by_id(track).map_or(&[][..], |track| &track.places);
        places.iter().filter_map(move |place| {
            let plan = self.plans.get(&place.plan)?;
            let mut columns = place.columns.start as usize..place.columns.end as usize;
            let column = columns.find(|column| plan.columns[*column].metric() == Some(metric))?;
            Some((place.plan, column))
        })
    }

    /// Plans that share a resource with this one.
    pub(crate) fn rivals(&self, plan: PlanId) -> impl Iterator<Item = PlanId> {
        self.rivals.get(&plan).into_iter().flatten().copied()
    }

    /// The columns that two rivals share: the first one's, the other's.
    pub(crate) fn shared(&self, plan: &Plan, rival: PlanId) -> impl Iterator<Item = (usize, usize)> {
        (0..plan.width()).filter_map(move |column| {
            let (track, metric) = plan.cell(column)?;
            let (_, theirs) = self.cells(track, metric).find(|(other, _)| *other == rival)?;
            Some((column, theirs))
        })
    }

    /// Resources of a tenant that anything is known of.
    pub(crate) fn resources(&self, tenant: &TenantId) -> impl Iterator<Item = (ResourceId, TrackId)> {
        self.by_resource.get(tenant).into_iter().flatten().map(|(resource, track)| (*resource, *track))
    }

    /// How many series there are.
    pub(crate) fn series(&self) -> usize {
        self.tracks().map(|(_, track)| track.metrics.len()).sum()
    }
}

/// Metrics by their codes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MetricSet(u128);

impl MetricSet {
    pub(crate) fn with(self, metric: Metric) -> Self {
        self.with_code(metric.code())
    }

    fn with_code(self, code: u8) -> Self {
        Self(self.0 | 1_u128.checked_shl(u32::from(code)).unwrap_or(0))
    }

    fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The codes in it, ascending: the form in which it is stored.
    pub(crate) fn codes(self) -> Vec<u8> {
        (0..128).filter(|code| self.0 >> code & 1 == 1).collect()
    }

    pub(crate) fn of_codes(codes: &[u8]) -> Self {
        codes.iter().fold(Self::default(), |set, code| set.with_code(*code))
    }

    /// The metrics that this version has a word for.
    pub(crate) fn metrics(self) -> impl Iterator<Item = Metric> {
        Metric::ALL.iter().copied().filter(move |metric| self.0 >> metric.code() & 1 == 1)
    }
}

fn check(source: &SourceId, series: &[Series]) -> Result<(), PlanError> {
    let source_id = || source.clone();
    if series.is_empty() {
        return Err(PlanError::Empty { source_id: source_id() });
    }
    if series.len() > PlanError::MOST_SERIES {
        return Err(PlanError::TooLarge { source_id: source_id(), given: series.len() });
    }
    let mut seen = BTreeSet::new();
    match series.iter().find(|series| !seen.insert(**series)) {
        Some((resource, metric)) => {
            Err(PlanError::Duplicate { source_id: source_id(), resource: *resource, metric: *metric })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use muster_model::{Metric, ResourceId, ResourceKind};

    use super::*;

    #[test]
    fn the_same_arguments_lead_to_the_same_plan() {
        let mut catalogue = Catalogue::default();
        let mut intern = |tenant: &str, period, series: &[Series]| {
            let period = Period::of_ticks(NonZeroU32::new(period).unwrap());
            catalogue.intern(&tenant.parse().unwrap(), &SourceId::local_agent(), period, series).unwrap()
        };
        let first = intern("default", 1, &[cpu("a"), cpu("b")]);
        assert_eq!(intern("default", 1, &[cpu("a"), cpu("b")]), first);
        assert_ne!(intern("default", 2, &[cpu("a"), cpu("b")]), first);
        assert_ne!(intern("default", 1, &[cpu("b"), cpu("a")]), first);
        assert_ne!(intern("other", 1, &[cpu("a"), cpu("b")]), first);
    }

    #[test]
    fn what_becomes_known_while_a_track_is_stored_is_stored_next_time() {
        let mut catalogue = Catalogue::default();
        let intern = |catalogue: &mut Catalogue, series: &[Series]| {
            catalogue.intern(&TenantId::DEFAULT, &SourceId::local_agent(), tick(), series).unwrap()
        };
        intern(&mut catalogue, &[cpu("a")]);
        let stored = [(TrackId(0), catalogue.track_by_id(TrackId(0)).unwrap().clone())];
        intern(&mut catalogue, &[cpu("a"), (cpu("a").0, Metric::Memory)]);
        catalogue.note_stored(&stored);
        assert!(!catalogue.track_by_id(TrackId(0)).unwrap().is_stored);
        catalogue.note_stored(&[(TrackId(0), catalogue.track_by_id(TrackId(0)).unwrap().clone())]);
        assert!(catalogue.track_by_id(TrackId(0)).unwrap().is_stored);
    }

    #[test]
    fn tenants_share_nothing() {
        // D-4
        let mut catalogue = Catalogue::default();
        catalogue.intern(&TenantId::DEFAULT, &SourceId::local_agent(), tick(), &[cpu("a")]).unwrap();
        assert!(catalogue.track_of(&TenantId::DEFAULT, cpu("a").0).is_some());
        assert_eq!(catalogue.track_of(&"other".parse().unwrap(), cpu("a").0), None);
    }

    #[test]
    fn a_plan_that_was_followed_is_forgotten_once_it_is_idle() {
        let mut catalogue = Catalogue::default();
        let mut intern =
            |series: &[Series]| catalogue.intern(&TenantId::DEFAULT, &SourceId::local_agent(), tick(), series).unwrap();
        let (old, new) = (intern(&[cpu("a")]), intern(&[cpu("a"), cpu("b")]));
        assert!(catalogue.retire(|_| false).is_empty());
        assert_eq!(catalogue.retire(|_| true).iter().map(|plan| plan.id).collect::<Vec<_>>(), [old]);
        assert!(catalogue.get(old).is_none() && catalogue.get(new).is_some());
        let track = catalogue.track_of(&TenantId::DEFAULT, cpu("a").0).unwrap();
        assert_eq!(catalogue.cells(track, Metric::Cpu).collect::<Vec<_>>(), [(new, 0)]);
        assert_eq!(catalogue.rivals(new).count(), 0);
    }

    #[test]
    fn plans_that_share_a_series_know_each_other() {
        let mut catalogue = Catalogue::default();
        let mut intern =
            |series: &[Series]| catalogue.intern(&TenantId::DEFAULT, &SourceId::local_agent(), tick(), series).unwrap();
        let (old, new) = (intern(&[cpu("a")]), intern(&[cpu("b"), cpu("a")]));
        assert_eq!(catalogue.rivals(old).collect::<Vec<_>>(), [new]);
        let shared: Vec<_> = catalogue.shared(catalogue.get(old).unwrap(), new).collect();
        assert_eq!(shared, [(0, 1)]);
    }

    #[test]
    fn senseless_plans_are_refused() {
        let mut catalogue = Catalogue::default();
        let mut intern = |series: &[Series]| {
            catalogue.intern(&TenantId::DEFAULT, &SourceId::local_agent(), tick(), series).unwrap_err()
        };
        assert!(matches!(intern(&[]), PlanError::Empty { .. }));
        assert!(matches!(intern(&[cpu("a"), cpu("a")]), PlanError::Duplicate { .. }));
    }

    fn cpu(name: &str) -> Series {
        (ResourceId::mint(ResourceKind::Vm, name), Metric::Cpu)
    }

    fn tick() -> Period {
        Period::of_ticks(NonZeroU32::MIN)
    }
}
