//! Physical disks: what they are, and how busy.

mod activity;
mod inventory;

pub(crate) use self::{
    activity::{DiskActivity, DiskRates},
    inventory::DiskFacts,
};

use std::{collections::BTreeMap, ffi::OsString, time::Duration};

use muster_model::UnknownReason;

use crate::{
    read::{Files, ReadError},
    refresh::Refreshed,
};

/// How long a disk's facts are kept while the set of disks stays the same.
const LIFETIME: Duration = Duration::from_secs(60);

/// What is remembered between observations.
pub(crate) struct Disks {
    names: Vec<OsString>,
    facts: Refreshed<Vec<DiskFacts>>,
    activity: DiskActivity,
}

impl Disks {
    /// Remembers nothing yet.
    pub(crate) fn new() -> Self {
        Self { names: Vec::new(), facts: Refreshed::every(LIFETIME), activity: DiskActivity::default() }
    }

    /// Forgets all counters: they belong to another boot.
    pub(crate) fn forget(&mut self) {
        self.facts.clear();
        self.activity = DiskActivity::default();
    }

    /// The disks there are, in order of name. A machine without `/sys/block` has none.
    pub(crate) fn facts(&mut self, files: &Files<'_>, at: Duration) -> Result<Vec<DiskFacts>, ReadError> {
        let names = inventory::names(files)?;
        if names != self.names {
            self.facts.clear();
        }
        let facts = self.facts.get(at, || inventory::read(files, &names)).clone();
        self.names = names;
        Ok(facts)
    }

    /// How busy each of the disks is, by name, or why that is unknown for all.
    pub(crate) fn rates(
        &mut self,
        files: &Files<'_>,
        at: Duration,
        disks: &[DiskFacts],
    ) -> Result<BTreeMap<String, DiskRates>, ReadError> {
        let names = disks.iter().map(|disk| disk.facet.device.as_str()).collect();
        self.activity.observe(files, at, &names)
    }
}

impl DiskRates {
    /// The rates of a disk of which nothing is known.
    pub(crate) fn unknown(reason: UnknownReason) -> Self {
        Self { read: Err(reason), written: Err(reason), busy_percent: Err(reason) }
    }
}
