//! Lets go of a question whose asker has left.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::query::QueryError;

/// A switch between who asks and who answers. Clones share it; it is turned once.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Says that nobody waits for the answer any more. The question ends soon after, with [`QueryError::Cancelled`].
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether nobody waits any more.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), QueryError> {
        if self.is_cancelled() { Err(QueryError::Cancelled) } else { Ok(()) }
    }
}
