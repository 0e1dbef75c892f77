//! The cookie that ties an attempt to the browser that began it, so that nobody can be signed in under a stranger's name
//! by following a link.
//!
//! It is `SameSite=Lax`, unlike the session's: the browser comes back from another site. It opens nothing by itself.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use secrecy::{ExposeSecret, SecretString};

fn name(secure: bool) -> &'static str {
    if secure { "__Host-muster-sign-in" } else { "muster_sign_in" }
}

/// The ticket of a request.
pub(super) fn read(headers: &HeaderMap, secure: bool) -> Option<SecretString> {
    CookieJar::from_headers(headers).get(name(secure)).map(|cookie| cookie.value().to_owned().into())
}

/// A ticket until the browser closes; the server knows when the attempt ends.
pub(super) fn set(ticket: &SecretString, secure: bool) -> Cookie<'static> {
    build(ticket.expose_secret().to_owned(), secure)
}

/// Removes the ticket.
pub(super) fn remove(secure: bool) -> Cookie<'static> {
    let mut cookie = build(String::new(), secure);
    cookie.make_removal();
    cookie
}

fn build(value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name(secure), value)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticket_comes_back_from_another_site_and_reaches_no_script() {
        let ticket = SecretString::from("t");
        assert_eq!(set(&ticket, false).to_string(), "muster_sign_in=t; HttpOnly; SameSite=Lax; Path=/");
        assert_eq!(set(&ticket, true).to_string(), "__Host-muster-sign-in=t; HttpOnly; SameSite=Lax; Secure; Path=/");
        assert!(remove(true).to_string().contains("Max-Age=0"));
    }
}
