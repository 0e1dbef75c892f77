//! Letting a browser go to the provider, and in when it comes back. Whatever goes wrong, it ends on the login page with
//! a word for what to do, and the reason in the log; never with a token or a code.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use muster_api::access::{ProviderCallbackQuery, ProviderProblem};
use muster_oidc::{OidcError, Person, Returned};
use muster_runtime::chain;
use secrecy::ExposeSecret;
use tracing::warn;

use super::{IdentityProvider, NotAdmitted, admit, attempts::Waiting, dismiss, problem_of};
use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        cookie::TICKET,
        secret,
        session::{self, Entrant, Proof},
    },
    problem::ApiError,
    remote::{RemoteAddr, network},
};

/// Paths to return to are kept this far.
const LONGEST_PATH: usize = 2000;

/// A browser that wants in through the provider.
pub(crate) struct Door<'a> {
    pub(crate) app: &'a App,
    pub(crate) provider: &'a IdentityProvider,
    pub(crate) audit: Audit,
    pub(crate) remote: RemoteAddr,
    pub(crate) headers: &'a HeaderMap,
}

/// Why a browser that came back is not let in.
enum Refusal {
    /// No attempt of this browser is under way.
    Lost,
    /// The provider or its token is at fault.
    Provider(OidcError),
    /// The person is known and not let in.
    Person(NotAdmitted, String),
}

/// The login page, saying what went wrong.
pub(crate) fn login_page(problem: ProviderProblem) -> Response {
    see_other(&format!("/login?problem={}", problem.as_str()))
}

impl Door<'_> {
    /// Sends the browser to the provider.
    pub(crate) async fn leave(self, next: Option<String>) -> Response {
        let begun = match self.provider.provider.begin(self.app.entropy()).await {
            Ok(begun) => begun,
            Err(error) => {
                warn!(error = chain(&error), "signing in through the identity provider could not begin");
                return login_page(problem_of(&error));
            }
        };
        let own = secret::generate(self.app.entropy());
        let ticket = secret::hash(own.expose_secret());
        let network = network(self.remote.0.ip());
        let waiting = Waiting { attempt: begun.attempt, ticket, next: own_path(next), network };
        self.app.attempts().begin(waiting, self.app.now());
        let jar = CookieJar::new().add(TICKET.set(&own, self.secure()));
        (jar, see_other(begun.url.as_str())).into_response()
    }

    /// Lets the browser in that comes back.
    pub(crate) async fn come_back(self, query: ProviderCallbackQuery) -> Result<Response, ApiError> {
        let jar = CookieJar::new().add(TICKET.remove(self.secure()));
        let outcome = match self.waiting(&query) {
            Some(waiting) => self.vouched(&waiting, &query).await.map(|entrant| (waiting.next, entrant)),
            None => Err(Refusal::Lost),
        };
        match outcome {
            Ok((next, entrant)) => {
                let tenant = &self.app.settings().tenant;
                let audit = self.audit.clone().acting_as(format!("user:{}", entrant.name));
                let recorded = audit.recorded(self.app, tenant, Action::done("session.login", &entrant.name));
                let (session, _) = session::create(self.app, &recorded, entrant, self.remote, self.headers).await?;
                Ok((jar.add(session), see_other(&next)).into_response())
            }
            Err(refusal) => {
                let problem = self.explain(refusal).await?;
                Ok((jar, login_page(problem)).into_response())
            }
        }
    }

    fn waiting(&self, query: &ProviderCallbackQuery) -> Option<Waiting> {
        let ticket = TICKET.read(self.headers, self.secure())?;
        let state = query.state.as_deref()?;
        self.app.attempts().take(state, ticket.expose_secret(), self.app.now())
    }

    async fn vouched(&self, waiting: &Waiting, query: &ProviderCallbackQuery) -> Result<Entrant, Refusal> {
        let provider = &self.provider.provider;
        let code = match (&query.error, &query.code) {
            (Some(error), _) => return Err(Refusal::Provider(provider.refused(error))),
            (None, Some(code)) => code,
            (None, None) => return Err(Refusal::Lost),
        };
        let returned = Returned { code, issuer: query.iss.as_deref() };
        let person = provider.finish(&waiting.attempt, returned).await.map_err(Refusal::Provider)?;
        let user = self.admit(&person).await.map_err(|refusal| Refusal::Person(refusal, person.name.clone()))?;
        let tenant = self.app.settings().tenant.clone();
        Ok(Entrant { tenant, user_id: user.id, name: user.name, role: user.role, proof: Proof::Provider })
    }

    async fn admit(&self, person: &Person) -> Result<muster_store::User, NotAdmitted> {
        let (app, provider) = (self.app, &self.provider.provider);
        let admitted = admit(app, &self.audit, provider, person).await;
        if let Err(NotAdmitted::NoRole) = &admitted {
            dismiss(app, &self.audit, provider, person).await.map_err(NotAdmitted::Failed)?;
        }
        admitted
    }

    /// Writes down what went wrong, and what the login page is told. Browsers without an attempt leave no row: anybody
    /// could fill the disk with them.
    async fn explain(&self, refusal: Refusal) -> Result<ProviderProblem, ApiError> {
        let (problem, target) = match refusal {
            Refusal::Lost => return Ok(ProviderProblem::AttemptLost),
            Refusal::Provider(error) => {
                warn!(error = chain(&error), "signing in through the identity provider failed");
                (problem_of(&error), self.provider.label.clone())
            }
            Refusal::Person(NotAdmitted::Failed(error), _) => return Err(error),
            Refusal::Person(refusal, name) => (ProviderProblem::from(&refusal), name),
        };
        let action = Action { outcome: problem.as_str(), ..Action::done("session.login", &target) };
        self.audit.write(self.app, &self.app.settings().tenant, action).await?;
        Ok(problem)
    }

    fn secure(&self) -> bool {
        self.provider.address.scheme() == "https"
    }
}

/// Only a path of ours is gone to, never another host's address.
fn own_path(next: Option<String>) -> String {
    let is_ours = |path: &String| {
        let mut characters = path.chars();
        characters.next() == Some('/')
            && !matches!(characters.next(), Some('/' | '\\'))
            && path.len() <= LONGEST_PATH
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(is_ours).unwrap_or_else(|| "/".to_owned())
}

fn see_other(location: &str) -> Response {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_returned_to() {
        let check = |next: &str, expected: &str| assert_eq!(own_path(Some(next.to_owned())), expected, "{next}");
        check("/resources/x?tab=charts#top", "/resources/x?tab=charts#top");
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "evil",
            "",
            "/a b",
            "/a\r\nSet-Cookie: x",
        ] {
            check(foreign, "/");
        }
        check(&format!("/{}", "x".repeat(2000)), "/");
        assert_eq!(own_path(None), "/");
    }
}
