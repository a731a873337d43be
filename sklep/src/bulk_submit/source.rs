//! Where messages come from: a thread that reads, and a queue.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use tokio::sync::mpsc;

use super::Message;

/// Messages as a source gives them; an error ends it.
pub(crate) type Source = mpsc::Receiver<anyhow::Result<Message>>;

/// The messages of a source, one after the other.
pub(crate) trait Messages:
    Iterator<Item = anyhow::Result<Message>> + Send + 'static
{
}

impl<T: Iterator<Item = anyhow::Result<Message>> + Send + 'static> Messages for T {}

/// Reads the messages on a thread of its own, at most `ahead` of them ahead of whoever takes them.
///
/// Nobody waits for the thread: standard input may never end. A panic of it is an error of the source, since a queue
/// that just ends would be taken for the end of the input.
pub(crate) fn on_thread(ahead: usize, messages: impl Messages) -> Source {
    let (sender, source) = mpsc::channel(ahead);
    thread::spawn(move || {
        let pass_on = || {
            for message in messages {
                let failed = message.is_err();
                // The run may have ended before the source.
                if sender.blocking_send(message).is_err() || failed {
                    return;
                }
            }
        };
        if catch_unwind(AssertUnwindSafe(pass_on)).is_err() {
            let failed = anyhow::anyhow!("reading the input failed by a fault of this program");
            // The run may have ended before.
            let _ = sender.blocking_send(Err(failed));
        }
    });
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_reader_is_not_the_end_of_the_input() {
        let messages = (0..3).map(|number| {
            assert!(number < 2, "the reader has a fault");
            let mark = super::super::SourcePosition { partition: 0, number };
            let reason = super::super::Reason { code: "X".into(), message: "x".into() };
            Ok(Message { mark, wish: Err(reason), raw: Vec::new() })
        });
        let mut source = on_thread(1, messages);
        let mut next = || source.blocking_recv();
        assert!(next().unwrap().is_ok() && next().unwrap().is_ok());
        assert!(next().unwrap().is_err());
        assert!(next().is_none());
    }
}
