//! Rebuilds the rows of touched resources, and tells the timeline what changed.

use std::sync::Arc;

use muster_model::{ResourceChange, ResourceId, Revision, SourceFreshness, SourceId, Status};

use crate::{
    diff::{self, Cause, Context, Settled},
    estate::Estate,
    ledger::{Absorbed, Ledger},
    merge,
    resource::Member,
    row::Row,
    source::Source,
    succession,
    told::{News, Told},
};

impl Estate {
    /// Brings the rows of everything touched up to date. Answers with what is worth a line in the timeline.
    pub(crate) fn rebuild(&mut self, ledger: &mut Ledger, cause: &Cause) -> Vec<ResourceChange> {
        self.find_parents(ledger);
        self.touch_guests(ledger);
        let mut changes = self.tell_absorbed(ledger, cause);
        changes.extend(self.rebuild_touched(ledger, cause));
        // Who is inside whom shows in the rows; a guest that has another host inside it is told differently then.
        if self.find_inside(ledger) {
            changes.extend(self.rebuild_touched(ledger, cause));
        }
        succession::tell(&mut changes, &ledger.successions);
        changes
    }

    fn rebuild_touched(&mut self, ledger: &mut Ledger, cause: &Cause) -> Vec<ResourceChange> {
        let touched = ledger.take_touched();
        let mut changes = Vec::with_capacity(touched.len());
        for (id, revision) in touched {
            let Some(Rebuilt { old, new, news }) = self.rebuild_row(id, revision) else { continue };
            self.publisher.changed(id);
            self.registry.note_inside(id, old.as_ref().map(|was| &*was.row), new.as_ref().map(|was| &*was.row));
            let context = Context { tenant: &self.tenant, now: ledger.now, revision, cause };
            let (old, new) = (old.as_ref().map(Was::settled), new.as_ref().map(Was::settled));
            changes.extend(diff::change(&context, old, new, &news));
        }
        changes
    }

    fn tell_absorbed(&mut self, ledger: &mut Ledger, cause: &Cause) -> Vec<ResourceChange> {
        let mut changes = Vec::new();
        for Absorbed { id, survivor, row, revision, why } in std::mem::take(&mut ledger.absorbed) {
            self.publisher.changed(id);
            let Some(row) = row else { continue };
            self.registry.note_inside(id, Some(&row), None);
            let context = Context { tenant: &self.tenant, now: ledger.now, revision, cause };
            let survivor = self.registry.canonical(survivor);
            let old = Settled { row: &row, status: row.status };
            changes.push(diff::absorbed(&context, &old, survivor, &why));
        }
        changes
    }

    /// Rebuilds one row. Answers with the state before and after, unless nothing differs.
    fn rebuild_row(&mut self, id: ResourceId, revision: Revision) -> Option<Rebuilt> {
        let agent = self.agent_inside(id);
        let Self { registry, sources, .. } = self;
        let resource = registry.get_mut(id).filter(|resource| resource.id == id)?;
        let state_of = |source: &SourceId| sources.get(source);
        let shown = |source: &SourceId| state_of(source).map_or(SourceFreshness::Unknown, Source::freshness);
        let judged = |source: &SourceId| state_of(source).map_or(SourceFreshness::Unknown, |source| source.judged);
        let old = resource.row.clone().map(|row| Was { row, status: resource.settled });
        let row = resource.is_live().then(|| merge::row(resource, agent.as_ref(), revision, shown));
        // Only of a source that is awaited after a restart is something else shown than was judged.
        let is_awaited = |member: &Member| state_of(&member.source).is_some_and(|source| source.awaited);
        resource.settled = match &row {
            Some(row) if !resource.members.iter().any(is_awaited) => row.status,
            Some(_) | None => merge::health(&resource.members, judged).aged,
        };
        let same = row.as_ref().zip(old.as_ref()).is_some_and(|(row, old)| same_but_revision(row, &old.row));
        if !same {
            return self.replace_row(id, old, row);
        }
        // The row is the same; the status that the timeline knows may not be.
        let (old, status) = (old?, self.registry.get(id)?.settled);
        let new = Was { row: Arc::clone(&old.row), status };
        let differs = old.status != status;
        differs.then(|| Rebuilt { old: Some(old), new: Some(new), news: News::default() })
    }

    /// Puts a row in place of the one before; nothing is told where there was none and is none.
    fn replace_row(&mut self, id: ResourceId, old: Option<Was>, row: Option<Row>) -> Option<Rebuilt> {
        let resource = self.registry.get_mut(id)?;
        resource.row = row.map(Arc::new);
        if old.is_none() && resource.row.is_none() {
            return None;
        }
        let new = resource.row.clone().map(|row| Was { row, status: resource.settled });
        let news = match (&old, &new) {
            (Some(old), Some(new)) => resource.told.hear(&old.row, &new.row),
            (Some(_), None) | (None, Some(_) | None) => {
                resource.told = Told::default();
                News::default()
            }
        };
        Some(Rebuilt { old, new, news })
    }
}

/// A row before and after, and what its sources say otherwise.
struct Rebuilt {
    old: Option<Was>,
    new: Option<Was>,
    news: News,
}

/// A row at one time, with the status that the timeline knew of it.
struct Was {
    row: Arc<Row>,
    status: Status,
}

impl Was {
    fn settled(&self) -> Settled<'_> {
        Settled { row: &self.row, status: self.status }
    }
}

/// Whether two rows say the same; the position of the last change is not something a row says.
fn same_but_revision(new: &Row, old: &Row) -> bool {
    let Row {
        id,
        kind,
        name,
        display_name,
        hostname,
        platform_id,
        primary_id,
        technology,
        status,
        reported_status,
        identity,
        parent,
        tags,
        facets,
        merged,
        insider,
        sources,
        revision: _,
        first_seen_at,
        changed_at,
        child_count,
        sort_name,
    } = new;
    (id, kind, status, reported_status, parent, child_count)
        == (&old.id, &old.kind, &old.status, &old.reported_status, &old.parent, &old.child_count)
        && (name, display_name, sort_name) == (&old.name, &old.display_name, &old.sort_name)
        && (hostname, platform_id, primary_id) == (&old.hostname, &old.platform_id, &old.primary_id)
        && (technology, tags, sources) == (&old.technology, &old.tags, &old.sources)
        && (first_seen_at, changed_at) == (&old.first_seen_at, &old.changed_at)
        && (identity, facets, merged, insider) == (&old.identity, &old.facets, &old.merged, &old.insider)
}
