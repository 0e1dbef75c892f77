//! What the agent inside a virtual machine says. Its answers stand in `result`; an error may stand there too.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::{Rows, scalar};

/// What came of a question to the agent that the API answered with 200.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AgentAnswer<T> {
    /// What it said.
    Result(T),
    /// It does not know the question, or refuses it.
    Refused(AgentError),
}

/// Why the agent did not answer a question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct AgentError {
    /// `CommandNotFound`, `Unsupported`, …
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) class: Option<SmolStr>,
    /// In words.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) desc: Option<SmolStr>,
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct WrappedError {
    error: AgentError,
}

impl<'de, T: de::DeserializeOwned> Deserialize<'de> for AgentAnswer<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wrapped { result } = Wrapped::deserialize(deserializer)?;
        // A list of one would be read as an error, too.
        if result.get().starts_with('{')
            && let Ok(WrappedError { error }) = serde_json::from_str(result.get())
        {
            return Ok(Self::Refused(error));
        }
        serde_json::from_str(result.get()).map(Self::Result).map_err(de::Error::custom)
    }
}

/// `get-osinfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct OsInfo {
    /// Such as `Debian GNU/Linux`.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) name: Option<SmolStr>,
    /// Such as `Debian GNU/Linux 12 (bookworm)`.
    #[serde(default, rename = "pretty-name", deserialize_with = "scalar::text")]
    pub(crate) pretty_name: Option<SmolStr>,
    /// Version in words.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) version: Option<SmolStr>,
}

/// `get-host-name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HostName {
    /// The name that the system inside gives itself.
    #[serde(default, rename = "host-name", deserialize_with = "scalar::text")]
    pub(crate) host_name: Option<SmolStr>,
}

/// A row of `get-fsinfo`: a mount. Several mounts of one device have the same `name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct FilesystemRow {
    /// Device inside the guest.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) name: Option<SmolStr>,
    /// Where it is mounted.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) mountpoint: SmolStr,
    /// Kind of filesystem.
    #[serde(default, rename = "type", deserialize_with = "scalar::text")]
    pub(crate) kind: Option<SmolStr>,
    /// Bytes used; absent where the agent is old or the filesystem tells nothing.
    #[serde(default, rename = "used-bytes", deserialize_with = "scalar::size")]
    pub(crate) used_bytes: Option<u64>,
    /// Bytes.
    #[serde(default, rename = "total-bytes", deserialize_with = "scalar::size")]
    pub(crate) total_bytes: Option<u64>,
    /// Disks below it.
    #[serde(default)]
    pub(crate) disk: Rows<FilesystemDisk>,
}

/// A disk below a filesystem of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct FilesystemDisk {
    /// Device inside the guest.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) dev: Option<SmolStr>,
}

/// A row of `network-get-interfaces`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct AgentInterface {
    /// Name inside the guest.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) name: SmolStr,
    /// Hardware address.
    #[serde(default, rename = "hardware-address", deserialize_with = "scalar::text")]
    pub(crate) hardware_address: Option<SmolStr>,
    /// Its addresses.
    #[serde(default, rename = "ip-addresses")]
    pub(crate) ip_addresses: Rows<IpAddress>,
}

/// An address inside a guest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct IpAddress {
    /// The address.
    #[serde(rename = "ip-address", deserialize_with = "scalar::identity")]
    pub(crate) ip_address: SmolStr,
    /// Length of the prefix in bits.
    #[serde(default, deserialize_with = "scalar::unsigned")]
    pub(crate) prefix: Option<u64>,
}

/// `info`: the agent itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct AgentInfo {
    /// Its version.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) version: Option<SmolStr>,
}

/// `file-read`: a file of the guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct FileContent {
    /// Its beginning, each byte as the character of that number.
    #[serde(default, deserialize_with = "scalar::text")]
    pub(crate) content: Option<SmolStr>,
}

impl FileContent {
    /// The content as text. Bytes arrive as characters 0 to 255 and are put together again.
    pub(crate) fn to_text(&self) -> Option<String> {
        let content = self.content.as_deref()?;
        let bytes: Option<Vec<u8>> = content.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        Some(bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| content.to_owned()))
    }
}
