//! A connection that is given up when its other end takes nothing for too long.
//!
//! Somebody who asks for much and reads nothing would hold the answer in memory for ever otherwise.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use muster_runtime::{Clock, Wakeup};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection with a limit for how long it may take nothing.
pub(crate) struct Patient<S> {
    stream: S,
    clock: Arc<dyn Clock>,
    patience: Duration,
    /// Runs while the other end takes nothing.
    waiting: Option<Wakeup>,
}

impl<S> Patient<S> {
    pub(crate) fn new(stream: S, clock: Arc<dyn Clock>, patience: Duration) -> Self {
        Self { stream, clock, patience, waiting: None }
    }

    /// Passes on what became of an attempt to write, unless there was no progress for too long.
    fn judge<T>(&mut self, context: &mut Context<'_>, attempt: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if attempt.is_ready() {
            self.waiting = None;
            return attempt;
        }
        let waiting = self.waiting.get_or_insert_with(|| self.clock.sleep(self.patience));
        match waiting.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let attempt = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, attempt)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let attempt = Pin::new(&mut self.stream).poll_flush(context);
        self.judge(context, attempt)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let attempt = Pin::new(&mut self.stream).poll_shutdown(context);
        self.judge(context, attempt)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let attempt = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.judge(context, attempt)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, poll};
    use jiff::Timestamp;
    use muster_runtime::ManualClock;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn who_takes_nothing_is_given_up_and_who_takes_little_is_not() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let (ours, mut theirs) = tokio::io::duplex(4);
        let mut patient = Patient::new(ours, Arc::new(clock.clone()), Duration::from_secs(60));
        let mut written = std::pin::pin!(patient.write_all(b"a long answer").fuse());
        for _ in 0..2 {
            assert!(poll!(&mut written).is_pending());
            clock.advance(Duration::from_secs(59));
            theirs.read_exact(&mut [0; 4]).await.unwrap();
        }
        assert!(poll!(&mut written).is_pending());
        clock.advance(Duration::from_secs(60));
        let error = written.now_or_never().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
