//! What proves who we are: a token as it is, or a ticket that a password is exchanged for. Pure: time is an argument.
//!
//! A ticket is good for two hours and renewed after one. After a refusal nobody asks again for a short while: each refusal
//! takes 3 s and one of the platform's three workers, and several lanes would ask at once.

use std::{fmt, time::Duration};

use muster_collect::Auth;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::error::ErrorKind;

/// After this a ticket is renewed.
const RENEWED_AFTER: Duration = Duration::from_secs(60 * 60);
/// After this it is no longer good; a little before the platform thinks so.
const GOOD_FOR: Duration = Duration::from_secs(115 * 60);
/// How long a refusal is repeated without asking.
const REFUSAL_HOLDS: Duration = Duration::from_secs(10);

/// Who we are at the moment.
pub(crate) struct Session {
    proof: Option<Held>,
    /// Counts proofs, so that a refusal of an old one does not cost the new one.
    generation: u64,
    refusal: Option<(Duration, Refusal)>,
    needs_login: bool,
}

struct Held {
    proof: Proof,
    /// Absent for a token.
    ticket: Option<(SecretString, Duration)>,
}

/// The header that lets us in.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    pub(crate) name: HeaderName,
    /// Marked sensitive, so that no log shows it.
    pub(crate) value: HeaderValue,
    pub(crate) generation: u64,
}

/// Why we were not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// In the platform's words.
    Refused(String),
    /// It asks for a second factor.
    SecondFactor,
}

impl From<Refusal> for ErrorKind {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Refused(text) => Self::Unauthorised(text),
            Refusal::SecondFactor => Self::SecondFactor,
        }
    }
}

/// What to do before a call.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send this.
    Use(Proof),
    /// Exchange the password for a ticket.
    LogIn,
    /// Exchange the ticket for a new one; it takes the place of the password.
    Renew(SecretString),
    /// Do not ask.
    Refused(Refusal),
}

impl Session {
    /// Nothing is asked yet.
    pub(crate) fn new(auth: &Auth, secret: &SecretString) -> Result<Self, InvalidHeaderValue> {
        let mut session = Self { proof: None, generation: 0, refusal: None, needs_login: true };
        if let Auth::Token { user, token } = auth {
            let text = format!("{user}!{token}={}", secret.expose_secret());
            let value =
                sensitive(&format!("PVEAPIToken={}", encoded(&text, |byte| byte.is_ascii_graphic() && byte != b'%')))?;
            session.proof = Some(Held { proof: Proof { name: AUTHORIZATION, value, generation: 0 }, ticket: None });
            session.needs_login = false;
        }
        Ok(session)
    }

    /// What to do before a call.
    pub(crate) fn step(&self, now: Duration) -> Step {
        if let Some((until, refusal)) = &self.refusal
            && now < *until
        {
            return Step::Refused(refusal.clone());
        }
        let Some(Held { proof, ticket }) = &self.proof else { return Step::LogIn };
        match ticket {
            Some((_, since)) if now.saturating_sub(*since) >= GOOD_FOR => Step::LogIn,
            Some((ticket, since)) if now.saturating_sub(*since) >= RENEWED_AFTER => Step::Renew(ticket.clone()),
            Some(_) | None => Step::Use(proof.clone()),
        }
    }

    /// A ticket was received.
    pub(crate) fn received(&mut self, ticket: SecretString, now: Duration) -> Result<Proof, InvalidHeaderValue> {
        self.generation += 1;
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let value = sensitive(&format!("PVEAuthCookie={}", encoded(ticket.expose_secret(), unreserved)))?;
        let proof = Proof { name: COOKIE, value, generation: self.generation };
        self.proof = Some(Held { proof: proof.clone(), ticket: Some((ticket, now)) });
        self.refusal = None;
        Ok(proof)
    }

    /// A ticket was not renewed; the password is asked for again.
    pub(crate) fn not_renewed(&mut self) {
        self.proof = None;
    }

