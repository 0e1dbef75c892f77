//! Watches whether a credential still holds while a stream is open (D-22).

use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};
use tracing::warn;

use super::{Revoked, caller::Caller, credential};
use crate::app::App;

/// How often the credential is checked again; below the 5 s of D-22.
pub(crate) const RECHECK: Duration = Duration::from_secs(4);

/// Waits until the credential is revoked or has expired.
pub(crate) async fn until_lost(app: &App, caller: &Caller, revoked: &mut Receiver<Revoked>, recheck: Duration) {
    // Every branch is cancel-safe: each waits only for what stays true.
    tokio::select! {
        () = revocation(caller, revoked) => {}
        () = expiry(app, caller, recheck) => {}
    }
}

async fn revocation(caller: &Caller, revoked: &mut Receiver<Revoked>) {
    loop {
        match revoked.recv().await {
            Ok(revoked) if revoked.concerns(caller) => return,
            // What was missed is found when the credential is checked again.
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Asks the store again and again. While it does not answer, the stream goes on: its data does not come from there.
async fn expiry(app: &App, caller: &Caller, recheck: Duration) {
    loop {
        app.clock().sleep(recheck).await;
        match credential::still_holds(app, caller).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => warn!(?error, "could not check the credential of an open stream"),
        }
    }
}
