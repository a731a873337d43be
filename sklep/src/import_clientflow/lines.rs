//! Messages from the lines of a file.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read as _},
    path::Path,
};

use anyhow::Context as _;

use super::{READ_AHEAD, message};
use crate::bulk_submit::{Message, PreviousRuns, Source, SourcePosition, on_thread};

/// What some editors put at the begin of a file in UTF-8; it belongs to no message.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// Reads line by line on a thread of its own.
pub(super) fn read(input: impl BufRead + Send + 'static) -> Source {
    on_thread(READ_AHEAD, messages(input).filter_map(Result::transpose))
}

/// Compares every line of a file with what the log holds of it, before anything is sent. What can be read only once,
/// such as a pipe, is compared as it is sent.
pub(super) fn check(file: &Path, earlier: &PreviousRuns) -> anyhow::Result<()> {
    // Opening a named pipe waits for somebody who writes to it.
    let there = fs::metadata(file).with_context(|| file.display().to_string())?;
    if earlier.is_empty() || !there.is_file() {
        return Ok(());
    }
    let opened = File::open(file).with_context(|| file.display().to_string())?;
    let mut lines = 0;
    for (number, message) in (1..).zip(messages(BufReader::new(opened))) {
        lines = number;
        // A blank line can stand where there was a message.
        let message = message?;
        let mutation = message.as_ref().and_then(|message| message.wish.as_ref().ok());
        let raw = message.as_ref().map_or(&[][..], |message| &message.raw);
        earlier.compare(SourcePosition { partition: 0, number }, mutation, raw)?;
    }
    // Of a file that has got shorter, lines are missing somewhere.
    Ok(earlier.compare_end(SourcePosition { partition: 0, number: lines })?)
}

/// The messages of all lines; none of a blank one, which is counted as a line all the same.
fn messages(mut input: impl BufRead) -> impl Iterator<Item = anyhow::Result<Option<Message>>> {
    (1..).map_while(move |number| {
        let line = next_line(&mut input).transpose()?;
        Some(line.map(|line| message_of(number, line)))
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

fn message_of(number: u64, line: Line) -> Option<Message> {
    let Line { text: raw, is_too_long } = line;
    let marked = raw.strip_prefix(BYTE_ORDER_MARK).filter(|_| number == 1);
    let text = marked.unwrap_or(&raw);
    let wish = if is_too_long {
        Err(message::too_long(LONGEST))
    } else if text.trim_ascii().is_empty() {
        return None;
    } else {
        message::wish(Some(text))
    };
    Some(Message { mark: SourcePosition { partition: 0, number }, wish, raw })
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
        assert!(message_of(1, line(text)).unwrap().wish.is_ok());
        assert!(message_of(2, line(text)).unwrap().wish.is_err());
        assert!(message_of(1, line(text)).unwrap().raw.starts_with(BYTE_ORDER_MARK));
    }

    #[test]
    fn a_line_that_is_too_long_is_rejected_and_the_next_one_is_read() {
        let longest = usize::try_from(LONGEST).unwrap();
        let input = format!("{}\n{}\n{}", "x".repeat(longest + 5), "y".repeat(longest - 1), "z");
        let found = messages(input.as_bytes()).map(|message| message.unwrap().unwrap());
        let found: Vec<Message> = found.collect();
        let code = |message: &Message| message.wish.as_ref().unwrap_err().code.clone();
        let codes: Vec<String> = found.iter().map(code).collect();
        assert_eq!(codes, ["LINE_TOO_LONG", "NOT_JSON", "NOT_JSON"]);
        assert_eq!(found.iter().map(|it| it.mark.number).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn blank_lines_are_no_messages_and_are_counted_as_lines() {
        let input = "\u{FEFF}\n\r\nx\n \t\r\n\ny\r\n\n\n\0\n";
        let found = messages(input.as_bytes()).filter_map(|message| message.unwrap());
        let found: Vec<_> = found.map(|message| (message.mark.number, message.raw)).collect();
        let expected: [(u64, &[u8]); 3] = [(3, b"x"), (6, b"y\r"), (9, b"\0")];
        assert_eq!(found, expected.map(|(number, raw)| (number, raw.to_vec())));
        // A line too long to be read in full is not known to be blank.
        let spaces = " ".repeat(usize::try_from(LONGEST).unwrap() + 1);
        assert!(messages(spaces.as_bytes()).next().unwrap().unwrap().is_some());
    }
}
