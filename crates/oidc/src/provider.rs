//! A provider that this server asks: its description and keys, kept for a while, and the questions that need them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use muster_runtime::{Clock, Entropy};
use secrecy::ExposeSecret;
use url::Url;

use crate::{
    Attempt, Begun, OidcError, Person, Returned, Settings, TokenError, Transport, TransportError,
    claims::Claims,
    discovery::{self, Metadata},
    jwk,
    jwt::{self, Unverified},
    keys::{Advice, KeyRing},
    sign_in,
    transport::Answer,
};

/// A description is asked for again after so long.
const DESCRIBED_FOR: SignedDuration = SignedDuration::from_mins(60);

/// After a failure the provider is left alone for so long; whoever comes meanwhile gets the same answer.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// An identity provider. One for the whole process; share it behind an `Arc`.
pub struct Provider {
    settings: Settings,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    /// Held while the provider is asked, so that many who wait cost one question.
    turn: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    failed: Option<(OidcError, Timestamp)>,
    keys: KeyRing,
    health: Health,
}

/// How asking the provider goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// When the provider last described itself.
    pub described_at: Option<Timestamp>,
    /// When its keys were last fetched.
    pub keys_fetched_at: Option<Timestamp>,
    /// How many keys it has.
    pub keys: usize,
    /// What last went wrong, and when.
    pub last_error: Option<(Timestamp, String)>,
}

impl Provider {
    /// A provider that nobody has asked yet.
    pub fn new(settings: Settings, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { settings, transport, clock, turn: tokio::sync::Mutex::default(), known: Mutex::default() }
    }

    /// What the operator said.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How asking it goes.
    pub fn health(&self) -> Health {
        let known = self.known();
        Health { keys_fetched_at: known.keys.fetched_at(), keys: known.keys.len(), ..known.health.clone() }
    }

    /// Begins an attempt to sign in.
    ///
    /// # Errors
    /// When the provider does not describe itself as expected.
    pub async fn begin(&self, entropy: &Entropy) -> Result<Begun, OidcError> {
        let metadata = self.metadata().await?;
        let attempt = Attempt::new(entropy);
        Ok(Begun { url: attempt.address(&self.settings, &metadata), attempt })
    }

    /// Ends an attempt: exchanges the code and checks the token.
    ///
    /// # Errors
    /// When the provider refuses or does not answer, or the token is not acceptable.
    pub async fn finish(&self, attempt: &Attempt, returned: Returned<'_>) -> Result<Person, OidcError> {
        self.noting(self.exchange(attempt, returned).await)
    }

    /// The refusal that a provider sent the browser back with.
    pub fn refused(&self, code: &str) -> OidcError {
        let error = OidcError::refused(code);
        self.known().health.last_error = Some((self.clock.now(), error.to_string()));
        error
    }

    /// Whether a bearer token may be one of the provider's; if not, nobody needs to be asked.
    pub fn may_have_issued(&self, token: &str) -> bool {
        jwt::looks_like_one(token)
    }

    /// Checks a bearer token: like signing in, but for the audience of this server and without an attempt.
    ///
    /// # Errors
    /// When the token is not acceptable, or the keys to check it with cannot be had.
    pub async fn check_bearer(&self, token: &str) -> Result<Person, OidcError> {
        let claims = self.verified(token).await?;
        claims.check(&self.settings.issuer, &self.settings.audience, self.clock.now())?;
        Ok(Person::of(claims, &self.settings.group_claim))
    }

    /// Where to send a browser whose user wants to sign out of the provider too. `None` while the provider has not
    /// described itself, or where it has no such page.
    pub fn end_session(&self, return_to: &Url) -> Option<Url> {
        let known = self.known();
        let mut url = known.metadata.as_ref()?.0.end_session.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", return_to.as_str());
        Some(url)
    }

    async fn exchange(&self, attempt: &Attempt, returned: Returned<'_>) -> Result<Person, OidcError> {
        let metadata = self.metadata().await?;
        let named = returned.issuer.map(|issuer| issuer == self.settings.issuer);
        if !named.unwrap_or(!metadata.names_itself) {
            return Err(OidcError::OtherIssuer);
        }
        let form = attempt.exchange(&self.settings, &metadata, returned.code);
        let credentials = sign_in::credentials(&self.settings, &metadata);
        let answer = self.transport.post_form(&metadata.token, form, credentials.as_ref()).await;
        let answer = answer.map_err(|cause| unreachable_at("a token", &metadata.token, cause))?;
        let token = sign_in::id_token(&answer).map_err(|code| no_token(&answer, code))?;
        let claims = self.verified(token.expose_secret()).await?;
        claims.check(&self.settings.issuer, &self.settings.client_id, self.clock.now())?;
        claims.check_sign_in(&self.settings.client_id, attempt.nonce())?;
        Ok(Person::of(claims, &self.settings.group_claim))
    }

