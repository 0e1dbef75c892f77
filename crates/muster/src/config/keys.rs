//! Every key there is: one table that the reader, the environment, the error messages and the documentation share.

/// The shape of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A text.
    Text,
    /// A whole number; kept as it was written, since each key has its own range.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts; in the environment separated by commas.
    List,
    /// A text that must not show; its environment variable also exists with `_FILE` behind it.
    Secret,
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// What holds when nobody gives a value, as it would stand in the environment.
    pub(crate) default: &'static str,
    /// A good value, for error messages.
    pub(crate) example: &'static str,
}

const fn key(
    section: &'static str,
    name: &'static str,
    shape: Shape,
    default: &'static str,
    example: &'static str,
) -> Key {
    Key { section, name, shape, default, example }
}

/// The keys, by section.
pub(crate) const KEYS: &[Key] = &[
    key("server", "listen", Shape::Text, "127.0.0.1:8420", "127.0.0.1:8420"),
    key("server", "data_dir", Shape::Text, "muster-data", "/var/lib/muster"),
    key("server", "allowed_hosts", Shape::List, "", "muster.example.org"),
    key("server", "tls.certificate", Shape::Text, "", "/etc/muster/tls.crt"),
    key("server", "tls.key", Shape::Text, "", "/etc/muster/tls.key"),
    key("server", "tls.self_signed", Shape::Flag, "false", "true"),
    key("server", "tls.hsts", Shape::Text, "auto", "always"),
    key("server", "plain_http", Shape::Flag, "false", "true"),
    key("server", "http_redirect", Shape::Text, "", "0.0.0.0:80"),
    key("server", "trusted_proxies", Shape::List, "", "10.0.0.5"),
    key("server", "forwarded_header", Shape::Text, "x-forwarded-for", "forwarded"),
    key("limits", "connections", Shape::Number, "1024", "1024"),
    key("limits", "connections_per_address", Shape::Number, "128", "128"),
    key("limits", "requests_per_address", Shape::Number, "100", "100"),
    key("limits", "requests_per_credential", Shape::Number, "200", "200"),
    key("limits", "header_timeout", Shape::Text, "10s", "10s"),
    key("limits", "request_timeout", Shape::Text, "30s", "30s"),
    key("limits", "idle_timeout", Shape::Text, "2m", "2m"),
    key("limits", "stall_timeout", Shape::Text, "1m", "1m"),
    key("limits", "body_bytes", Shape::Number, "65536", "65536"),
    key("database", "url", Shape::Secret, "", "postgres://muster@localhost/muster"),
    key("history", "memory_window", Shape::Text, "24h", "24h"),
    key("history", "retention_raw", Shape::Text, "7d", "14d"),
    key("history", "retention_minute", Shape::Text, "90d", "90d"),
    key("history", "retention_ten_minutes", Shape::Text, "730d", "730d"),
    key("history", "retention_hour", Shape::Text, "3650d", "3650d"),
    key("history", "remote_write_url", Shape::Text, "", "http://127.0.0.1:8428/api/v1/write"),
    key("history", "remote_read_url", Shape::Text, "", "http://127.0.0.1:8428"),
    key("history", "remote_user", Shape::Text, "", "muster"),
    key("history", "remote_password", Shape::Secret, "", "a password"),
    key("history", "remote_token", Shape::Secret, "", "a bearer token"),
    key("agent", "local", Shape::Flag, "true", "true"),
    key("agent", "interval", Shape::Text, "10s", "10s"),
    key("agent", "include_mounts", Shape::List, "", "/mnt/archive"),
    key("agent", "exclude_mounts", Shape::List, "", "/mnt/scratch"),
    key("agent", "network_filesystems", Shape::Flag, "false", "true"),
    key("secrets", "directories", Shape::List, "", "/run/secrets"),
    key("secrets", "variables", Shape::List, "", "MUSTER_SECRET_"),
    key("audit", "retention", Shape::Text, "365d", "365d"),
    key("sessions", "idle", Shape::Text, "12h", "12h"),
    key("sessions", "absolute", Shape::Text, "7d", "7d"),
    key("oidc", "issuer", Shape::Text, "", "https://id.example.org/realms/staff"),
    key("oidc", "client_id", Shape::Text, "", "muster"),
    key("oidc", "client_secret", Shape::Secret, "", "a secret"),
    key("oidc", "address", Shape::Text, "", "https://muster.example.org"),
    key("oidc", "scopes", Shape::List, "openid,profile,email", "openid"),
    key("oidc", "group_claim", Shape::Text, "groups", "groups"),
    key("oidc", "viewer_groups", Shape::List, "", "staff"),
    key("oidc", "operator_groups", Shape::List, "", "operations"),
    key("oidc", "admin_groups", Shape::List, "", "administrators"),
    key("oidc", "audience", Shape::Text, "", "muster"),
    key("oidc", "label", Shape::Text, "Single sign-on", "Company account"),
    key("log", "level", Shape::Text, "info", "info"),
    key("log", "format", Shape::Text, "text", "json"),
];

impl Key {
    /// The key as people write it.
    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }
}

/// Finds a key.
pub(crate) fn find(section: &str, name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.section == section && key.name == name)
}

/// What to say of a name that does not exist.
pub(crate) fn advice<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: std::collections::BTreeSet<&str> = known.collect();
    let nearest = known.iter().map(|name| (strsim::osa_distance(wrong, name), name)).min();
    match nearest {
        Some((distance, name)) if distance <= 1 + wrong.len() / 3 => format!("did you mean `{name}`?"),
        _ => format!("known are {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}
