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
    let (uri, headers) = (request.uri().clone(), request.headers());
    let secure = request.extensions().get::<RemoteAddr>().is_some_and(|remote| remote.is_secure());
    let presented = credential::authenticate(&app, headers, secure).await;
    let known = presented.as_ref().ok().and_then(Clone::clone);
    let judged = admit(policy, presented).and_then(|caller| {
        if let Some(caller) = &caller {
            app.request_limits().of_credential(caller.credential, app.clock().monotonic())?;
        }
        check(policy, caller, &request)
    });
    let caller = match judged {
        Ok(caller) => caller,
        Err(error) => {
            if let Some(caller) = &known {
                let what = (request.method(), &uri, request.extensions());
                audit::note_refusal(&app, caller, what, &error).await;
            }
            return Err(error);
        }
    };
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

/// Whether the request comes from where the credential may come from.
fn check(policy: Policy, caller: Option<Caller>, request: &Request) -> Result<Option<Caller>, ApiError> {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    match (policy, &caller) {
        (Policy::SignedIn | Policy::Scope(_), Some(caller)) => check_browser(caller, method, uri, headers)?,
        (Policy::Public(_), _) | (_, None) => check_stranger(method, uri, headers)?,
    }
    Ok(caller)
}

fn admit(policy: Policy, caller: Result<Option<Caller>, ApiError>) -> Result<Option<Caller>, ApiError> {
    match policy {
        // A public route answers also with a credential that does not hold, and while the store is away.
        Policy::Public(_) => Ok(caller.unwrap_or_default()),
        Policy::SignedIn => {
            let caller = caller?.ok_or_else(ApiError::unauthenticated)?;
            match &caller.principal {
                Principal::User(_) => Ok(Some(caller)),
                Principal::Token { .. } | Principal::Federated(_) => {
                    Err(forbidden("This needs a browser session; a token has none."))
                }
            }
        }
        Policy::Scope(scope) => {
            let caller = caller?.ok_or_else(ApiError::unauthenticated)?;
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
