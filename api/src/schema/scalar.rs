//! Scalars, written by hand: each has one form in answers and refuses what it would have to guess.

mod date_time;
mod decimal;
mod position;

pub(super) use self::{date_time::DateTime, decimal::Decimal, position::Position};
