//! Answers that charts of the estate share. Each is computed at most once a sweep, by one request while the others wait
//! for it, and served as bytes with their tag until there is something newer.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::body::Bytes;
use jiff::SignedDuration;
use muster_estate::Snapshot;
use muster_model::{Revision, TenantId};

use super::{Computed, Inputs, compute, question::Question};
use crate::{app::App, inventory::etag::EntityTag, problem::ApiError};

/// Answers kept at a time. Beyond it, the one that was not asked for the longest goes.
const MOST_ANSWERS: usize = 64;

/// Bytes of all answers kept, more or less. Beyond it, those that were not asked for the longest go.
const MOST_BYTES: u64 = 64 << 20;

/// An answer is served for at least so long, however fast sweeps follow each other: with a hundred agents there is one
/// several times a second, and nobody looks that often.
const SHORTEST_LIFE: SignedDuration = SignedDuration::from_secs(3);

/// And for at most so long once there is a newer sweep.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// Who asked within so long is expected to ask again.
const WATCHED_FOR: Duration = Duration::from_secs(60);

/// Answers computed ahead besides the one that always is.
const MOST_WATCHED: usize = 8;

/// How often answers were computed and served. Counts since start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChartCounters {
    /// Computed because a request needed it.
    pub computed_on_request: u64,
    /// Computed ahead of requests.
    pub computed_ahead: u64,
    /// Requests that found their answer ready.
    pub served_ready: u64,
    /// Series that history was asked for in all of these.
    pub series_asked: u64,
}

/// The answers.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    slots: Mutex<Slots>,
    counters: Mutex<ChartCounters>,
}

type Slots = HashMap<(TenantId, Question), Arc<Slot>>;

/// One question's place. Its lock is held while the answer is computed, so that everybody else waits for it.
#[derive(Debug, Default)]
struct Slot {
    answer: tokio::sync::Mutex<Option<Arc<Rendered>>>,
    /// When a request last asked, in milliseconds of monotonic time.
    asked_at: AtomicU64,
    bytes: AtomicU64,
}

/// An answer as it is sent.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) body: Bytes,
    pub(crate) tag: EntityTag,
    sweep: Sweep,
    /// By monotonic time.
    made_at: Duration,
    life: Duration,
    step: Duration,
}

/// Names a sweep: what was published, and what was measured.
type Sweep = (Revision, u64);

impl Cache {
    /// Answers a question: with what is ready, else by computing it.
    pub(crate) async fn answer(
        &self,
        app: &App,
        tenant: &TenantId,
        question: Question,
    ) -> Result<Arc<Rendered>, ApiError> {
        let slot = self.slot(tenant, &question);
        slot.asked_at.store(millis(app.clock().monotonic()), Ordering::Relaxed);
        // Whoever leaves while computing lets go of the lock, and the next in line computes.
        let mut ready = slot.answer.lock().await;
        let snapshot = app.engine().snapshot(tenant);
        if let Some(answer) = ready.as_ref().filter(|answer| answer.is_fresh(sweep(&snapshot), app.clock().monotonic()))
        {
            self.count(|counters| counters.served_ready += 1);
            return Ok(Arc::clone(answer));
        }
        let answer = self.render(app, snapshot, question).await?;
        self.count(|counters| counters.computed_on_request += 1);
        slot.bytes.store(answer.body.len() as u64, Ordering::Relaxed);
        *ready = Some(Arc::clone(&answer));
        self.trim();
        Ok(answer)
    }

    /// Computes an answer before anybody asks, unless what is ready is young or of this very sweep.
    pub(crate) async fn prepare(&self, app: &App, tenant: &TenantId, question: Question) -> Result<(), ApiError> {
        let slot = self.slot(tenant, &question);
        let mut ready = slot.answer.lock().await;
        let snapshot = app.engine().snapshot(tenant);
        let keeps = |answer: &Arc<Rendered>| answer.keeps(sweep(&snapshot), app.clock().monotonic());
        if ready.as_ref().is_some_and(keeps) {
            return Ok(());
        }
        let answer = self.render(app, snapshot, question).await?;
        self.count(|counters| counters.computed_ahead += 1);
        slot.bytes.store(answer.body.len() as u64, Ordering::Relaxed);
        *ready = Some(answer);
        self.trim();
        Ok(())
    }

    /// What a tenant's requests are about to ask: what they asked a moment ago, and what is always worth having.
    pub(crate) fn expected(&self, tenant: &TenantId, now: Duration) -> Vec<Question> {
        let since = millis(now.saturating_sub(WATCHED_FOR));
        let slots = self.slots();
        let asked =
            slots.iter().filter(|((owner, question), _)| owner == tenant && *question != Question::DAY_OF_STORAGE);
        let asked = asked.map(|((_, question), slot)| (slot.asked_at.load(Ordering::Relaxed), question));
        let mut watched: Vec<_> = asked.filter(|(at, _)| *at > since).collect();
        watched.sort_unstable_by_key(|(at, _)| std::cmp::Reverse(*at));
        let watched = watched.into_iter().take(MOST_WATCHED).map(|(_, question)| question.clone());
        std::iter::once(Question::DAY_OF_STORAGE).chain(watched).collect()
    }

    /// Forgets everything: the past has changed.
    pub(crate) fn clear(&self) {
        self.slots().clear();
    }

