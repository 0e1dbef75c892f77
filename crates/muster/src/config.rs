//! Process settings: one TOML file, environment variables, command-line flags (D-16, D-24).
//!
//! Flags win over the environment, the environment over the file, the file over the defaults. Everything is checked
//! before anything starts; a wrong or unknown key is refused with its place and what would be right.

mod error;
mod exposure;
mod in_force;
mod keys;
mod layers;
mod oidc;
mod secrets;

use std::path::PathBuf;

use jiff::SignedDuration;
use muster_history::{InvalidRetention, Retention, Tier};
use muster_outbound::Roots;
use muster_remote::Credentials;
use muster_runtime::telemetry::{self, LogFormat};
use muster_store::DatabaseUrl;

pub(crate) use error::ConfigError;
pub(crate) use exposure::{RedirectConfig, ServerConfig, TlsConfig};
pub(crate) use in_force::is_reloadable;
#[cfg(test)]
use keys::KEYS;
pub(crate) use keys::Key;
pub(crate) use layers::{Layers, parse_span};
pub(crate) use oidc::OidcConfig;

/// Everything that a server process is told.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) server: ServerConfig,
    pub(crate) data_dir: PathBuf,
    pub(crate) database: DatabaseUrl,
    pub(crate) history: HistoryConfig,
    pub(crate) agent: AgentConfig,
    pub(crate) sessions: SessionConfig,
    /// How long the audit log is kept.
    pub(crate) audit_retention: SignedDuration,
    /// Who vouches for people besides this server.
    pub(crate) oidc: Option<OidcConfig>,
    /// Where secrets may be read that somebody only names.
    pub(crate) secret_roots: Roots,
    pub(crate) log: LogConfig,
    /// Where each value came from.
    pub(crate) layers: Layers,
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
}

/// How much history is kept at hand.
#[derive(Debug)]
pub(crate) struct HistoryConfig {
    pub(crate) memory_window: SignedDuration,
    pub(crate) retention: Retention,
    /// A store elsewhere that samples are shipped to, and older spans are asked of.
    pub(crate) remote: Option<muster_remote::Settings>,
}

/// The agent inside the server.
#[derive(Debug)]
pub(crate) struct AgentConfig {
    pub(crate) local: bool,
    pub(crate) interval: SignedDuration,
    pub(crate) include_mounts: Vec<String>,
    pub(crate) exclude_mounts: Vec<String>,
    pub(crate) network_filesystems: bool,
}

/// How long a signed-in user stays so.
#[derive(Debug)]
pub(crate) struct SessionConfig {
    pub(crate) idle: SignedDuration,
    pub(crate) absolute: SignedDuration,
}

/// Logs.
#[derive(Debug)]
pub(crate) struct LogConfig {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

/// What the command line says; it wins over everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags {
    pub(crate) config: Option<PathBuf>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) listen: Option<String>,
    pub(crate) database_url: Option<String>,
    pub(crate) local_agent: Option<bool>,
}

impl Config {
    /// Reads and checks everything.
    pub(crate) fn load(
        flags: &Flags,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Layers::default();
        let environment: Vec<_> = environment.collect();
        let file = flags.config.clone().or_else(|| layers::config_file_of(&environment));
        if let Some(path) = &file {
            layers.add_file(path)?;
        }
        layers.add_environment(&environment)?;
        layers.add_flags(flags);
        Self::from_layers(layers, file)
    }

