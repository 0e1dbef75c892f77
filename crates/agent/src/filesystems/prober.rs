//! Asks filesystems for their use without being held up by one that does not answer.
//!
//! The question is asked on a thread of its own. A thread that gets no answer in time stays with its mount, which is not
//! asked again until that answer has come; a fresh thread goes on with the others. So there is at most one waiting thread
//! for each dead mount. A healthy thread ends with the prober; one that is stuck in the kernel ends with its mount.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TryRecvError},
    },
    thread,
    time::Duration,
};

use muster_model::UnknownReason;

use crate::{
    kernel::{FilesystemUse, Kernel},
    read,
};

/// How long each mount may still take once the time of all is used up. A healthy one answers in microseconds.
const GRACE: Duration = Duration::from_millis(50);

type Answer = Result<FilesystemUse, UnknownReason>;

/// The threads that ask.
pub(super) struct Prober {
    kernel: Arc<dyn Kernel>,
    deadline: Duration,
    idle: Option<Worker>,
    stuck: BTreeMap<PathBuf, Worker>,
}

impl Prober {
    pub(super) fn new(kernel: Arc<dyn Kernel>, deadline: Duration) -> Self {
        Self { kernel, deadline, idle: None, stuck: BTreeMap::new() }
    }

    /// Asks each mount in turn; all together have the deadline. `clock` gives monotonic time.
    pub(super) fn probe(&mut self, mounts: &[PathBuf], clock: &dyn Fn() -> Duration) -> Vec<Answer> {
        let end = clock() + self.deadline;
        let ask = |mount: &PathBuf| self.ask(mount, end.saturating_sub(clock()).max(GRACE));
        mounts.iter().map(ask).collect()
    }

    fn ask(&mut self, mount: &Path, patience: Duration) -> Answer {
        if let Some(worker) = self.stuck.remove(mount) {
            return self.look_after(worker, mount);
        }
        let worker = match self.idle.take().map_or_else(|| Worker::start(Arc::clone(&self.kernel)), Ok) {
            Ok(worker) => worker,
            Err(error) => return Err(read::reason_of(&error)),
        };
        match worker.ask(mount, patience) {
            Ok(answer) => {
                self.idle = Some(worker);
                answer.map_err(|error| read::reason_of(&error))
            }
            Err(RecvTimeoutError::Timeout) => {
                self.stuck.insert(mount.to_owned(), worker);
                Err(UnknownReason::TimedOut)
            }
            Err(RecvTimeoutError::Disconnected) => Err(UnknownReason::SourceUnreachable),
        }
    }

    /// A late answer is as good as a new one: it was given after the last look.
    fn look_after(&mut self, worker: Worker, mount: &Path) -> Answer {
        match worker.answers.try_recv() {
            Ok(answer) => {
                self.idle.get_or_insert(worker);
                answer.map_err(|error| read::reason_of(&error))
            }
            Err(TryRecvError::Empty) => {
                self.stuck.insert(mount.to_owned(), worker);
                Err(UnknownReason::TimedOut)
            }
            Err(TryRecvError::Disconnected) => Err(UnknownReason::SourceUnreachable),
        }
    }
}

/// One thread that asks one question at a time.
struct Worker {
    questions: SyncSender<PathBuf>,
    answers: Receiver<io::Result<FilesystemUse>>,
}

impl Worker {
    /// Both channels hold one message: a question is put only after the last answer was taken, so neither end waits.
    fn start(kernel: Arc<dyn Kernel>) -> io::Result<Self> {
        let (questions, asked) = mpsc::sync_channel::<PathBuf>(1);
        let (answer, answers) = mpsc::sync_channel(1);
        thread::Builder::new().name("statvfs".into()).spawn(move || {
            for mount in asked {
                if answer.send(kernel.statvfs(&mount)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { questions, answers })
    }

    fn ask(&self, mount: &Path, patience: Duration) -> Result<io::Result<FilesystemUse>, RecvTimeoutError> {
        self.questions.send(mount.to_owned()).map_err(|_| RecvTimeoutError::Disconnected)?;
        self.answers.recv_timeout(patience)
    }
}
