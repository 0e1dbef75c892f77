//! Sizes such as `32G` or `1.5T`, base 1024.

/// Bytes of a size; absent when it is none.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, factor) = match text.char_indices().next_back()? {
        (at, 'K' | 'k') => (&text[..at], 1u64 << 10),
        (at, 'M' | 'm') => (&text[..at], 1 << 20),
        (at, 'G' | 'g') => (&text[..at], 1 << 30),
        (at, 'T' | 't') => (&text[..at], 1 << 40),
        _ => (text, 1),
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let size = number.parse::<f64>().ok().filter(|_| plain)? * factor as f64;
    (size < u64::MAX as f64).then_some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_suffixes_and_fractions() {
        let check = |text, expected| assert_eq!(bytes(text), expected, "{text}");
        check("32G", Some(32 << 30));
        check("528K", Some(528 << 10));
        check("1.5T", Some(3 << 39));
        check("4M", Some(4 << 20));
        check("1024", Some(1024));
        check("0", Some(0));
        for bad in ["", "G", "-1G", "1e9", "NaN", "inf", "1.5.5G", "99999999999999T", "٣G", "32GB"] {
            check(bad, None);
        }
    }
}
