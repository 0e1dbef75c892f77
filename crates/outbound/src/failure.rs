//! What went wrong, as far as the causes of a failed call tell it. Called where a call fails.

use std::{error::Error, io, time::Duration};

use rustls::InvalidMessage;

use crate::{error::OutboundError, target::Target, trust::Distrust};

/// A call that the HTTP client gave up. `connect` is what a connection was granted.
pub(crate) fn of_call(target: &Target, connect: Duration, cause: reqwest::Error) -> OutboundError {
    if cause.is_connect() && cause.is_timeout() {
        return OutboundError::NoConnection { origin: target.origin(), seconds: connect.as_secs() };
    }
    if let Some(error) = find::<rustls::Error>(&cause) {
        return of_tls(target, error.clone().into());
    }
    // The address stands in the message already, without what a path may tell.
    OutboundError::Unreachable { origin: target.origin(), cause: cause.without_url().into() }
}

/// A connection that did not come to stand.
pub(crate) fn of_connection(target: &Target, cause: io::Error) -> OutboundError {
    match find::<rustls::Error>(&cause) {
        Some(error) => of_tls(target, error.clone().into()),
        None => OutboundError::Unreachable { origin: target.origin(), cause: cause.into() },
    }
}

fn of_tls(target: &Target, cause: Box<rustls::Error>) -> OutboundError {
    let origin = target.origin();
    if matches!(*cause, rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) {
        return OutboundError::NotTls { origin };
    }
    let rustls::Error::Other(other) = &*cause else { return OutboundError::Tls { origin, cause } };
    match other.0.downcast_ref::<Distrust>() {
        Some(Distrust { found, pinned: true, .. }) => OutboundError::PinMismatch { origin, found: *found, cause },
        Some(Distrust { found, pinned: false, .. }) => OutboundError::NotVerified { origin, found: *found, cause },
        None => OutboundError::Tls { origin, cause },
    }
}

/// Whether the other side closed the connection before it answered, as it may do to one that was idle.
pub(crate) fn broke_off(error: &(dyn Error + 'static)) -> bool {
    let incomplete = find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message);
    let kind = find::<io::Error>(error).map(io::Error::kind);
    incomplete || matches!(kind, Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe))
}

/// What began it.
pub(crate) fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost
}

/// The first cause of a kind.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // What an I/O error was made of is no source of it.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inner.map_or_else(|| error.source(), |inner| Some(inner));
    }
    None
}