    /// How often answers were computed and served.
    pub(crate) fn counters(&self) -> ChartCounters {
        *self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn render(&self, app: &App, snapshot: Arc<Snapshot>, question: Question) -> Result<Arc<Rendered>, ApiError> {
        let (sweep, made_at, now) = (sweep(&snapshot), app.clock().monotonic(), app.now());
        let rendered = app.ask_history(move |history, cancel| {
            let inputs = Inputs { history, cancel, snapshot: &snapshot, now };
            let Computed { body, step, columns } = compute(&question, &inputs)?;
            let tag = EntityTag::of_bytes(&body);
            let life = positive((step / 10).clamp(SHORTEST_LIFE, LONGEST_LIFE));
            Ok((Rendered { body: body.into(), tag, sweep, made_at, life, step: positive(step) }, columns))
        });
        let (rendered, columns) = rendered.await?;
        self.count(|counters| counters.series_asked += columns);
        Ok(Arc::new(rendered))
    }

    fn slot(&self, tenant: &TenantId, question: &Question) -> Arc<Slot> {
        let mut slots = self.slots();
        if let Some(slot) = slots.get(&(tenant.clone(), question.clone())) {
            return Arc::clone(slot);
        }
        if slots.len() >= MOST_ANSWERS {
            forget_oldest(&mut slots);
        }
        Arc::clone(slots.entry((tenant.clone(), question.clone())).or_default())
    }

    /// Keeps the answers within their bound.
    fn trim(&self) {
        let mut slots = self.slots();
        let bytes = |slot: &Arc<Slot>| slot.bytes.load(Ordering::Relaxed);
        while slots.values().map(bytes).sum::<u64>() > MOST_BYTES && forget_oldest(&mut slots) {}
    }

    fn count(&self, change: impl FnOnce(&mut ChartCounters)) {
        change(&mut self.counters.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        // A map of answers cannot be left half-changed in a way that matters.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rendered {
    /// Whether it may still be served: it is young, or nothing was measured since and its points have not moved on.
    fn is_fresh(&self, sweep: Sweep, now: Duration) -> bool {
        let age = now.saturating_sub(self.made_at);
        age < self.life || (self.sweep == sweep && age < self.step)
    }

    /// Whether computing it anew would be too early: it is of this sweep, or has half of its life before it.
    fn keeps(&self, sweep: Sweep, now: Duration) -> bool {
        let age = now.saturating_sub(self.made_at);
        age < self.life / 2 || (self.sweep == sweep && age < self.step)
    }
}

/// Forgets the answer that was not asked for the longest; never the one that is always ready, which is small. Says
/// whether there was one to forget.
fn forget_oldest(slots: &mut Slots) -> bool {
    let passing = slots.iter().filter(|((_, question), _)| *question != Question::DAY_OF_STORAGE);
    let oldest = passing.min_by_key(|(_, slot)| slot.asked_at.load(Ordering::Relaxed)).map(|(key, _)| key.clone());
    oldest.is_some_and(|key| slots.remove(&key).is_some())
}

fn sweep(snapshot: &Snapshot) -> Sweep {
    (snapshot.revision(), snapshot.readings_sequence())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn positive(span: SignedDuration) -> Duration {
    Duration::try_from(span).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_last_stays() {
        let cache = Cache::default();
        let tenant = TenantId::DEFAULT;
        let question = |hours| Question::StorageSummary { range: SignedDuration::from_hours(hours) };
        cache.slot(&tenant, &Question::DAY_OF_STORAGE);
        for hours in 100..100 + 2 * MOST_ANSWERS as i64 {
            cache.slot(&tenant, &question(hours)).asked_at.store(hours.unsigned_abs(), Ordering::Relaxed);
        }
        let slots = cache.slots();
        assert_eq!(slots.len(), MOST_ANSWERS);
        assert!(slots.contains_key(&(tenant.clone(), Question::DAY_OF_STORAGE)), "R-63");
        assert!(slots.contains_key(&(tenant.clone(), question(99 + 2 * MOST_ANSWERS as i64))));
        assert!(!slots.contains_key(&(tenant, question(100))));
    }

    #[test]
    fn large_answers_push_out_older_ones() {
        let cache = Cache::default();
        for hours in [100, 200, 300] {
            let range = SignedDuration::from_hours(hours);
            let slot = cache.slot(&TenantId::DEFAULT, &Question::StorageSummary { range });
            slot.asked_at.store(hours.unsigned_abs(), Ordering::Relaxed);
            slot.bytes.store(MOST_BYTES / 2, Ordering::Relaxed);
        }
        cache.trim();
        assert_eq!(cache.slots().len(), 2);
    }

    #[test]
    fn only_what_somebody_looks_at_is_computed_ahead() {
        let cache = Cache::default();
        let watched = Question::StorageSummary { range: SignedDuration::from_hours(1) };
        cache.slot(&TenantId::DEFAULT, &watched).asked_at.store(1_000_000, Ordering::Relaxed);
        let expected = |seconds| cache.expected(&TenantId::DEFAULT, Duration::from_secs(seconds));
        assert_eq!(expected(1_010), [Question::DAY_OF_STORAGE, watched.clone()]);
        assert_eq!(expected(1_070), [Question::DAY_OF_STORAGE]);
    }
}
