//! One request over HTTP: what is read of it, and how its answer, or what a fault makes of it, is sent.

use std::{io, sync::Arc, time::Duration};

use axum::body::{Body, to_bytes};
use futures::{StreamExt, stream};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    ext::ReasonPhrase,
    header,
};
use muster_runtime::Clock;

use super::{
    access::percent_decoded,
    entry::Ended,
    fault::Fault,
    log,
    rendered::{Rendered, gzip_of_nothing},
    simulation::{Handled, Simulation},
};

/// What stands before every path of the API.
const BASE: &str = "/api2/json";

/// Bytes of a request's body.
const BODY_BYTES: usize = 64 * 1024;

/// How long a node waits for another one, in seconds.
const PROXY_PATIENCE: f64 = 30.0;

/// How long whoever is not believed is made to wait, where that is simulated.
const REFUSAL_DELAY: Duration = Duration::from_secs(3);

/// Bytes of one piece of a body that is made while it is sent.
const PIECE_BYTES: usize = 64 * 1024;

/// What was asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// As it was sent, with its query.
    pub(super) uri: String,
    /// The path below `/api2/json`, decoded. `None` for what is not below it.
    pub(super) path: Option<String>,
    pub(super) query: Vec<(String, String)>,
    /// The fields of a form, or of the object that was sent instead.
    pub(super) form: Vec<(String, String)>,
    pub(super) cookie: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) takes_gzip: bool,
    /// Whether something came with a request that must have nothing.
    pub(super) has_body: bool,
}

impl Asked {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is set to something that counts as true.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.parameter(name), Some("1" | "true" | "yes" | "on"))
    }

    /// The value of a field that was sent in the body.
    pub(super) fn field(&self, name: &str) -> &str {
        self.form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Answers one request at the address of a node.
///
/// # Errors
/// When the connection is to end without an answer.
pub(super) async fn answer(
    simulation: &Arc<Simulation>,
    entry: usize,
    request: Request<Incoming>,
) -> Result<Response<Body>, Ended> {
    let asked = read(request).await;
    let work = Work::begin(simulation, entry, &asked);
    let Handled { rendered, fault, is_forwarded } = simulation.handle(entry, &asked)?;
    if rendered.status == 401 && simulation.delays_refusals {
        simulation.clock().sleep(REFUSAL_DELAY).await;
    }
    let response = match fault {
        None => send(&rendered, &asked),
        Some(fault) => spoil(simulation.clock(), fault, &rendered, &asked, is_forwarded).await?,
    };
    work.answered(response.status().as_u16());
    Ok(response)
}

/// Tells who speaks plain HTTP to a port that speaks TLS where to go.
pub(super) fn redirect(request: &Request<Incoming>) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let status =
        if request.method() == Method::GET { StatusCode::MOVED_PERMANENTLY } else { StatusCode::PERMANENT_REDIRECT };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let location = format!("https://{host}{}", request.uri()).parse();
    response.headers_mut().insert(header::LOCATION, location.unwrap_or(header::HeaderValue::from_static("/")));
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response
}

async fn read(request: Request<Incoming>) -> Asked {
    let (parts, body) = request.into_parts();
    let text = |name| header_text(&parts.headers, name);
    let body = to_bytes(Body::new(body), BODY_BYTES).await.unwrap_or_default();
    let is_json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    let path = parts.uri.path().strip_prefix(BASE).filter(|rest| rest.starts_with('/'));
    Asked {
        uri: parts.uri.to_string(),
        path: path.map(|path| percent_decoded(path.trim_end_matches('/'))),
        query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
        form: if is_json { object(&body) } else { pairs(&body) },
        cookie: text(header::COOKIE),
        authorization: text(header::AUTHORIZATION),
        takes_gzip: text(header::ACCEPT_ENCODING).is_some_and(|accepted| accepted.contains("gzip")),
        has_body: !body.is_empty() || parts.headers.contains_key(header::TRANSFER_ENCODING),
        method: parts.method,
    }
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn object(body: &[u8]) -> Vec<(String, String)> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).unwrap_or_default();
    fields.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
}

/// A request that is worked on, noted in the log until it is not.
struct Work<'s> {
    simulation: &'s Simulation,
    number: u64,
    entry: String,
    node: String,
}

impl<'s> Work<'s> {
    fn begin(simulation: &'s Simulation, entry: usize, asked: &Asked) -> Self {
        let (number, entry, node) = simulation.begin(entry, asked);
        Self { simulation, number, entry, node }
    }

    fn answered(&self, status: u16) {
        self.simulation.log(|log: &mut log::Log| log.answered(self.number, status));
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.simulation.log(|log| log.end(&self.entry, &self.node));
    }
}

