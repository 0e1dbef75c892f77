//! What a provider says of itself (OpenID Connect Discovery).

use serde::Deserialize;
use url::Url;

use crate::settings::endpoint;

/// The parts of a provider's self-description that are used, checked.
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) keys: Url,
    pub(crate) end_session: Option<Url>,
    /// Whether it takes a client's credentials in the header `Authorization`.
    pub(crate) takes_basic: bool,
    /// Whether it names itself when it sends the browser back (RFC 9207).
    pub(crate) names_itself: bool,
}

#[derive(Deserialize)]
struct Written {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Where an issuer describes itself.
pub(crate) fn address(issuer: &str) -> Option<Url> {
    endpoint(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))
}

/// Reads a self-description, or says what is wrong with it.
pub(crate) fn read(body: &[u8], issuer: &str) -> Result<Metadata, String> {
    let written: Written =
        serde_json::from_slice(body).map_err(|_| "this is no description of an identity provider".to_owned())?;
    if written.issuer != issuer {
        // Only what is safe to show: it comes from outside.
        let theirs: String = written.issuer.chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(format!("the provider calls itself `{theirs}` and not `{issuer}`"));
    }
    if written.code_challenge_methods_supported.is_some_and(|methods| !methods.iter().any(|it| it == "S256")) {
        return Err("the provider does not support PKCE with S256".to_owned());
    }
    let url = |name: &str, text: &str| endpoint(text).ok_or_else(|| format!("its {name} is no https:// address"));
    let basic = "client_secret_basic";
    Ok(Metadata {
        authorization: url("authorization_endpoint", &written.authorization_endpoint)?,
        token: url("token_endpoint", &written.token_endpoint)?,
        keys: url("jwks_uri", &written.jwks_uri)?,
        end_session: written.end_session_endpoint.map(|it| url("end_session_endpoint", &it)).transpose()?,
        takes_basic: written
            .token_endpoint_auth_methods_supported
            .is_none_or(|methods| methods.iter().any(|method| method == basic)),
        names_itself: written.authorization_response_iss_parameter_supported,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(change: &Value, expected: Option<&str>) {
        let mut document = json!({
            "issuer": "https://id", "authorization_endpoint": "https://id/a", "token_endpoint": "https://id/t",
            "jwks_uri": "https://id/k",
        });
        for (name, value) in change.as_object().unwrap() {
            document[name] = value.clone();
        }
        let error = read(document.to_string().as_bytes(), "https://id").err();
        match (&error, expected) {
            (None, None) => {}
            (Some(error), Some(part)) => assert!(error.contains(part), "{error}"),
            (Some(_), None) | (None, Some(_)) => panic!("{change}: {error:?}"),
        }
    }

    #[test]
    fn a_description_that_does_not_fit_is_refused() {
        check(&json!({}), None);
        check(&json!({"issuer": "https://evil"}), Some("calls itself `https://evil`"));
        check(&json!({"token_endpoint": "http://id/t"}), Some("token_endpoint"));
        check(&json!({"jwks_uri": "file:///etc/passwd"}), Some("jwks_uri"));
        check(&json!({"code_challenge_methods_supported": ["plain"]}), Some("PKCE"));
        check(&json!({"code_challenge_methods_supported": ["plain", "S256"]}), None);
        check(&json!({"token_endpoint": null}), Some("no description"));
    }
}
