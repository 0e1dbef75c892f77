//! Base 32 (RFC 4648) without padding: what authenticators take, and what people can type.

const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Writes bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let groups = bytes.chunks(5).map(|group| {
        let mut padded = [0; 8];
        padded[3..3 + group.len()].copy_from_slice(group);
        (u64::from_be_bytes(padded), (group.len() * 8).div_ceil(5))
    });
    let digits = groups.flat_map(|(bits, digits)| (0..digits).map(move |place| (bits >> (35 - 5 * place)) & 31));
    digits.map(|digit| char::from(DIGITS[usize::try_from(digit).expect("five bits")])).collect()
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held) = (0_u32, 0);
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    for character in text.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == character)?;
        bits = (bits << 5 | u32::try_from(digit).ok()?) & 0xfff;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_the_standard_one() {
        // RFC 4648, 10.
        for (plain, written) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ")] {
            assert_eq!(encode(plain.as_bytes()), written);
        }
        assert_eq!(encode(b"foobar"), "MZXW6YTBOI");
        assert_eq!(decode("MZXW1"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
