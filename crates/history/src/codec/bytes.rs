//! Whole numbers and texts as bytes, and a reader that believes nothing.

/// Bytes that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stored data is malformed: {0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

/// Appends a number, seven bits a byte, least first.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a text with its length.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Maps small numbers of either sign to small numbers.
pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Undoes [`zigzag`].
pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Length of a checksum.
pub(crate) const CHECKSUM: usize = 4;

/// Prefixes a body with its checksum.
pub(crate) fn sealed(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(CHECKSUM + body.len());
    out.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    out.extend_from_slice(body);
    out
}

/// Checks and takes off the checksum.
pub(crate) fn unsealed(sealed: &[u8]) -> Result<&[u8], Malformed> {
    let (crc, body) = sealed.split_first_chunk::<CHECKSUM>().ok_or(Malformed("no room for a checksum"))?;
    if u32::from_le_bytes(*crc) != crc32fast::hash(body) {
        return Err(Malformed("the checksum differs"));
    }
    Ok(body)
}

/// Reads from a slice, front to back.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(length).ok_or(Malformed("it ends too early"))?;
        self.0 = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Malformed("it ends too early"))?;
        self.0 = tail;
        Ok(*head)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed("a number is longer than 64 bits"))
    }

    pub(crate) fn small(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.number()?).map_err(|_| Malformed("a number is longer than 32 bits"))
    }

    /// Reads how many things follow. Each takes a byte at least, so that a lie cannot reserve more memory than the
    /// input has bytes.
    pub(crate) fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > self.0.len() {
            return Err(Malformed("it counts more things than it has bytes"));
        }
        Ok(count)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Malformed("a text is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_round_trip(number: u64, signed: i64) {
            let mut out = Vec::new();
            put_number(&mut out, number);
            put_number(&mut out, zigzag(signed));
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.number(), Ok(number));
            prop_assert_eq!(reader.number().map(unzigzag), Ok(signed));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn a_flipped_bit_breaks_the_seal(body: Vec<u8>, at: prop::sample::Index, bit in 0..8u8) {
            let mut bytes = sealed(&body);
            prop_assert_eq!(unsealed(&bytes), Ok(body.as_slice()));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(unsealed(&bytes).is_err());
        }
    }

    #[test]
    fn endless_and_lying_numbers_are_refused() {
        assert!(Reader::new(&[0xff; 20]).number().is_err());
        assert!(Reader::new(&[200, 1, 0]).count().is_err());
    }
}
