//! Long answers that are written while they are read: a thread of the blocking pool writes, the connection reads, and
//! between them stand a few pieces at most.
//!
//! The writer ends soon after its reader has gone, has stopped reading, or has lost its credential (D-22). An answer that
//! breaks off does so visibly: its body ends in an error, so that half a file cannot pass for a whole one.

use std::{
    error::Error,
    io::{self, Write},
    pin::Pin,
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures::stream;
use muster_history::{Cancel, QueryError};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, mpsc},
    task::JoinHandle,
};
use tracing::warn;

use crate::{
    app::{App, CancelOnDrop},
    auth::{caller::Caller, hold},
};

/// Size of a piece, more or less.
const PIECE_BYTES: usize = 64 * 1024;

/// Pieces that may wait for the connection. When they do, the writer waits too.
const PIECES: usize = 4;

/// A reader that takes nothing for so long has gone, whatever its connection says.
const STALLED: Duration = Duration::from_secs(60);

/// Where a writer writes.
pub(crate) struct Feed {
    app: App,
    runtime: Handle,
    pieces: mpsc::Sender<Bytes>,
    cancel: Cancel,
    buffer: String,
}

impl Feed {
    /// Adds text, and sends it on when enough has gathered.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.buffer);
        if self.buffer.len() >= PIECE_BYTES {
            self.send();
        }
    }

    /// Sends what has gathered.
    pub(crate) fn send(&mut self) {
        if self.buffer.is_empty() || self.cancel.is_cancelled() {
            self.buffer.clear();
            return;
        }
        let piece = Bytes::from(std::mem::replace(&mut self.buffer, String::with_capacity(PIECE_BYTES)));
        self.pass_on(piece);
    }

    fn pass_on(&mut self, piece: Bytes) {
        let taken = self.runtime.block_on(async {
            // Cancel-safe: a piece that was not taken is given up together with the answer.
            tokio::select! {
                sent = self.pieces.send(piece) => sent.is_ok(),
                () = self.app.clock().sleep(STALLED) => false,
            }
        });
        if !taken {
            self.cancel.cancel();
        }
    }

    /// Ends when the reader has gone; hand it to whatever takes long.
    pub(crate) fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }
}

/// Bytes that are no text. The other side refuses them when nobody reads any more.
impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let piece = &bytes[..bytes.len().min(PIECE_BYTES)];
        self.pass_on(Bytes::copy_from_slice(piece));
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.cancel.is_cancelled() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

/// A body that `write` writes. It has the turn until it ends.
pub(crate) fn body<E: Error + Send + Sync + 'static>(
    app: &App,
    caller: Caller,
    turn: OwnedSemaphorePermit,
    write: impl FnOnce(&mut Feed) -> Result<(), E> + Send + 'static,
) -> Body {
    let (sender, pieces) = mpsc::channel(PIECES);
    let cancel = CancelOnDrop(Cancel::default());
    let mut feed = Feed {
        app: app.clone(),
        runtime: Handle::current(),
        pieces: sender,
        cancel: cancel.0.clone(),
        buffer: String::with_capacity(PIECE_BYTES),
    };
    let writer = tokio::task::spawn_blocking(move || {
        let written = write(&mut feed);
        feed.send();
        drop(turn);
        match written {
            Ok(()) if feed.cancel.is_cancelled() => Err(muster_runtime::chain(&QueryError::Cancelled)),
            written => written.map_err(|error| muster_runtime::chain(&error)),
        }
    });
    let reader = Reader { pieces, writer: Some(writer), lost: lost(app.clone(), caller), _cancel: cancel };
    Body::from_stream(stream::unfold(reader, Reader::next))
}

struct Reader {
    pieces: mpsc::Receiver<Bytes>,
    writer: Option<JoinHandle<Result<(), String>>>,
    lost: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Ends the writer when the connection drops the body.
    _cancel: CancelOnDrop,
}

impl Reader {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        self.writer.as_ref()?;
        // Cancel-safe: pieces stay in the queue, and the other wait is kept between calls.
        let piece = tokio::select! {
            piece = self.pieces.recv() => piece,
            () = &mut self.lost => {
                self.writer = None;
                return Some((Err(io::Error::other("the credential no longer holds")), self));
            }
        };
        match piece {
            Some(piece) => Some((Ok(piece), self)),
            None => {
                let writer = self.writer.take()?;
                let error = io::Error::other(match writer.await {
                    Ok(Ok(())) => return None,
                    Ok(Err(error)) => error,
                    Err(panic) => panic.to_string(),
                });
                warn!(%error, "a long answer broke off");
                Some((Err(error), self))
            }
        }
    }
}

fn lost(app: App, caller: Caller) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    // From now on, and not only once somebody reads.
    let mut revoked = app.revocations().listen();
    Box::pin(async move {
        hold::until_lost(&app, &caller, &mut revoked, hold::RECHECK).await;
    })
}