    fn from_layers(layers: Layers, file: Option<PathBuf>) -> Result<Self, ConfigError> {
        let given = layers;
        let layers = &given;
        let data_dir = layers.path("server", "data_dir")?;
        let server = exposure::read(layers)?;
        let database = match layers.given("database", "url") {
            Some(_) => layers.parsed("database", "url", |text| {
                text.parse().map_err(|e: muster_store::InvalidDatabaseUrl| e.to_string())
            })?,
            None => DatabaseUrl::Sqlite(data_dir.join("state.db")),
        };
        let idle = layers.span("sessions", "idle", "1m".."90d")?;
        let absolute = layers.span("sessions", "absolute", "1m".."400d")?;
        if idle > absolute {
            return Err(layers.refuse("sessions", "idle", "must not be longer than sessions.absolute"));
        }
        let retention = retention(layers)?;
        Ok(Self {
            data_dir,
            database,
            history: HistoryConfig {
                memory_window: layers.span("history", "memory_window", "10m".."48h")?,
                retention,
                remote: remote(layers)?,
            },
            agent: AgentConfig {
                local: layers.flag("agent", "local")?,
                interval: layers.span("agent", "interval", "10s".."1h")?,
                include_mounts: layers.list("agent", "include_mounts")?,
                exclude_mounts: layers.list("agent", "exclude_mounts")?,
                network_filesystems: layers.flag("agent", "network_filesystems")?,
            },
            sessions: SessionConfig { idle, absolute },
            audit_retention: layers.span("audit", "retention", "1d".."3650d")?,
            oidc: oidc::read(layers, server.listen, &server.allowed_hosts)?,
            secret_roots: secrets::read(layers)?,
            log: LogConfig {
                level: layers.parsed("log", "level", parse_log_level)?,
                format: layers.parsed("log", "format", parse_log_format)?,
            },
            server,
            layers: given,
            file,
        })
    }
}

/// How long each resolution is kept. What is possible is history's to say.
fn retention(layers: &Layers) -> Result<Retention, ConfigError> {
    let refuse = |error: InvalidRetention| layers.refuse("history", retention_key(error.tier), &error.to_string());
    let kept = |tier| {
        let text = layers.text("history", retention_key(tier))?;
        parse_span(&text).ok_or_else(|| refuse(InvalidRetention::outside(tier)))
    };
    let retention = Retention {
        raw: kept(Tier::Raw)?,
        minute: kept(Tier::Minute)?,
        ten_minutes: kept(Tier::TenMinutes)?,
        hour: kept(Tier::Hour)?,
    };
    retention.check().map_err(refuse)?;
    Ok(retention)
}

fn retention_key(tier: Tier) -> &'static str {
    match tier {
        Tier::Raw => "retention_raw",
        Tier::Minute => "retention_minute",
        Tier::TenMinutes => "retention_ten_minutes",
        Tier::Hour => "retention_hour",
    }
}

/// The store elsewhere: both of its addresses or none.
fn remote(layers: &Layers) -> Result<Option<muster_remote::Settings>, ConfigError> {
    let credentials = remote_credentials(layers)?;
    match (remote_address(layers, "remote_write_url")?, remote_address(layers, "remote_read_url")?) {
        (Some(write_address), Some(read_address)) => {
            Ok(Some(muster_remote::Settings { write_address, read_address, credentials }))
        }
        (Some(_), None) => Err(layers.refuse("history", "remote_write_url", "needs history.remote_read_url beside it")),
        (None, Some(_)) => Err(layers.refuse("history", "remote_read_url", "needs history.remote_write_url beside it")),
        (None, None) => {
            let idle = match credentials {
                Credentials::None => return Ok(None),
                Credentials::Basic { .. } => "remote_user",
                Credentials::Bearer(_) => "remote_token",
            };
            Err(layers.refuse("history", idle, "needs history.remote_write_url and history.remote_read_url beside it"))
        }
    }
}

fn remote_address(layers: &Layers, name: &'static str) -> Result<Option<muster_remote::Address>, ConfigError> {
    let parse = |text: &str| match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error: muster_remote::InvalidAddress| error.to_string()),
    };
    layers.parsed("history", name, parse)
}

fn remote_credentials(layers: &Layers) -> Result<Credentials, ConfigError> {
    let given = |name| given(layers, name);
    let refuse = |name, problem| Err(layers.refuse("history", name, problem));
    let credentials = match (given("remote_user")?, given("remote_password")?, given("remote_token")?) {
        (None, None, None) => Credentials::None,
        (Some(user), Some(password), None) => Credentials::Basic { user, password: password.into() },
        (None, None, Some(token)) => Credentials::Bearer(token.into()),
        (_, _, Some(_)) => {
            return refuse("remote_token", "cannot stand beside history.remote_user or history.remote_password");
        }
        (Some(_), None, None) => return refuse("remote_user", "needs history.remote_password beside it"),
        (None, Some(_), None) => return refuse("remote_password", "needs history.remote_user beside it"),
    };
    match credentials.check() {
        Ok(()) => Ok(credentials),
        Err(error) => refuse("remote_token", &error.to_string()),
    }
}

