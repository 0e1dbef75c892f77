//! The session cookie. `HttpOnly`, `SameSite=Strict`, for the whole site; `Secure` and `__Host-` where browsers reach the
//! server over TLS, so that no sibling domain can plant one.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use secrecy::{ExposeSecret, SecretString};

const PLAIN: &str = "muster_session";
const OVER_TLS: &str = "__Host-muster";

/// The cookie's name.
pub(crate) fn name(tls: bool) -> &'static str {
    if tls { OVER_TLS } else { PLAIN }
}

/// The session secret that a request carries.
pub(crate) fn read(headers: &HeaderMap, tls: bool) -> Option<SecretString> {
    CookieJar::from_headers(headers).get(name(tls)).map(|cookie| cookie.value().to_owned().into())
}

/// A cookie that lives until the browser closes; the server knows when the session ends.
pub(crate) fn set(secret: &SecretString, tls: bool) -> Cookie<'static> {
    build(secret.expose_secret().to_owned(), tls)
}

/// A cookie that removes the session's.
pub(crate) fn remove(tls: bool) -> Cookie<'static> {
    let mut cookie = build(String::new(), tls);
    cookie.make_removal();
    cookie
}

fn build(value: String, tls: bool) -> Cookie<'static> {
    let cookie = Cookie::build((name(tls), value)).path("/").http_only(true);
    cookie.same_site(SameSite::Strict).secure(tls).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_locked_down() {
        let secret = SecretString::from("s");
        assert_eq!(set(&secret, false).to_string(), "muster_session=s; HttpOnly; SameSite=Strict; Path=/");
        assert_eq!(set(&secret, true).to_string(), "__Host-muster=s; HttpOnly; SameSite=Strict; Secure; Path=/");
        assert!(remove(true).to_string().contains("Max-Age=0"));
    }
}
