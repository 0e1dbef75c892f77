//! Envelope encryption: `1.<key id>.<wrapped key>.<secret>`, each part sealed with XChaCha20-Poly1305 behind its own
//! random nonce, which is long enough never to repeat.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use muster_runtime::Entropy;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use crate::MasterKey;

const VERSION: &str = "1";
const NONCE_BYTES: usize = 24;

/// Why something sealed does not open. Never says what was in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    /// Another master key sealed it.
    #[error(
        "unsealing a secret: it was sealed with the master key {sealed_with}, and this one is {ours}; give the server that key"
    )]
    OtherKey {
        /// The id of the key that sealed it.
        sealed_with: String,
        /// The id of the key at hand.
        ours: String,
    },
    /// It was changed, or belongs somewhere else.
    #[error("unsealing a secret: it was changed or moved since it was sealed; set the secret again")]
    Tampered,
}

pub(crate) fn seal(key: &MasterKey, context: &str, secret: &SecretString, entropy: &Entropy) -> SecretString {
    let own_key = Zeroizing::new(entropy.bytes::<32>());
    let wrapped = encrypt(key.bytes(), key.id(), own_key.as_slice(), entropy);
    let body = encrypt(&own_key, context, secret.expose_secret().as_bytes(), entropy);
    format!("{VERSION}.{}.{wrapped}.{body}", key.id()).into()
}

pub(crate) fn unseal(key: &MasterKey, context: &str, sealed: &SecretString) -> Result<SecretString, UnsealError> {
    let parts: Vec<&str> = sealed.expose_secret().split('.').collect();
    let [VERSION, id, wrapped, body] = parts[..] else { return Err(UnsealError::Tampered) };
    check_id(key, id)?;
    let own_key = decrypt(key.bytes(), id, wrapped)?;
    let own_key = <[u8; 32]>::try_from(own_key.as_slice()).map(Zeroizing::new).map_err(|_| UnsealError::Tampered)?;
    let secret = decrypt(&own_key, context, body)?;
    std::str::from_utf8(&secret).map(SecretString::from).map_err(|_| UnsealError::Tampered)
}

/// Whether a key is the one that sealed something.
pub(crate) fn check_key(key: &MasterKey, sealed: &SecretString) -> Result<(), UnsealError> {
    let id = sealed.expose_secret().split('.').nth(1).ok_or(UnsealError::Tampered)?;
    check_id(key, id)
}

fn check_id(key: &MasterKey, id: &str) -> Result<(), UnsealError> {
    if id == key.id() {
        return Ok(());
    }
    Err(UnsealError::OtherKey { sealed_with: id.to_owned(), ours: key.id().to_owned() })
}

fn encrypt(key: &[u8; 32], context: &str, plain: &[u8], entropy: &Entropy) -> String {
    let nonce = entropy.bytes::<NONCE_BYTES>();
    let payload = Payload { msg: plain, aad: context.as_bytes() };
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).expect("secrets are far below the cipher's limit");
    BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &[u8; 32], context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| UnsealError::Tampered)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(UnsealError::Tampered)?;
    let payload = Payload { msg: sealed, aad: context.as_bytes() };
    let opened = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), payload);
    opened.map(Zeroizing::new).map_err(|_| UnsealError::Tampered)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(seed: u64) -> MasterKey {
        MasterKey::generate(&Entropy::seeded(seed))
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_context_only() {
        // D-21
        let (key, other, entropy) = (key(1), key(2), Entropy::seeded(3));
        let sealed = seal(&key, "totp/default/1", &"a secret".into(), &entropy);
        assert!(!sealed.expose_secret().contains("secret"));
        assert_eq!(unseal(&key, "totp/default/1", &sealed).unwrap().expose_secret(), "a secret");
        assert_eq!(unseal(&key, "totp/default/2", &sealed).unwrap_err(), UnsealError::Tampered);
        let error = unseal(&other, "totp/default/1", &sealed).unwrap_err();
        assert!(error.to_string().contains(key.id()) && error.to_string().contains(other.id()), "{error}");
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let (key, entropy) = (key(1), Entropy::seeded(3));
        let one = seal(&key, "c", &"a secret".into(), &entropy);
        let two = seal(&key, "c", &"a secret".into(), &entropy);
        assert_ne!(one.expose_secret(), two.expose_secret());
    }

    proptest! {
        #[test]
        fn every_changed_character_is_noticed(secret in ".{0,40}", place in any::<prop::sample::Index>()) {
            let (key, entropy) = (key(1), Entropy::seeded(3));
            let sealed = seal(&key, "c", &secret.clone().into(), &entropy);
            let opened = unseal(&key, "c", &sealed).unwrap();
            prop_assert_eq!(opened.expose_secret(), &secret);
            let mut text = sealed.expose_secret().as_bytes().to_vec();
            let place = place.index(text.len());
            text[place] = if text[place] == b'A' { b'B' } else { b'A' };
            let changed = SecretString::from(String::from_utf8(text).unwrap());
            prop_assert!(unseal(&key, "c", &changed).is_err());
        }
    }
}
