//! Moves bytes in pieces, counting and hashing them on the way.

use std::io::{self, ErrorKind, Read, Write};

use sha2::{Digest, Sha256};

use crate::PIECE_BYTES;

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// The first bytes, up to [`HEAD_BYTES`].
    pub(crate) head: Vec<u8>,
}

/// As much as the header of an SQLite database has.
pub(crate) const HEAD_BYTES: usize = 100;

/// Which side refused.
#[derive(Debug)]
pub(crate) enum MoveError {
    Read(io::Error),
    Write(io::Error),
}

/// Moves everything; tells `progress` the length of each piece.
pub(crate) fn pump(from: &mut dyn Read, to: &mut dyn Write, progress: &mut dyn FnMut(u64)) -> Result<Moved, MoveError> {
    let (mut hasher, mut bytes, mut head) = (Sha256::new(), 0, Vec::new());
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(MoveError::Read(error)),
        };
        let piece = &piece[..length];
        hasher.update(piece);
        head.extend_from_slice(&piece[..piece.len().min(HEAD_BYTES - head.len())]);
        to.write_all(piece).map_err(MoveError::Write)?;
        bytes += length as u64;
        progress(length as u64);
    }
    Ok(Moved { bytes, sha256: hex::encode(hasher.finalize()), head })
}

/// The marker in the header of an SQLite database: `user_version`, big-endian at byte 60.
pub(crate) fn marker(head: &[u8]) -> Option<u32> {
    let is_database = head.starts_with(b"SQLite format 3\0");
    let field = head.get(60..64).filter(|_| is_database)?;
    Some(u32::from_be_bytes(field.try_into().expect("the field has four bytes")))
}
