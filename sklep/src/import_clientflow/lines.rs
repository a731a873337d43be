//! Messages from the lines of a file.

use std::{io::BufRead, thread};

use tokio::sync::mpsc;

use super::{READ_AHEAD, Source, message};
use crate::deliver::{Mark, Message};

/// What some editors put at the begin of a file in UTF-8; it belongs to no message.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// Reads line by line on a thread of its own, which nobody waits for: standard input may never end.
pub(super) fn read(mut input: impl BufRead + Send + 'static) -> Source {
    let (sender, source) = mpsc::channel(READ_AHEAD);
    thread::spawn(move || {
        for number in 1.. {
            let Some(line) = next_line(&mut input).transpose() else { return };
            let failed = line.is_err();
            let message = line.map(|raw| message_of(number, raw));
            // The run may have ended before the file.
            if sender.blocking_send(message).is_err() || failed {
                return;
            }
        }
    });
    source
}

/// The next line without its end; none after the last one.
fn next_line(input: &mut impl BufRead) -> anyhow::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if input.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") {
        line.pop();
    }
    Ok(Some(line))
}

fn message_of(number: u64, raw: Vec<u8>) -> Message {
    let marked = raw.strip_prefix(BYTE_ORDER_MARK).filter(|_| number == 1);
    let wish = message::wish(Some(marked.unwrap_or(&raw)));
    Message { mark: Mark { partition: 0, number }, wish, raw }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_may_begin_with_a_byte_order_mark() {
        let line = "\u{FEFF}{\"event_type\":\"customer_buys_product\",\"customer_id\":\"anna\",\
                    \"product_id\":\"chleb_2\",\"quantity\":6}";
        assert!(message_of(1, line.into()).wish.is_ok());
        assert!(message_of(2, line.into()).wish.is_err());
        assert!(message_of(1, line.into()).raw.starts_with(BYTE_ORDER_MARK));
    }
}
