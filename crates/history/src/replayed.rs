//! Sweeps of the log as rows of plans that this process knows, and what a file of the log was found to be.

use std::{collections::BTreeMap, sync::Arc};

use tracing::{info, warn};

use crate::{
    catalogue::{Catalogue, Purpose},
    log::records::Ending,
    plan::{Plan, PlanId},
    sweep::{LoggedRow, Row},
};

/// The plans of one file.
#[derive(Debug)]
pub(crate) struct Plans {
    purpose: Purpose,
    /// `None` for a plan that the catalogue knows as another one: the file is not what was written.
    known: BTreeMap<PlanId, Option<Arc<Plan>>>,
    /// Those that the catalogue did not know before.
    new: Vec<PlanId>,
}

impl Plans {
    /// None yet. Those that the catalogue does not know are added to it for a purpose.
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self { purpose, known: BTreeMap::new(), new: Vec::new() }
    }

    /// Names the plan of each row. Rows of a plan that is not what it should be are left out.
    pub(crate) fn rows(&mut self, catalogue: &mut Catalogue, sweep: Vec<LoggedRow>) -> Vec<Row> {
        let row = |LoggedRow { plan, tick, values }: LoggedRow| {
            let known = self.known.entry(plan.id).or_insert_with(|| {
                self.new.extend(catalogue.get(plan.id).is_none().then_some(plan.id));
                catalogue.adopt(&plan, self.purpose)
            });
            known.clone().map(|plan| Row { plan, tick, values: values.into() })
        };
        sweep.into_iter().filter_map(row).collect()
    }

    /// Lets the catalogue forget plans that were only met here: nobody writes to them any more.
    pub(crate) fn forget_new(&mut self, catalogue: &mut Catalogue) {
        for plan in self.new.drain(..) {
            catalogue.forget(plan);
        }
    }

    /// Reports how a file ended. Says whether it is damaged, so that it is set aside once its rows are in blocks. After a
    /// crash right before that a file is judged by its records alone: one that only has strange plans is deleted then.
    pub(crate) fn note(&self, number: u64, ending: &Ending) -> bool {
        match ending {
            Ending::Whole => {}
            Ending::Torn { bytes } => info!(file = number, bytes, "skipping the torn tail of a sweep log"),
            Ending::Damaged { bytes, why } => {
                warn!(
                    file = number,
                    bytes, why, "a sweep log is damaged; what follows cannot be read, and the file is kept"
                );
                return true;
            }
        }
        let strange = self.known.values().filter(|plan| plan.is_none()).count();
        if strange > 0 {
            warn!(
                file = number,
                plans = strange,
                "a sweep log has plans that are known as others; their rows are left out"
            );
        }
        strange > 0
    }
}
