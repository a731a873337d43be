//! Files that a command writes: readable by their owner only, and never in place of something that is needed.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use anyhow::Context as _;
use same_file::Handle;

use crate::exit_code::Usage;

/// What may be done to a file that exists already and is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Nothing: the command is refused.
    Keep,
    /// It is emptied, as somebody asked for.
    Overwrite,
}

/// Makes a file that does not exist yet.
pub(crate) fn create_new(path: &Path) -> anyhow::Result<File> {
    owned().create_new(true).open(path).with_context(|| path.display().to_string())
}

/// Opens an empty file to write to, which no other run writes to meanwhile. `inputs` are what the command reads, by whatever name: they are never written to.
pub(crate) fn create(path: &Path, existing: Existing, inputs: &[Handle]) -> anyhow::Result<File> {
    match owned().create_new(true).open(path) {
        Ok(file) => lock(&file, path).map(|()| file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => reuse(path, existing, inputs),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn reuse(path: &Path, existing: Existing, inputs: &[Handle]) -> anyhow::Result<File> {
    let context = || path.display().to_string();
    let file = OpenOptions::new().write(true).open(path).with_context(context)?;
    let there = file.metadata().with_context(context)?;
    let handle = Handle::from_file(file.try_clone()?).with_context(context)?;
    if inputs.contains(&handle) {
        return Err(Usage(format!("{} is what the command reads", path.display())).into());
    }
    // A terminal, a pipe or /dev/null has nothing to lose.
    if !there.is_file() {
        return Ok(file);
    }
    lock(&file, path)?;
    let there = file.metadata().with_context(context)?;
    if there.len() > 0 && existing == Existing::Keep {
        let text = "exists already; name a file that does not, or add --overwrite";
        return Err(Usage(format!("{} {text}", path.display())).into());
    }
    make_private(&file).with_context(context)?;
    file.set_len(0).with_context(context)?;
    Ok(file)
}

/// Opens a file to write behind what is in it.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    owned().append(true).create(true).open(path)
}

/// Keeps other runs away until the file is closed. Where the file system knows no locks, nothing can.
fn lock(file: &File, path: &Path) -> anyhow::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let text = "is being written to by another run; name another file, or wait until that has ended";
            Err(Usage(format!("{} {text}", path.display())).into())
        }
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

#[cfg(unix)]
fn owned() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};
    file.set_permissions(Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn owned() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    options
}

#[cfg(not(unix))]
fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_new_or_empty_or_asked_for_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        create(&path, Existing::Keep, &[]).unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        create(&path, Existing::Keep, &[]).unwrap();
        assert_eq!(mode(&path), 0o600, "an empty file has nothing to lose");
        fs::write(&path, "needed").unwrap();
        assert!(create(&path, Existing::Keep, &[]).unwrap_err().is::<Usage>());
        assert_eq!(fs::read(&path).unwrap(), b"needed");
        create(&path, Existing::Overwrite, &[]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn an_input_is_never_written_to_by_whatever_name_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("input");
        fs::write(&input, "needed").unwrap();
        let symbolic = folder.path().join("symbolic");
        std::os::unix::fs::symlink(&input, &symbolic).unwrap();
        let hard = folder.path().join("hard");
        fs::hard_link(&input, &hard).unwrap();
        let spelled = folder.path().join(".").join("..").join(folder.path().file_name().unwrap());
        for name in [&input, &symbolic, &hard, &spelled.join("input")] {
            let inputs = [Handle::from_path(&input).unwrap()];
            let refused = create(name, Existing::Overwrite, &inputs).unwrap_err();
            assert!(refused.is::<Usage>(), "{}: {refused}", name.display());
        }
        assert_eq!(fs::read(&input).unwrap(), b"needed");
        // Nor an empty one: it may be filled while it is read.
        fs::write(&input, "").unwrap();
        let inputs = [Handle::from_path(&input).unwrap()];
        assert!(create(&hard, Existing::Keep, &inputs).is_err());
    }

    #[test]
    fn two_runs_do_not_write_to_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        for _ in 0..2 {
            let first = create(&path, Existing::Overwrite, &[]).unwrap();
            fs::write(&path, "of the first run").unwrap();
            for existing in [Existing::Keep, Existing::Overwrite] {
                let refused = create(&path, existing, &[]).unwrap_err();
                assert!(
                    refused.is::<Usage>() && refused.to_string().contains("another run"),
                    "{refused}"
                );
            }
            assert_eq!(fs::read(&path).unwrap(), b"of the first run");
            // With its end the first run lets go of the file.
            drop(first);
        }
    }

    #[test]
    fn what_is_no_file_may_be_written_to() {
        create(Path::new("/dev/null"), Existing::Keep, &[]).unwrap();
    }

    #[test]
    fn a_link_to_nowhere_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).unwrap();
        assert!(create(&link, Existing::Overwrite, &[]).is_err());
        assert!(!folder.path().join("nowhere").exists());
    }
}
