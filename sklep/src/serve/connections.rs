//! How many connections the shop takes: as many as are asked for, as far as the system allows files to be open.

use std::cmp::min;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many files may be open besides connections: the log's, Kafka's and `MongoDB`'s connections, standard streams.
const OTHERS: usize = 256;
/// More files than this are of no use.
const MOST_FILES: u64 = 65_536;

/// Raises the soft limit of open files as far as it is of use, and says how many connections may be open at once.
pub(super) fn allowed(wanted: usize) -> usize {
    let files = raise();
    let possible = files.saturating_sub(OTHERS).max(files / 2).max(1);
    if possible < wanted {
        tracing::warn!(
            connections = possible,
            wanted,
            files,
            "fewer connections are taken than --max-connections says, since the system allows no more open files \
             (`ulimit -Hn`)"
        );
    }
    min(wanted, possible)
}

fn raise() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let (now, most) = (limit.current.unwrap_or(MOST_FILES), limit.maximum.unwrap_or(MOST_FILES));
    let wanted = min(most, MOST_FILES).max(now);
    let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::debug!(%error, "the limit of open files stays as it is");
            now
        }
    };
    usize::try_from(files).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_connections_are_taken_than_files_may_be_open() {
        let files = raise();
        assert_eq!(allowed(1), 1);
        assert!(allowed(usize::MAX) < files);
        assert_eq!(getrlimit(Resource::Nofile).current, Some(u64::try_from(files).unwrap()));
    }
}
