//! What a platform says has happened: its tasks and events become lines of the timeline.
//!
//! A platform lists the same task with every poll. Its line has an id made of what identifies the task, so that writing
//! it twice leaves one; and what the source's last report told already is not told again.

use std::collections::{BTreeMap, BTreeSet};

use muster_model::{
    Activity, ChangeId, ChangeKind, ChangeOrigin, Confidence, Report, ResourceChange, ResourceId, SourceKind,
};

use crate::{estate::Estate, ledger::Ledger, rejected::Rejected};

impl Estate {
    /// The lines that a report's activities make.
    pub(crate) fn recount(
        &mut self,
        report: &Report,
        ledger: &Ledger,
        rejected: &mut Vec<Rejected>,
    ) -> Vec<ResourceChange> {
        let mut told = BTreeSet::new();
        let mut lines = Vec::new();
        for (place, activity) in report.activities.iter().enumerate() {
            let listed = self.sources[&report.source].listed.get(&activity.key);
            let Some(resource) = listed.map(|listed| self.registry.canonical(listed.resource)) else {
                rejected.push(Rejected::UnknownActivity { place, key: activity.key.clone() });
                continue;
            };
            if is_empty(activity) {
                rejected.push(Rejected::EmptyActivity { place });
                continue;
            }
            let line = line(report, ledger, resource, activity);
            if told.insert(line.id) {
                lines.push(line);
            }
        }
        let source = self.sources.get_mut(&report.source).expect("the source was heard just now");
        lines.retain(|line| !source.told.contains(&line.id));
        source.told = told;
        lines
    }
}

/// Nothing would tell it from another, or people what it was.
fn is_empty(activity: &Activity) -> bool {
    let says_nothing = activity.native_id.is_none() && activity.title.is_none() && activity.message.is_none();
    activity.activity_type.trim().is_empty() || says_nothing
}

fn line(report: &Report, ledger: &Ledger, resource: ResourceId, activity: &Activity) -> ResourceChange {
    ResourceChange {
        id: id(report, resource, activity),
        resource_id: resource,
        kind: ChangeKind::Activity,
        observed_at: ledger.now,
        occurred_at: Some(activity.occurred_at),
        from: None,
        to: activity.state.as_ref().map(ToString::to_string),
        origin: ChangeOrigin::PlatformEvent,
        source: Some(report.source.clone()),
        confidence: Confidence::High,
        actor: None,
        reason: reason(activity),
        related_resources: Vec::new(),
        metadata: metadata(activity),
    }
}

/// Made of the platform's own id, or without one of time, title and message.
fn id(report: &Report, resource: ResourceId, activity: &Activity) -> ChangeId {
    let occurred_at = activity.occurred_at.to_string();
    let parts = match &activity.native_id {
        Some(native) => [native.as_str(), "", ""],
        None => [
            occurred_at.as_str(),
            activity.title.as_deref().unwrap_or_default(),
            activity.message.as_deref().unwrap_or_default(),
        ],
    };
    let adapter: SourceKind = report.source.kind();
    ChangeId::of_activity(&report.tenant, resource, adapter, &activity.activity_type, parts)
}

fn reason(activity: &Activity) -> Option<String> {
    match (&activity.title, &activity.state, &activity.message) {
        (Some(title), Some(state), _) => Some(format!("{title} ({state})")),
        (Some(title), None, _) => Some(title.clone()),
        (None, _, message) => message.clone(),
    }
}

fn metadata(activity: &Activity) -> BTreeMap<String, String> {
    let fields = [
        ("activity_type", Some(activity.activity_type.to_string())),
        ("activity_native_id", activity.native_id.as_ref().map(ToString::to_string)),
        ("activity_title", activity.title.clone()),
        ("activity_state", activity.state.as_ref().map(ToString::to_string)),
        ("activity_message", activity.message.clone()),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
