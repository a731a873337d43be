//! Messages from the lines of a file.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read as _},
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

/// How long a line may be, in bytes; the longest message that is any good is a few kilobytes.
const LONGEST: u64 = 1 << 20;

/// A line without its end; of one that is too long, only the beginning.
struct Line {
    text: Vec<u8>,
    is_too_long: bool,
}

/// The next line; none after the last one.
fn next_line(input: &mut impl BufRead) -> anyhow::Result<Option<Line>> {
    let mut text = Vec::new();
    if input.by_ref().take(LONGEST).read_until(b'\n', &mut text)? == 0 {
        return Ok(None);
    }
    if text.ends_with(b"\n") {
        text.pop();
        return Ok(Some(Line { text, is_too_long: false }));
    }
    // The last line may lack its end.
    let is_too_long = u64::try_from(text.len()) == Ok(LONGEST) && input.skip_until(b'\n')? > 0;
    Ok(Some(Line { text, is_too_long }))
}

fn message_of(number: u64, line: Line) -> Message {
    let Line { text: raw, is_too_long } = line;
    let marked = raw.strip_prefix(BYTE_ORDER_MARK).filter(|_| number == 1);
    let wish = if is_too_long {
        Err(message::too_long(LONGEST))
    } else {
        message::wish(Some(marked.unwrap_or(&raw)))
    };
    Message { mark: Mark { partition: 0, number }, wish, raw }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line { text: text.into(), is_too_long: false }
    }

    #[test]
    fn only_the_first_line_may_begin_with_a_byte_order_mark() {
        let text = "\u{FEFF}{\"event_type\":\"customer_buys_product\",\"customer_id\":\"anna\",\
                    \"product_id\":\"chleb_2\",\"quantity\":6}";
        assert!(message_of(1, line(text)).wish.is_ok());
        assert!(message_of(2, line(text)).wish.is_err());
        assert!(message_of(1, line(text)).raw.starts_with(BYTE_ORDER_MARK));
    }

    #[test]
    fn a_line_that_is_too_long_is_rejected_and_the_next_one_is_read() {
        let longest = usize::try_from(LONGEST).unwrap();
        let input = format!("{}\n{}\n{}", "x".repeat(longest + 5), "y".repeat(longest - 1), "z");
        let found: Vec<Message> = messages(input.as_bytes()).map(Result::unwrap).collect();
        let code = |message: &Message| message.wish.as_ref().unwrap_err().code.clone();
        let codes: Vec<String> = found.iter().map(code).collect();
        assert_eq!(codes, ["LINE_TOO_LONG", "NOT_JSON", "NOT_JSON"]);
        assert_eq!(found.iter().map(|it| it.mark.number).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
