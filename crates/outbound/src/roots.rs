//! Which files and environment variables may be read for somebody who only names them (D-23).
//!
//! The kernel keeps a path below its root while it is opened (`openat2` with `RESOLVE_BENEATH`): no `..`, no symbolic link
//! and no race leads out. The roots come from the configuration file, never through the API.
//!
//! The secrets of connections to platforms may be named this way. What the configuration itself names (`…_FILE`) is read as
//! it says, since whoever writes it decides about the server anyway.

use std::{
    fs::File,
    io::{self, Read},
    path::{Component, Path, PathBuf},
    str::FromStr,
};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use secrecy::SecretString;

/// A secret or a declared file is never larger.
const MOST_BYTES: u64 = 64 * 1024;

/// A secret that is kept elsewhere: `file:/run/secrets/token` or `env:MUSTER_SECRET_TOKEN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The content of a file.
    File(PathBuf),
    /// The value of an environment variable.
    Variable(String),
}

/// A text is no reference. It is not repeated: it may be the secret itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `file:` and an absolute path, or `env:` and the name of a variable")]
pub struct InvalidReference;

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        if let Some(path) = text.strip_prefix("file:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Self::File(path)) } else { Err(InvalidReference) };
        }
        let name = text.strip_prefix("env:").ok_or(InvalidReference)?;
        if is_variable(name) { Ok(Self::Variable(name.to_owned())) } else { Err(InvalidReference) }
    }
}

/// Where files and variables may be read. Without any, nothing may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    directories: Vec<PathBuf>,
    prefixes: Vec<String>,
}

/// Why a root is refused.
#[derive(Debug, thiserror::Error)]
pub enum InvalidRoot {
    /// It is no place of its own.
    #[error("{} is no root: expected an absolute path below `/` without `..`", path.display())]
    Place {
        /// Which.
        path: PathBuf,
    },
    /// It is not there, or is no directory.
    #[error("opening the root {}; it must be a directory that the server may read", path.display())]
    Absent {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A prefix that would let every variable through, or none.
    #[error("`{prefix}` is no beginning of names of variables: expected letters, digits and underscores")]
    Prefix {
        /// Which.
        prefix: String,
    },
}

/// Why something was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It lies below no root.
    #[error("{} lies below none of the roots that the configuration allows", path.display())]
    OutsideFile {
        /// Which.
        path: PathBuf,
    },
    /// Its name begins with no allowed prefix.
    #[error("the variable {name} has none of the prefixes that the configuration allows")]
    OutsideVariable {
        /// Which.
        name: String,
    },
    /// Reading failed. A symbolic link that leads out of its root counts as that.
    #[error("reading {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The variable is not set.
    #[error("the variable {name} is not set")]
    Unset {
        /// Which.
        name: String,
    },
    /// What was found is no text of bounded size.
    #[error("{} is no file with at most {MOST_BYTES} bytes of text", path.display())]
    Content {
        /// Which.
        path: PathBuf,
    },
}

impl Roots {
    /// Checks the roots that the configuration lists: directories, and beginnings of names of variables.
    ///
    /// # Errors
    /// When one of them cannot be a root.
    pub fn new(directories: &[PathBuf], prefixes: &[String]) -> Result<Self, InvalidRoot> {
        directories.iter().try_for_each(|directory| check_directory(directory))?;
        if let Some(prefix) = prefixes.iter().find(|prefix| !is_variable(prefix)) {
            return Err(InvalidRoot::Prefix { prefix: prefix.clone() });
        }
        Ok(Self { directories: directories.to_vec(), prefixes: prefixes.to_vec() })
    }

    /// Opens a regular file below a root, for reading. Everything on the way there stays below the root.
    ///
    /// # Errors
    /// When it lies below no root, or cannot be opened from there.
    pub fn open(&self, path: &Path) -> Result<File, ReadError> {
        let outside = || ReadError::OutsideFile { path: path.to_owned() };
        let below = |root: &PathBuf| path.strip_prefix(root).ok().map(|rest| (root.clone(), rest.to_owned()));
        let (root, rest) = self.directories.iter().find_map(below).ok_or_else(outside)?;
        if !is_plain(&rest) {
            return Err(outside());
        }
        let failed = |cause| ReadError::File { path: path.to_owned(), cause };
        let file = open_below(&root, &rest).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_file() {
            return Ok(file);
        }
        Err(ReadError::Content { path: path.to_owned() })
    }

    /// Reads a secret, without the line end that editors leave behind it. `variable` looks into the environment.
    ///
    /// # Errors
    /// When it may not be read, is not there, or is no text of bounded size.
    pub fn read(
        &self,
        reference: &Reference,
        variable: impl FnOnce(&str) -> Option<String>,
    ) -> Result<SecretString, ReadError> {
        match reference {
            Reference::File(path) => self.read_file(path),
            Reference::Variable(name) if self.prefixes.iter().any(|prefix| name.starts_with(prefix)) => {
                variable(name).map(Into::into).ok_or_else(|| ReadError::Unset { name: name.clone() })
            }
            Reference::Variable(name) => Err(ReadError::OutsideVariable { name: name.clone() }),
        }
    }

