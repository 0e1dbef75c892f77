//! Writes history as a file: one series after the other, a piece at a time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_estate::Snapshot;
use muster_history::{History, QueryError, SeriesQuery};
use muster_model::{Metric, ResourceId};

use super::{
    Format,
    entry::{Entry, Subject},
    prometheus, table,
};
use crate::{feed::Feed, span::Span};

/// What to export.
pub(crate) struct Export {
    pub(crate) format: Format,
    pub(crate) span: Span,
    /// Canonical ids; `None` for all.
    pub(crate) resources: Option<BTreeSet<ResourceId>>,
    /// `None` for all.
    pub(crate) metrics: Option<Vec<Metric>>,
}

impl Export {
    /// Those of the resources asked for that are not there. History may remember them.
    pub(crate) fn absent(&self, snapshot: &Snapshot) -> BTreeSet<ResourceId> {
        self.resources.iter().flatten().copied().filter(|id| snapshot.get(*id).is_none()).collect()
    }

    /// Writes everything, or until the reader has gone.
    pub(crate) fn write(&self, history: &History, snapshot: &Arc<Snapshot>, feed: &mut Feed) -> Result<(), QueryError> {
        if self.format == Format::Csv {
            feed.write(|out| out.push_str(table::HEADER));
        }
        for (metric, resources) in self.series(history, snapshot) {
            if self.format == Format::Prometheus {
                feed.write(|out| prometheus::write_family(out, metric));
            }
            for (id, ids) in resources {
                let subject = Subject { id, name: snapshot.get(id).map(|row| row.display_name.to_string()) };
                self.write_series(history, &self.query(snapshot, ids, metric), &subject, feed)?;
            }
        }
        Ok(())
    }

    fn write_series(
        &self,
        history: &History,
        query: &SeriesQuery,
        subject: &Subject,
        feed: &mut Feed,
    ) -> Result<(), QueryError> {
        let (metric, cancel) = (query.metric, feed.cancel());
        let prefix = prometheus::prefix(metric, subject);
        history.walk(query, &cancel, |recorded| {
            let entry = Entry::of(metric, recorded);
            feed.write(|out| match self.format {
                Format::Csv => table::write_entry(out, metric, subject, &entry),
                Format::Prometheus => prometheus::write_entry(out, &prefix, &entry),
            });
        })
    }

    /// What there is, by metric: each resource with all the ids that it has series under, its own one first (D-11).
    fn series(
        &self,
        history: &History,
        snapshot: &Snapshot,
    ) -> BTreeMap<Metric, BTreeMap<ResourceId, Vec<ResourceId>>> {
        let mut series: BTreeMap<Metric, BTreeMap<ResourceId, Vec<ResourceId>>> = BTreeMap::new();
        for (id, metric) in history.series(snapshot.tenant()) {
            let owner = snapshot.canonical(id);
            let wanted = self.resources.as_ref().is_none_or(|wanted| wanted.contains(&owner))
                && self.metrics.as_ref().is_none_or(|wanted| wanted.contains(&metric));
            if wanted {
                let ids = series.entry(metric).or_default().entry(owner).or_default();
                if id == owner { ids.insert(0, id) } else { ids.push(id) }
            }
        }
        series
    }

    fn query(&self, snapshot: &Snapshot, resources: Vec<ResourceId>, metric: Metric) -> SeriesQuery {
        let Span { from, to } = self.span;
        SeriesQuery { tenant: snapshot.tenant().clone(), resources, metric, from, to }
    }
}

/// The first of some resources that history knows nothing of.
pub(crate) fn unheard_of(absent: &BTreeSet<ResourceId>, history: &History, snapshot: &Snapshot) -> Option<ResourceId> {
    let series = history.series(snapshot.tenant());
    let remembered: BTreeSet<ResourceId> = series.iter().map(|(id, _)| snapshot.canonical(*id)).collect();
    absent.difference(&remembered).next().copied()
}
