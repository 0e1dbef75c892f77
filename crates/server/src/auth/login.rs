//! Signing in with name, password and, where the user has one, a second factor; creating the first user with the set-up
//! token.

use axum::http::HeaderMap;
use axum::response::Response;
use muster_api::{
    ProblemCode,
    access::{LoginRequest, Secret, SetupRequest},
};
use muster_model::Role;
use muster_store::{FirstUserError, NewUser, UserInsertError};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    audit::{Action, Audit},
    password, second_factor,
    session::{self, Entrant, Proof},
    setup::Taken,
};
use crate::{app::App, problem::ApiError, remote::RemoteAddr};

/// The longest name of a user or token, in characters.
const NAME_CHARACTERS: usize = 64;

/// A request to be let in, and where it comes from.
pub(crate) struct Door<'a> {
    pub(crate) app: &'a App,
    pub(crate) audit: Audit,
    pub(crate) remote: RemoteAddr,
    pub(crate) headers: &'a HeaderMap,
}

impl Door<'_> {
    /// Signs in. Unknown names and wrong passwords get the same answer after the same work.
    pub(crate) async fn log_in(self, request: LoginRequest) -> Result<Response, ApiError> {
        let (app, tenant) = (self.app, &self.app.settings().tenant);
        let name = request.username.trim().to_owned();
        if let Err(error) = app.admit_login(&name, self.remote) {
            let action = Action::refused("session.login", &name, error.code());
            self.audit.write(app, tenant, action).await?;
            return Err(error);
        }
        let opened = match self.check(&name, request.password, request.code).await {
            Ok(entrant) => {
                app.throttle().succeeded(&name, self.remote.0.ip());
                let audit = self.audit.clone().acting_as(format!("user:{}", entrant.name));
                let recorded = audit.recorded(app, tenant, Action::done("session.login", &name));
                session::open(app, &recorded, entrant, self.remote, self.headers).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &opened {
            let action = Action::refused("session.login", &name, error.code());
            self.audit.write(app, tenant, action).await?;
        }
        opened
    }

    async fn check(&self, name: &str, password: Secret, code: Option<Secret>) -> Result<Entrant, ApiError> {
        let (app, tenant) = (self.app, &self.app.settings().tenant);
        let user = app.store().user_by_name(tenant, name).await?;
        let stored = user.as_ref().and_then(|user| user.password_hash.clone());
        let right = app.passwords().verify(SecretString::from(password.0), stored.clone()).await?;
        let verified = user.zip(stored).filter(|_| right);
        let (user, hash) = verified.ok_or_else(ApiError::login_failed)?;
        // Only whoever knows the password learns more than that it was not let in.
        if user.disabled_at.is_some() {
            return Err(ApiError::account_disabled());
        }
        self.check_second_factor(user.id, code).await?;
        let tenant = tenant.clone();
        Ok(Entrant { tenant, user_id: user.id, name: user.name, role: user.role, proof: Proof::Password(hash) })
    }

    async fn check_second_factor(&self, user: Uuid, code: Option<Secret>) -> Result<(), ApiError> {
        let (app, tenant) = (self.app, &self.app.settings().tenant);
        let factor = app.store().second_factor_get(tenant, user).await?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else { return Ok(()) };
        let Some(code) = code else {
            let detail = "Send what your authenticator shows now, or a recovery code, as `code`.";
            return Err(ApiError::new(ProblemCode::SecondFactorRequired, detail));
        };
        if second_factor::accept(app, tenant, user, &factor.sealed_secret, &code.0).await? {
            return Ok(());
        }
        let detail = "Each code works once; wait for the next one, or use a recovery code.";
        Err(ApiError::new(ProblemCode::SecondFactorFailed, detail))
    }

    /// Creates the first user, an administrator, and signs in.
    pub(crate) async fn set_up(self, request: SetupRequest) -> Result<Response, ApiError> {
        let (app, tenant) = (self.app, &self.app.settings().tenant);
        let name = check_name("/username", &request.username)?;
        password::check_new("/password", &request.password.0)?;
        app.admit_setup(self.remote)?;
        let Some(taken) = app.setup().take(&request.token.0, app.now()) else {
            let action = Action::refused("setup", &name, ProblemCode::SetupTokenInvalid);
            self.audit.write(app, tenant, action).await?;
            return Err(self.refuse_token().await);
        };
        let entrant = self.create_first(&name, request.password, taken).await?;
        session::open(app, app.store(), entrant, self.remote, self.headers).await
    }

    async fn refuse_token(&self) -> ApiError {
        let users = self.app.store().user_count(&self.app.settings().tenant).await;
        match users {
            Ok(0) | Err(_) => ApiError::new(
                ProblemCode::SetupTokenInvalid,
                "The link works once and for thirty minutes; restart the server for a new one.",
            ),
            Ok(_) => ApiError::new(ProblemCode::SetupDone, "Sign in instead."),
        }
    }

    async fn create_first(&self, name: &str, password: Secret, taken: Taken) -> Result<Entrant, ApiError> {
        let created = self.insert_first(name, password).await;
        if let Err(error) = &created
            && error.code() != ProblemCode::SetupDone
        {
            self.app.setup().put_back(taken);
        }
        created
    }

    async fn insert_first(&self, name: &str, password: Secret) -> Result<Entrant, ApiError> {
        let (app, tenant) = (self.app, &self.app.settings().tenant);
        let password_hash = app.passwords().hash(password.0.into()).await?;
        let (id, role) = (app.new_id(), Role::Admin);
        let proof = Proof::Password(password_hash.clone());
        let user = NewUser { id, name: name.to_owned(), password_hash, role, created_at: app.now() };
        let audit = self.audit.clone().acting_as(format!("user:{name}"));
        let recorded = audit.recorded(app, tenant, Action::done("setup", name));
        recorded.first_user_insert(tenant, &user).await.map_err(first_user_error)?;
        Ok(Entrant { tenant: tenant.clone(), user_id: id, name: name.to_owned(), role, proof })
    }
}

/// Why a user was not created, for the caller.
pub(crate) fn insert_error(error: UserInsertError) -> ApiError {
    match error {
        UserInsertError::NameTaken { .. } => {
            ApiError::field(ProblemCode::NameTaken, "/name", "another user has this name; names compare without case")
        }
        UserInsertError::Store(error) => error.into(),
    }
}

fn first_user_error(error: FirstUserError) -> ApiError {
    match error {
        FirstUserError::NotFirst => ApiError::new(ProblemCode::SetupDone, "Sign in instead."),
        FirstUserError::Store(error) => error.into(),
    }
}

/// A name for a user or token, trimmed.
pub(crate) fn check_name(field: &str, name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(ApiError::field(ProblemCode::InvalidValue, field, "use 1 to 64 characters, none of them control"));
    }
    Ok(name.to_owned())
}
