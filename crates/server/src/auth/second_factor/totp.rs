//! Codes that change every thirty seconds (RFC 6238 with SHA-1 and six digits, which is what every authenticator does).
//!
//! It is twenty lines over the HMAC that the process has for TLS; a library would bring another one. SHA-1 is broken for
//! signatures and not as the hash of an HMAC.

use jiff::Timestamp;
use muster_runtime::Entropy;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::base32;

/// How long a code is shown.
const STEP_SECONDS: i64 = 30;

const DIGITS: usize = 6;

/// The secret that an authenticator holds: 160 bits.
pub(crate) struct Secret(SecretString);

impl Secret {
    /// A new secret.
    pub(crate) fn generate(entropy: &Entropy) -> Self {
        Self(base32::encode(&entropy.bytes::<20>()).into())
    }

    /// Reads a secret from base 32.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        base32::decode(text.expose_secret())?;
        Some(Self(text.clone()))
    }

    /// The secret in base 32.
    pub(crate) fn as_text(&self) -> &SecretString {
        &self.0
    }

    /// The step, of the one that is now and its two neighbours, that a code belongs to.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let current = now.as_second().div_euclid(STEP_SECONDS);
        // All three are computed whichever matches, so that the time taken does not tell.
        let matching = [current, current - 1, current + 1].map(|step| (step, self.shows(step, code)));
        matching.into_iter().find_map(|(step, shows)| shows.then_some(step))
    }

    fn shows(&self, step: i64, code: &str) -> bool {
        self.code(step).as_bytes().ct_eq(code.as_bytes()).into()
    }

    /// What an authenticator shows in a step.
    fn code(&self, step: i64) -> String {
        let key = base32::decode(self.0.expose_secret()).expect("it was decoded before");
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 0xf);
        let bytes = [tag[offset] & 0x7f, tag[offset + 1], tag[offset + 2], tag[offset + 3]];
        format!("{:06}", u32::from_be_bytes(bytes) % 1_000_000)
    }
}

/// Whether a text has the form of a code.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::parse(&base32::encode(b"12345678901234567890").into()).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::new(second, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six digits.
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(secret().step_of(code, at(second)), Some(second / 30), "{second}");
        }
    }

    #[test]
    fn the_step_before_and_the_one_after_count_too() {
        let check =
            |second, expected| assert_eq!(secret().step_of("287082", at(second)).is_some(), expected, "{second}");
        // The code is that of 30 s to 59 s.
        check(-1, false);
        check(0, true);
        check(30, true);
        check(89, true);
        check(90, false);
    }

    #[test]
    fn secrets_are_long_and_differ() {
        let entropy = Entropy::seeded(1);
        let (one, two) = (Secret::generate(&entropy), Secret::generate(&entropy));
        assert_eq!(one.as_text().expose_secret().len(), 32);
        assert_ne!(one.as_text().expose_secret(), two.as_text().expose_secret());
    }
}
