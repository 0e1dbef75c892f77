//! Unpacks gzip piece by piece, and no further than a bound: a small answer may hold a large one.

use std::io::{self, Write};

use flate2::write::GzDecoder;

use crate::{error::OutboundError, target::Target};

/// What is being unpacked.
pub(crate) struct Unpacker(GzDecoder<Bounded>);

/// Why nothing came of it.
#[derive(Debug)]
pub(crate) enum UnpackError {
    /// More comes out than is wanted.
    TooLarge,
    /// It is damaged, or ends too early.
    Damaged(io::Error),
}

impl Unpacker {
    /// Nothing yet, and at most `most_bytes` in the end.
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self(GzDecoder::new(Bounded { body: Vec::new(), taken: 0, most_bytes, full: false }))
    }

    /// Takes the next packed piece.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), UnpackError> {
        self.0.write_all(piece).map_err(|error| self.why(error))
    }

    /// What came out since it was last taken. It counts towards the bound still.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let bounded = self.0.get_mut();
        bounded.taken += bounded.body.len();
        std::mem::take(&mut bounded.body)
    }

    /// All that came out, or what is left of it.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, UnpackError> {
        self.0.try_finish().map_err(|error| self.why(error))?;
        Ok(std::mem::take(&mut self.0.get_mut().body))
    }

    fn why(&self, error: io::Error) -> UnpackError {
        if self.0.get_ref().full { UnpackError::TooLarge } else { UnpackError::Damaged(error) }
    }
}

impl UnpackError {
    /// The same as the failure of a call.
    pub(crate) fn of(self, target: &Target, most_bytes: usize) -> OutboundError {
        match self {
            Self::TooLarge => OutboundError::TooLarge { origin: target.origin(), most_bytes },
            Self::Damaged(cause) => OutboundError::Packing { origin: target.origin(), cause },
        }
    }
}

/// Memory with an end.
struct Bounded {
    body: Vec<u8>,
    /// Bytes that were taken out already.
    taken: usize,
    most_bytes: usize,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, unpacked: &[u8]) -> io::Result<usize> {
        if self.taken + self.body.len() + unpacked.len() > self.most_bytes {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.body.extend_from_slice(unpacked);
        Ok(unpacked.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
