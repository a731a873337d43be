//! The events' data as this program writes them, read without a reader of any JSON.
//!
//! Nearly every value in a log stands there as [`super::super::write`] has made it: these fields in this order, no white
//! space, and seldom an escape. Such a one is taken apart here, several times as fast, into what serde would make of
//! it; every other one is left to serde, which also says what is wrong with it.

use std::borrow::Cow;

use super::{CustomerCreated, Money, ProductPriced, ProductPurchased};

/// A form that can be read as it is usually written.
pub(in crate::codec::v1) trait FastParse<'a>: Sized {
    /// Takes the form's fields from the front; none when they are written otherwise.
    fn fields(rest: &mut Cursor<'a>) -> Option<Self>;

    /// Takes the form from the front; none when it is written otherwise.
    #[inline]
    fn take(rest: &mut Cursor<'a>) -> Option<Self> {
        let form = Self::fields(rest)?;
        rest.literal("}")?;
        Some(form)
    }

    /// Reads a value that is this form and nothing else; none when it is written otherwise. The form is large, so that it
    /// is shown rather than moved.
    #[inline]
    fn fast_parse<R>(value: &'a [u8], read: impl FnOnce(&Self) -> R) -> Option<R> {
        let mut rest = Cursor(str::from_utf8(value).ok()?);
        let form = Self::take(&mut rest)?;
        rest.0.is_empty().then(|| read(&form))
    }
}

/// What of a value is not read yet.
pub(in crate::codec::v1) struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    #[inline]
    fn literal(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// What stands before a text, with its quotation mark, and the text; none when anything in it is escaped.
    #[inline]
    fn text(&mut self, before: &str) -> Option<Cow<'a, str>> {
        self.literal(before)?;
        let end = end_of_text(self.0.as_bytes())?;
        let (text, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.strip_prefix('"')?;
        Some(Cow::Borrowed(text))
    }

    #[inline]
    fn number(&mut self, before: &str) -> Option<u32> {
        self.literal(before)?;
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at_checked(end)?;
        // JSON knows no number that begins with a needless zero.
        let is_json = digits == "0" || !digits.starts_with('0');
        self.0 = rest;
        digits.parse().ok().filter(|_| is_json)
    }

    #[inline]
    fn form<T: FastParse<'a>>(&mut self, before: &str) -> Option<T> {
        self.literal(before)?;
        T::take(self)
    }
}

/// Where the first quotation mark, backslash or control character stands.
///
/// Looks at eight bytes at once: of a loop over bytes, a processor guesses the end of nearly every text wrong.
#[inline]
fn end_of_text(bytes: &[u8]) -> Option<usize> {
    let (eights, _) = bytes.as_chunks::<8>();
    for (number, eight) in eights.iter().enumerate() {
        let ends = ends_in(u64::from_le_bytes(*eight));
        if ends != 0 {
            let before = usize::try_from(ends.trailing_zeros() / 8).ok()?;
            return number.checked_mul(8)?.checked_add(before);
        }
    }
    bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))
}

/// The highest bit of each of eight bytes that is one of these, correct up to the first (Mycroft 1987).
#[inline]
fn ends_in(eight: u64) -> u64 {
    const EACH: u64 = u64::MAX / 0xFF;
    let equal = |byte: u8| {
        let other = eight ^ EACH.wrapping_mul(byte.into());
        other.wrapping_sub(EACH) & !other
    };
    let control = eight.wrapping_sub(EACH.wrapping_mul(b' '.into())) & !eight;
    (control | equal(b'"') | equal(b'\\')) & EACH.wrapping_mul(0x80)
}

/// A form, or `null`.
impl<'a, T: FastParse<'a>> FastParse<'a> for Option<T> {
    #[inline]
    fn fields(rest: &mut Cursor<'a>) -> Option<Self> {
        T::fields(rest).map(Some)
    }

    #[inline]
    fn take(rest: &mut Cursor<'a>) -> Option<Self> {
        match rest.literal("null") {
            Some(()) => Some(None),
            None => T::take(rest).map(Some),
        }
    }
}

impl<'a> FastParse<'a> for Money<'a> {
    #[inline]
    fn fields(rest: &mut Cursor<'a>) -> Option<Self> {
        Some(Self {
            amount: rest.text(r#"{"amount":""#)?,
            currency: rest.text(r#","currency":""#)?,
        })
    }
}

impl<'a> FastParse<'a> for CustomerCreated<'a> {
    #[inline]
    fn fields(rest: &mut Cursor<'a>) -> Option<Self> {
        Some(Self {
            customer_id: rest.text(r#"{"customer_id":""#)?,
            first_name: rest.text(r#","first_name":""#)?,
            last_name: rest.text(r#","last_name":""#)?,
            address: rest.text(r#","address":""#)?,
        })
    }
}

impl<'a> FastParse<'a> for ProductPriced<'a> {
    #[inline]
    fn fields(rest: &mut Cursor<'a>) -> Option<Self> {
        Some(Self {
            product_id: rest.text(r#"{"product_id":""#)?,
            name: rest.text(r#","name":""#)?,
            product_type: rest.text(r#","product_type":""#)?,
            price: rest.form(r#","price":"#)?,
            previous_price: rest.form(r#","previous_price":"#)?,
            version: rest.number(r#","version":"#)?,
        })
    }
}

impl<'a> FastParse<'a> for ProductPurchased<'a> {
    #[inline]
    fn fields(rest: &mut Cursor<'a>) -> Option<Self> {
        Some(Self {
            purchase_id: rest.text(r#"{"purchase_id":""#)?,
            customer_id: rest.text(r#","customer_id":""#)?,
            product_id: rest.text(r#","product_id":""#)?,
            product_name: rest.text(r#","product_name":""#)?,
            product_type: rest.text(r#","product_type":""#)?,
            unit_price: rest.form(r#","unit_price":"#)?,
            quantity: rest.text(r#","quantity":""#)?,
            total: rest.form(r#","total":"#)?,
            price_version: rest.number(r#","price_version":"#)?,
        })
    }
}

#[cfg(test)]
mod tests;
