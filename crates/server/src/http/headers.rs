//! Security headers of every answer.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::host;
use crate::{app::App, remote::RemoteAddr, settings::Hsts};

/// No script but our own files, no frame around us, nothing from elsewhere. Styles may stand inline because the widget
/// library of the web application writes computed positions and sizes into `style` attributes; a style runs no code.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The layer.
pub(crate) async fn add(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let stays_with_tls = stays_with_tls(&app, &request);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if stays_with_tls {
        let two_years = HeaderValue::from_static("max-age=63072000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    if is_api {
        // What needs a credential is for no cache and no disk. Clients that revalidate keep the body in memory themselves.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Whether a browser should come over TLS from now on: it has done so this time, under a name.
fn stays_with_tls(app: &App, request: &Request) -> bool {
    let secure = request.extensions().get::<RemoteAddr>().is_some_and(|remote| remote.is_secure());
    let named = || {
        let authority = host::authority(request.uri(), request.headers());
        authority
            .is_some_and(|authority| host::is_name(authority.host()) && app.allowed_hosts().allows(authority.host()))
    };
    let wanted = match app.changeable().hsts {
        Hsts::Always => true,
        Hsts::Never => false,
        Hsts::Auto => app.certificates().is_none_or(|certificates| !certificates.facts().self_signed),
    };
    secure && wanted && named()
}