    /// Logging in was refused.
    pub(crate) fn login_refused(&mut self, refusal: Refusal, now: Duration) {
        self.proof = None;
        self.refusal = Some((now + REFUSAL_HOLDS, refusal));
    }

    /// A call was refused. Says whether it may be tried again with a new login.
    pub(crate) fn call_refused(&mut self, generation: u64, text: &str, again: bool, now: Duration) -> bool {
        if generation == self.generation {
            if self.needs_login {
                self.proof = None;
            }
            if !self.needs_login || again {
                self.refusal = Some((now + REFUSAL_HOLDS, Refusal::Refused(text.to_owned())));
            }
        }
        self.needs_login && !again
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("generation", &self.generation).finish_non_exhaustive()
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

fn encoded(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let encode = |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_as_it_is() {
        let session = Session::new(&token(), &"1234-%ä".into()).unwrap();
        let Step::Use(proof) = session.step(minutes(0)) else { panic!("a token needs no login") };
        assert_eq!(
            (proof.name, proof.value.to_str().unwrap()),
            (AUTHORIZATION, "PVEAPIToken=monitor@pve!muster=1234-%25%C3%A4")
        );
        assert!(proof.value.is_sensitive());
        assert!(matches!(session.step(minutes(600)), Step::Use(_)));
    }

    #[test]
    fn a_ticket_is_renewed_before_it_ends() {
        let mut session = Session::new(&password(), &"s3cret".into()).unwrap();
        assert!(matches!(session.step(minutes(0)), Step::LogIn));
        let proof = session.received("PVE:monitor@pve:66F0::a+b/c==".into(), minutes(0)).unwrap();
        assert_eq!(proof.value.to_str().unwrap(), "PVEAuthCookie=PVE%3Amonitor%40pve%3A66F0%3A%3Aa%2Bb%2Fc%3D%3D");
        assert!(matches!(session.step(minutes(59)), Step::Use(_)));
        assert!(matches!(session.step(minutes(60)), Step::Renew(_)));
        assert!(matches!(session.step(minutes(116)), Step::LogIn));
        session.not_renewed();
        assert!(matches!(session.step(minutes(61)), Step::LogIn));
    }

    #[test]
    fn a_refused_ticket_is_worth_one_login() {
        let mut session = Session::new(&password(), &"s3cret".into()).unwrap();
        let first = session.received("one".into(), minutes(0)).unwrap();
        assert!(session.call_refused(first.generation, "no ticket", false, minutes(1)));
        assert!(matches!(session.step(minutes(1)), Step::LogIn));
        let second = session.received("two".into(), minutes(1)).unwrap();
        assert!(
            session.call_refused(first.generation, "no ticket", false, minutes(1)),
            "it was refused for the old one"
        );
        assert!(matches!(session.step(minutes(1)), Step::Use(_)), "the new one is not lost by that");
        assert!(!session.call_refused(second.generation, "no ticket", true, minutes(1)));
        assert!(matches!(session.step(minutes(1)), Step::Refused(_)));
        assert!(matches!(session.step(minutes(2)), Step::LogIn));
    }

    #[test]
    fn a_refused_token_is_not_sent_again_at_once() {
        let mut session = Session::new(&token(), &"s3cret".into()).unwrap();
        assert!(!session.call_refused(0, "invalid token value!", false, minutes(0)));
        let Step::Refused(refusal) = session.step(minutes(0)) else { panic!("it is refused") };
        assert_eq!(refusal, Refusal::Refused("invalid token value!".into()));
        assert!(matches!(session.step(minutes(1)), Step::Use(_)), "somebody may have enabled it again");
    }

    #[test]
    fn nothing_shows_a_secret() {
        let session = Session::new(&token(), &"s3cret-value".into()).unwrap();
        let shown = format!("{session:?} {:?}", session.step(minutes(0)));
        assert!(!shown.contains("s3cret-value"), "{shown}");
    }

    fn token() -> Auth {
        Auth::Token { user: "monitor@pve".into(), token: "muster".into() }
    }

    fn password() -> Auth {
        Auth::Password { user: "monitor@pve".into() }
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }
}
