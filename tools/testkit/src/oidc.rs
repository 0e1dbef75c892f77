//! A simulated identity provider over real HTTP: discovery, keys, the code flow. Everybody who comes is signed in at once
//! as the person that was set.
//!
//! It is strict where a provider must be (client, redirect address, PKCE, codes that work once), and lies on demand: about
//! itself, about its keys, in its tokens, or by not answering.

mod signer;
mod token;

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use muster_runtime::{Clock, Tasks};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

pub use signer::Forgery;
use signer::Signer;

/// The client that the provider knows.
pub const CLIENT_ID: &str = "muster";

/// Its secret, with characters that must be encoded.
pub const CLIENT_SECRET: &str = "s3cr:t +/%";

/// What a part of the provider does instead of answering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    /// It answers.
    #[default]
    None,
    /// It answers with a status and no body.
    Status(u16),
    /// It answers 200 with something else.
    Garbage,
    /// It never answers.
    Silence,
}

/// A part of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its description of itself.
    Description,
    /// Its keys.
    Keys,
    /// Where codes are exchanged.
    Token,
}

/// A running provider.
#[derive(Clone)]
pub struct OidcProvider {
    address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    script: Mutex<Script>,
}

/// What the provider says and does.
#[derive(Default)]
struct Script {
    person: Value,
    description: Value,
    claims: Value,
    forgery: Forgery,
    published: Vec<Signer>,
    signer: Option<Signer>,
    faults: BTreeMap<Part, Fault>,
    asked: BTreeMap<Part, u32>,
    codes: HashMap<String, Grant>,
    issued: u32,
}

/// What a code stands for.
struct Grant {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

impl OidcProvider {
    /// Starts a provider on a free port of this machine.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(clock: Arc<dyn Clock>, tasks: &Tasks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("the socket is bound");
        let signer = Signer::generate("key-1");
        let script = Script {
            person: json!({"sub": "person-1", "preferred_username": "ada", "groups": ["staff"]}),
            published: vec![signer.clone()],
            signer: Some(signer),
            ..Script::default()
        };
        let provider = Self { address, inner: Arc::new(Inner { clock, script: Mutex::new(script) }) };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(exchange))
            .with_state(provider.clone());
        let shutdown = tasks.shutdown().clone();
        tasks.spawn("identity provider", async move {
            let served =
                axum::serve(listener, routes).with_graceful_shutdown(async move { shutdown.requested().await });
            drop(served.await);
        });
        provider
    }

    /// What the provider calls itself.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says who is signed in from now on: claims of the token.
    pub fn person(&self, claims: Value) {
        self.script().person = claims;
    }

    /// Changes what every token says: claims that are added or replaced, or with `null` left out.
    pub fn claim(&self, claims: Value) {
        self.script().claims = claims;
    }

    /// Changes what the provider says of itself, in the same way.
    pub fn describe_as(&self, description: Value) {
        self.script().description = description;
    }

    /// Signs otherwise from now on.
    pub fn forge(&self, forgery: Forgery) {
        self.script().forgery = forgery;
    }

    /// Breaks a part.
    pub fn fail(&self, part: Part, fault: Fault) {
        self.script().faults.insert(part, fault);
    }

    /// How often a part was asked.
    pub fn asked(&self, part: Part) -> u32 {
        self.script().asked.get(&part).copied().unwrap_or_default()
    }

    /// Signs with a new key from now on. The one before stays published or not.
    pub fn rotate(&self, id: &str, keep_old: bool) {
        let signer = Signer::generate(id);
        let mut script = self.script();
        if !keep_old {
            script.published.clear();
        }
        script.published.push(signer.clone());
        script.signer = Some(signer);
    }

    /// A token for the person, for use as a bearer credential: its claims with these added or replaced.
    pub fn bearer(&self, claims: &Value) -> String {
        let script = self.script();
        token::issue(&script, &self.issuer(), None, claims, self.inner.clock.now())
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.inner.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a question, and answers it wrongly where that was asked for.
    async fn fault(&self, part: Part) -> Option<Response> {
        let fault = {
            let mut script = self.script();
            *script.asked.entry(part).or_default() += 1;
            script.faults.get(&part).copied().unwrap_or_default()
        };
        match fault {
            Fault::None => None,
            Fault::Status(status) => Some(StatusCode::from_u16(status).unwrap_or_default().into_response()),
            Fault::Garbage => Some("<html>not what you want</html>".into_response()),
            Fault::Silence => std::future::pending().await,
        }
    }
}

