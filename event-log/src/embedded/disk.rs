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

/// What the log's two files are kept on; each may be opened again after it was dropped.
pub(super) trait Disk: fmt::Debug + Send + Sync + 'static {
    /// The file of the store.
    fn store(&self) -> io::Result<Storage>;

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
        fs::create_dir_all(folder).map_err(name)?;
        let folder = Self(folder.to_owned());
        // Both files and the folder itself must be findable after a power cut, before anything is acknowledged.
        folder.store().map_err(name)?;
        folder.journal().map_err(name)?;
        sync_folder(&folder.0).map_err(name)?;
        Ok(folder)
    }

    fn file(&self, name: &str) -> io::Result<Storage> {
        let path = self.0.join(name);
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(Storage::new(FileBackend::new(file).map_err(io::Error::other)?))
    }
}

impl Disk for Folder {
    fn store(&self) -> io::Result<Storage> {
        self.file("log.redb")
    }

    fn journal(&self) -> io::Result<Storage> {
        self.file("log.journal")
    }

    fn name(&self) -> String {
        self.0.display().to_string()
    }
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
