//! Tokens, users and tickets: who a request comes from, or why nobody believes it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{action::NoSuch, log::Credential, rights::Rights, version::Version};

/// How long a ticket holds, in seconds.
const TICKET_LIFE: i64 = 2 * 60 * 60;

/// An API token.
#[derive(Debug, Clone)]
pub struct Token {
    /// `user@realm!name`.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Whether it has rights of its own, which then limit those of its user.
    pub is_separated: bool,
    /// Its own rights.
    pub rights: Rights,
    /// When it ends, in Unix seconds.
    pub expires: Option<i64>,
}

impl Token {
    /// A token with privilege separation and rights.
    pub fn new(id: &str, secret: &str, rights: Rights) -> Self {
        Self { id: id.to_owned(), secret: secret.to_owned(), is_separated: true, rights, expires: None }
    }

    fn user(&self) -> &str {
        self.id.split('!').next().unwrap_or_default()
    }
}

/// Somebody who may log in.
#[derive(Debug, Clone)]
pub struct User {
    /// `user@realm`.
    pub id: String,
    /// The password.
    pub password: String,
    /// Their rights.
    pub rights: Rights,
    /// Whether a second factor is asked for.
    pub has_second_factor: bool,
}

/// Who a request comes from, believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Principal {
    /// `user@realm` or `user@realm!token`.
    pub(super) id: String,
    pub(super) rights: Rights,
}

/// What a login is answered with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Login {
    Refused,
    SecondFactor { user: String, ticket: String, csrf: String },
    Ticket { user: String, ticket: String, csrf: String },
}

/// Everybody who is known.
#[derive(Debug, Clone)]
pub(super) struct Access {
    version: Version,
    seed: u64,
    pub(super) users: BTreeMap<String, User>,
    pub(super) tokens: BTreeMap<String, Token>,
}

impl Access {
    pub(super) fn new(version: Version, seed: u64) -> Self {
        Self { version, seed, users: BTreeMap::new(), tokens: BTreeMap::new() }
    }

    /// Adds a user or changes who they are.
    pub(super) fn user(&mut self, user: User) {
        self.users.insert(user.id.clone(), user);
    }

    /// Adds a token. A user that is not known yet has every right, so that the token's own decide.
    pub(super) fn token(&mut self, token: Token) {
        let owner = token.user().to_owned();
        let version = self.version;
        self.users.entry(owner.clone()).or_insert_with(|| User {
            password: format!("password of {owner}"),
            id: owner,
            rights: Rights::everything(version),
            has_second_factor: false,
        });
        self.tokens.insert(token.id.clone(), token);
    }

    /// Changes a token.
    ///
    /// # Errors
    /// When there is none of this name.
    pub(super) fn token_mut(&mut self, id: &str) -> Result<&mut Token, NoSuch> {
        self.tokens.get_mut(id).ok_or_else(|| NoSuch { what: "token", name: id.to_owned() })
    }

    /// Who sent a request with these headers.
    ///
    /// # Errors
    /// The reason phrase of the 401.
    pub(super) fn authenticate(
        &self,
        cookie: Option<&str>,
        authorization: Option<&str>,
        now: i64,
    ) -> Result<Principal, String> {
        match (cookie.and_then(ticket_in), authorization.and_then(token_in)) {
            (Some(ticket), _) => self.by_ticket(&ticket, now),
            (None, Some((id, secret))) => self.by_token(&id, &secret, now),
            (None, None) => Err("No ticket".to_owned()),
        }
    }

    /// A login, or the renewal of one with the ticket as password.
    pub(super) fn login(&self, name: &str, password: &str, now: i64) -> Login {
        let Some(user) = self.users.get(name) else { return Login::Refused };
        let csrf = format!("{now:08X}:{}", self.sign(name, now));
        let ticket = |kind: &str| format!("PVE:{kind}:{now:08X}::{}", self.sign(kind, now));
        if self.by_ticket(password, now).is_ok_and(|principal| principal.id == name) {
            return Login::Ticket { user: user.id.clone(), ticket: ticket(name), csrf };
        }
        if password != user.password {
            return Login::Refused;
        }
        if user.has_second_factor {
            let challenge = ticket("!tfa!{\"totp\"%3Atrue,\"recovery\"%3A[]}");
            return Login::SecondFactor { user: user.id.clone(), ticket: challenge, csrf };
        }
        Login::Ticket { user: user.id.clone(), ticket: ticket(name), csrf }
    }

    fn by_token(&self, id: &str, secret: &str, now: i64) -> Result<Principal, String> {
        let owner = id.split('!').next().unwrap_or_default();
        let name = id.split('!').nth(1).unwrap_or_default();
        let token =
            self.tokens.get(id).ok_or_else(|| self.why(&format!("no such token '{name}' for user '{owner}'")))?;
        if token.secret != secret {
            return Err(self.why("invalid token value!"));
        }
        if token.expires.is_some_and(|expires| expires <= now) {
            return Err(self.why(&format!("token '{id}' access expired")));
        }
        let users = &self.users.get(owner).ok_or_else(|| self.why(&format!("no such user ('{owner}')")))?.rights;
        let rights = if token.is_separated { users.both(&token.rights) } else { users.clone() };
        Ok(Principal { id: id.to_owned(), rights })
    }

