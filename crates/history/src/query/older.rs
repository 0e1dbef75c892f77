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
        let questions = questions(query, view, &until);
        self.told = vec![vec![Vec::new(); query.metrics.len()]; query.resources.len()];
        self.until = until;
        if questions.is_empty() {
            return Ok(());
        }
        let (places, questions): (Vec<Place>, Vec<ArchiveQuery>) = questions.into_iter().unzip();
        let mut places = places.into_iter();
        let answered = archive.buckets(&questions, cancel, &mut |told| {
            let Some(Place { resources, metric }) = places.next() else { return };
            resources.into_iter().zip(told).for_each(|(resource, told)| self.told[resource][metric] = told);
        });
        self.error = answered.err().map(|error| muster_runtime::chain(&error));
        cancel.check()
    }
}

/// What a question is about, by its place in the chart's question.
#[derive(Debug)]
struct Place {
    resources: Vec<usize>,
    metric: usize,
}

/// One question for every metric of some resources that are known from the same time on.
fn questions(query: &ManyQuery, view: &View, until: &[Option<Tick>]) -> Vec<(Place, ArchiveQuery)> {
    let mut together: BTreeMap<Tick, Vec<usize>> = BTreeMap::new();
    for (resource, until) in until.iter().enumerate() {
        let Some(until) = until else { continue };
        together.entry(*until).or_default().push(resource);
    }
    let parts =
        together.iter().flat_map(|(until, all)| all.chunks(RESOURCES_A_QUESTION).map(move |some| (until, some)));
    let each = |(until, some): (&Tick, &[usize])| {
        let (until, resources) = (*until, some.to_vec());
        let of_metric = move |metric| {
            let place = Place { resources: resources.clone(), metric };
            let question = question(query, view, &place, until);
            (place, question)
        };
        (0..query.metrics.len()).map(of_metric)
    };
    parts.flat_map(each).collect()
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

fn question(query: &ManyQuery, view: &View, place: &Place, until: Tick) -> ArchiveQuery {
    let grid = view.settings.grid;
    ArchiveQuery {
        tenant: query.tenant.clone(),
        resources: place.resources.iter().map(|resource| query.resources[*resource].clone()).collect(),
        metric: query.metrics[place.metric],
        from_ms: grid.epoch_ms(view.axis.span().from),
        to_ms: grid.epoch_ms(until),
        width_ms: grid.epoch_ms(Tick(view.axis.step_ticks())),
    }
}
