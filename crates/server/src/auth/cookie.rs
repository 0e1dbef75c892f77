//! The session cookie. `HttpOnly`, `SameSite=Strict`, for the whole site; `Secure` and `__Host-` where the request came over
//! TLS, so that no sibling domain can plant one. The two have different names, so that a plain one is worth nothing over
//! TLS.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use secrecy::{ExposeSecret, SecretString};

const PLAIN: &str = "muster_session";
const OVER_TLS: &str = "__Host-muster";

/// The cookie's name.
pub(crate) fn name(secure: bool) -> &'static str {
    if secure { OVER_TLS } else { PLAIN }
}

/// The session secret that a request carries.
pub(crate) fn read(headers: &HeaderMap, secure: bool) -> Option<SecretString> {
    CookieJar::from_headers(headers).get(name(secure)).map(|cookie| cookie.value().to_owned().into())
}

/// A cookie that lives until the browser closes; the server knows when the session ends.
pub(crate) fn set(secret: &SecretString, secure: bool) -> Cookie<'static> {
    build(secret.expose_secret().to_owned(), secure)
}

/// A cookie that removes the session's.
pub(crate) fn remove(secure: bool) -> Cookie<'static> {
    let mut cookie = build(String::new(), secure);
    cookie.make_removal();
    cookie
}

fn build(value: String, secure: bool) -> Cookie<'static> {
    let cookie = Cookie::build((name(secure), value)).path("/").http_only(true);
    cookie.same_site(SameSite::Strict).secure(secure).build()
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
