//! The web application, embedded in the binary.
//!
//! Files below `/assets/` carry a hash of their content in their name and may be kept for a year. Every other file is
//! asked for again each time and answered with 304 while it is the same. Compressed forms are made when the application
//! is built; here is only chosen among them. A path that is no file leads to the application when a browser navigates
//! there, and to 404 when a program asks.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use muster_api::ProblemCode;
use rust_embed::RustEmbed;

use crate::problem::ApiError;

const INDEX: &str = "index.html";

/// Paths that never lead to the application.
const NOT_PAGES: [&str; 3] = ["/api/", "/v1/", "/ws"];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Muster</title>\
     <h1>Web application not built</h1><p>The server runs, and its API answers below <code>/api</code>. \
     Run <code>make build</code> and start it again to get the web application.</p></html>";

/// Where files come from.
pub(crate) trait Files {
    /// A file by its path below the root, without leading slash.
    fn get(&self, path: &str) -> Option<File>;
}

/// A file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) bytes: Cow<'static, [u8]>,
    pub(crate) sha256: [u8; 32],
}

/// The files that the binary carries.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// [`Files`] of the binary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Embedded;

impl Files for Embedded {
    fn get(&self, path: &str) -> Option<File> {
        let file = Dist::get(path)?;
        Some(File { sha256: file.metadata.sha256_hash(), bytes: file.data })
    }
}

/// Answers whatever no route answers.
pub(crate) async fn fallback(request: Request) -> Response {
    answer(&Embedded, request.method(), request.uri().path(), request.headers())
}

fn answer(files: &impl Files, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    let is_page = !NOT_PAGES.iter().any(|prefix| path.starts_with(prefix)) && path != "/api" && path != "/v1";
    if !is_page {
        return not_found();
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let name = path.trim_start_matches('/');
    if let Some(served) = (name != INDEX && !name.is_empty()).then(|| serve(files, name, headers)).flatten() {
        return served;
    }
    if !navigates(headers) || name.starts_with("assets/") {
        return not_found();
    }
    serve(files, INDEX, headers).unwrap_or_else(not_built)
}

/// Whether a browser wants a page, rather than a program a file.
fn navigates(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.trim().starts_with("text/html"))
}

fn serve(files: &impl Files, name: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = files.get(name).filter(|_| !is_compressed_form(name))?;
    let etag = HeaderValue::from_str(&format!("\"{}\"", hex::encode(&plain.sha256[..16]))).ok()?;
    let keep = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let (file, encoding) = choose(files, name, plain, headers);
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == etag);
    let mut response =
        if same { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(file.bytes).into_response() };
    let answer = response.headers_mut();
    answer.insert(header::ETAG, etag);
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The smallest form that the client reads.
fn choose(files: &impl Files, name: &str, plain: File, headers: &HeaderMap) -> (File, Option<&'static str>) {
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        let compressed = accepts(headers, encoding).then(|| files.get(&format!("{name}.{suffix}"))).flatten();
        if let Some(file) = compressed {
            return (file, Some(encoding));
        }
    }
    (plain, None)
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

fn is_compressed_form(name: &str) -> bool {
    name.ends_with(".br") || name.ends_with(".gz")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn not_built() -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let no_cache = HeaderValue::from_static("no-cache");
    ([(header::CONTENT_TYPE, html), (header::CACHE_CONTROL, no_cache)], NOT_BUILT).into_response()
}

fn not_found() -> Response {
    ApiError::new(ProblemCode::RouteNotFound, "Check the path; `/api/openapi.json` lists every route.").into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");

    #[tokio::test]
    async fn hashed_files_are_kept_for_a_year() {
        let response = get("/assets/app-1a2b.js", &[]);
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(body(response).await, "js");
    }

    #[tokio::test]
    async fn the_smallest_form_that_the_client_reads_is_sent() {
        let check = async |accepted: &str, encoding: Option<&str>, expected: &str| {
            let response = get("/assets/app-1a2b.js", &[("accept-encoding", accepted)]);
            assert_eq!(response.headers().get("content-encoding").map(|it| it.to_str().unwrap()), encoding);
            assert_eq!(response.headers()["vary"], "accept-encoding");
            assert_eq!(body(response).await, expected);
        };
        check("gzip, deflate, br", Some("br"), "js-br").await;
        check("gzip", Some("gzip"), "js-gz").await;
        check("br;q=0, gzip;q=0", None, "js").await;
    }

    #[tokio::test]
    async fn a_navigation_leads_to_the_application() {
        for path in ["/", "/resources/agent-0123456789abcdef", "/index.html"] {
            let response = get(path, &[HTML]);
            assert_eq!(response.headers()["cache-control"], "no-cache", "{path}");
            assert_eq!(body(response).await, "page", "{path}");
        }
    }

    #[test]
    fn everything_else_is_not_found() {
        for (path, headers) in [
            ("/nothing.png", &[][..]),
            ("/api/nothing", &[HTML]),
            ("/v1/nothing", &[HTML]),
            ("/ws/nothing", &[HTML]),
            ("/assets/gone.js", &[HTML]),
            ("/assets/app-1a2b.js.br", &[HTML]),
            ("/../secret", &[]),
        ] {
            assert_eq!(get(path, headers).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn an_unchanged_page_is_not_sent_again() {
        let first = get("/", &[HTML]);
        let etag = first.headers()["etag"].to_str().unwrap();
        assert_eq!(get("/", &[HTML, ("if-none-match", etag)]).status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn a_missing_application_says_what_to_do() {
        let response = answer(&BTreeMap::new(), &Method::GET, "/", &headers(&[HTML]));
        assert_eq!(response.status(), StatusCode::OK);
        assert!(body(response).await.contains("make build"));
    }

    #[test]
    fn nothing_can_be_written_here() {
        let response = answer(&files(), &Method::POST, "/", &headers(&[HTML]));
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    impl Files for BTreeMap<&'static str, &'static str> {
        fn get(&self, path: &str) -> Option<File> {
            let text = BTreeMap::get(self, path)?;
            Some(File { bytes: Cow::Borrowed(text.as_bytes()), sha256: [u8::try_from(text.len()).unwrap(); 32] })
        }
    }

    fn files() -> BTreeMap<&'static str, &'static str> {
        [
            ("index.html", "page"),
            ("assets/app-1a2b.js", "js"),
            ("assets/app-1a2b.js.br", "js-br"),
            ("assets/app-1a2b.js.gz", "js-gz"),
        ]
        .into()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn get(path: &str, pairs: &[(&'static str, &str)]) -> Response {
        answer(&files(), &Method::GET, path, &headers(pairs))
    }

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}
