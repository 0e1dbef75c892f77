//! From http to https: one answer for every request, whatever it asks for.
//!
//! It leads to the server's own name and never to the one that stands in the request, which anybody can choose.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Answers every request with a redirect to the same path at `authority`, such as `muster.example.org:8420`.
pub(super) fn routes(authority: &str) -> Router {
    let origin = format!("https://{authority}");
    Router::new().fallback(move |request: Request| {
        let answer = redirect(&origin, &request);
        async move { answer }
    })
}

fn redirect(origin: &str, request: &Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    // `OPTIONS *` has no path that begins with a slash.
    let path = if path.starts_with('/') { path } else { "/" };
    let Ok(location) = HeaderValue::from_str(&format!("{origin}{path}")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Uri};

    use super::*;

    #[test]
    fn every_path_leads_to_our_own_name() {
        let check = |uri: &str, location: &str| {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = uri.parse::<Uri>().unwrap();
            request.headers_mut().insert(header::HOST, HeaderValue::from_static("evil.example"));
            let answer = redirect("https://muster.lan:8420", &request);
            assert_eq!(answer.status(), 308);
            assert_eq!(answer.headers()[header::LOCATION], location, "{uri}");
        };
        check("/", "https://muster.lan:8420/");
        check("/hosts?q=a%20b", "https://muster.lan:8420/hosts?q=a%20b");
        check("//evil.example/", "https://muster.lan:8420//evil.example/");
        check("http://evil.example/x", "https://muster.lan:8420/x");
        check("*", "https://muster.lan:8420/");
    }
}
