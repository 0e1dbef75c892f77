//! The master key: 256 random bits, written as one line of text.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use muster_runtime::Entropy;
use secrecy::{ExposeSecret, SecretBox, SecretString, zeroize::Zeroizing};
use sha2::{Digest, Sha256};

/// What the line begins with, so that people and leak scanners recognise it.
const PREFIX: &str = "muster-key-1:";

/// A master key. Prints as its id.
pub struct MasterKey {
    bytes: SecretBox<[u8; 32]>,
    id: String,
}

/// A text that is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no master key; it is one line that begins with `muster-key-1:`")]
pub struct InvalidKey;

impl MasterKey {
    /// A new key.
    pub fn generate(entropy: &Entropy) -> Self {
        Self::of(&Zeroizing::new(entropy.bytes::<32>()))
    }

    /// Reads a key from its line of text.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &SecretString) -> Result<Self, InvalidKey> {
        let digits = text.expose_secret().trim().strip_prefix(PREFIX).ok_or(InvalidKey)?;
        let decoded = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(digits).map_err(|_| InvalidKey)?);
        let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| InvalidKey)?;
        Ok(Self::of(&Zeroizing::new(bytes)))
    }

    /// The key as its line of text, without a newline.
    pub fn to_text(&self) -> SecretString {
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(self.bytes())).into()
    }

    /// Names the key: eight hexadecimal digits of a hash. No secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.bytes.expose_secret()
    }

    fn of(bytes: &[u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"muster master key\0").chain_update(bytes).finalize();
        let id = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let boxed = SecretBox::init_with_mut(|kept: &mut [u8; 32]| kept.copy_from_slice(bytes));
        Self { bytes: boxed, id }
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_down() {
        let key = MasterKey::generate(&Entropy::seeded(1));
        let text = key.to_text();
        assert!(text.expose_secret().starts_with("muster-key-1:"));
        let read = MasterKey::parse(&format!(" {}\n", text.expose_secret()).into()).unwrap();
        assert_eq!((read.bytes(), read.id()), (key.bytes(), key.id()));
        assert_eq!(format!("{key:?}"), format!("MasterKey({})", key.id()));
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in ["", "muster-key-1:", "muster-key-1:AAAA", "muster-key-2:AAAA", "AAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(MasterKey::parse(&text.into()).unwrap_err(), InvalidKey, "{text}");
        }
    }
}
