//! One's own second factor, and taking away somebody else's.

use axum::{Json, extract::State, http::StatusCode};
use muster_api::{
    ProblemCode,
    access::{RecoveryCodes, SecondFactorEnd, SecondFactorOffer, SecondFactorProof, SecondFactorRequest, Secret},
};
use muster_store::SecondFactor;
use secrecy::ExposeSecret;

use super::account::{charge_and_verify, check_current};
use crate::{
    app::App,
    auth::{
        audit::{Action, Audit},
        caller::{Caller, SignedIn},
        second_factor::{self, offer, recovery, totp},
    },
    extract::{Id, JsonBody},
    problem::ApiError,
    remote::RemoteAddr,
};

/// Begins setting up a second factor. Signing in does not ask for it before it is confirmed.
#[utoipa::path(
    post,
    path = "/api/account/second-factor",
    tag = "session",
    request_body = SecondFactorRequest,
    responses((status = 200, body = SecondFactorOffer, description = "To be put into an authenticator; the only answer that shows the secret.")),
)]
pub(crate) async fn offer_second_factor(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    origin: (Audit, RemoteAddr),
    JsonBody(request): JsonBody<SecondFactorRequest>,
) -> Result<Json<SecondFactorOffer>, ApiError> {
    let (audit, remote) = origin;
    let name = "account.second_factor.offer";
    if find(&app, &caller, &user).await?.is_some_and(|factor| factor.confirmed_at.is_some()) {
        return Err(has_one_already());
    }
    check_current(&app, &caller, &user, remote, request.current_password.0.into()).await?;
    let secret = totp::Secret::generate(app.entropy());
    let sealed =
        app.vault().seal(&second_factor::context(&caller.tenant, user.user_id), secret.as_text(), app.entropy());
    let recorded = audit.recorded(&app, &caller.tenant, Action::done(name, &user.name));
    let kept = recorded.second_factor_propose(&caller.tenant, user.user_id, &sealed, app.now()).await?;
    if !kept {
        return Err(has_one_already());
    }
    let offer = offer::of(&secret, &user.name);
    offer.map(Json).ok_or_else(|| ApiError::new(ProblemCode::Internal, "The code could not be drawn."))
}

/// Confirms a second factor with its first code. From now on signing in asks for one.
#[utoipa::path(
    put,
    path = "/api/account/second-factor",
    tag = "session",
    request_body = SecondFactorProof,
    responses((status = 200, body = RecoveryCodes, description = "Confirmed; the only answer that shows the recovery codes.")),
)]
pub(crate) async fn confirm_second_factor(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    origin: (Audit, RemoteAddr),
    JsonBody(proof): JsonBody<SecondFactorProof>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let (audit, remote) = origin;
    let (tenant, id) = (&caller.tenant, user.user_id);
    let factor = find(&app, &caller, &user).await?.filter(|factor| factor.confirmed_at.is_none());
    let factor = factor.ok_or_else(|| ApiError::not_found("second factor that waits to be confirmed"))?;
    app.admit_login(&user.name, remote)?;
    let code = recovery::normal(&proof.code.0);
    let step = second_factor::matching_step(&app, tenant, id, &factor.sealed_secret, &code)?;
    let step = step.ok_or_else(|| wrong_code("/code"))?;
    app.throttle().succeeded(&user.name, remote.0.ip());
    let codes = recovery::generate(app.entropy());
    let used = (step, app.now());
    let recorded = audit.recorded(&app, tenant, Action::done("account.second_factor.enable", &user.name));
    let confirmed = recorded.second_factor_confirm(tenant, id, used, recovery::hashes(&codes)).await?;
    if !confirmed {
        return Err(ApiError::not_found("second factor that waits to be confirmed"));
    }
    let codes = codes.iter().map(|code| Secret(code.expose_secret().to_owned())).collect();
    Ok(Json(RecoveryCodes { codes }))
}

/// Ends asking for a second factor.
#[utoipa::path(
    post,
    path = "/api/account/second-factor/disable",
    tag = "session",
    request_body = SecondFactorEnd,
    responses((status = 204, description = "Disabled.")),
)]
pub(crate) async fn disable_second_factor(
    State(app): State<App>,
    caller: Caller,
    user: SignedIn,
    origin: (Audit, RemoteAddr),
    JsonBody(request): JsonBody<SecondFactorEnd>,
) -> Result<StatusCode, ApiError> {
    let (audit, remote) = origin;
    let (tenant, id) = (&caller.tenant, user.user_id);
    let name = "account.second_factor.disable";
    let factor = find(&app, &caller, &user).await?.filter(|factor| factor.confirmed_at.is_some());
    let factor = factor.ok_or_else(|| ApiError::not_found("second factor"))?;
    let password = request.current_password.0.into();
    let checked = check_both(&app, (&caller, &user, remote), password, (&factor, &request.code.0)).await;
    if let Err(error) = checked {
        audit.write(&app, tenant, Action::refused(name, &user.name, error.code())).await?;
        return Err(error);
    }
    audit.recorded(&app, tenant, Action::done(name, &user.name)).second_factor_remove(tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes away a user's second factor, for somebody who has lost authenticator and recovery codes.
#[utoipa::path(
    delete,
    path = "/api/users/{id}/second-factor",
    tag = "access",
    params(("id" = Uuid, Path, description = "The user.")),
    responses((status = 204, description = "Taken away; the password alone signs the user in.")),
)]
pub(crate) async fn reset_second_factor(
    State(app): State<App>,
    caller: Caller,
    audit: Audit,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let user = app.store().user_get(&caller.tenant, id).await?.ok_or_else(|| ApiError::not_found("user"))?;
    if caller.is_session_of(id) {
        let detail = "End your own second factor in your account, which asks for password and code.";
        return Err(ApiError::new(ProblemCode::Forbidden, detail));
    }
    caller.check_covers(user.role)?;
    let recorded = audit.recorded(&app, &caller.tenant, Action::done("user.second_factor.reset", &user.name));
    if !recorded.second_factor_remove(&caller.tenant, id).await? {
        return Err(ApiError::not_found("second factor of this user"));
    }
    Ok(StatusCode::NO_CONTENT)
}

fn has_one_already() -> ApiError {
    let detail = "The account has a second factor; disable it before you set up another.";
    ApiError::new(ProblemCode::InvalidValue, detail)
}

async fn find(app: &App, caller: &Caller, user: &SignedIn) -> Result<Option<SecondFactor>, ApiError> {
    Ok(app.store().second_factor_get(&caller.tenant, user.user_id).await?)
}

/// Both are charged as one attempt, and only both together are forgiven.
async fn check_both(
    app: &App,
    whose: (&Caller, &SignedIn, RemoteAddr),
    password: secrecy::SecretString,
    (factor, code): (&SecondFactor, &str),
) -> Result<(), ApiError> {
    let (caller, user, remote) = whose;
    charge_and_verify(app, caller, user, remote, password).await?;
    if !second_factor::accept(app, &caller.tenant, user.user_id, &factor.sealed_secret, code).await? {
        return Err(wrong_code("/code"));
    }
    app.throttle().succeeded(&user.name, remote.0.ip());
    Ok(())
}

fn wrong_code(field: &str) -> ApiError {
    let message = "this is not what the authenticator shows now, or the code was used; wait for the next one";
    ApiError::field(ProblemCode::InvalidValue, field, message)
}
