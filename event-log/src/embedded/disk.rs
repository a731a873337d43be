//! Where the two files are: in a folder, or in a test.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io,
    ops::Bound,
    path::{Path, PathBuf},
};

use redb::{BackendError, StorageBackend, backends::FileBackend};

use super::unavailable;
use crate::LogError;

const STORE: &str = "log.redb";
const NEW_STORE: &str = "log.redb.new";
const JOURNAL: &str = "log.journal";

/// What the log's two files are kept on; each may be opened again after it was dropped.
pub(super) trait Disk: fmt::Debug + Send + Sync + 'static {
    /// The file of the store; none before there is one.
    fn store(&self) -> io::Result<Option<Storage>>;

    /// An empty file for a new store.
    fn new_store(&self) -> io::Result<Storage>;

    /// Makes the new store the store, all at once: half of one that is just being made is never taken for one.
    /// Durable when this returns.
    fn keep_new_store(&self) -> io::Result<()>;

    /// The file of the journal.
    fn journal(&self) -> io::Result<Storage>;

    /// What a person calls the place.
    fn name(&self) -> String;
}

/// A folder on a real disk.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder, made when it is missing.
    pub(super) fn create(folder: &Path) -> Result<Self, LogError> {
        let name = |error| unavailable(format!("{}: {error}", folder.display()));
        create_private(folder).map_err(name)?;
        let folder = Self(folder.to_owned());
        // The journal and the folder must be findable after a power cut, before anything is acknowledged.
        folder.journal().map_err(name)?;
        sync_folder(&folder.0).map_err(name)?;
        Ok(folder)
    }

    fn file(&self, name: &str, how: &mut OpenOptions) -> io::Result<Storage> {
        let file = private(how).read(true).write(true).open(self.0.join(name))?;
        keep_private(&file)?;
        Ok(Storage::new(FileBackend::new(file).map_err(io::Error::other)?))
    }
}

impl Disk for Folder {
    fn store(&self) -> io::Result<Option<Storage>> {
        match self.file(STORE, &mut OpenOptions::new()) {
            Ok(storage) => Ok(Some(storage)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn new_store(&self) -> io::Result<Storage> {
        // What an earlier start left behind is removed, not emptied: it could be a link to something else.
        match fs::remove_file(self.0.join(NEW_STORE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => self.file(NEW_STORE, OpenOptions::new().create_new(true)),
        }
    }

    fn keep_new_store(&self) -> io::Result<()> {
        fs::rename(self.0.join(NEW_STORE), self.0.join(STORE))?;
        sync_folder(&self.0)
    }

    fn journal(&self) -> io::Result<Storage> {
        self.file(JOURNAL, OpenOptions::new().create(true).truncate(false))
    }

    fn name(&self) -> String {
        self.0.display().to_string()
    }
}

/// Customers' names and addresses are nobody else's business.
#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Also the files that an older version made for everybody to read. Those of another owner stay as that one wants them.
#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode();
    let for_others = mode & 0o077;
    if for_others == 0 {
        return Ok(());
    }
    match file.set_permissions(fs::Permissions::from_mode(0o600)) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn keep_private(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()?;
    match folder.canonicalize()?.parent() {
        // A parent that may be passed but not read cannot be synced; then the system has to see to it.
        Some(parent) => File::open(parent).map_or(Ok(()), |parent| parent.sync_all()),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// A file of either kind; redb takes no boxed one.
#[derive(Debug)]
pub(super) struct Storage(Box<dyn StorageBackend>);

impl Storage {
    /// Any storage.
    pub(super) fn new(backend: impl StorageBackend) -> Self {
        Self(Box::new(backend))
    }

    /// Locks it as a whole until it is dropped; false when somebody else has it. A storage that knows no locks
    /// is as good as locked.
    pub(super) fn try_lock(&self) -> io::Result<bool> {
        match self.try_lock_range(Bound::Unbounded, Bound::Unbounded) {
            Ok(locked) => Ok(locked),
            Err(BackendError::Unsupported) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

type Edge = Bound<u64>;

impl StorageBackend for Storage {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }

    fn try_lock_range(&self, start: Edge, end: Edge) -> Result<bool, BackendError> {
        self.0.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Edge, end: Edge) -> Result<bool, BackendError> {
        self.0.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Edge, end: Edge) -> Result<(), BackendError> {
        self.0.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Edge, end: Edge) -> Result<(), BackendError> {
        self.0.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Edge, end: Edge) -> Result<(), BackendError> {
        self.0.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Edge, end: Edge) -> Result<bool, BackendError> {
        self.0.query_lock_range(start, end)
    }
}
