//! Messages from the lines of a file.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::Context as _;

use super::{READ_AHEAD, message};
use crate::deliver::{Earlier, Mark, Message, Source, on_thread};

/// What some editors put at the begin of a file in UTF-8; it belongs to no message.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// Reads line by line on a thread of its own.
pub(super) fn read(input: impl BufRead + Send + 'static) -> Source {
    on_thread(READ_AHEAD, messages(input))
}

/// Compares every line of a file with what the log holds of it, before anything is sent. What can be read only once,
/// such as a pipe, is compared as it is sent.
pub(super) fn check(file: &Path, earlier: &Earlier) -> anyhow::Result<()> {
    let opened = File::open(file).with_context(|| file.display().to_string())?;
    if earlier.is_empty() || !opened.metadata()?.is_file() {
        return Ok(());
    }
    for message in messages(BufReader::new(opened)) {
        let message = message?;
        earlier.compare(message.mark, message.wish.as_ref().ok())?;
    }
    Ok(())
}

/// The messages of all lines.
fn messages(mut input: impl BufRead) -> impl Iterator<Item = anyhow::Result<Message>> {
    (1..).map_while(move |number| {
        let line = next_line(&mut input).transpose()?;
        Some(line.map(|raw| message_of(number, raw)))
    })
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