    fn by_ticket(&self, ticket: &str, now: i64) -> Result<Principal, String> {
        let invalid = || self.why("permission denied - invalid PVE ticket");
        let parts: Vec<&str> = ticket.splitn(4, ':').collect();
        let [_, name, at, signature] = parts[..] else { return Err(invalid()) };
        let at = i64::from_str_radix(at, 16).map_err(|_| invalid())?;
        let user = self.users.get(name).ok_or_else(invalid)?;
        let is_ours = signature.trim_start_matches(':') == self.sign(name, at);
        if !is_ours || now - at > TICKET_LIFE {
            return Err(invalid());
        }
        Ok(Principal { id: name.to_owned(), rights: user.rights.clone() })
    }

    /// Why somebody is not believed: since 9.1 nobody is told.
    fn why(&self, reason: &str) -> String {
        if self.version.since(9, 1) { "Authentication failed!".to_owned() } else { reason.to_owned() }
    }

    fn sign(&self, name: &str, at: i64) -> String {
        hex::encode(Sha256::digest(format!("{}/{name}/{at}", self.seed)))
    }
}

/// How a request with these headers says who sent it: a cookie counts before a token, as with the vendor.
pub(super) fn credential(cookie: Option<&str>, authorization: Option<&str>) -> Credential {
    match (cookie.and_then(ticket_in), authorization.and_then(token_in)) {
        (Some(ticket), _) => Credential::Ticket(ticket.split(':').nth(1).unwrap_or_default().to_owned()),
        (None, Some((id, _))) => Credential::Token(id),
        (None, None) => Credential::None,
    }
}

/// The name of a token and its secret.
fn token_in(authorization: &str) -> Option<(String, String)> {
    let value = percent_decoded(authorization.strip_prefix("PVEAPIToken")?.trim_start_matches(['=', ' ']));
    Some(match value.rsplit_once('=') {
        Some((id, secret)) => (id.to_owned(), secret.to_owned()),
        None => (value, String::new()),
    })
}

fn ticket_in(cookie: &str) -> Option<String> {
    let mut pairs = cookie.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "PVEAuthCookie").map(|(_, value)| percent_decoded(value))
}

/// Undoes percent encoding; a `+` stays one, unlike in forms.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = (first == b'%').then(|| after.get(..2)).flatten();
        let byte = pair.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_holds_for_two_hours_and_renews_itself() {
        let access = access(Version::V8_4);
        let Login::Ticket { ticket, .. } = access.login("ada@pve", "lovelace", 1000) else { panic!("a ticket") };
        let cookie = format!("PVEAuthCookie={}", ticket.replace(':', "%3A"));
        let ask = |now| access.authenticate(Some(&cookie), None, now).map(|principal| principal.id);
        assert_eq!(ask(1000 + 7200), Ok("ada@pve".to_owned()));
        assert_eq!(ask(1000 + 7201), Err("permission denied - invalid PVE ticket".to_owned()));
        let renewed = access.login("ada@pve", &ticket, 5000);
        assert!(matches!(renewed, Login::Ticket { .. }), "{renewed:?}");
        assert_eq!(access.login("ada@pve", &ticket, 50_000), Login::Refused);
    }

    #[test]
    fn a_second_factor_is_asked_for_and_its_challenge_is_no_ticket() {
        let access = access(Version::V9_1);
        let Login::SecondFactor { ticket, .. } = access.login("bob@pve", "builder", 1000) else { panic!("asks") };
        let cookie = format!("PVEAuthCookie={ticket}");
        let refused = access.authenticate(Some(&cookie), None, 1000);
        assert_eq!(refused.unwrap_err(), "Authentication failed!");
    }

    #[test]
    fn a_token_is_refused_with_the_release_s_own_words() {
        let check = |version, value: &str, expected: &str| {
            let refused = access(version).authenticate(None, Some(value), 2000);
            assert_eq!(refused.unwrap_err(), expected, "{value}");
        };
        check(Version::V8_4, "PVEAPIToken=eve@pve!t=wrong", "invalid token value!");
        check(Version::V8_4, "PVEAPIToken=eve@pve!u=s", "no such token 'u' for user 'eve@pve'");
        check(Version::V8_4, "PVEAPIToken=eve@pve!old=s", "token 'eve@pve!old' access expired");
        check(Version::V9_1, "PVEAPIToken=eve@pve!t=wrong", "Authentication failed!");
        check(Version::V9_1, "Basic abc", "No ticket");
    }

    #[test]
    fn a_token_is_believed_in_each_of_its_spellings() {
        let access = access(Version::V8_4);
        for value in ["PVEAPIToken=eve@pve!t=s%cret", "PVEAPIToken=eve@pve!t=s%25cret", "PVEAPIToken eve@pve!t=s%cret"]
        {
            assert_eq!(access.authenticate(None, Some(value), 0).unwrap().id, "eve@pve!t", "{value}");
            assert_eq!(credential(None, Some(value)), Credential::Token("eve@pve!t".to_owned()));
        }
    }

    fn access(version: Version) -> Access {
        let mut access = Access::new(version, 7);
        let user = |id: &str, password: &str, has_second_factor| User {
            id: id.to_owned(),
            password: password.to_owned(),
            rights: Rights::auditor(version),
            has_second_factor,
        };
        access.user(user("ada@pve", "lovelace", false));
        access.user(user("bob@pve", "builder", true));
        access.token(Token::new("eve@pve!t", "s%cret", Rights::auditor(version)));
        access.token(Token { expires: Some(1500), ..Token::new("eve@pve!old", "s", Rights::none()) });
        access
    }
}
