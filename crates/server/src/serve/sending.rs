//! The body of an answer on its way out, in pieces whose leaving is noticed.
//!
//! A piece counts until the connection has let go of its bytes: read from the body is not sent, since HTTP/2 keeps what its
//! other end does not take yet.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::activity::Busy;

/// The largest piece: what the slowest client must take within the time it has, and what a frame of HTTP/2 carries.
const PIECE_BYTES: usize = 16 * 1024;

/// A body on its way out.
pub(super) struct Sending {
    body: Body,
    /// What was read of the body and is not given out yet.
    rest: Bytes,
    busy: Arc<Busy>,
}

impl Sending {
    pub(super) fn new(body: Body, busy: Busy) -> Self {
        Self { body, rest: Bytes::new(), busy: Arc::new(busy) }
    }

    fn piece(&mut self) -> Frame<Bytes> {
        let bytes = self.rest.split_to(self.rest.len().min(PIECE_BYTES));
        self.busy.gives();
        Frame::data(Bytes::from_owner(Piece { bytes, busy: Arc::clone(&self.busy) }))
    }
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.piece())));
        }
        let frame = match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => frame,
            Poll::Ready(ended) => return Poll::Ready(ended),
            Poll::Pending => {
                self.busy.owes();
                return Poll::Pending;
            }
        };
        match frame.into_data() {
            Ok(data) => {
                self.rest = data;
                Poll::Ready(Some(Ok(self.piece())))
            }
            Err(trailers) => Poll::Ready(Some(Ok(trailers))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, body) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(upper) = body.upper().and_then(|upper| upper.checked_add(rest)) {
            hint.set_upper(upper);
        }
        hint
    }
}

/// Bytes that have left when they are dropped.
struct Piece {
    bytes: Bytes,
    busy: Arc<Busy>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.busy.given();
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use jiff::Timestamp;
    use muster_runtime::ManualClock;

    use super::{super::activity::Activity, *};

    #[tokio::test]
    async fn pieces_are_small_and_the_body_is_the_same() {
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let whole: Vec<u8> = (0..3 * PIECE_BYTES + 1).map(|number| number as u8).collect();
        let sending = Sending::new(whole.clone().into(), Arc::new(Activity::default()).begin(clock));
        assert_eq!(sending.size_hint().exact(), Some(whole.len() as u64));
        let pieces: Vec<Bytes> = Body::new(sending).into_data_stream().map(Result::unwrap).collect().await;
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, 1]);
        assert_eq!(pieces.concat(), whole);
    }

    #[tokio::test]
    async fn what_was_begun_is_not_at_its_end() {
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let mut sending = Sending::new(vec![7; PIECE_BYTES + 5].into(), Arc::new(Activity::default()).begin(clock));
        let next = std::future::poll_fn(|context| Pin::new(&mut sending).poll_frame(context)).await;
        assert!(next.unwrap().unwrap().is_data());
        assert_eq!((sending.size_hint().exact(), sending.is_end_stream()), (Some(5), false));
    }
}
