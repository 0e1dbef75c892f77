//! The archive itself: written from staged copies, and read member by member, each compared with the manifest.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};

use crate::{
    MANIFEST, Manifest, Member, MemberName, PIECE_BYTES, RestoreError,
    error::{BackupError, Unfit},
    hashing::{self, MoveError},
    manifest,
    staging::Staging,
};

/// What zstd is asked for: its own default, three times as fast as a disk and a third of the size.
const COMPRESSION: i32 = 3;

/// The longest look-back that is accepted, as a power of two: more would take memory at the archive's wish.
const MOST_WINDOW: u32 = 27;

/// Copies that wait to be written.
#[derive(Debug)]
pub struct Staged {
    pub(crate) manifest: Manifest,
    pub(crate) staging: Staging,
}

impl Staged {
    /// What the archive will say of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes the archive. Takes a few pieces of memory, however long it is.
    ///
    /// # Errors
    /// When the reader went away, or a copy cannot be read.
    pub fn write(self, out: impl Write) -> Result<(), BackupError> {
        let mut encoder = zstd::Encoder::new(out, COMPRESSION).map_err(BackupError::Write)?;
        encoder.include_checksum(true).map_err(BackupError::Write)?;
        let mut archive = tar::Builder::new(encoder);
        let text = serde_json::to_vec_pretty(&self.manifest).expect("a manifest has only text keys");
        self.append(&mut archive, MANIFEST, text.len() as u64, text.as_slice()).map_err(BackupError::Write)?;
        for member in &self.manifest.members {
            let path = self.staging.path_of(&member.name);
            let file = File::open(&path).map_err(BackupError::file("reading", &path))?;
            let appended = self.append(&mut archive, &member.name.to_string(), member.bytes, file);
            appended.map_err(BackupError::Write)?;
        }
        let encoder = archive.into_inner().map_err(BackupError::Write)?;
        encoder.finish().and_then(|mut out| out.flush()).map_err(BackupError::Write)
    }

    fn append<W: Write>(
        &self,
        archive: &mut tar::Builder<W>,
        name: &str,
        bytes: u64,
        content: impl Read,
    ) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.manifest.marker.taken_at.as_second()).unwrap_or_default());
        archive.append_data(&mut header, name, content)?;
        // Each member begins a block of its own, so that what is damaged can be named.
        archive.get_mut().flush()
    }
}

/// What is done with each member while an archive is read.
pub(crate) trait Sink {
    /// Called once, when the manifest is known and before anything else.
    fn begin(&mut self, manifest: &Manifest) -> Result<(), RestoreError>;

    /// Where a member's content goes.
    fn open(&mut self, name: &MemberName) -> Result<Box<dyn Write>, RestoreError>;
}

/// Reads an archive to its end and compares everything with its manifest. Writes nothing.
///
/// # Errors
/// When it cannot be opened, or anything in it is not as it was.
pub fn check(archive: &Path, progress: impl FnMut(u64)) -> Result<Manifest, RestoreError> {
    /// Looks and forgets.
    struct Nowhere;
    impl Sink for Nowhere {
        fn begin(&mut self, _: &Manifest) -> Result<(), RestoreError> {
            Ok(())
        }
        fn open(&mut self, _: &MemberName) -> Result<Box<dyn Write>, RestoreError> {
            Ok(Box::new(io::sink()))
        }
    }
    read(archive, &mut Nowhere, progress)
}

/// Reads an archive to its end, member by member. Tells `progress` how many bytes of the file were read.
pub(crate) fn read(archive: &Path, sink: &mut dyn Sink, progress: impl FnMut(u64)) -> Result<Manifest, RestoreError> {
    let mut file = File::open(archive).map_err(RestoreError::file("opening the backup", archive))?;
    let unfit = |unfit| RestoreError::Unfit { archive: archive.to_owned(), unfit };
    let no_archive = |error: io::Error| unfit(Unfit::NoArchive(error.to_string()));
    if !is_compressed(&mut file).map_err(RestoreError::file("reading the backup", archive))? {
        return Err(unfit(Unfit::NoArchive("it is not compressed with zstd".to_owned())));
    }
    let mut decoder = zstd::Decoder::new(Counted { file, progress }).map_err(no_archive)?;
    decoder.window_log_max(MOST_WINDOW).map_err(no_archive)?;
    let mut tar = tar::Archive::new(decoder);
    let manifest = read_members(&mut tar, sink).map_err(|error| match error {
        Trouble::Unfit(reason) => unfit(reason),
        Trouble::Sink(error) => error,
    })?;
    // What is behind the last member: tar's own end, zstd's checksum, and nothing else.
    let mut decoder = tar.into_inner();
    let rest = io::copy(&mut decoder, &mut io::sink());
    let behind = manifest.members.last().map_or_else(|| MANIFEST.to_owned(), |last| last.name.to_string());
    rest.map_err(|error| unfit(Unfit::Damaged { behind, why: error.to_string() }))?;
    Ok(manifest)
}

