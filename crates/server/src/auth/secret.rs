//! Random secrets and what is kept of them. A secret is 256 bits, so that a plain SHA-256 at rest is enough: there is
//! nothing to guess that a slow hash would protect.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use muster_runtime::Entropy;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What API tokens begin with, so that people and leak scanners recognise them.
pub(crate) const TOKEN_PREFIX: &str = "mst_";

/// A credential as it is stored.
pub(crate) type SecretHash = [u8; 32];

/// 256 random bits as 43 characters that are safe in a URL, a header and a cookie.
pub(crate) fn generate(entropy: &Entropy) -> SecretString {
    BASE64_URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()).into()
}

/// A new API token.
pub(crate) fn generate_token(entropy: &Entropy) -> SecretString {
    format!("{TOKEN_PREFIX}{}", generate(entropy).expose_secret()).into()
}

/// What is stored of a secret.
pub(crate) fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// The CSRF token of a session: derived from the session's secret, so that a page that was loaded anew learns it again
/// although only hashes are stored. Who knows it does not know the cookie.
pub(crate) fn csrf_of(session_secret: &str) -> SecretString {
    let digest = Sha256::new().chain_update(b"muster csrf\0").chain_update(session_secret.as_bytes()).finalize();
    BASE64_URL_SAFE_NO_PAD.encode(digest).into()
}

/// Whether a secret is the one behind a stored hash. Takes the same time for every wrong secret.
pub(crate) fn matches(secret: &str, stored: &SecretHash) -> bool {
    hash(secret).ct_eq(stored).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_never_repeat() {
        let entropy = Entropy::seeded(1);
        let (one, two) = (generate(&entropy), generate(&entropy));
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert!(generate_token(&entropy).expose_secret().starts_with("mst_"));
    }

    #[test]
    fn the_csrf_token_is_stable_and_not_the_secret() {
        let csrf = csrf_of("secret");
        assert_eq!(csrf.expose_secret(), csrf_of("secret").expose_secret());
        assert_ne!(csrf.expose_secret(), csrf_of("other").expose_secret());
        assert_ne!(hash(csrf.expose_secret()), hash("secret"));
    }

    #[test]
    fn only_the_right_secret_matches() {
        assert!(matches("a", &hash("a")));
        assert!(!matches("b", &hash("a")));
    }
}
