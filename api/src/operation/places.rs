//! Places of errors: from offsets to lines and columns.

use async_graphql::{Pos, ServerError};

/// A place in the text by its offset in bytes, until [`Places::fill_in`] makes it a line and a column. Lines are counted from 1,
/// so that no other place looks like it.
pub(super) fn place(offset: usize) -> Pos {
    Pos { line: 0, column: offset }
}

/// The offsets that errors stand at.
pub(super) struct Places(Vec<usize>);

impl Places {
    pub(super) fn of(errors: &[ServerError]) -> Self {
        let places = errors.iter().flat_map(|error| &error.locations);
        let mut offsets: Vec<_> =
            places.filter(|place| place.line == 0).map(|place| place.column).collect();
        offsets.sort_unstable();
        offsets.dedup();
        Self(offsets)
    }

    /// Gives each error its line and column: the text is walked once, however many there are.
    pub(super) fn fill_in(self, text: &str, errors: &mut [ServerError]) {
        if self.0.is_empty() {
            return;
        }
        let found = self.found(text);
        for place in errors.iter_mut().flat_map(|error| &mut error.locations) {
            if place.line == 0 {
                let at = self.0.binary_search(&place.column).ok();
                *place =
                    at.and_then(|at| found.get(at)).copied().unwrap_or(Pos { line: 1, column: 1 });
            }
        }
    }

    fn found(&self, text: &str) -> Vec<Pos> {
        let mut found = Vec::with_capacity(self.0.len());
        let mut wanted = self.0.iter().peekable();
        let mut at = Pos { line: 1, column: 1 };
        let mut characters = text.char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            while wanted.next_if(|wanted| **wanted <= offset).is_some() {
                found.push(at);
            }
            let of_two =
                character == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n');
            if matches!(character, '\n' | '\r') && !of_two {
                at = Pos { line: at.line.saturating_add(1), column: 1 };
            } else {
                at.column = at.column.saturating_add(1);
            }
        }
        found.extend(wanted.map(|_at_the_end| at));
        found
    }
}