/// Whether a file begins like something that zstd made. Leaves it at its beginning.
fn is_compressed(file: &mut File) -> io::Result<bool> {
    let mut magic = [0; 4];
    let read = file.read_exact(&mut magic);
    file.rewind()?;
    match read {
        Ok(()) => Ok(u32::from_le_bytes(magic) == zstd::zstd_safe::MAGICNUMBER),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

enum Trouble {
    Unfit(Unfit),
    Sink(RestoreError),
}

impl From<Unfit> for Trouble {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

fn read_members<R: Read>(tar: &mut tar::Archive<R>, sink: &mut dyn Sink) -> Result<Manifest, Trouble> {
    let mut behind = MANIFEST.to_owned();
    let mut entries = tar.entries().map_err(|error| Unfit::NoArchive(error.to_string()))?;
    let first = entries.next().ok_or_else(|| Unfit::NoArchive("it is empty".to_owned()))?;
    let manifest = read_manifest(first.map_err(|error| damaged(&behind, &error))?)?;
    sink.begin(&manifest).map_err(Trouble::Sink)?;
    let mut expected = manifest.members.iter();
    for entry in entries {
        let mut entry = entry.map_err(|error| damaged(&behind, &error))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let member = expected.next().ok_or_else(|| Unfit::Unexpected { member: name.clone() })?;
        if name != member.name.to_string() || entry.header().entry_type() != tar::EntryType::Regular {
            let comes_later = manifest.members.iter().any(|other| other.name.to_string() == name);
            let unfit = if comes_later {
                Unfit::Missing { member: member.name.to_string() }
            } else {
                Unfit::Unexpected { member: name }
            };
            return Err(unfit.into());
        }
        behind = name;
        read_member(&mut entry, member, &manifest, sink)?;
    }
    match expected.next() {
        None => Ok(manifest),
        Some(member) => Err(Unfit::Missing { member: member.name.to_string() }.into()),
    }
}

fn read_manifest<R: Read>(mut entry: tar::Entry<'_, R>) -> Result<Manifest, Unfit> {
    if entry.path_bytes().as_ref() != MANIFEST.as_bytes() {
        return Err(Unfit::Missing { member: MANIFEST.to_owned() });
    }
    let bytes = entry.size();
    if bytes > manifest::MOST_BYTES {
        return Err(Unfit::Manifest(format!("it is {bytes} bytes long")));
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text).map_err(|error| damaged(MANIFEST, &error))?;
    Manifest::read(&text)
}

fn read_member<R: Read>(
    entry: &mut tar::Entry<'_, R>,
    member: &Member,
    manifest: &Manifest,
    sink: &mut dyn Sink,
) -> Result<(), Trouble> {
    let Member { name, bytes, sha256 } = member;
    let member = name.to_string();
    let mut to = sink.open(name).map_err(Trouble::Sink)?;
    let moved = hashing::pump(entry, &mut to, &mut |_| {}).map_err(|error| match error {
        MoveError::Read(error) => Trouble::Unfit(damaged(&member, &error)),
        MoveError::Write(cause) => Trouble::Sink(RestoreError::file("writing", name.path())(cause)),
    })?;
    to.flush().map_err(RestoreError::file("writing", name.path())).map_err(Trouble::Sink)?;
    if moved.bytes != *bytes {
        return Err(Unfit::Length { member, found: moved.bytes, expected: *bytes }.into());
    }
    if moved.sha256 != *sha256 {
        return Err(Unfit::Checksum { member }.into());
    }
    let expected = manifest.marker.id;
    match hashing::marker(&moved.head).filter(|found| *found == expected) {
        None if name.is_database() => {
            let found = hashing::marker(&moved.head).unwrap_or_default();
            Err(Unfit::Marker { member, found, expected }.into())
        }
        None | Some(_) => Ok(()),
    }
}

fn damaged(behind: &str, error: &io::Error) -> Unfit {
    Unfit::Damaged { behind: behind.to_owned(), why: error.to_string() }
}

/// A file that tells how far it was read.
struct Counted<P> {
    file: File,
    progress: P,
}

impl<P: FnMut(u64)> Read for Counted<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(2 * PIECE_BYTES);
        let length = self.file.read(&mut buffer[..most])?;
        (self.progress)(length as u64);
        Ok(length)
    }
}
