//! What the clients were answered: counted by who asked, and kept where it should not have been.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Strange answers that are kept to be shown; more are counted.
const SHOWN: usize = 20;

/// The answers of a run.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    counts: BTreeMap<(&'static str, u16), u64>,
    strange: Vec<String>,
    strange_count: u64,
}

impl Answers {
    /// Notes an answer that had to have one status. 503 says to come again, and is counted.
    pub(crate) fn expected(&self, who: &'static str, status: u16, wanted: u16, what: &str) {
        self.count(who, status);
        if status != wanted && status != 503 {
            self.strange(format!("{who}: {what} answered {status} and not {wanted}"));
        }
    }

    /// Notes an answer that may be any refusal. No request makes a server fail.
    pub(crate) fn refusal(&self, who: &'static str, status: u16, what: &str) {
        self.count(who, status);
        if !(400..500).contains(&status) && status != 503 {
            self.strange(format!("{who}: {what} answered {status}, which is no refusal"));
        }
    }

    /// Notes that something went on which is no answer, such as a closed connection.
    pub(crate) fn event(&self, who: &'static str) {
        self.count(who, 0);
    }

    /// Notes what must not happen.
    pub(crate) fn strange(&self, what: String) {
        let mut inner = self.lock();
        inner.strange_count += 1;
        if inner.strange.len() < SHOWN {
            inner.strange.push(what);
        }
    }

    /// How often which status was answered to whom; status 0 is what is no answer.
    pub(crate) fn counts(&self) -> BTreeMap<(&'static str, u16), u64> {
        self.lock().counts.clone()
    }

    /// How often something happened that must not, and the first few of it.
    pub(crate) fn all_strange(&self) -> (u64, Vec<String>) {
        let inner = self.lock();
        (inner.strange_count, inner.strange.clone())
    }

    fn count(&self, who: &'static str, status: u16) {
        *self.lock().counts.entry((who, status)).or_default() += 1;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
