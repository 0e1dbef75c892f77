//! The cookies. `HttpOnly`, for the whole site; `Secure` and `__Host-` where the request came over TLS, so that no sibling
//! domain can plant one. The two have different names, so that a plain one is worth nothing over TLS.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{self, CookieJar, SameSite};
use secrecy::{ExposeSecret, SecretString};

/// A cookie that holds a secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookie {
    plain: &'static str,
    over_tls: &'static str,
    same_site: SameSite,
}

/// The session's. No other site's page makes a browser send it.
pub(crate) const SESSION: Cookie =
    Cookie { plain: "muster_session", over_tls: "__Host-muster", same_site: SameSite::Strict };

/// The ticket that ties an attempt to sign in elsewhere to the browser that began it, so that nobody can be signed in
/// under a stranger's name by following a link. The browser brings it back from another site; it opens nothing by itself.
pub(crate) const TICKET: Cookie =
    Cookie { plain: "muster_sign_in", over_tls: "__Host-muster-sign-in", same_site: SameSite::Lax };

impl Cookie {
    /// The secret that a request carries.
    pub(crate) fn read(self, headers: &HeaderMap, secure: bool) -> Option<SecretString> {
        CookieJar::from_headers(headers).get(self.name(secure)).map(|cookie| cookie.value().to_owned().into())
    }

    /// Lives until the browser closes; the server knows when what it stands for ends.
    pub(crate) fn set(self, secret: &SecretString, secure: bool) -> cookie::Cookie<'static> {
        self.build(secret.expose_secret().to_owned(), secure)
    }

    /// Takes it away from the browser.
    pub(crate) fn remove(self, secure: bool) -> cookie::Cookie<'static> {
        let mut cookie = self.build(String::new(), secure);
        cookie.make_removal();
        cookie
    }

    fn name(self, secure: bool) -> &'static str {
        if secure { self.over_tls } else { self.plain }
    }

    fn build(self, value: String, secure: bool) -> cookie::Cookie<'static> {
        let cookie = cookie::Cookie::build((self.name(secure), value)).path("/").http_only(true);
        cookie.same_site(self.same_site).secure(secure).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_locked_down() {
        let check = |cookie: Cookie, secure, expected: &str| {
            assert_eq!(cookie.set(&"s".into(), secure).to_string(), expected);
            assert!(cookie.remove(secure).to_string().contains("Max-Age=0"));
        };
        check(SESSION, false, "muster_session=s; HttpOnly; SameSite=Strict; Path=/");
        check(SESSION, true, "__Host-muster=s; HttpOnly; SameSite=Strict; Secure; Path=/");
        // It comes back from another site.
        check(TICKET, false, "muster_sign_in=s; HttpOnly; SameSite=Lax; Path=/");
        check(TICKET, true, "__Host-muster-sign-in=s; HttpOnly; SameSite=Lax; Secure; Path=/");
    }
}
