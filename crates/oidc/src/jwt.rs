//! The compact form of a signed token (RFC 7515): takes it apart, and knows the algorithms that may have signed it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::TokenError;

/// Longer tokens are not looked at.
const MOST_BYTES: usize = 16 * 1024;

/// The algorithms there are: a private key signs, a public one checks. There is no other kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Algorithm {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "RS384")]
    Rs384,
    #[serde(rename = "RS512")]
    Rs512,
    #[serde(rename = "PS256")]
    Ps256,
    #[serde(rename = "PS384")]
    Ps384,
    #[serde(rename = "PS512")]
    Ps512,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "ES384")]
    Es384,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// A token in its parts. Nothing of it may be believed before the signature was checked.
#[derive(Debug)]
pub(crate) struct Unverified<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    /// What was signed, byte for byte.
    pub(crate) message: &'a str,
    pub(crate) signature: Vec<u8>,
    payload: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    pub(crate) fn parse(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MOST_BYTES {
            return Err(TokenError::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed);
        let named: serde_json::Value = serde_json::from_slice(&decode(header)?).map_err(|_| TokenError::Malformed)?;
        // An unknown algorithm and an unknown extension are refused, whatever else is right.
        let header = Header::deserialize(named).map_err(|_| TokenError::Algorithm)?;
        if header.crit.is_some() {
            return Err(TokenError::Algorithm);
        }
        let (signature, payload) = (decode(signature)?, decode(payload)?);
        Ok(Self { algorithm: header.alg, key_id: header.kid, message, signature, payload })
    }

    /// What the token says, for whoever has checked the signature.
    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.payload
    }
}

/// Whether a text has the form of a token: three parts and two dots.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(header: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part("{}"), part("signature"))
    }

    #[test]
    fn only_public_key_algorithms_exist() {
        for good in ["RS256", "PS512", "ES256", "ES384", "EdDSA"] {
            assert!(Unverified::parse(&token(&format!(r#"{{"alg":"{good}"}}"#))).is_ok(), "{good}");
        }
        for bad in ["none", "None", "NONE", "HS256", "HS512", "rs256", ""] {
            let error = Unverified::parse(&token(&format!(r#"{{"alg":"{bad}"}}"#))).unwrap_err();
            assert_eq!(error, TokenError::Algorithm, "{bad}");
        }
        let critical = Unverified::parse(&token(r#"{"alg":"RS256","crit":["x"]}"#)).unwrap_err();
        assert_eq!(critical, TokenError::Algorithm);
    }

    proptest! {
        #[test]
        fn noise_is_refused_and_nothing_else(text in ".{0,200}") {
            prop_assert!(Unverified::parse(&text).is_err());
        }
    }
}
