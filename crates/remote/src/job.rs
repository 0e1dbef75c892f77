//! One batch on its way: what is to be written or asked next, and when it is done.
//!
//! Owned by the [shipper](crate::shipper), which knows time and trouble; this knows neither.

use crate::{
    answer::Samples,
    error::RemoteError,
    feed::Batch,
    parcel::{Load, Parcel},
    question::Question,
    reader::is_too_much,
    shipper::Next,
    status::Status,
};

/// How often samples that were accepted and are not there are written again, while the remote shows no sign of trouble. Past
/// that it does not keep them.
const MOST_REWRITES: u32 = 3;

/// Requests spent on finding the refused samples of one batch. Past that, a refused request is given up as a whole: a remote
/// that refuses so much would otherwise hold up everything newer for hours.
const MOST_CUTS: u32 = 4_096;

/// A batch on its way.
#[derive(Debug)]
pub(crate) struct Job {
    parcel: Parcel,
    phase: Phase,
    request_samples: usize,
    rewrites: u32,
    cuts: u32,
    /// Whether the remote has refused samples of this batch.
    sifting: bool,
}

#[derive(Debug)]
enum Phase {
    /// Requests to be sent, the next one last; never empty.
    Writing(Vec<Load>),
    /// Questions to be asked, the next one last; never empty.
    Auditing { questions: Vec<Question>, settled: bool },
    /// Everything is accounted for.
    Confirming,
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concluded {
    /// Go on at once.
    GoOn,
    /// Everything is there; wait until it is on disk there, then look again.
    MustSettle,
}

impl Job {
    /// Begins with a batch: with an audit, where some of it may be at the remote already.
    pub(crate) fn begin(batch: Batch, request_samples: usize, doubt: bool) -> Self {
        let parcel = Parcel::new(batch);
        let phase = Phase::Confirming;
        let mut job = Self { parcel, phase, request_samples, rewrites: 0, cuts: 0, sifting: false };
        if doubt {
            job.audit();
        } else {
            job.write();
        }
        job
    }

    pub(crate) fn next(&self) -> Next {
        match &self.phase {
            Phase::Writing(loads) => Next::Write(self.parcel.body(loads.last().expect("something is to be written"))),
            Phase::Auditing { questions, .. } => Next::Ask(questions.last().expect("something is to be asked").clone()),
            Phase::Confirming => Next::Confirm(self.parcel.position()),
        }
    }

    /// The last request was accepted. Says whether everything has been written, so that the batch must settle.
    pub(crate) fn written(&mut self) -> bool {
        let Phase::Writing(loads) = &mut self.phase else { return false };
        loads.pop();
        self.settle_if_written()
    }

    /// Some samples of the last request are refused. The first time in a batch, it is found out which are there already: a
    /// remote that takes no older samples refuses those as well. After that, the request is cut until those at fault stand
    /// alone. Says whether everything has been written, so that the batch must settle.
    pub(crate) fn sift(&mut self) -> bool {
        if !std::mem::replace(&mut self.sifting, true) {
            self.audit();
            return false;
        }
        self.cuts += 1;
        if (self.cuts > MOST_CUTS || !self.cut())
            && let Phase::Writing(loads) = &mut self.phase
            && let Some(load) = loads.pop()
        {
            self.parcel.refuse(&load);
        }
        self.settle_if_written()
    }

    /// Cuts the last request. Says whether there was something to cut.
    pub(crate) fn cut(&mut self) -> bool {
        let Phase::Writing(loads) = &mut self.phase else { return false };
        let Some(load) = loads.pop() else { return false };
        let parts = self.parcel.cut(&load);
        let cut = !parts.is_empty();
        if cut {
            loads.extend(parts);
        } else {
            loads.push(load);
        }
        cut
    }

    /// Looks at what is there, before anything else. Only an audit without trouble between says anything about a remote that
    /// does not keep samples, so their count begins anew.
    pub(crate) fn audit(&mut self) {
        self.rewrites = 0;
        self.look(false);
    }

    /// The answer to the last question.
    pub(crate) fn seen(&mut self, samples: &Samples) -> Concluded {
        let Phase::Auditing { questions, settled } = &mut self.phase else { return Concluded::GoOn };
        if let Some(question) = questions.pop() {
            self.parcel.see(&question, samples);
        }
        match (questions.is_empty(), *settled) {
            (false, _) => Concluded::GoOn,
            (true, settled) => self.conclude(settled),
        }
    }

    /// The remote finds the last question too much. Says whether it could be cut.
    pub(crate) fn ask_for_less(&mut self, error: &RemoteError) -> bool {
        let Phase::Auditing { questions, .. } = &mut self.phase else { return false };
        let halves = questions.last().and_then(|question| question.span.halves());
        let (true, Some((earlier, later))) = (is_too_much(error), halves) else { return false };
        let question = questions.pop().expect("a question was cut");
        questions.extend([later, earlier].map(|span| Question { span, ..question.clone() }));
        true
    }

    /// Adds what became of the batch.
    pub(crate) fn account(&self, status: &mut Status) {
        let [seen, missing, refused] = self.parcel.counts();
        status.confirmed = Some(self.parcel.position());
        status.shipped += seen;
        status.dropped.not_kept += missing;
        status.dropped.refused += refused;
        status.dropped.not_a_number += self.parcel.not_a_number();
    }

    /// Every sample was looked for.
    fn conclude(&mut self, settled: bool) -> Concluded {
        let [_, missing, _] = self.parcel.counts();
        match (settled, missing > 0) {
            (false, false) => {
                self.look(true);
                return Concluded::MustSettle;
            }
            (false, true) => self.write(),
            (true, true) if self.rewrites < MOST_REWRITES => {
                self.rewrites += 1;
                self.write();
            }
            (true, _) => self.phase = Phase::Confirming,
        }
        Concluded::GoOn
    }

    fn write(&mut self) {
        let loads = self.parcel.loads(self.request_samples);
        self.phase = if loads.is_empty() { Phase::Confirming } else { Phase::Writing(loads) };
    }

    fn settle_if_written(&mut self) -> bool {
        let written = matches!(&self.phase, Phase::Writing(loads) if loads.is_empty());
        if written {
            self.look(true);
        }
        written
    }

    fn look(&mut self, settled: bool) {
        self.parcel.unsee();
        let questions = self.parcel.questions();
        let empty = questions.is_empty();
        self.phase = if empty { Phase::Confirming } else { Phase::Auditing { questions, settled } };
    }
}
