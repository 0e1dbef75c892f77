//! The one writer: concurrent writes share a transaction and a commit.
//!
//! Writes wait in a bounded queue. The writer takes all that wait, runs each in a savepoint of its own, commits once, and
//! only then answers each. What a write is recorded by goes into the audit log in its savepoint, and the group ends with
//! one link of the log's chain (D-18). A write that is at fault itself fails alone; when the database is in trouble (full, gone) the
//! whole group is undone and told. While the writer commits, the next writes gather: the busier the store, the larger
//! the groups. A write that nobody waits for any more is still carried out.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DatabaseTransaction, DbErr, DeleteResult, TransactionTrait, UpdateResult,
};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use crate::{
    audit::{Ledger, Line},
    backend::Backend,
    error::Trouble,
    sqlite,
};

/// Writes that wait. When full, the next caller waits for room.
const QUEUE: usize = 256;

/// Writes in one transaction. Keeps the wait of the first bounded.
const GROUP: usize = 64;

/// Time for a whole group. A connection that takes longer is given up and made anew.
const GROUP_TIMEOUT: Duration = Duration::from_secs(60);

/// Where writes are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    queue: mpsc::Sender<Message>,
    counters: Arc<Counters>,
}

/// What the writer has done.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) writes: AtomicU64,
    pub(crate) commits: AtomicU64,
    last_error: Mutex<Option<String>>,
}

enum Message {
    Write(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

impl Desk {
    /// Carries out a write and answers once it is safely stored, together with what it is recorded by. A write that
    /// changes nothing is not recorded.
    ///
    /// The work must not begin or end transactions itself; what it returns as an error is undone.
    pub(crate) async fn write<T, F>(&self, line: Option<Line>, work: F) -> Result<T, DbErr>
    where
        T: Effect + Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Assignment { line, work: Some(work), done: None, reply };
        self.queue.send(Message::Write(Box::new(job))).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Carries out what waits, then ends the writer. Later writes are refused.
    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.queue.send(Message::Close(reply)).await.is_ok() {
            // An error means that the writer has ended already.
            let _ = closed.await;
        }
    }

    /// Writes that wait.
    pub(crate) fn depth(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl Counters {
    /// The last group that failed, unless one after it succeeded.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, writes: usize, outcome: &Result<(), DbErr>) {
        let mut last_error = self.last_error.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) => {
                self.commits.fetch_add(1, Ordering::Relaxed);
                self.writes.fetch_add(writes as u64, Ordering::Relaxed);
                *last_error = None;
            }
            Err(error) => {
                let trouble = Trouble::of(error);
                warn!(writes, error = error as &dyn std::error::Error, "a group of writes failed: {trouble}");
                *last_error = Some(trouble.to_string());
            }
        }
    }
}

fn closed() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}

/// Whether a write changed anything, by what it answers.
pub(crate) trait Effect {
    /// Whether there is something to record.
    fn changed(&self) -> bool;
}

impl Effect for () {
    fn changed(&self) -> bool {
        true
    }
}

impl Effect for bool {
    fn changed(&self) -> bool {
        *self
    }
}

/// Rows that were affected.
impl Effect for u64 {
    fn changed(&self) -> bool {
        *self > 0
    }
}

impl<T> Effect for Option<T> {
    fn changed(&self) -> bool {
        self.is_some()
    }
}

impl Effect for DeleteResult {
    fn changed(&self) -> bool {
        self.rows_affected > 0
    }
}

impl Effect for UpdateResult {
    fn changed(&self) -> bool {
        self.rows_affected > 0
    }
}

/// One write, its type forgotten.
trait Job: Send {
    fn run<'t>(&'t mut self, txn: &'t DatabaseTransaction) -> BoxFuture<'t, Result<(), DbErr>>;
    /// What records the write, once it has run and changed something.
    fn line(&self) -> Option<&Line>;
    /// What it did was taken back, for this reason.
    fn undone(&mut self, error: DbErr);
    /// Tells the caller, given what became of the group.
    fn answer(self: Box<Self>, group: Result<(), DbErr>);
}

struct Assignment<T, F> {
    line: Option<Line>,
    work: Option<F>,
    done: Option<Result<T, DbErr>>,
    reply: oneshot::Sender<Result<T, DbErr>>,
}

