//! A log as one file, to move it between stores unchanged.
//!
//! Every record of every partition is in it, bookkeeping, void and foreign ones too, and comes back at the same
//! offset, with the same bytes and the same time: what counts before counts after. The exports of two logs with the
//! same records are equal byte for byte.
//!
//! # The file, format 1
//!
//! UTF-8 text in lines, each ended by a line feed and each one JSON object without spaces, its fields in this order:
//!
//! 1. `{"sklep_export":1,"log_id":"6f1c…","partitions":2,"records":[3,0]}`: the format, the log's id (null when
//!    nobody has begun it), its partitions, and how many records of each follow.
//! 2. A line for each record, partition by partition in offset order:
//!    `{"p":0,"o":17,"t":1795352759123,"k":"anna","h":[["ce_type","sklep.Barrier"]],"v":"{}"}`: partition, offset,
//!    time in milliseconds since 1970, key, headers in their order, value. A key, a value or a header's value that is
//!    absent is `null`; one that is no UTF-8 is `{"base64":"AP8="}` (RFC 4648 §4, with padding); an empty one is `""`.
//! 3. `{"records":3,"sha256":"…"}`: how many records there were, and the SHA-256 of every byte before this line.
//!
//! A live log may be exported; the file holds everything that was acknowledged when the export began. It is closed under
//! cause: each partition is cut where it was at some moment soon after, and behind every price that a purchase in the
//! file names, so that a shop can go on with it.
//!
//! A topic may have more partitions than the log was begun with. Nobody reads or writes those, so they are not in the file.

mod compare;
mod cuts;
mod export;
mod fill;
mod format;
mod import;

use std::io;

pub(crate) use self::fill::unfinished;
pub use self::{
    cuts::closed_ends,
    export::{Added, added, export},
    fill::Fill,
    import::{Checked, check, import, import_checked},
};
use crate::LogError;

/// What an export or import has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// How many partitions.
    pub partitions: u16,
    /// How many records.
    pub records: u64,
}

/// How far an export or import is: records done, and records to do in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Records that were written.
    pub done: u64,
    /// Records that are to be written.
    pub all: u64,
}

/// Why a log was not moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The log cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The file cannot be read or written.
    #[error("the export file cannot be read or written")]
    File(#[from] io::Error),
    /// The file or the log is not what it must be. Says what to do.
    #[error("{0}")]
    Refused(String),
    /// The import stopped half way. The log is marked as unfinished, so that nobody takes it for a whole one.
    #[error("the import did not come to its end, and the log says so to whoever opens it. {}", remedy(.0))]
    Partial(#[source] Box<Self>),
}

/// What to do about an import that stopped for this reason.
fn remedy(why: &TransferError) -> &'static str {
    match why {
        TransferError::Refused(_) => {
            "It cannot become the file's log any more: import the file into a new topic or folder"
        }
        TransferError::Log(_) | TransferError::File(_) | TransferError::Partial(_) => {
            "Run the same import again, and it goes on"
        }
    }
}

#[cfg(test)]
mod tests;
