//! Reads history back from the remote store: raw samples, piece by piece, and buckets made of them.
//!
//! The history crate calls this for spans that are no longer on this machine. A piece is as long as the server accepts;
//! one piece is in memory at a time. Whoever asks may end the reading between two pieces, or drop it at any moment.

use std::{collections::BTreeMap, num::NonZeroU32, ops::ControlFlow};

use muster_model::ResourceId;

use crate::{
    answer::Samples,
    error::RemoteError,
    question::{Question, Resources},
    remote::Remote,
    rollup::{self, Bucket},
};

/// Samples that a piece is planned for, at one sample every [`TICK_MS`].
const PIECE_SAMPLES: i64 = 250_000;

/// The base tick of the grid (D-10): no series is denser.
const TICK_MS: i64 = 10_000;

/// Resources that all of a question is thought to be about, where it does not list them.
const UNKNOWN_RESOURCES: i64 = 1_000;

/// Resources named in one query: servers limit a query's length, to 16 KiB at the strictest.
const NAMED_RESOURCES: usize = 200;

/// A span as short as this is not cut further when the server refuses it.
const SHORTEST_PIECE_MS: i64 = 60_000;

/// No piece grows beyond a year: servers limit the length of a range, and a year of one series is still a bounded answer.
const LONGEST_PIECE_MS: i64 = 366 * 86_400_000;

/// Buckets by resource, ascending by time.
pub type Buckets = BTreeMap<ResourceId, Vec<Bucket>>;

/// Reads from a remote store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reader {
    remote: Remote,
}

impl Reader {
    /// Reads from this store.
    pub fn new(remote: Remote) -> Self {
        Self { remote }
    }

    /// Hands out the raw samples of a question, piece by piece. A resource's samples come in ascending order, over all pieces.
    /// [`ControlFlow::Break`] ends the reading; so does dropping the future.
    ///
    /// # Errors
    /// When the store cannot be reached, refuses even a short span, or answers nonsense. Pieces handed out are right.
    pub async fn raw(
        &self,
        question: &Question,
        mut each: impl FnMut(Samples) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, RemoteError> {
        for part in parts(question) {
            if self.part(&part, &mut each).await?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The samples of a question in buckets of the given length, aligned to 1970. A bucket that the span cuts holds only what is
    /// within the span.
    ///
    /// # Errors
    /// As [`Reader::raw`].
    pub async fn buckets(&self, question: &Question, length_ms: NonZeroU32) -> Result<Buckets, RemoteError> {
        let mut buckets = Buckets::new();
        let raw = self.raw(question, |samples| {
            for (resource, samples) in samples {
                rollup::extend(buckets.entry(resource).or_default(), &samples, length_ms.get().into());
            }
            ControlFlow::Continue(())
        });
        raw.await.map(|_| buckets)
    }

    async fn part(
        &self,
        part: &Question,
        each: &mut impl FnMut(Samples) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, RemoteError> {
        let mut rest = part.span;
        let mut length = planned_length(&part.resources);
        while rest.length_ms() > 0 {
            let (span, later) = rest.cut_after(length);
            match self.remote.ask(&Question { span, ..part.clone() }).await {
                Ok(samples) => {
                    length = next_length(length, &samples);
                    rest = later;
                    if each(samples).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Err(error) if is_too_much(&error) && span.length_ms() > SHORTEST_PIECE_MS => {
                    length = span.length_ms() / 2;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The question for as many resources at a time as one query can name.
fn parts(question: &Question) -> Vec<Question> {
    match &question.resources {
        Resources::All => vec![question.clone()],
        Resources::These(ids) => {
            let part = |ids: &[ResourceId]| Question { resources: Resources::These(ids.to_vec()), ..question.clone() };
            ids.chunks(NAMED_RESOURCES).map(part).collect()
        }
    }
}

/// How long the first piece is.
fn planned_length(resources: &Resources) -> i64 {
    let resources = match resources {
        Resources::All => UNKNOWN_RESOURCES,
        Resources::These(ids) => ids.len() as i64,
    };
    (PIECE_SAMPLES / resources.max(1) * TICK_MS).max(SHORTEST_PIECE_MS)
}

/// How long the next piece is: longer where there is little, so that years without samples are a few questions.
fn next_length(length: i64, found: &Samples) -> i64 {
    let found: usize = found.values().map(Vec::len).sum();
    let little = (found as i64) < PIECE_SAMPLES / 4;
    if little { (length * 2).min(LONGEST_PIECE_MS.max(length)) } else { length }
}

/// Whether the same question for a shorter span may succeed. 422 is what a query answers that exceeds a limit.
pub(crate) fn is_too_much(error: &RemoteError) -> bool {
    match error {
        RemoteError::TooLarge { .. } => true,
        RemoteError::Refused { status, .. } => *status == 422,
        RemoteError::Unreachable { .. } | RemoteError::Unauthorised { .. } | RemoteError::Malformed { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, ResourceKind, TenantId};

    use super::*;
    use crate::{answer::RawSample, question::Span};

    #[test]
    fn pieces_grow_where_there_is_little() {
        let found = |samples: usize| {
            let sample = RawSample { at_ms: 0, value: 0.0 };
            Samples::from([(ResourceId::mint(ResourceKind::Vm, "x"), vec![sample; samples])])
        };
        assert_eq!(next_length(100, &found(0)), 200);
        assert_eq!(next_length(100, &found(PIECE_SAMPLES as usize / 4)), 100);
        assert_eq!(next_length(LONGEST_PIECE_MS, &found(0)), LONGEST_PIECE_MS);
        assert!(planned_length(&Resources::All) < planned_length(&Resources::These(vec![])));
    }

    #[test]
    fn long_lists_are_asked_in_parts() {
        let question = about(450, Span { from_ms: 0, to_ms: 1 });
        let lengths: Vec<usize> = parts(&question).iter().map(|part| part.promql().0.len()).collect();
        assert_eq!(lengths.len(), 3);
        assert!(lengths.iter().all(|length| *length < 16 * 1024));
        assert!(parts(&about(0, question.span)).is_empty());
    }

    #[test]
    fn limits_are_told_from_trouble() {
        let check = |status, too_much| {
            let (server, text) = (String::new(), String::new());
            let error = RemoteError::Refused { server, status, text, retry_after: None };
            assert_eq!(is_too_much(&error), too_much, "{status}");
        };
        check(422, true);
        check(503, false);
        assert!(is_too_much(&RemoteError::TooLarge { server: String::new(), most_bytes: 1 }));
    }

    fn about(resources: usize, span: Span) -> Question {
        let ids = (0..resources).map(|n| ResourceId::mint(ResourceKind::PhysicalDisk, &n.to_string()));
        let resources = Resources::These(ids.collect());
        Question { tenant: TenantId::DEFAULT, metric: Metric::Cpu, resources, span }
    }
}
