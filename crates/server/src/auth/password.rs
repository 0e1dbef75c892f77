//! Passwords: argon2id, on the blocking pool, a few at a time.
//!
//! An unknown user costs the same hash as a wrong password, so that the time of an answer does not tell which names
//! exist.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use muster_api::ProblemCode;
use muster_runtime::Entropy;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::problem::ApiError;

/// Hashes at a time. Each takes tens of megabytes and a core; more wait in line.
const CONCURRENT_HASHES: usize = 2;

/// Hashes that may wait. Beyond it the answer is 503, so that a flood of logins cannot hold every request of the server.
const WAITING_HASHES: usize = 32;

/// The least length of a password, in characters.
pub(crate) const MIN_CHARACTERS: usize = 10;

/// Longer passwords are refused before they are hashed.
const MAX_BYTES: usize = 1024;

/// How much work a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// OWASP's first choice for argon2id with one lane.
    fn default() -> Self {
        Self { memory_kib: 46 * 1024, passes: 1 }
    }
}

/// A cost that argon2 does not accept.
#[derive(Debug, thiserror::Error)]
#[error("preparing password hashing with {memory_kib} KiB and {passes} passes; use at least 8 KiB and 1 pass")]
pub struct InvalidCost {
    memory_kib: u32,
    passes: u32,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    entropy: Arc<Entropy>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// The hash of a password that nobody has, at today's cost.
    nobody: SecretString,
}

impl Passwords {
    /// Prepares hashing at a cost.
    pub(crate) fn new(cost: PasswordCost, entropy: Arc<Entropy>) -> Result<Self, InvalidCost> {
        let PasswordCost { memory_kib, passes } = cost;
        let invalid = || InvalidCost { memory_kib, passes };
        let params = Params::new(memory_kib, passes, 1, None).map_err(|_| invalid())?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash_now(&argon2, &entropy.bytes::<32>(), &entropy).ok_or_else(invalid)?;
        let permits = |count| Arc::new(Semaphore::new(count));
        let (running, admitted) = (permits(CONCURRENT_HASHES), permits(CONCURRENT_HASHES + WAITING_HASHES));
        Ok(Self { argon2, entropy, running, admitted, nobody: nobody.into() })
    }

    /// Hashes a new password into the form that is stored.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<SecretString, ApiError> {
        let (argon2, entropy) = (self.argon2.clone(), self.entropy.clone());
        let hash = self.blocking(move || hash_now(&argon2, password.expose_secret().as_bytes(), &entropy)).await?;
        hash.map(SecretString::from)
            .ok_or_else(|| ApiError::new(ProblemCode::Internal, "The password could not be hashed."))
    }

    /// Checks a password against a stored hash; without one it takes as long and says no.
    pub(crate) async fn verify(&self, password: SecretString, stored: Option<SecretString>) -> Result<bool, ApiError> {
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let argon2 = self.argon2.clone();
        let right =
            self.blocking(move || verify_now(&argon2, password.expose_secret(), stored.expose_secret())).await?;
        Ok(right && exists)
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let busy = |_| ApiError::new(ProblemCode::Unavailable, "Too many people sign in at once; try again.");
        let _admitted = self.admitted.try_acquire().map_err(busy)?;
        let running = self.running.clone().acquire_owned().await.expect("the semaphore is never closed");
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(running);
            result
        });
        task.await.map_err(|error| ApiError::caused(ProblemCode::Internal, "The password could not be checked.", error))
    }
}

/// Whether a new password may be used at all.
pub(crate) fn check_new(field: &str, password: &str) -> Result<(), ApiError> {
    let refuse = |message| Err(ApiError::field(ProblemCode::InvalidValue, field, message));
    if password.chars().count() < MIN_CHARACTERS {
        return refuse("use at least 10 characters");
    }
    if password.len() > MAX_BYTES {
        return refuse("use at most 1024 bytes");
    }
    Ok(())
}

fn hash_now(argon2: &Argon2<'_>, password: &[u8], entropy: &Entropy) -> Option<String> {
    let salt = entropy.bytes::<16>();
    argon2.hash_password_with_salt(password, &salt).ok().map(|hash: PasswordHash| hash.to_string())
}

fn verify_now(argon2: &Argon2<'_>, password: &str, stored: &str) -> bool {
    if password.len() > MAX_BYTES {
        return false;
    }
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    argon2.verify_password(password.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 8, passes: 1 };

    #[tokio::test]
    async fn only_the_right_password_is_accepted() {
        let passwords = Passwords::new(CHEAP, Arc::new(Entropy::seeded(1))).unwrap();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.expose_secret().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        let check = async |password: &str, stored: Option<SecretString>| {
            passwords.verify(password.to_owned().into(), stored).await.unwrap()
        };
        assert!(check("correct horse", Some(stored.clone())).await);
        assert!(!check("wrong horse", Some(stored)).await);
        assert!(!check("correct horse", None).await);
        assert!(!check("correct horse", Some(SecretString::from("garbage"))).await);
    }

    #[tokio::test]
    async fn the_same_password_is_stored_differently_each_time() {
        let passwords = Passwords::new(CHEAP, Arc::new(Entropy::seeded(1))).unwrap();
        let one = passwords.hash("correct horse".into()).await.unwrap();
        let two = passwords.hash("correct horse".into()).await.unwrap();
        assert_ne!(one.expose_secret(), two.expose_secret());
    }

    #[tokio::test]
    async fn a_flood_of_logins_is_turned_away_and_does_not_wait() {
        let passwords = Passwords::new(CHEAP, Arc::new(Entropy::seeded(1))).unwrap();
        let attempts = (0..200).map(|_| passwords.verify("a guess".into(), None));
        let judged = futures::future::join_all(attempts).await;
        let busy = judged.iter().filter(|judged| judged.is_err()).count();
        assert!(busy > 0 && judged.len() - busy >= CONCURRENT_HASHES + WAITING_HASHES, "{busy} were turned away");
        assert!(passwords.verify("a guess".into(), None).await.is_ok(), "there is room again");
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(check_new("/password", "0123456789").is_ok());
        assert!(check_new("/password", "012345678").is_err());
        assert!(check_new("/password", &"x".repeat(1025)).is_err());
    }
}
