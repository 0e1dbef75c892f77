//! Tells open streams at once that a credential no longer holds (D-22). What is revoked elsewhere, such as from the
//! command line, they find out when they check their credential again.

use tokio::sync::broadcast;
use uuid::Uuid;

use super::caller::{Caller, Principal};

/// Revocations that a stream may fall behind. Beyond it, it checks its credential in the store.
const CAPACITY: usize = 64;

/// What no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// One session.
    Session(Uuid),
    /// Every session of a user, and every token that an identity provider has issued for the user: they are looked at
    /// anew.
    SessionsOf(Uuid),
    /// Every session of a user but one.
    OtherSessionsOf {
        user: Uuid,
        /// The session that goes on.
        keep: Uuid,
    },
    /// An API token.
    Token(Uuid),
}

impl Revoked {
    /// Whether it is this caller's credential.
    pub(crate) fn concerns(self, caller: &Caller) -> bool {
        match (self, &caller.principal) {
            (Self::Session(id), Principal::User(it)) => id == it.session_id,
            (Self::SessionsOf(user), Principal::User(it)) => user == it.user_id,
            (Self::SessionsOf(user), Principal::Federated(it)) => user == it.user_id,
            (Self::OtherSessionsOf { user, keep }, Principal::User(it)) => user == it.user_id && keep != it.session_id,
            (Self::Token(token), Principal::Token { id, .. }) => token == *id,
            (Self::Token(_), Principal::User(_))
            | (Self::Session(_) | Self::SessionsOf(_) | Self::OtherSessionsOf { .. }, Principal::Token { .. })
            | (Self::Session(_) | Self::OtherSessionsOf { .. } | Self::Token(_), Principal::Federated(_)) => false,
        }
    }
}

/// Spreads revocations.
#[derive(Debug)]
pub(crate) struct Revocations(broadcast::Sender<Revoked>);

impl Default for Revocations {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Revocations {
    /// Tells everybody.
    pub(crate) fn announce(&self, revoked: Revoked) {
        // Nobody listens while no stream is open.
        let _ = self.0.send(revoked);
    }

    /// Listens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Revoked> {
        self.0.subscribe()
    }
}
