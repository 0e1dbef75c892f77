//! One attempt to sign in: the address that the browser is sent to, and what proves that the same browser came back.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use muster_runtime::Entropy;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{Credentials, Settings, discovery::Metadata, transport::Answer};

/// What has to be kept between sending a browser away and its return. Belongs to that one browser.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What the browser must bring back.
    pub state: SecretString,
    nonce: SecretString,
    verifier: SecretString,
}

/// A begun attempt.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Where to send the browser.
    pub url: Url,
    /// What to keep.
    pub attempt: Attempt,
}

/// What a browser brought back.
#[derive(Clone, Copy)]
pub struct Returned<'a> {
    /// The code that can be exchanged for tokens.
    pub code: &'a str,
    /// Who the provider says it is, where it does (RFC 9207).
    pub issuer: Option<&'a str>,
}

impl Attempt {
    pub(crate) fn new(entropy: &Entropy) -> Self {
        let secret = || SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()));
        Self { state: secret(), nonce: secret(), verifier: secret() }
    }

    pub(crate) fn nonce(&self) -> &str {
        self.nonce.expose_secret()
    }

    pub(crate) fn address(&self, settings: &Settings, metadata: &Metadata) -> Url {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose_secret().as_bytes()));
        let mut url = metadata.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client_id)
            .append_pair("redirect_uri", settings.redirect_uri.as_str())
            .append_pair("scope", &settings.scopes.join(" "))
            .append_pair("state", self.state.expose_secret())
            .append_pair("nonce", self.nonce())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    /// The form that exchanges a code for tokens.
    pub(crate) fn exchange(&self, settings: &Settings, metadata: &Metadata, code: &str) -> SecretString {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", settings.redirect_uri.as_str())
            .append_pair("client_id", &settings.client_id)
            .append_pair("code_verifier", self.verifier.expose_secret());
        if let Some(secret) = settings.client_secret.as_ref().filter(|_| !metadata.takes_basic) {
            form.append_pair("client_secret", secret.expose_secret());
        }
        form.finish().into()
    }
}

/// Who the server is, where the provider takes that in a header.
pub(crate) fn credentials(settings: &Settings, metadata: &Metadata) -> Option<Credentials> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = settings.client_secret.as_ref().filter(|_| metadata.takes_basic)?;
    Some(Credentials { user: encode(&settings.client_id), password: encode(secret.expose_secret()).into() })
}

/// The ID token of an answer, or the provider's error code.
pub(crate) fn id_token(answer: &Answer) -> Result<SecretString, Option<String>> {
    #[derive(serde::Deserialize)]
    struct Tokens {
        id_token: Option<String>,
        error: Option<String>,
    }
    let tokens: Tokens = serde_json::from_slice(&answer.body).map_err(|_| None)?;
    match (answer.status, tokens.id_token) {
        (200, Some(token)) => Ok(token.into()),
        (_, _) => Err(tokens.error),
    }
}