/// A text of the section `history`, where there is one.
fn given(layers: &Layers, name: &'static str) -> Result<Option<String>, ConfigError> {
    Ok(Some(layers.text("history", name)?).filter(|text| !text.is_empty()))
}

fn parse_log_level(text: &str) -> Result<String, String> {
    telemetry::check(text).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

fn parse_log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("expected text or json".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(toml: &str, environment: &[(&str, &str)], flags: Flags) -> Result<Config, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("muster.toml");
        std::fs::write(&path, toml).unwrap();
        let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let flags = Flags { config: Some(path.clone()), ..flags };
        Config::load(&flags, environment)
            .map_err(|error| error.to_string().replace(path.to_str().unwrap(), "muster.toml"))
    }

    fn refused(toml: &str, environment: &[(&str, &str)]) -> String {
        load(toml, environment, Flags::default()).expect_err("the configuration is wrong")
    }

    #[test]
    fn defaults_need_no_file() {
        let config = Config::load(&Flags::default(), std::iter::empty()).unwrap();
        assert_eq!(config.server.listen, "127.0.0.1:8420".parse().unwrap());
        assert!(config.agent.local);
        assert!(matches!(config.database, DatabaseUrl::Sqlite(path) if path.ends_with("state.db")));
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        // D-16
        let toml =
            "[server]\nlisten = \"127.0.0.1:1\"\n[agent]\nlocal = true\ninterval = \"20s\"\n[log]\nlevel = \"warn\"";
        let environment = [("MUSTER_SERVER__LISTEN", "127.0.0.1:2"), ("MUSTER_AGENT__INTERVAL", "30s")];
        let flags = Flags { listen: Some("127.0.0.1:3".into()), local_agent: Some(false), ..Flags::default() };
        let config = load(toml, &environment, flags).unwrap();
        assert_eq!(config.server.listen.port(), 3);
        assert!(!config.agent.local);
        assert_eq!(config.agent.interval, SignedDuration::from_secs(30));
        assert_eq!(config.log.level, "warn");
    }

    #[test]
    fn unknown_keys_are_refused_with_the_nearest_name() {
        // UX-10
        let error = refused("[server]\nlisten = \"127.0.0.1:1\"\nallowed_host = []", &[]);
        assert_eq!(
            error,
            "muster.toml line 3: unknown key `server.allowed_host`; did you mean `server.allowed_hosts`?"
        );
        let error = refused("[sever]\nlisten = \"127.0.0.1:1\"", &[]);
        assert_eq!(error, "muster.toml line 1: unknown section `sever`; did you mean `server`?");
        let error = refused("", &[("MUSTER_AGENT__INTERVALL", "10s")]);
        assert_eq!(
            error,
            "environment variable MUSTER_AGENT__INTERVALL: unknown key `agent.intervall`; did you mean `agent.interval`?"
        );
    }

    #[test]
    fn wrong_values_name_place_and_remedy() {
        let error = refused("[agent]\ninterval = 10", &[]);
        assert_eq!(error, "muster.toml line 2: agent.interval: expected a text, such as \"10s\", found an integer");
        let error = refused("[agent]\n\ninterval = \"1s\"", &[]);
        assert_eq!(error, "muster.toml line 3: agent.interval: expected a span from 10s to 1h, found `1s`");
        let error = refused("", &[("MUSTER_AGENT__LOCAL", "maybe")]);
        assert_eq!(
            error,
            "environment variable MUSTER_AGENT__LOCAL: agent.local: expected true or false, found `maybe`"
        );
        let error = refused("[server]\nlisten = \"0.0.0.0:8420\"", &[]);
        assert!(
            error.starts_with("muster.toml line 2: server.listen: 0.0.0.0 can be reached from other machines"),
            "{error}"
        );
    }

    #[test]
    fn what_others_can_reach_speaks_tls() {
        let open = |more: &str| load(&format!("[server]\nlisten = \"0.0.0.0:8420\"\n{more}"), &[], Flags::default());
        assert!(open("").unwrap_err().contains("server.tls.self_signed = true"));
        let files = open("[server.tls]\ncertificate = \"/a\"\nkey = \"/b\"").unwrap().server.tls;
        assert!(matches!(files, Some(TlsConfig::Files(files)) if files.key == std::path::Path::new("/b")));
        assert_eq!(open("tls.self_signed = true").unwrap().server.tls, Some(TlsConfig::SelfSigned));
        assert_eq!(open("plain_http = true").unwrap().server.tls, None);
        let environment = [("MUSTER_SERVER__LISTEN", "0.0.0.0:1"), ("MUSTER_SERVER__TLS__SELF_SIGNED", "true")];
        assert_eq!(load("", &environment, Flags::default()).unwrap().server.tls, Some(TlsConfig::SelfSigned));
    }

    #[test]
    fn exposure_is_told_whole_or_refused() {
        let check = |lines: &str, said: &str| {
            let error = refused(&format!("[server]\n{lines}"), &[]);
            assert!(error.contains(said), "{error}");
        };
        check("tls.certificate = \"/a\"", "muster.toml line 2: server.tls.certificate: needs server.tls.key beside it");
        check("tls.key = \"/a\"", "server.tls.key: needs server.tls.certificate beside it");
        check(
            "tls.certificate = \"/a\"\ntls.key = \"/b\"\ntls.self_signed = true",
            "line 4: server.tls.self_signed: cannot stand",
        );
        check(
            "[server.tls]\ncertificat = \"/a\"",
            "line 3: unknown key `server.tls.certificat`; did you mean `server.tls.certificate`?",
        );
        check("tls = true", "unknown key `server.tls`");
        check("tls.hsts = \"maybe\"", "expected auto, always or never");
        check("http_redirect = \"0.0.0.0:80\"", "leads to https");
        check(
            "listen = \"0.0.0.0:443\"\ntls.self_signed = true\nhttp_redirect = \"0.0.0.0:80\"",
            "needs server.allowed_hosts",
        );
        check("trusted_proxies = [\"10.0.0.0/33\"]", "expected networks or addresses");
        check("trusted_proxies = [\"0.0.0.0/0\"]", "would believe everybody");
        check("forwarded_header = \"via\"", "expected x-forwarded-for or forwarded");
        check(
            "[limits]\nconnections = 0",
            "line 3: limits.connections: expected a number from 16 to 100000, found `0`",
        );
        check("[limits]\nrequests_per_address = -1", "expected a number from 0 to 100000, found `-1`");
        check(
            "[limits]\nconnections = \"many\"",
            "limits.connections: expected a number, such as 1024, found a string",
        );
    }

    #[test]
    fn a_retention_that_cannot_be_is_refused() {
        let check = |line: &str, said: &str| assert_eq!(refused(&format!("[history]\n{line}"), &[]), said);
        let limits = "must be a span from 1d to 3650d, such as 90d";
        check("retention_raw = \"1h\"", &format!("muster.toml line 2: history.retention_raw: {limits}"));
        check("retention_minute = \"soon\"", &format!("muster.toml line 2: history.retention_minute: {limits}"));
        let order = "must be at least as long as that of sums by the minute, which it takes over from";
        check(
            "retention_ten_minutes = \"30d\"",
            &format!("muster.toml line 2: history.retention_ten_minutes: {order}"),
        );
    }

    #[test]
    fn malformed_toml_names_the_line() {
        let error = refused("[server]\nlisten = ", &[]);
        assert!(error.starts_with("muster.toml line 2: "), "{error}");
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let flags = Flags { config: Some("/nonexistent/muster.toml".into()), ..Flags::default() };
        let error = Config::load(&flags, std::iter::empty()).unwrap_err().to_string();
        assert!(error.starts_with("reading the configuration file /nonexistent/muster.toml"), "{error}");
    }

    #[test]
    fn secrets_come_from_files_and_never_show() {
        // D-24
        let directory = tempfile::tempdir().unwrap();
        let secret = directory.path().join("url");
        std::fs::write(&secret, "postgres://muster:hunter2@db/muster\n").unwrap();
        let config = load("", &[("MUSTER_DATABASE__URL_FILE", secret.to_str().unwrap())], Flags::default()).unwrap();
        assert!(matches!(config.database, DatabaseUrl::Postgres(_)));
        assert!(!format!("{config:?}").contains("hunter2"));
        let error = refused("[database]\nurl = \"mysql://muster:hunter2@db/muster\"", &[]);
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_remote_store_is_told_whole_or_not_at_all() {
        let good =
            "[history]\nremote_write_url = \"http://tsdb:8428/api/v1/write\"\nremote_read_url = \"http://tsdb:8428\"";
        let with = |more: &str| load(&format!("{good}\n{more}"), &[], Flags::default());
        assert!(with("").unwrap().history.remote.is_some());
        assert!(with("remote_token = \"t\"").unwrap().history.remote.is_some());
        let check = |toml: String, expected: &str| assert_eq!(refused(&toml, &[]), expected);
        let line = |name: &str, value: &str| format!("[history]\n{name} = \"{value}\"");
        let (write, read) = ("history.remote_write_url", "history.remote_read_url");
        check(line("remote_write_url", "http://a"), &format!("muster.toml line 2: {write}: needs {read} beside it"));
        check(line("remote_read_url", "http://a"), &format!("muster.toml line 2: {read}: needs {write} beside it"));
        for name in ["remote_user", "remote_password", "remote_token"] {
            let error = refused(&line(name, "hunter2"), &[]);
            assert!(error.starts_with(&format!("muster.toml line 2: history.{name}: needs ")), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let both = "remote_user = \"u\"\nremote_password = \"hunter2\"\nremote_token = \"hunter3\"";
        let error = with(both).unwrap_err();
        assert!(error.starts_with("muster.toml line 6: history.remote_token: cannot stand beside "), "{error}");
        assert!(!error.contains("hunter"), "{error}");
        let error = with("remote_token = \"hunter2\\u0007\"").unwrap_err();
        assert!(
            error.starts_with("muster.toml line 4: history.remote_token: ") && !error.contains("hunter"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_address_of_a_remote_store_is_refused() {
        let check = |address: &str, wanted: &str| {
            for name in ["remote_write_url", "remote_read_url"] {
                let variable = format!("MUSTER_HISTORY__{}", name.to_uppercase());
                let error = refused("", &[(&variable, address)]);
                let place = format!("environment variable {variable}: history.{name}: ");
                assert!(error.starts_with(&place) && error.contains(wanted), "{error}");
                assert!(!error.contains("hunter2"), "{error}");
            }
        };
        check("tsdb:8428", "expected http:// or https://");
        check("not an address", "expected http:// or https://");
        check("ftp://tsdb/", "expected http:// or https://");
        check("http://muster:hunter2@tsdb:8428", "credentials");
        check("http://tsdb:8428?token=hunter2", "leave out what follows");
        check("http://169.254.169.254/", "link-local");
    }

    #[test]
    fn places_of_secrets_are_checked_before_anything_starts() {
        // D-23
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_str().unwrap();
        let good = format!("[secrets]\ndirectories = [\"{root}\"]\nvariables = [\"MUSTER_SECRET_\"]");
        assert_ne!(load(&good, &[], Flags::default()).unwrap().secret_roots, Roots::default());
        assert_eq!(load("", &[], Flags::default()).unwrap().secret_roots, Roots::default());
        let check = |line: &str, said: &str| {
            let error = refused(&format!("[secrets]\n{line}"), &[]);
            assert!(error.starts_with("muster.toml line 2: secrets.") && error.contains(said), "{error}");
        };
        check("directories = [\"/\"]", "is no root");
        check("directories = [\"/nonexistent/of/muster\"]", "it must be a directory");
        check("variables = [\"A=\"]", "no beginning of names of variables");
    }

    #[test]
    fn every_key_is_documented() {
        let guide = include_str!("../../../docs/operating/configuration.md");
        for key in KEYS {
            let name = format!("`{}.{}`", key.section, key.name);
            assert!(guide.contains(&name), "docs/operating/configuration.md does not describe {name}");
        }
    }
}
