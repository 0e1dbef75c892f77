//! Codes for when the authenticator is lost. Each works once and has 80 random bits, so that a plain hash at rest is
//! enough.

use muster_runtime::Entropy;
use secrecy::{ExposeSecret, SecretString};

use super::base32;
use crate::auth::secret::{self, SecretHash};

/// How many a user gets.
pub(crate) const COUNT: usize = 10;

/// New codes, each as four groups of four characters.
pub(crate) fn generate(entropy: &Entropy) -> Vec<SecretString> {
    (0..COUNT).map(|_| grouped(&base32::encode(&entropy.bytes::<10>())).into()).collect()
}

fn grouped(code: &str) -> String {
    let groups: Vec<&str> = (0..code.len() / 4).map(|group| &code[group * 4..group * 4 + 4]).collect();
    groups.join("-")
}

/// A code as it compares: however it was grouped and capitalised.
pub(crate) fn normal(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).take(64).map(|c| c.to_ascii_uppercase()).collect()
}

/// What is stored of a code.
pub(crate) fn hash(normal: &str) -> SecretHash {
    secret::hash(normal)
}

/// What is stored of new codes.
pub(crate) fn hashes(codes: &[SecretString]) -> Vec<SecretHash> {
    codes.iter().map(|code| hash(&normal(code.expose_secret()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_readable_and_differ() {
        let codes = generate(&Entropy::seeded(1));
        let texts: std::collections::BTreeSet<&str> = codes.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(texts.len(), COUNT);
        assert!(texts.iter().all(|text| text.len() == 19 && text.matches('-').count() == 3), "{texts:?}");
    }

    #[test]
    fn a_code_counts_however_it_is_typed() {
        assert_eq!(normal(" abcd-EFGH 2345-6723\n"), "ABCDEFGH23456723");
        assert_eq!(normal("123 456"), "123456");
    }
}
