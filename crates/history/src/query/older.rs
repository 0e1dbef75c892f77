//! Asks a store elsewhere for what is older than anything that is here.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    archive::{Archive, ArchiveBucket, ArchiveQuery},
    cancel::Cancel,
    grid::Tick,
    query::{ManyQuery, QueryError, answer::View},
};

/// So many resources are asked for at once.
const RESOURCES_A_QUESTION: usize = 200;

/// What a store elsewhere told.
#[derive(Debug, Default)]
pub(crate) struct Older {
    /// Up to where it was asked about each resource, which is not included.
    until: Vec<Option<Tick>>,
    /// One entry a resource; in it one a metric, if it was asked.
    told: Vec<Vec<Vec<ArchiveBucket>>>,
    error: Option<String>,
}

impl Older {
    /// Why the store did not tell what it knows.
    pub(super) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// What it has of a metric of a resource, by their places in the question.
    pub(super) fn of(&self, resource: usize, metric: usize) -> &[ArchiveBucket] {
        self.told.get(resource).and_then(|metrics| metrics.get(metric)).map_or(&[], Vec::as_slice)
    }

    /// Asks for what a view has not, unless that is what was asked before. After it has failed once it is asked no more.
    pub(crate) fn ask(
        &mut self,
        query: &ManyQuery,
        view: &View,
        archive: &Arc<dyn Archive>,
        cancel: &Cancel,
    ) -> Result<(), QueryError> {
        let until = untold(view);
        if until == self.until || self.error.is_some() {
            return Ok(());
        }
        let mut together: BTreeMap<Tick, Vec<usize>> = BTreeMap::new();
        for (resource, until) in until.iter().enumerate() {
            let Some(until) = until else { continue };
            together.entry(*until).or_default().push(resource);
        }
        self.told = vec![vec![Vec::new(); query.metrics.len()]; query.resources.len()];
        self.until = until;
        for (until, resources) in &together {
            for resources in resources.chunks(RESOURCES_A_QUESTION) {
                for metric in 0..query.metrics.len() {
                    cancel.check()?;
                    let question = question(query, view, resources, metric, *until);
                    match archive.buckets(&question, cancel) {
                        Ok(told) => {
                            resources.iter().zip(told).for_each(|(resource, told)| self.told[*resource][metric] = told);
                        }
                        Err(error) => {
                            self.error = Some(muster_runtime::chain(&error));
                            return Ok(());
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// For each resource, where what is here begins, if that is later than the question. Only whole points are asked for:
/// one that both know of is told by what is here.
fn untold(view: &View) -> Vec<Option<Tick>> {
    let View { axis, span, .. } = view;
    let width = axis.step_ticks();
    let until = |first: Option<Tick>| {
        let until = first.map_or(axis.span().to.0 + 1, |first| first.0.div_euclid(width) * width);
        (until > axis.span().from.0 && until > span.from.0).then_some(Tick(until))
    };
    view.first_here().into_iter().map(until).collect()
}

fn question(query: &ManyQuery, view: &View, resources: &[usize], metric: usize, until: Tick) -> ArchiveQuery {
    let grid = view.settings.grid;
    ArchiveQuery {
        tenant: query.tenant.clone(),
        resources: resources.iter().map(|resource| query.resources[*resource].clone()).collect(),
        metric: query.metrics[metric],
        from_ms: grid.epoch_ms(view.axis.span().from),
        to_ms: grid.epoch_ms(until),
        width_ms: grid.epoch_ms(Tick(view.axis.step_ticks())),
    }
}
