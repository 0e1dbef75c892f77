//! Which plans there are, and where each series is found in them. Interning, so that the hot path is an array write.
//!
//! A series may stand in several plans: its source began to measure more, or two sources see the same thing. Plans that
//! share a series are rivals; whoever writes to a tick last owns the value there.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use muster_model::{SourceId, TenantId};

use crate::{
    grid::Period,
    plan::{Plan, PlanError, PlanId, Series},
};

/// Where a series is found: a column of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) plan: PlanId,
    pub(crate) column: u32,
}

/// All plans of a history.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    plans: BTreeMap<PlanId, Arc<Plan>>,
    by_source: HashMap<(TenantId, SourceId), Vec<PlanId>>,
    cells: HashMap<TenantId, HashMap<Series, Vec<Cell>>>,
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
        if let Some(known) = self.find(tenant, source, period, series) {
            return Ok(known);
        }
        check(source, series)?;
        let id = self.free_id().ok_or_else(|| PlanError::Exhausted { source_id: source.clone() })?;
        let series = series.iter().copied().map(Some).collect();
        self.insert(Arc::new(Plan { id, tenant: tenant.clone(), source: source.clone(), period, series }));
        Ok(id)
    }

    fn find(&self, tenant: &TenantId, source: &SourceId, period: Period, series: &[Series]) -> Option<PlanId> {
        let candidates = self.by_source.get(&(tenant.clone(), source.clone()))?;
        // The newest is the likeliest.
        candidates.iter().rev().copied().find(|id| self.plans[id].samples(period, series))
    }

    fn free_id(&self) -> Option<PlanId> {
        self.plans.last_key_value().map_or(Some(PlanId(0)), |(last, _)| last.0.checked_add(1).map(PlanId))
    }

    /// Adds a plan that has its id already. One that is known stays as it is.
    pub(crate) fn insert(&mut self, plan: Arc<Plan>) {
        if self.plans.contains_key(&plan.id) {
            return;
        }
        let cells = self.cells.entry(plan.tenant.clone()).or_default();
        for (series, column) in plan.series.iter().zip(0..) {
            let Some(series) = series else { continue };
            let places = cells.entry(*series).or_default();
            for rival in places.iter().map(|cell| cell.plan) {
                self.rivals.entry(rival).or_default().insert(plan.id);
                self.rivals.entry(plan.id).or_default().insert(rival);
            }
            places.push(Cell { plan: plan.id, column });
        }
        self.by_source.entry((plan.tenant.clone(), plan.source.clone())).or_default().push(plan.id);
        self.plans.insert(plan.id, plan);
    }

    pub(crate) fn get(&self, id: PlanId) -> Option<&Arc<Plan>> {
        self.plans.get(&id)
    }

    pub(crate) fn plans(&self) -> &BTreeMap<PlanId, Arc<Plan>> {
        &self.plans
    }

    /// Where a series is found, oldest plan first.
    pub(crate) fn cells(&self, tenant: &TenantId, series: Series) -> &[Cell] {
        self.cells.get(tenant).and_then(|cells| cells.get(&series)).map_or(&[], Vec::as_slice)
    }

    /// Plans that share a series with this one.
    pub(crate) fn rivals(&self, plan: PlanId) -> impl Iterator<Item = PlanId> {
        self.rivals.get(&plan).into_iter().flatten().copied()
    }

    /// The columns that two rivals share: the first one's, the other's.
    pub(crate) fn shared(&self, plan: &Plan, rival: PlanId) -> impl Iterator<Item = (usize, usize)> {
        plan.series.iter().enumerate().filter_map(move |(column, series)| {
            let cells = self.cells(&plan.tenant, (*series)?);
            let theirs = cells.iter().find(|cell| cell.plan == rival)?;
            Some((column, theirs.column as usize))
        })
    }

    /// Every series of a tenant, in ascending order.
    pub(crate) fn series_of(&self, tenant: &TenantId) -> Vec<Series> {
        let mut series: Vec<_> = self.cells.get(tenant).into_iter().flat_map(HashMap::keys).copied().collect();
        series.sort_unstable();
        series
    }

    /// How many series there are.
    pub(crate) fn series(&self) -> usize {
        self.cells.values().map(HashMap::len).sum()
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
    fn tenants_share_nothing() {
        // D-4
        let mut catalogue = Catalogue::default();
        catalogue.intern(&TenantId::DEFAULT, &SourceId::local_agent(), tick(), &[cpu("a")]).unwrap();
        assert_eq!(catalogue.cells(&TenantId::DEFAULT, cpu("a")).len(), 1);
        assert!(catalogue.cells(&"other".parse().unwrap(), cpu("a")).is_empty());
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
