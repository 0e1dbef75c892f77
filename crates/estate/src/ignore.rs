//! Machines that people ignore: their source is let go of, with lines in the timeline that say who wanted it so.
//!
//! Whether a source is listened to is decided in front of the estate, which does not know who is ignored. A machine that
//! other sources still list stays, and gets its line all the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::{ChangeId, ChangeKind, ChangeOrigin, Confidence, IgnoredMachine, ResourceChange};

use crate::{
    diff::{self, Cause, Context},
    estate::{Applied, Estate},
};

impl Estate {
    /// Takes all that an ignored machine's source has said out of the state. Where that has been done already, there is
    /// nothing to do.
    pub fn ignore(&mut self, machine: &IgnoredMachine, now: Timestamp) -> Applied {
        let cause = Cause::Ignored { source: machine.source.clone(), by: machine.ignored_by.clone() };
        let mut applied = self.let_go(&machine.source, &cause, now);
        let resource = self.registry.canonical(machine.resource);
        let is_told = applied.changes.iter().any(|change| change.resource_id == resource);
        if !applied.entries.is_empty() && !is_told {
            let context = Context { tenant: &self.tenant, now, revision: self.revision, cause: &cause };
            applied.changes.push(diff::blank(&context, resource, ChangeKind::ConfigUpdate));
        }
        applied
    }

    /// The line that tells that a machine is ignored no more. Its source is heard at its next report.
    pub fn hear_again(&self, machine: &IgnoredMachine, by: &str, now: Timestamp) -> ResourceChange {
        let IgnoredMachine { control_id, source, resource, ignored_at, .. } = machine;
        let resource = self.registry.canonical(*resource);
        // The log has no entry of it to derive an id from: nothing has changed yet.
        let (since, until) = (ignored_at.to_string(), now.to_string());
        let identifying = [control_id.as_str(), since.as_str(), until.as_str()];
        ResourceChange {
            id: ChangeId::of_activity(&self.tenant, resource, source.kind(), "restored", identifying),
            resource_id: resource,
            kind: ChangeKind::ConfigUpdate,
            observed_at: now,
            occurred_at: None,
            from: None,
            to: None,
            origin: ChangeOrigin::UserAction,
            source: Some(source.clone()),
            confidence: Confidence::High,
            actor: Some(by.to_owned()),
            reason: Some(format!("{source} is listened to again, from its next report on")),
            related_resources: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }
}
