//! Enforces a route's policy before anything else of the route runs.
//!
//! 401 for whoever has no valid credential, 403 for whoever has one that does not suffice, and for writes that rest on
//! a cookie and do not prove that our own page sent them (D-22).

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri},
    middleware::Next,
    response::Response,
};
use muster_api::ProblemCode;

use super::{
    audit,
    caller::{Caller, Principal, SignedIn},
    credential, secret,
};
use crate::{
    app::App,
    http::origin::{self, Origin},
    problem::ApiError,
    remote::RemoteAddr,
    router::Policy,
};

const CSRF_HEADER: &str = "x-csrf-token";

/// The layer of one route.
pub(crate) async fn enforce(
    State((app, policy)): State<(App, Policy)>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let secure = request.extensions().get::<RemoteAddr>().is_some_and(|remote| remote.is_secure());
    let presented = credential::authenticate(&app, request.headers(), secure).await;
    if let Err(error) = judge(&app, policy, &presented, &request) {
        if let Ok(Some(caller)) = &presented {
            let what = (request.method(), request.uri(), request.extensions());
            audit::note_refusal(&app, caller, what, &error).await;
        }
        return Err(error);
    }
    if let Ok(Some(caller)) = presented {
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

/// What came of looking for the caller behind a request.
type Presented = Result<Option<Caller>, ApiError>;

/// Whether the credential suffices, has not asked too often, and comes from where it may come from.
fn judge(app: &App, policy: Policy, presented: &Presented, request: &Request) -> Result<(), ApiError> {
    let caller = admit(policy, presented)?;
    if let Some(caller) = caller {
        app.admit_credential(caller.credential)?;
    }
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    match (policy, caller) {
        (Policy::SignedIn | Policy::Scope(_), Some(caller)) => check_browser(caller, method, uri, headers),
        (Policy::Public(_), _) | (_, None) => check_stranger(method, uri, headers),
    }
}

fn admit(policy: Policy, presented: &Presented) -> Result<Option<&Caller>, ApiError> {
    let known = || presented.as_ref().map_err(Clone::clone)?.as_ref().ok_or_else(ApiError::unauthenticated);
    match policy {
        // A public route answers also with a credential that does not hold, and while the store is away.
        Policy::Public(_) => Ok(presented.as_ref().ok().and_then(Option::as_ref)),
        Policy::SignedIn => {
            let caller = known()?;
            match &caller.principal {
                Principal::User(_) => Ok(Some(caller)),
                Principal::Token { .. } | Principal::Federated(_) => {
                    Err(forbidden("This needs a browser session; a token has none."))
                }
            }
        }
        Policy::Scope(scope) => {
            let caller = known()?;
            if caller.has(scope) {
                return Ok(Some(caller));
            }
            Err(forbidden(&format!("This needs the scope `{scope}`, which the credential does not carry.")))
        }
    }
}

fn forbidden(detail: &str) -> ApiError {
    ApiError::new(ProblemCode::Forbidden, detail)
}

/// Cookies come along with requests that strangers' pages make; tokens do not.
fn check_browser(caller: &Caller, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    let origin = origin::of(uri, headers);
    let opens_stream = headers.contains_key("sec-websocket-key");
    match &caller.principal {
        Principal::Token { .. } | Principal::Federated(_) if opens_stream && origin == Origin::Foreign => {
            Err(foreign_origin())
        }
        Principal::Token { .. } | Principal::Federated(_) => Ok(()),
        Principal::User(_) if opens_stream && origin != Origin::Same => Err(foreign_origin()),
        Principal::User(_) if method.is_safe() => Ok(()),
        Principal::User(_) if origin == Origin::Foreign => Err(foreign_origin()),
        Principal::User(user) => check_csrf(user, headers),
    }
}

/// A stranger's page must not sign somebody in under a name of its choice either.
fn check_stranger(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    if !method.is_safe() && origin::of(uri, headers) == Origin::Foreign {
        return Err(foreign_origin());
    }
    Ok(())
}

fn check_csrf(user: &SignedIn, headers: &HeaderMap) -> Result<(), ApiError> {
    let sent = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if secret::matches(sent, &user.csrf_hash) {
        return Ok(());
    }
    let detail = "Send the `csrfToken` of `GET /api/session` as `X-CSRF-Token`.";
    Err(ApiError::new(ProblemCode::CsrfFailed, detail))
}

fn foreign_origin() -> ApiError {
    let detail = "Another site sent this request. Open the application at its own address and try again.";
    ApiError::new(ProblemCode::CsrfFailed, detail)
}
