//! The API document (OpenAPI 3.1): everything in it that is not about a single route.
//!
//! The document is generated from the route table and the contract's types, checked in as `openapi/muster.json`, and
//! compared with the running code by a test.

use muster_api::Problem;
use muster_api::live::{ClientFrame, ServerFrame};
use utoipa::{
    OpenApi as _,
    openapi::{
        ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        extensions::ExtensionsBuilder,
        path::Operation,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::{problem::PROBLEM_JSON, router::Policy, routes};

const SESSION: &str = "session";
const BEARER: &str = "token";
const API_KEY: &str = "apiKey";

/// The whole API document.
pub fn openapi() -> OpenApi {
    routes::table().document()
}

/// The document as it stands in `openapi/muster.json`: pretty-printed JSON in a stable order, ending in a newline.
///
/// # Panics
/// Never: the document consists of maps with text keys, which JSON can hold.
pub fn openapi_json() -> String {
    let mut text = openapi().to_pretty_json().expect("the document has only text keys");
    text.push('\n');
    text
}

/// The document without routes. The live frames belong to no HTTP body, so they are named here.
pub(crate) fn frame() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(
            title = "Muster",
            version = env!("CARGO_PKG_VERSION"),
            description = "One canonical, live picture of an IT estate. Errors are `application/problem+json` (RFC 9457).",
            license(name = "Apache-2.0", identifier = "Apache-2.0"),
        ),
        tags(
            (name = "inventory", description = "Resources, their timeline and the live picture."),
            (name = "metrics", description = "Metrics over time."),
            (name = "identity", description = "Who is who: what is open, what people decide, what stands of it."),
            (name = "connections", description = "Connections to platforms, and how polling goes."),
            (name = "system", description = "The server's own health."),
            (name = "session", description = "Signing in and out, and one's own account."),
            (name = "views", description = "Views that people save."),
            (name = "access", description = "Users, tokens and the audit log."),
        ),
        components(schemas(Problem, ServerFrame, ClientFrame)),
    )]
    struct Frame;

    let mut document = Frame::openapi();
    let components = document.components.get_or_insert_default();
    for (name, scheme) in security_schemes() {
        components.add_security_scheme(name, scheme);
    }
    document
}

/// Writes a route's policy into its operation: who may call it, and which problems that can make.
pub(crate) fn describe_policy(operation: &mut Operation, policy: Policy) {
    let session = || SecurityRequirement::new::<_, [&str; 0], &str>(SESSION, []);
    let token = || SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, []);
    let key = || SecurityRequirement::new::<_, [&str; 0], &str>(API_KEY, []);
    operation.security = Some(match policy {
        Policy::Public(_) => vec![],
        Policy::SignedIn => vec![session()],
        Policy::Scope(_) => vec![session(), token(), key()],
    });
    // One extension only: the map behind them has no stable order.
    let extensions = ExtensionsBuilder::new().add("x-muster-scope", policy.as_str());
    operation.extensions.get_or_insert_default().merge(extensions.build());
    if let Policy::Public(reason) = policy {
        operation.description = Some(format!("Public: {reason}."));
    }
    describe_problems(operation, policy);
}

fn describe_problems(operation: &mut Operation, policy: Policy) {
    let refusals: &[(&str, &str)] = match policy {
        Policy::Public(_) => &[],
        Policy::SignedIn | Policy::Scope(_) => {
            &[("401", "No valid credential."), ("403", "The credential does not allow it.")]
        }
    };
    let always = [("default", "Any other problem.")];
    for (status, description) in refusals.iter().chain(&always) {
        operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| problem(description));
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build().into()
}

fn security_schemes() -> [(&'static str, SecurityScheme); 3] {
    let cookie = ApiKeyValue::with_description(
        "muster_session",
        "A browser session (`__Host-muster` where the server speaks TLS). Writes also need `X-CSRF-Token`.",
    );
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("mst_…").build();
    let key =
        ApiKeyValue::with_description("X-API-Key", "The same API token, for clients that cannot set `Authorization`.");
    [
        (SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
        (BEARER, SecurityScheme::Http(bearer)),
        (API_KEY, SecurityScheme::ApiKey(ApiKey::Header(key))),
    ]
}