    fn read_file(&self, path: &Path) -> Result<SecretString, ReadError> {
        let mut content = Vec::new();
        let read = self.open(path)?.take(MOST_BYTES + 1).read_to_end(&mut content);
        read.map_err(|cause| ReadError::File { path: path.to_owned(), cause })?;
        let text = String::from_utf8(content).ok().filter(|text| text.len() as u64 <= MOST_BYTES);
        let text = text.ok_or_else(|| ReadError::Content { path: path.to_owned() })?;
        Ok(text.trim_end_matches(['\r', '\n']).into())
    }
}

fn check_directory(path: &Path) -> Result<(), InvalidRoot> {
    let rest = path.strip_prefix("/").unwrap_or(Path::new(""));
    if !is_plain(rest) {
        return Err(InvalidRoot::Place { path: path.to_owned() });
    }
    let opened = openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    opened.map(drop).map_err(|cause| InvalidRoot::Absent { path: path.to_owned(), cause: cause.into() })
}

/// Not empty, and made of names alone.
fn is_plain(rest: &Path) -> bool {
    let mut components = rest.components().peekable();
    components.peek().is_some() && components.all(|component| matches!(component, Component::Normal(_)))
}

fn open_below(root: &Path, rest: &Path) -> io::Result<File> {
    let root = openat(CWD, root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    // A pipe must not hold us up before it is found to be one.
    let how = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = openat2(root, rest, how, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS)?;
    Ok(file.into())
}

fn is_variable(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(allowed) && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use secrecy::ExposeSecret;
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_lies_below_a_root_is_read() {
        // D-23
        let (_directory, root, roots) = rooted();
        fs::write(root.join("token"), "s3cret\n").unwrap();
        symlink("token", root.join("link")).unwrap();
        for name in ["token", "link"] {
            let secret = roots.read(&Reference::File(root.join(name)), |_| None).unwrap();
            assert_eq!(secret.expose_secret(), "s3cret");
        }
    }

    #[test]
    fn nothing_else_is() {
        // D-23
        let (directory, root, roots) = rooted();
        fs::write(directory.path().join("outside"), "s3cret").unwrap();
        fs::write(directory.path().join("root-2"), "s3cret").unwrap();
        symlink("../outside", root.join("up")).unwrap();
        symlink(directory.path().join("outside"), root.join("away")).unwrap();
        symlink("/proc/self", root.join("magic")).unwrap();
        fs::create_dir(root.join("directory")).unwrap();
        fs::write(root.join("large"), vec![b'x'; 70_000]).unwrap();
        fs::write(root.join("binary"), [0xff, 0xfe]).unwrap();
        let fifo = root.join("pipe");
        rustix::fs::mknodat(CWD, &fifo, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        for path in [
            directory.path().join("outside"),
            directory.path().join("root-2"),
            root.join("../outside"),
            root.join("up"),
            root.join("away"),
            root.join("magic/environ"),
            root.join("directory"),
            root.join("large"),
            root.join("binary"),
            root.join("absent"),
            fifo,
            root,
        ] {
            assert!(roots.read(&Reference::File(path.clone()), |_| None).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn variables_need_a_prefix() {
        let roots = Roots::new(&[], &["MUSTER_SECRET_".to_owned()]).unwrap();
        let read = |name: &str| {
            let reference = format!("env:{name}").parse().unwrap();
            roots.read(&reference, |name| (name != "MUSTER_SECRET_UNSET").then(|| "s3cret".to_owned()))
        };
        assert_eq!(read("MUSTER_SECRET_TOKEN").unwrap().expose_secret(), "s3cret");
        assert!(matches!(read("MUSTER_SECRET_UNSET"), Err(ReadError::Unset { .. })));
        assert!(matches!(read("PATH"), Err(ReadError::OutsideVariable { .. })));
        let nothing = Roots::default().read(&Reference::Variable("PATH".into()), |_| Some("x".into()));
        assert!(matches!(nothing, Err(ReadError::OutsideVariable { .. })));
    }

    #[test]
    fn roots_are_places_of_their_own() {
        let (directory, _, _) = rooted();
        let check = |path: &Path| assert!(Roots::new(&[path.to_owned()], &[]).is_err(), "{}", path.display());
        check(Path::new("/"));
        check(Path::new("relative"));
        check(Path::new("/etc/../tmp"));
        check(&directory.path().join("absent"));
        for prefix in ["", "A B", "1A", "A="] {
            assert!(Roots::new(&[], &[prefix.to_owned()]).is_err(), "{prefix}");
        }
    }

    #[test]
    fn references_are_told_from_secrets() {
        let check = |text: &str, good: bool| assert_eq!(text.parse::<Reference>().is_ok(), good, "{text}");
        check("file:/run/secrets/a", true);
        check("env:MUSTER_A", true);
        check("file:relative", false);
        check("env:", false);
        check("env:A=B", false);
        check("s3cret", false);
    }

    fn rooted() -> (TempDir, PathBuf, Roots) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        fs::create_dir(&root).unwrap();
        let roots = Roots::new(std::slice::from_ref(&root), &[]).unwrap();
        (directory, root, roots)
    }
}
