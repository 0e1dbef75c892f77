//! What a token says, and whether it may be believed: who issued it, for whom, and when.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How far a provider's clock and ours may be apart.
pub(crate) const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The longest id of a user that the standard allows.
const LONGEST_SUBJECT: usize = 255;

/// Why a token is not acceptable. Says what was expected, never what stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no signed token.
    #[error("it is malformed")]
    Malformed,
    /// It names an algorithm that is not accepted.
    #[error("it is signed with an algorithm that is not accepted; use RS256, ES256 or EdDSA")]
    Algorithm,
    /// No key of the provider suits it.
    #[error("the provider publishes no key that suits it")]
    UnknownKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Somebody else issued it.
    #[error("somebody else issued it; `oidc.issuer` must be exactly what the provider calls itself")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another client; check `oidc.client_id` and `oidc.audience`")]
    Audience,
    /// Its time is over.
    #[error("it has expired; check the clocks of both machines")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet; check the clocks of both machines")]
    NotYet,
    /// It was made for another attempt to sign in.
    #[error("it was made for another attempt to sign in")]
    Nonce,
    /// It names nobody.
    #[error("it does not say who it is about")]
    Subject,
}

/// The claims of a token whose signature was right.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    pub(crate) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
    nonce: Option<String>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl Claims {
    pub(crate) fn read(payload: &[u8]) -> Result<Self, TokenError> {
        serde_json::from_slice(payload).map_err(|_| TokenError::Malformed)
    }

    /// Checks what every token must say. `audience` is whom it must be for.
    pub(crate) fn check(&self, issuer: &str, audience: &str, now: Timestamp) -> Result<(), TokenError> {
        if self.iss != issuer {
            return Err(TokenError::Issuer);
        }
        if !self.aud.names().iter().any(|name| name == audience) {
            return Err(TokenError::Audience);
        }
        let skew = CLOCK_SKEW.as_secs_f64();
        let now = now.as_duration().as_secs_f64();
        if now >= self.exp + skew {
            return Err(TokenError::Expired);
        }
        if !self.nbf.into_iter().chain(self.iat).all(|from| from <= now + skew) {
            return Err(TokenError::NotYet);
        }
        if self.sub.is_empty() || self.sub.len() > LONGEST_SUBJECT {
            return Err(TokenError::Subject);
        }
        Ok(())
    }

    /// Checks what a token that signs somebody in must say besides.
    pub(crate) fn check_sign_in(&self, client_id: &str, nonce: &str) -> Result<(), TokenError> {
        let several = self.aud.names().len() > 1;
        let authorized = self.azp.as_deref().map_or(!several, |party| party == client_id);
        if !authorized {
            return Err(TokenError::Audience);
        }
        if self.nonce.as_deref() != Some(nonce) {
            return Err(TokenError::Nonce);
        }
        Ok(())
    }

    /// When it ends by its own word.
    pub(crate) fn expires_at(&self) -> Timestamp {
        time(self.exp).unwrap_or(Timestamp::MAX)
    }

    /// When it was issued, if it says so.
    pub(crate) fn issued_at(&self) -> Option<Timestamp> {
        self.iat.and_then(time)
    }
}

fn time(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_duration(SignedDuration::try_from_secs_f64(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn check(change: &Value, expected: Result<(), TokenError>) {
        let mut claims = json!({"iss": "https://id", "sub": "1", "aud": "muster", "exp": NOW + 300, "iat": NOW});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let now = Timestamp::new(NOW, 0).unwrap();
        let claims = Claims::read(claims.to_string().as_bytes());
        assert_eq!(claims.and_then(|claims| claims.check("https://id", "muster", now)), expected, "{change}");
    }

    #[test]
    fn every_claim_is_checked() {
        check(&json!({}), Ok(()));
        check(&json!({"iss": "https://id/"}), Err(TokenError::Issuer));
        check(&json!({"aud": "other"}), Err(TokenError::Audience));
        check(&json!({"aud": []}), Err(TokenError::Audience));
        check(&json!({"aud": ["other", "muster"]}), Ok(()));
        check(&json!({"exp": NOW - 59}), Ok(()));
        check(&json!({"exp": NOW - 60}), Err(TokenError::Expired));
        check(&json!({"exp": "soon"}), Err(TokenError::Malformed));
        check(&json!({"nbf": NOW + 60}), Ok(()));
        check(&json!({"nbf": NOW + 61}), Err(TokenError::NotYet));
        check(&json!({"iat": NOW + 61}), Err(TokenError::NotYet));
        check(&json!({"sub": ""}), Err(TokenError::Subject));
        check(&json!({"sub": "x".repeat(256)}), Err(TokenError::Subject));
        check(&json!({"sub": null}), Err(TokenError::Malformed));
    }

    #[test]
    fn a_token_for_several_names_the_party() {
        let check = |aud: Value, azp: Value, nonce: Value, expected| {
            let claims = json!({"iss": "i", "sub": "1", "aud": aud, "azp": azp, "nonce": nonce, "exp": NOW});
            let claims = Claims::read(claims.to_string().as_bytes()).unwrap();
            assert_eq!(claims.check_sign_in("muster", "n"), expected);
        };
        check(json!("muster"), Value::Null, json!("n"), Ok(()));
        check(json!("muster"), json!("muster"), json!("n"), Ok(()));
        check(json!("muster"), json!("other"), json!("n"), Err(TokenError::Audience));
        check(json!(["muster", "other"]), Value::Null, json!("n"), Err(TokenError::Audience));
        check(json!(["muster", "other"]), json!("muster"), json!("n"), Ok(()));
        check(json!("muster"), Value::Null, json!("m"), Err(TokenError::Nonce));
        check(json!("muster"), Value::Null, Value::Null, Err(TokenError::Nonce));
    }
}