impl<T, F> Job for Assignment<T, F>
where
    T: Effect + Send + 'static,
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + 'static,
{
    fn run<'t>(&'t mut self, txn: &'t DatabaseTransaction) -> BoxFuture<'t, Result<(), DbErr>> {
        let work = self.work.take().expect("a write runs once");
        Box::pin(async move {
            let done = work(txn).await;
            let outcome = done.as_ref().map(|_| ()).map_err(Clone::clone);
            self.done = Some(done);
            outcome
        })
    }

    fn line(&self) -> Option<&Line> {
        let done = self.done.as_ref()?.as_ref().ok()?;
        self.line.as_ref().filter(|_| done.changed())
    }

    fn undone(&mut self, error: DbErr) {
        self.done = Some(Err(error));
    }

    fn answer(self: Box<Self>, group: Result<(), DbErr>) {
        let answer = match (self.done, group) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Ok(_)), Err(group)) => Err(group),
            (None, group) => Err(group.err().unwrap_or_else(closed)),
        };
        // A caller that went away does not want to know.
        let _ = self.reply.send(answer);
    }
}

/// The task behind the desk.
pub(crate) struct Writer {
    backend: Backend,
    /// Absent after a failure that left the connection in doubt; made anew for the next group.
    connection: Option<DatabaseConnection>,
    queue: mpsc::Receiver<Message>,
    counters: Arc<Counters>,
}

impl Writer {
    /// A writer on an open connection, and the desk in front of it.
    pub(crate) fn new(backend: Backend, connection: DatabaseConnection) -> (Self, Desk) {
        let (sender, queue) = mpsc::channel(QUEUE);
        let counters = Arc::new(Counters::default());
        let desk = Desk { queue: sender, counters: Arc::clone(&counters) };
        (Self { backend, connection: Some(connection), queue, counters }, desk)
    }

    /// Works until the desk is closed or gone.
    pub(crate) async fn run(mut self) {
        let mut closers = Vec::new();
        while let Some(first) = self.queue.recv().await {
            let jobs = self.gather(first, &mut closers);
            if !jobs.is_empty() {
                self.carry_out(jobs).await;
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            warn!(error = &error as &dyn std::error::Error, "closing the database");
        }
        for closer in closers {
            // Whoever asked may have stopped waiting.
            let _ = closer.send(());
        }
    }

    fn gather(&mut self, first: Message, closers: &mut Vec<oneshot::Sender<()>>) -> Vec<Box<dyn Job>> {
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(job) => jobs.push(job),
                Message::Close(closer) => {
                    self.queue.close();
                    closers.push(closer);
                }
            }
            next = if jobs.len() < GROUP { self.queue.try_recv().ok() } else { None };
        }
        jobs
    }

    async fn carry_out(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let outcome = self.group(&mut jobs).await;
        self.counters.count(jobs.len(), &outcome);
        if outcome.is_err() {
            // A failed group may leave a transaction half open; a new connection certainly has none.
            self.connection = None;
        }
        for job in jobs {
            job.answer(outcome.clone());
        }
    }

    async fn group(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), DbErr> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.backend.connect_writer().await?,
        };
        let outcome = tokio::time::timeout(GROUP_TIMEOUT, run_group(&connection, jobs)).await;
        self.connection = Some(connection);
        outcome.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
    }
}

async fn run_group(connection: &DatabaseConnection, jobs: &mut [Box<dyn Job>]) -> Result<(), DbErr> {
    let txn = connection.begin_with_options(sqlite::immediate()).await?;
    let mut ledger = Ledger::default();
    for job in jobs {
        let savepoint = txn.begin().await?;
        match run_recorded(job.as_mut(), &savepoint, &ledger).await {
            Ok(entered) => {
                savepoint.commit().await?;
                ledger = entered;
            }
            Err(error) if Trouble::of(&error).is_of_the_database() => return Err(error),
            Err(error) => {
                savepoint.rollback().await?;
                job.undone(error);
            }
        }
    }
    ledger.seal(&txn).await?;
    txn.commit().await
}

/// Runs a job and records it. Answers with the ledger as it is then: the one before still holds when the job is undone.
async fn run_recorded(job: &mut dyn Job, savepoint: &DatabaseTransaction, ledger: &Ledger) -> Result<Ledger, DbErr> {
    job.run(savepoint).await?;
    let mut ledger = ledger.clone();
    if let Some(line) = job.line() {
        ledger.enter(savepoint, line).await?;
    }
    Ok(ledger)
}

#[cfg(test)]
mod tests;
