//! A provider's public keys (RFC 7517), and checking a signature with one.
//!
//! The key decides what may have been signed with it: its type, and its `alg` where it has one. The token's header only
//! chooses among that.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;

use crate::{
    TokenError,
    jwt::{Algorithm, Unverified},
};

/// Keys of one set that are looked at.
const MOST_KEYS: usize = 64;

/// A public key that signatures can be checked with.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: Option<String>,
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<Algorithm>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Reads a set of keys. What is not for signing, or of a kind that is not known, is left out, as the standard asks.
pub(crate) fn read_set(body: &[u8]) -> Option<Vec<Key>> {
    let set: Set = serde_json::from_slice(body).ok()?;
    Some(set.keys.into_iter().take(MOST_KEYS).filter_map(read_key).collect())
}

fn read_key(written: serde_json::Value) -> Option<Key> {
    let written = Written::deserialize(written).ok()?;
    if written.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let material = match (written.kty.as_str(), written.crv.as_deref()) {
        ("RSA", _) => Material::Rsa { n: bytes(written.n?)?, e: bytes(written.e?)? },
        ("EC", Some("P-256")) => Material::P256(point(written.x?, written.y?, 32)?),
        ("EC", Some("P-384")) => Material::P384(point(written.x?, written.y?, 48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(written.x?)?),
        (_, _) => return None,
    };
    Some(Key { id: written.kid, algorithm: written.alg, material })
}

fn bytes(text: String) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// An uncompressed point.
fn point(x: String, y: String, length: usize) -> Option<Vec<u8>> {
    let (x, y) = (bytes(x)?, bytes(y)?);
    (x.len() == length && y.len() == length).then(|| [&[4], x.as_slice(), &y].concat())
}

impl Key {
    /// Whether a token may have been signed with it.
    pub(crate) fn suits(&self, token: &Unverified<'_>) -> bool {
        let named = token.key_id.is_none() || token.key_id == self.id;
        named && self.check_of(token.algorithm).is_some()
    }

    /// Checks a token's signature.
    pub(crate) fn check(&self, token: &Unverified<'_>) -> Result<(), TokenError> {
        let check = self.check_of(token.algorithm).ok_or(TokenError::Algorithm)?;
        check.run(token.message.as_bytes(), &token.signature).map_err(|_| TokenError::Signature)
    }

    /// How an algorithm is checked with this key; `None` where it cannot have made the signature.
    fn check_of(&self, algorithm: Algorithm) -> Option<Check<'_>> {
        use Algorithm as A;
        if self.algorithm.is_some_and(|own| own != algorithm) {
            return None;
        }
        let rsa = |parameters| Check::rsa(&self.material, parameters);
        match algorithm {
            A::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            A::Rs384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            A::Rs512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            A::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            A::Ps384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
            A::Ps512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
            A::Es256 | A::Es384 | A::EdDsa => Check::curve(&self.material, algorithm),
        }
    }
}

enum Check<'a> {
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<&'a [u8]>),
    Curve(&'static dyn VerificationAlgorithm, &'a [u8]),
}

impl<'a> Check<'a> {
    fn rsa(material: &'a Material, parameters: &'static RsaParameters) -> Option<Self> {
        match material {
            Material::Rsa { n, e } => Some(Self::Rsa(parameters, RsaPublicKeyComponents { n, e })),
            Material::P256(_) | Material::P384(_) | Material::Ed25519(_) => None,
        }
    }

    fn curve(material: &'a Material, algorithm: Algorithm) -> Option<Self> {
        match (material, algorithm) {
            (Material::P256(point), Algorithm::Es256) => Some(Self::Curve(&signature::ECDSA_P256_SHA256_FIXED, point)),
            (Material::P384(point), Algorithm::Es384) => Some(Self::Curve(&signature::ECDSA_P384_SHA384_FIXED, point)),
            (Material::Ed25519(key), Algorithm::EdDsa) => Some(Self::Curve(&signature::ED25519, key)),
            (Material::Rsa { .. } | Material::P256(_) | Material::P384(_) | Material::Ed25519(_), _) => None,
        }
    }

    fn run(&self, message: &[u8], signature: &[u8]) -> Result<(), ring::error::Unspecified> {
        match self {
            Self::Rsa(parameters, key) => key.verify(parameters, message, signature),
            Self::Curve(algorithm, key) => UnparsedPublicKey::new(*algorithm, key).verify(message, signature),
        }
    }
}
