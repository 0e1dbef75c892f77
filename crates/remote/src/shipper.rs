//! The protocol of shipping, without I/O: what to do next, and what its outcome means.
//!
//! [`Shipping`](crate::Shipping) asks [`Shipper::step`] what to do, does it, and reports the outcome; tests do the same with
//! simulated remotes. One batch is in hand at a time:
//!
//! 1. *Write* it in requests. After an outcome that is unknown, *audit* before anything is written again.
//! 2. *Settle*: wait until the remote had time to put on disk what it accepted.
//! 3. *Audit*: read back the times of the batch. What is missing was lost by a remote that fell over after accepting it, and is
//!    written again: back to 1.
//! 4. *Confirm*. Only now may the queue forget the batch.
//!
//! A crash of our own loses nothing but the knowledge of what was written, so the first batch after a start begins with an
//! audit. The shipper refuses to confirm what it has not seen, unless the remote said no to it or repeatedly lost it.

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use muster_runtime::{Backoff, Entropy, chain};

use crate::{
    answer::Samples,
    error::RemoteError,
    feed::{Batch, FeedError, Position},
    job::{Concluded, Job},
    question::Question,
    settings::Pace,
    status::{State, Status},
    verdict::{Verdict, verdict},
};

/// A remote that wants to be left alone for longer is asked again all the same.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Ask the queue for about so many samples, and report to [`Shipper::fetched`].
    Fetch(usize),
    /// Send this body, and report to [`Shipper::written`].
    Write(Vec<u8>),
    /// Ask this of the remote, and report to [`Shipper::answered`].
    Ask(Question),
    /// Confirm this position to the queue, and report to [`Shipper::confirmed`].
    Confirm(Position),
    /// Nothing for so long.
    Wait(Duration),
}

/// The state of shipping.
#[derive(Debug)]
pub struct Shipper {
    pace: Pace,
    entropy: Arc<Entropy>,
    backoff: Backoff,
    status: Status,
    /// Nothing is done before this moment of monotonic time.
    not_before: Duration,
    /// Whether the next batch may be at the remote in part, from before this process.
    doubt: bool,
    job: Option<Job>,
}

impl Shipper {
    /// A shipper with nothing in hand.
    pub fn new(pace: Pace, entropy: Arc<Entropy>) -> Self {
        let backoff = Backoff::new(pace.retry_first, pace.retry_cap);
        let (status, not_before) = (Status::default(), Duration::ZERO);
        Self { pace, entropy, backoff, status, not_before, doubt: true, job: None }
    }

    /// How shipping goes.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What is to be done at this moment of monotonic time. Asking twice gives the same answer.
    pub fn step(&self, now: Duration) -> Next {
        if now < self.not_before {
            return Next::Wait(self.not_before - now);
        }
        self.job.as_ref().map_or(Next::Fetch(self.pace.batch_samples), Job::next)
    }

    /// The queue has answered.
    pub fn fetched(&mut self, now: Duration, outcome: Result<Option<Batch>, FeedError>) {
        match outcome {
            Ok(Some(batch)) => {
                self.job = Some(Job::begin(batch, self.pace.request_samples, self.doubt));
                if self.doubt {
                    // What an earlier process wrote just before it ended may not show yet, and would be written twice.
                    self.not_before = now + self.pace.settle;
                }
                self.succeeded();
            }
            Ok(None) => {
                self.backoff.succeeded();
                self.status.state = State::Idle;
                self.not_before = now + self.pace.rest;
            }
            Err(error) => self.retry(now, chain(&error), None),
        }
    }

    /// The remote has answered a write.
    pub fn written(&mut self, now: Duration, outcome: Result<(), RemoteError>) {
        let Some(job) = &mut self.job else { return };
        let Err(error) = outcome else {
            if job.written() {
                self.not_before = now + self.pace.settle;
            }
            return self.succeeded();
        };
        match verdict(&error) {
            Verdict::Unknown { after } => {
                job.audit();
                // If it was taken after all, it needs this long until it surely shows.
                self.retry(now, chain(&error), after.max(Some(self.pace.settle)));
            }
            Verdict::Later { after } => self.retry(now, chain(&error), after),
            Verdict::Samples => {
                if job.sift() {
                    self.not_before = now + self.pace.settle;
                }
                self.succeeded();
            }
            Verdict::TooBig if job.cut() => {}
            Verdict::TooBig | Verdict::Stop => self.stop(now, chain(&error)),
        }
    }

    /// The remote has answered a question.
    pub fn answered(&mut self, now: Duration, outcome: Result<Samples, RemoteError>) {
        let Some(job) = &mut self.job else { return };
        match outcome {
            Ok(samples) => {
                // That reading works says nothing about writing: only what is there ends the trouble.
                if job.seen(&samples) == Concluded::MustSettle {
                    self.not_before = now + self.pace.settle;
                    self.succeeded();
                }
            }
            Err(error) if job.ask_for_less(&error) => {}
            Err(error) => match verdict(&error) {
                Verdict::Unknown { after } | Verdict::Later { after } => {
                    // Whoever does not answer may be starting again, without what it had not yet put on disk.
                    job.audit();
                    self.retry(now, chain(&error), after);
                }
                Verdict::Samples | Verdict::TooBig | Verdict::Stop => self.stop(now, chain(&error)),
            },
        }
    }

    /// The queue has taken note of a confirmation.
    pub fn confirmed(&mut self, now: Duration, outcome: Result<(), FeedError>) {
        match outcome {
            Ok(()) => {
                let Some(job) = self.job.take() else { return };
                job.account(&mut self.status);
                self.doubt = false;
                self.succeeded();
            }
            Err(error) => self.retry(now, chain(&error), None),
        }
    }

    fn succeeded(&mut self) {
        self.backoff.succeeded();
        self.status.state = State::Sending;
    }

    fn retry(&mut self, now: Duration, why: String, after: Option<Duration>) {
        let wanted = after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        self.not_before = now + self.backoff.failed(&self.entropy).max(wanted);
        self.status.state = State::Retrying { failures: self.backoff.failures(), why };
    }

    fn stop(&mut self, now: Duration, why: String) {
        self.not_before = now + self.pace.stopped;
        self.status.state = State::Stopped { why };
    }
}