    /// The claims of a token whose signature is right.
    async fn verified(&self, token: &str) -> Result<Claims, OidcError> {
        let token = Unverified::parse(token)?;
        let keys = match self.advice(&token) {
            Advice::Check(keys) => keys,
            Advice::Refuse => self.keys_on_their_way_for(&token).await?,
            Advice::Fetch => self.fetch_keys_for(&token).await?,
        };
        // Without a key id several keys may suit; one of them must have made the signature.
        let mut outcome = Err(TokenError::UnknownKey);
        for key in &keys {
            outcome = key.check(&token);
            if outcome.is_ok() {
                break;
            }
        }
        outcome?;
        Ok(Claims::read(&token.into_payload())?)
    }

    fn advice(&self, token: &Unverified<'_>) -> Advice {
        self.known().keys.advise(token, self.clock.now())
    }

    /// It is too early to ask again; the answer to the last question may still be coming.
    async fn keys_on_their_way_for(&self, token: &Unverified<'_>) -> Result<Vec<jwk::Key>, OidcError> {
        let _turn = self.turn.lock().await;
        self.fetched_keys_for(token)
    }

    async fn fetch_keys_for(&self, token: &Unverified<'_>) -> Result<Vec<jwk::Key>, OidcError> {
        let metadata = self.metadata().await?;
        let _turn = self.turn.lock().await;
        // Somebody who had the turn before may have fetched them.
        if let Advice::Fetch = self.advice(token) {
            self.known().keys.attempted(self.clock.now());
            let fetched = self.noting(self.fetch_keys(&metadata).await);
            if let Ok(keys) = &fetched {
                self.known().keys.replace(keys.clone(), self.clock.now());
            }
            // What was fetched before may still do.
            return match (self.advice(token), fetched) {
                (Advice::Check(keys), _) => Ok(keys),
                (Advice::Fetch | Advice::Refuse, Err(error)) => Err(error),
                (Advice::Fetch | Advice::Refuse, Ok(_)) => Err(TokenError::UnknownKey.into()),
            };
        }
        self.fetched_keys_for(token)
    }

    fn fetched_keys_for(&self, token: &Unverified<'_>) -> Result<Vec<jwk::Key>, OidcError> {
        match self.advice(token) {
            Advice::Check(keys) => Ok(keys),
            Advice::Fetch | Advice::Refuse => Err(TokenError::UnknownKey.into()),
        }
    }

