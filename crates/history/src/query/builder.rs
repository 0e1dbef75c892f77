//! Builds the columns of an answer, on several threads where that is quicker.

use std::ops::Range;

use rayon::prelude::*;

use crate::{
    cancel::Cancel,
    query::{
        QueryError,
        answer::{Look, View},
        building::{Building, Built},
        older::Older,
        parts::{self, Part},
        sources::Piece,
    },
    store::Readers,
};

/// So many values are read so fast that sharing the work takes longer than doing it.
const LARGE: i64 = 20_000;

/// Everything that columns are built from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Builder<'a> {
    pub(super) view: &'a View,
    pub(super) older: &'a Older,
    pub(super) readers: &'a Readers,
    pub(super) cancel: &'a Cancel,
}

impl Builder<'_> {
    /// All columns, by resource and metric. `None` when memory and database tell of different blocks, as they do for a
    /// moment after each write.
    pub(super) fn build(self, look: Look) -> Result<Option<Vec<Built>>, QueryError> {
        let threads = if look.may_share() && self.is_large() { rayon::current_num_threads() } else { 1 };
        if let Some(stretches) = self.stretches_worth_sharing(threads) {
            return self.in_stretches(&stretches, threads);
        }
        let parts = parts::cut(self.view.resources(), self.view.metrics.len(), threads);
        let built: Vec<Option<Vec<Built>>> = match &parts[..] {
            [part] => vec![self.part(part)?],
            parts => parts.par_iter().map(|part| self.part(part)).collect::<Result<_, _>>()?,
        };
        let Some(built) = built.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let mut built: Vec<Built> = built.into_iter().flatten().collect();
        built.sort_unstable_by_key(|built| (built.resource, built.metric));
        Ok(Some(built))
    }

    /// Whether so much is read that several threads are quicker.
    fn is_large(self) -> bool {
        self.view.values() >= LARGE
    }

    /// A long time of one resource: its metrics lie together, so that each thread takes all of them for a part of the time.
    fn stretches_worth_sharing(self, threads: usize) -> Option<Vec<Piece>> {
        if threads == 1 || self.view.resources() > 1 {
            return None;
        }
        let stretches = self.view.reading(0, &self.all_metrics(), |reading| reading.stretches());
        (stretches.len() >= threads * parts::LEAST_STRETCHES).then_some(stretches)
    }

    fn in_stretches(self, stretches: &[Piece], threads: usize) -> Result<Option<Vec<Built>>, QueryError> {
        let shares = parts::by_time(stretches, self.view.settings.calendar, threads);
        let built: Vec<Option<Vec<Building>>> =
            shares.into_par_iter().map(|share| self.share(stretches, share)).collect::<Result<_, _>>()?;
        let Some(shares) = built.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let columns = shares.into_iter().reduce(|mut columns, later| {
            columns.iter_mut().zip(later).for_each(|(column, later)| column.append(later));
            columns
        });
        let columns = columns.into_iter().flatten().enumerate();
        Ok(Some(columns.map(|(metric, column)| column.finish(0, metric)).collect()))
    }

    /// Builds what all columns of the only resource have in some stretches of time.
    fn share(self, stretches: &[Piece], share: Range<usize>) -> Result<Option<Vec<Building>>, QueryError> {
        let metrics = self.all_metrics();
        self.view.read(self.readers, |blocks| {
            // What was told elsewhere is older than all of it.
            let older = |metric| if share.start == 0 { self.older.of(0, metric) } else { &[] };
            let mut columns: Vec<Building> =
                metrics.iter().map(|metric| Building::new(self.view, *metric, older(*metric))).collect();
            self.view.reading(0, &metrics, |reading| {
                reading.run(&stretches[share], blocks, self.cancel, &mut columns.as_mut_slice())
            })?;
            Ok(columns)
        })
    }

    /// Builds some of the columns.
    fn part(self, part: &Part) -> Result<Option<Vec<Built>>, QueryError> {
        self.view.read(self.readers, |blocks| {
            let mut built = Vec::with_capacity(part.resources.len() * part.metrics.len());
            for resource in part.resources.clone() {
                self.cancel.check()?;
                let begin = |metric| Building::new(self.view, metric, self.older.of(resource, metric));
                let mut columns: Vec<Building> = part.metrics.iter().map(|metric| begin(*metric)).collect();
                self.view.reading(resource, &part.metrics, |reading| {
                    reading.run(&reading.stretches(), blocks, self.cancel, &mut columns.as_mut_slice())
                })?;
                let columns = columns.into_iter().zip(&part.metrics);
                built.extend(columns.map(|(column, metric)| column.finish(resource, *metric)));
            }
            Ok(built)
        })
    }

    fn all_metrics(self) -> Vec<usize> {
        (0..self.view.metrics.len()).collect()
    }
}
