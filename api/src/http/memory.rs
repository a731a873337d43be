//! Bounded memory for all answers together, from the first byte that is charged to the last that a client takes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::Bytes;
use tokio::sync::Semaphore;

/// How many bytes large answers may have together while they are made and sent.
const MEMORY: usize = 128 << 20;

/// An answer up to this many bytes is not counted: the number of connections bounds what all of them take.
const SMALL: usize = 16 << 10;

/// The memory for answers of one process.
#[derive(Debug, Clone)]
pub(crate) struct AnswerMemory(Arc<Semaphore>);

/// What one answer takes of it; given back when the last clone is dropped.
#[derive(Debug, Clone)]
pub(crate) struct AnswerShare(Arc<Share>);

#[derive(Debug)]
struct Share {
    memory: Arc<Semaphore>,
    length: AtomicUsize,
    reserved: AtomicUsize,
    is_refused: AtomicBool,
}

/// All memory for answers is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfMemory;

impl AnswerMemory {
    /// All of it.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MEMORY)))
    }

    /// The share of an answer of which nothing is known yet.
    pub(crate) fn share(&self) -> AnswerShare {
        AnswerShare(Arc::new(Share {
            memory: Arc::clone(&self.0),
            length: AtomicUsize::new(0),
            reserved: AtomicUsize::new(SMALL),
            is_refused: AtomicBool::new(false),
        }))
    }
}

impl AnswerShare {
    /// Charges bytes of an answer that is being made. Once refused, it stays refused.
    pub(crate) fn grow(&self, bytes: usize) -> Result<(), OutOfMemory> {
        self.check()?;
        let before = self.0.length.fetch_add(bytes, Ordering::Relaxed);
        self.0.reserve(before.saturating_add(bytes))
    }

    /// Whether there was memory for all that was charged.
    pub(crate) fn check(&self) -> Result<(), OutOfMemory> {
        if self.0.is_refused.load(Ordering::Relaxed) { Err(OutOfMemory) } else { Ok(()) }
    }

    /// The answer as it is sent. Its share is given back when the last byte was taken, or the connection has ended.
    pub(super) fn body(self, bytes: Vec<u8>) -> Result<Bytes, OutOfMemory> {
        self.check()?;
        self.0.reserve(bytes.len())?;
        Ok(Bytes::from_owner(SentAnswer { bytes, _share: self }))
    }
}

impl Share {
    /// Reserves as much again, as a buffer grows, so that few charges ask for more.
    fn reserve(&self, length: usize) -> Result<(), OutOfMemory> {
        let mut reserved = self.reserved.load(Ordering::Relaxed);
        while length > reserved {
            let more = length.saturating_sub(reserved).max(reserved);
            let permits = u32::try_from(more).unwrap_or(u32::MAX);
            match self.memory.try_acquire_many(permits) {
                Ok(permit) => permit.forget(),
                Err(_in_use) => {
                    self.is_refused.store(true, Ordering::Relaxed);
                    return Err(OutOfMemory);
                }
            }
            reserved = self.reserved.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let reserved = *self.reserved.get_mut();
        self.memory.add_permits(reserved.saturating_sub(SMALL));
    }
}

struct SentAnswer {
    bytes: Vec<u8>,
    _share: AnswerShare,
}

impl AsRef<[u8]> for SentAnswer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(memory: &AnswerMemory) -> usize {
        memory.0.available_permits()
    }

    #[test]
    fn large_answers_share_their_memory_until_they_are_taken_and_leave_small_ones_alone() {
        let memory = AnswerMemory::new();
        let large = || memory.share().body(vec![0; 40 << 20]);
        let sent: Vec<Bytes> = [large(), large(), large()].map(Result::unwrap).into();
        assert_eq!(large(), Err(OutOfMemory));
        assert!(memory.share().body(vec![0; SMALL]).is_ok());
        // A part of an answer that is still to be sent keeps all of it.
        let part: Vec<Bytes> = sent.iter().map(|answer| answer.slice(1..2)).collect();
        drop(sent);
        assert_eq!(large(), Err(OutOfMemory));
        drop(part);
        assert_eq!(left(&memory), MEMORY, "nothing is kept");
        assert!(large().is_ok());
    }

    #[test]
    fn an_answer_is_charged_while_it_is_made() {
        let memory = AnswerMemory::new();
        let making = memory.share();
        for _ in 0..1000 {
            making.grow(100 << 10).unwrap();
        }
        let other = memory.share();
        assert_eq!((0..1000).find(|_| other.grow(100 << 10).is_err()).map(|_| ()), Some(()));
        assert_eq!(other.check(), Err(OutOfMemory), "it is not begun again");
        drop(making);
        assert_eq!(other.body(Vec::new()), Err(OutOfMemory));
        assert_eq!(left(&memory), MEMORY);
    }
}