/// Sends an answer as it is.
fn send(rendered: &Rendered, asked: &Asked) -> Response<Body> {
    let mut response = head(rendered);
    let gzip = if asked.takes_gzip { rendered.gzip() } else { None };
    if gzip.is_some() {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = Body::from(gzip.unwrap_or_else(|| rendered.plain.clone()));
    response
}

fn head(rendered: &Rendered) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(rendered.status).expect("a status has three digits");
    if let Some(phrase) = rendered.reason.as_deref().and_then(phrase) {
        response.extensions_mut().insert(phrase);
    }
    let headers = response.headers_mut();
    headers.insert(header::SERVER, header::HeaderValue::from_static("pve-api-daemon/3.0"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("max-age=0"));
    if let Some(kind) = rendered.content_type {
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    }
    if rendered.status >= 400 {
        headers.insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    response
}

/// A phrase, without what would end its line.
fn phrase(reason: &str) -> Option<ReasonPhrase> {
    let bytes: Vec<u8> = reason.bytes().map(|byte| if byte < b' ' || byte == 0x7f { b' ' } else { byte }).collect();
    ReasonPhrase::try_from(bytes).ok()
}

/// Sends what a fault makes of an answer.
async fn spoil(
    clock: &Arc<dyn Clock>,
    fault: Fault,
    rendered: &Rendered,
    asked: &Asked,
    is_forwarded: bool,
) -> Result<Response<Body>, Ended> {
    match fault {
        Fault::Slow { seconds } if is_forwarded && seconds >= PROXY_PATIENCE => {
            clock.sleep(Duration::from_secs_f64(PROXY_PATIENCE)).await;
            Ok(send(&Rendered::phrase(596, "Connection timed out"), asked))
        }
        Fault::Slow { seconds } => {
            clock.sleep(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)).await;
            Ok(send(rendered, asked))
        }
        Fault::Hang => std::future::pending().await,
        Fault::Truncated => Ok(truncated(rendered)),
        Fault::NeverEnding => Ok(never_ending(clock)),
        Fault::Huge { bytes } => Ok(huge(bytes)),
        Fault::Bomb { bytes } => {
            let mut response = head(&Rendered::text("application/json;charset=UTF-8", String::new()));
            response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
            *response.body_mut() = Body::from(gzip_of_nothing(bytes));
            Ok(response)
        }
        Fault::Html => Ok(send(&Rendered::page(), asked)),
        Fault::Body { text } => Ok(send(&Rendered::text("application/json;charset=UTF-8", text), asked)),
        Fault::Status { code, reason } => Ok(send(&Rendered::phrase(code, &reason), asked)),
        Fault::Reset => Err(Ended::Reset),
        Fault::Close => Err(Ended::Closed),
    }
}

fn truncated(rendered: &Rendered) -> Response<Body> {
    let mut response = head(rendered);
    response.headers_mut().insert(header::CONTENT_LENGTH, rendered.plain.len().into());
    let half = rendered.plain.slice(..rendered.plain.len() / 2);
    let rest = stream::once(async {
        // What was sent so far is on its way before the connection ends.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    *response.body_mut() = Body::from_stream(stream::once(async { Ok(half) }).chain(rest));
    response
}

/// One element after the other, one each second, for ever.
fn never_ending(clock: &Arc<dyn Clock>) -> Response<Body> {
    let mut response = head(&Rendered::text("application/json;charset=UTF-8", String::new()));
    let first = Bytes::from_static(b"{\"data\":[{\"id\":\"qemu/100\"}");
    let clock = Arc::clone(clock);
    let pieces = stream::unfold((first, clock), |(piece, clock)| async move {
        if piece.starts_with(b",") {
            clock.sleep(Duration::from_secs(1)).await;
        }
        Some((Ok::<_, io::Error>(piece), (Bytes::from_static(b",{\"id\":\"qemu/100\"}"), clock)))
    });
    *response.body_mut() = Body::from_stream(pieces);
    response
}

/// An empty list with much room in it.
fn huge(bytes: u64) -> Response<Body> {
    const FIRST: &[u8] = b"{\"data\":[";
    const LAST: &[u8] = b"]}";
    static ROOM: [u8; PIECE_BYTES] = [b' '; PIECE_BYTES];
    let mut response = head(&Rendered::text("application/json;charset=UTF-8", String::new()));
    let room = bytes.saturating_sub((FIRST.len() + LAST.len()) as u64);
    let length = room.saturating_add((FIRST.len() + LAST.len()) as u64);
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    let whole = stream::iter((0..room / PIECE_BYTES as u64).map(|_| Bytes::from_static(&ROOM)));
    let rest = usize::try_from(room % PIECE_BYTES as u64).expect("a piece is small");
    let last = stream::iter([Bytes::from_static(&ROOM[..rest]), Bytes::from_static(LAST)]);
    let first = stream::iter([Bytes::from_static(FIRST)]);
    let pieces = first.chain(whole).chain(last);
    *response.body_mut() = Body::from_stream(pieces.map(Ok::<_, io::Error>));
    response
}