/// Overlays an object with another; `null` removes.
fn overlay(base: &mut Value, change: &Value) {
    let (Some(base), Some(change)) = (base.as_object_mut(), change.as_object()) else { return };
    for (name, value) in change {
        if value.is_null() {
            base.remove(name)
        } else {
            base.insert(name.clone(), value.clone())
        };
    }
}

async fn describe(State(provider): State<OidcProvider>) -> Response {
    if let Some(fault) = provider.fault(Part::Description).await {
        return fault;
    }
    let issuer = provider.issuer();
    let mut description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
    });
    overlay(&mut description, &provider.script().description);
    Json(description).into_response()
}

async fn keys(State(provider): State<OidcProvider>) -> Response {
    if let Some(fault) = provider.fault(Part::Keys).await {
        return fault;
    }
    let keys: Vec<Value> = provider.script().published.iter().map(Signer::public).collect();
    Json(json!({ "keys": keys })).into_response()
}

#[derive(Deserialize)]
struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
}

async fn authorize(State(provider): State<OidcProvider>, Query(asked): Query<Asked>) -> Response {
    let right = asked.response_type == "code"
        && asked.client_id == CLIENT_ID
        && asked.scope.split(' ').any(|scope| scope == "openid")
        && asked.code_challenge_method == "S256"
        && !asked.nonce.is_empty();
    if !right {
        return (StatusCode::BAD_REQUEST, "not a request for a code with PKCE").into_response();
    }
    let mut script = provider.script();
    script.issued += 1;
    let code = format!("code-{}", script.issued);
    let Asked { redirect_uri, state, nonce, code_challenge: challenge, .. } = asked;
    let mut url: String = redirect_uri.clone();
    let pairs = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", &state)
        .append_pair("iss", &provider.issuer())
        .append_pair("session_state", "providers add such things")
        .finish();
    url.push('?');
    url.push_str(&pairs);
    script.codes.insert(code, Grant { nonce, challenge, redirect_uri });
    Redirect::to(&url).into_response()
}

#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    #[serde(default)]
    code_verifier: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
}

async fn exchange(State(provider): State<OidcProvider>, headers: HeaderMap, Form(form): Form<Exchange>) -> Response {
    if let Some(fault) = provider.fault(Part::Token).await {
        return fault;
    }
    let refuse = |status: StatusCode, error: &str| (status, Json(json!({ "error": error }))).into_response();
    if !knows_the_secret(&headers, &form) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let mut script = provider.script();
    let Some(grant) = script.codes.remove(&form.code) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(form.code_verifier.as_bytes()));
    let proven = challenge == grant.challenge && form.redirect_uri == grant.redirect_uri;
    if form.grant_type != "authorization_code" || !proven {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let token = token::issue(&script, &provider.issuer(), Some(&grant.nonce), &Value::Null, provider.inner.clock.now());
    Json(json!({"access_token": "opaque", "token_type": "Bearer", "id_token": token})).into_response()
}

/// In the header, encoded as a form would be, or in the form itself.
fn knows_the_secret(headers: &HeaderMap, form: &Exchange) -> bool {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET));
    let expected = format!("Basic {}", BASE64_STANDARD.encode(pair));
    match headers.get(header::AUTHORIZATION) {
        Some(given) => *given == expected,
        None => form.client_id == CLIENT_ID && form.client_secret == CLIENT_SECRET,
    }
}
