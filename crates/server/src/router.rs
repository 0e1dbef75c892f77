//! The route table: no route without a policy.
//!
//! [`Api::route`] is the only way to add a route, and it takes the [`Policy`] together with the handler. The policy goes
//! into the API document (`security`, `x-muster-scope`) and into the middleware that enforces it before any extractor
//! of the handler runs. What the document says and what the server does cannot differ.
//!
//! A route without a policy does not compile:
//!
//! ```compile_fail
//! use muster_server::router::Api;
//! # #[utoipa::path(get, path = "/api/everything", responses((status = 200)))]
//! # async fn everything() {}
//! let api = Api::default().route(utoipa_axum::routes!(everything));
//! ```
//!
//! With one, it does:
//!
//! ```
//! use muster_model::Scope;
//! use muster_server::router::{Api, Policy};
//! # #[utoipa::path(get, path = "/api/everything", responses((status = 200)))]
//! # async fn everything() {}
//! let api = Api::default().route(Policy::Scope(Scope::InventoryRead), utoipa_axum::routes!(everything));
//! ```

use axum::{Router, middleware};
use muster_model::Scope;
use utoipa::openapi::{OpenApi, Paths, path::Operation};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::{app::App, auth::guard, openapi};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Everybody, for the reason given.
    Public(&'static str),
    /// Whoever is signed in through a browser session.
    SignedIn,
    /// Whoever holds the scope.
    Scope(Scope),
}

impl Policy {
    /// The policy in the API document: a scope's name, `session` or `public`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public(_) => "public",
            Self::SignedIn => "session",
            Self::Scope(scope) => scope.as_str(),
        }
    }
}

/// The route table.
#[derive(Default)]
pub struct Api {
    routes: Vec<(Policy, UtoipaMethodRouter<App>)>,
}

impl Api {
    /// Adds the route of one handler, made by `utoipa_axum::routes!`.
    #[must_use]
    pub fn route(mut self, policy: Policy, (schemas, mut paths, handler): UtoipaMethodRouter<App>) -> Self {
        for operation in operations(&mut paths) {
            openapi::describe_policy(operation, policy);
        }
        self.routes.push((policy, (schemas, paths, handler)));
        self
    }

    /// The API document.
    pub fn document(self) -> OpenApi {
        let routes = self.routes.into_iter().map(|(_, routes)| routes);
        routes.fold(OpenApiRouter::with_openapi(openapi::frame()), OpenApiRouter::routes).into_openapi()
    }

    /// The routes, each behind its policy.
    pub(crate) fn into_router(self, app: &App) -> Router<App> {
        let guarded = self.routes.into_iter().map(|(policy, (schemas, paths, handler))| {
            let guard = middleware::from_fn_with_state((app.clone(), policy), guard::enforce);
            (schemas, paths, handler.route_layer(guard))
        });
        guarded.fold(OpenApiRouter::new(), OpenApiRouter::routes).split_for_parts().0
    }
}

fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
    })
}
