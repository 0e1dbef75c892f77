//! Signs tokens, honestly or not.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

/// How a token's signature is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Forgery {
    /// With the provider's key.
    #[default]
    None,
    /// Not at all: the algorithm `none`.
    Unsigned,
    /// With an HMAC whose secret is the public key, which everybody knows.
    PublicKeyAsSecret,
    /// With somebody else's key, under the name of the provider's.
    StrangersKey,
    /// With the provider's key, over something else.
    AnotherMessage,
}

/// A key that signs.
#[derive(Clone)]
pub(super) struct Signer {
    id: String,
    pair: Arc<EcdsaKeyPair>,
}

impl Signer {
    pub(super) fn generate(id: &str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let document = document.expect("the system has randomness");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random);
        Self { id: id.to_owned(), pair: Arc::new(pair.expect("it was just made")) }
    }

    /// What the provider publishes of it.
    pub(super) fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| BASE64_URL_SAFE_NO_PAD.encode(&point[range]);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": part(1..33), "y": part(33..65)})
    }

    /// A token of these claims.
    pub(super) fn sign(&self, claims: &Value, forgery: Forgery) -> String {
        let algorithm = match forgery {
            Forgery::None | Forgery::StrangersKey | Forgery::AnotherMessage => "ES256",
            Forgery::Unsigned => "none",
            Forgery::PublicKeyAsSecret => "HS256",
        };
        let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": self.id});
        let message = format!("{}.{}", encode(&header), encode(claims));
        let signature = match forgery {
            Forgery::None => self.signature(&message),
            Forgery::Unsigned => Vec::new(),
            Forgery::StrangersKey => Self::generate("stranger").signature(&message),
            Forgery::AnotherMessage => self.signature("something else"),
            Forgery::PublicKeyAsSecret => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.pair.public_key().as_ref());
                hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
        };
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn signature(&self, message: &str) -> Vec<u8> {
        let signed = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        signed.expect("the system has randomness").as_ref().to_vec()
    }
}
