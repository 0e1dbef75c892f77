//! Secrets at rest: the master key, and envelope encryption with it (D-21).
//!
//! ```no_run
//! # fn example(entropy: &muster_runtime::Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! use muster_vault::{KeyPlace, Vault};
//!
//! let vault = Vault::open(&KeyPlace::Kept("/var/lib/muster/secret.key".into()), None, entropy)?;
//! let sealed = vault.seal("totp/default/ada", &"a secret".into(), entropy);
//! let secret = vault.unseal("totp/default/ada", &sealed)?;
//! # Ok(())
//! # }
//! ```
//!
//! Each secret is encrypted with a key of its own, which is encrypted with the master key, so that a new master key
//! means wrapping small keys again and no secret is decrypted for it. What is sealed names the master key by its id and
//! is bound to a context: moved to another row it does not open.
//!
//! It stores nothing but the key file, and never prints a secret or a key.

mod key;
mod place;
mod seal;

pub use key::{InvalidKey, MasterKey};
pub use place::{KeyError, KeyPlace};
pub use seal::UnsealError;

use std::sync::Arc;

use muster_runtime::Entropy;
use secrecy::SecretString;

/// Seals and unseals secrets with one master key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault(Arc<MasterKey>);

impl Vault {
    /// A vault with a key that somebody has.
    pub fn new(key: MasterKey) -> Self {
        Self(Arc::new(key))
    }

    /// Reads the master key, or makes one where nothing is sealed yet. `sealed` is anything sealed that exists.
    ///
    /// # Errors
    /// When the key cannot be read or written, other users can read it, or it is not the one that sealed what exists.
    pub fn open(place: &KeyPlace, sealed: Option<&SecretString>, entropy: &Entropy) -> Result<Self, KeyError> {
        place.open(sealed, entropy).map(Self::new)
    }

    /// Names the master key: eight hexadecimal digits. No secret.
    pub fn key_id(&self) -> &str {
        self.0.id()
    }

    /// Encrypts a secret for a context, such as the kind and id of the row that it belongs to.
    pub fn seal(&self, context: &str, secret: &SecretString, entropy: &Entropy) -> SecretString {
        seal::seal(&self.0, context, secret, entropy)
    }

    /// Decrypts what was sealed for the same context.
    ///
    /// # Errors
    /// When it was sealed with another key or for another context, or was changed.
    pub fn unseal(&self, context: &str, sealed: &SecretString) -> Result<SecretString, UnsealError> {
        seal::unseal(&self.0, context, sealed)
    }
}
