//! What a log is begun with and keeps for ever, because what its events mean depends on it.

use std::time::Duration;

use domain::Currency;

/// How many partitions a log is begun with unless its beginner says otherwise.
pub const DEFAULT_PARTITIONS: u16 = 12;

/// What a log is begun with and keeps for ever. Every `WriterStarted` repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogSettings {
    /// The one currency of all prices and sums.
    pub currency: Currency,
    /// Which command ids are remembered, so that a repeat gives the event of the first time.
    pub remembered: Remembered,
}

/// The limits of the memory of command ids, of each partition; whichever ends first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Remembered {
    /// How many are remembered.
    pub ids: u64,
    /// How long, in the log's own time and whole milliseconds.
    pub period: Duration,
}

impl LogSettings {
    /// Those of a log whose beginner wishes for nothing else.
    pub const USUAL: Self = Self { currency: Currency::PLN, remembered: Remembered::USUAL };

    /// The usual ones, with this currency.
    pub fn of(currency: Currency) -> Self {
        Self { currency, ..Self::USUAL }
    }
}

impl Remembered {
    /// A day of repeats covers every client that tries again; the count bounds memory to some 20 MB. Programs that did not
    /// write the limits down had these.
    pub const USUAL: Self = Self { ids: 200_000, period: Duration::from_hours(24) };
}