    async fn fetch_keys(&self, metadata: &Metadata) -> Result<Vec<jwk::Key>, OidcError> {
        let what = "its keys";
        let body = self.document(what, &metadata.keys).await?;
        let malformed = || OidcError::Malformed { what, problem: "this is no set of keys".to_owned() };
        jwk::read_set(&body).ok_or_else(malformed)
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        if let Some(known) = self.known_metadata() {
            return known;
        }
        let _turn = self.turn.lock().await;
        if let Some(known) = self.known_metadata() {
            return known;
        }
        let described = self.noting(self.describe().await);
        let (mut known, now) = (self.known(), self.clock.now());
        match described {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                known.metadata = Some((metadata.clone(), now));
                known.failed = None;
                known.health.described_at = Some(now);
                Ok(metadata)
            }
            Err(error) => {
                known.failed = Some((error.clone(), now));
                // An older description is better than none.
                known.metadata.as_ref().map(|(metadata, _)| metadata.clone()).ok_or(error)
            }
        }
    }

    /// What is known without asking: a description that is fresh, or why there has just been none.
    fn known_metadata(&self) -> Option<Result<Arc<Metadata>, OidcError>> {
        let (known, now) = (self.known(), self.clock.now());
        let within = |at: Timestamp, span| now >= at && now.duration_since(at) < span;
        let metadata = known.metadata.as_ref();
        if let Some((metadata, at)) = metadata
            && within(*at, DESCRIBED_FOR)
        {
            return Some(Ok(metadata.clone()));
        }
        let (error, at) = known.failed.as_ref()?;
        let again = metadata.map(|(metadata, _)| metadata.clone()).ok_or_else(|| error.clone());
        within(*at, PAUSE).then_some(again)
    }

    async fn describe(&self) -> Result<Metadata, OidcError> {
        let what = "its description";
        let malformed = |problem| OidcError::Malformed { what, problem };
        let address = discovery::address(&self.settings.issuer)
            .ok_or_else(|| malformed("`oidc.issuer` is no https:// address".to_owned()))?;
        let body = self.document(what, &address).await?;
        discovery::read(&body, &self.settings.issuer).map_err(malformed)
    }

    async fn document(&self, what: &'static str, url: &Url) -> Result<Vec<u8>, OidcError> {
        match self.transport.get(url).await.map_err(|cause| unreachable_at(what, url, cause))? {
            Answer { status: 200, body } => Ok(body),
            Answer { status, .. } => Err(unreachable_at(what, url, TransportError(format!("it answered {status}")))),
        }
    }

    /// Remembers what went wrong, for the operator.
    fn noting<T>(&self, outcome: Result<T, OidcError>) -> Result<T, OidcError> {
        if let Err(error) = &outcome {
            self.known().health.last_error = Some((self.clock.now(), error.to_string()));
        }
        outcome
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Each write is whole whenever the lock is given back.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreachable_at(what: &'static str, url: &Url, cause: TransportError) -> OidcError {
    let mut url = url.clone();
    url.set_query(None);
    OidcError::Unreachable { what, url: url.to_string(), cause }
}

fn no_token(answer: &Answer, code: Option<String>) -> OidcError {
    match code {
        Some(code) => OidcError::refused(&code),
        None => {
            let problem = format!("it answered {} without a token", answer.status);
            OidcError::Malformed { what: "a token", problem }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use futures::{future::BoxFuture, poll};
    use muster_model::Role;
    use muster_runtime::ManualClock;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use secrecy::SecretString;
    use serde_json::{Value, json};
    use tokio::sync::Semaphore;

    use super::*;
    use crate::{Credentials, RoleMapping};

    const ISSUER: &str = "https://id.example.org";

    #[tokio::test]
    async fn tokens_that_come_while_keys_are_fetched_wait_for_them() {
        let issuer = Arc::new(Issuer::new());
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let provider = Provider::new(settings(), issuer.clone(), clock);
        let token = issuer.token();
        let (mut first, mut second) = (pin!(provider.check_bearer(&token)), pin!(provider.check_bearer(&token)));
        assert!(poll!(first.as_mut()).is_pending(), "the keys are asked for");
        assert!(poll!(second.as_mut()).is_pending(), "and are on their way");
        issuer.answers.add_permits(1);
        assert_eq!((first.await.unwrap().subject, second.await.unwrap().subject), ("p".to_owned(), "p".to_owned()));
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 1);
    }

    /// A provider that tells its keys when it is let.
    struct Issuer {
        key: Ed25519KeyPair,
        answers: Semaphore,
        asked: AtomicUsize,
    }

    impl Issuer {
        fn new() -> Self {
            let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
            Self { key, answers: Semaphore::new(0), asked: AtomicUsize::new(0) }
        }

        fn token(&self) -> String {
            let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
            let claims = json!({"iss": ISSUER, "sub": "p", "aud": "muster", "exp": 300});
            let message = format!("{}.{}", part(&json!({"alg": "EdDSA"})), part(&claims));
            format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes())))
        }

        async fn keys(&self) -> Value {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.answers.acquire().await.unwrap().forget();
            let point = BASE64_URL_SAFE_NO_PAD.encode(self.key.public_key());
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": point}]})
        }
    }

    impl Transport for Issuer {
        fn get<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Answer, TransportError>> {
            Box::pin(async move {
                let document = match url.path() {
                    "/keys" => self.keys().await,
                    _ => json!({
                        "issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/a"),
                        "token_endpoint": format!("{ISSUER}/t"), "jwks_uri": format!("{ISSUER}/keys"),
                    }),
                };
                Ok(Answer { status: 200, body: document.to_string().into_bytes() })
            })
        }

        fn post_form<'a>(
            &'a self,
            _: &'a Url,
            _: SecretString,
            _: Option<&'a Credentials>,
        ) -> BoxFuture<'a, Result<Answer, TransportError>> {
            unreachable!("nobody signs in here")
        }
    }

    fn settings() -> Settings {
        Settings {
            issuer: ISSUER.to_owned(),
            client_id: "muster".to_owned(),
            client_secret: None,
            redirect_uri: "https://muster.example.org/".parse().unwrap(),
            scopes: vec!["openid".to_owned()],
            group_claim: "groups".to_owned(),
            roles: RoleMapping::new([("staff".to_owned(), Role::Viewer)]),
            audience: "muster".to_owned(),
        }
    }
}
