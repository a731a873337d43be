//! Names of customers, products, purchases and commands.

use std::{fmt, str::FromStr, sync::Arc};

use uuid::Uuid;

use crate::InvalidInput;

/// The namespace (RFC 9562, version 5) of ids that are made from a command id.
const NAMESPACE: Uuid = Uuid::from_u128(0x5c1e_9a00_7368_5f70_a1d0_736b_6c65_7001);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $longest:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, InvalidInput> {
                if (1..=$longest).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidInput::new(concat!(
                        $what, " is 1 to ", $longest, " letters (a-z, A-Z), digits or any of _ . : -"
                    )))
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn allowed(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b':' | b'-')
}

text_id!(
    /// Which customer.
    CustomerId, "a customer id", 64
);
text_id!(
    /// Which product.
    ProductId, "a product id", 64
);
text_id!(
    /// Which wish: the same id again is the same wish again.
    CommandId, "a command id", 128
);

impl CustomerId {
    /// The id of the customer that this command creates when it names none: a repeat meets the same one.
    pub fn from_command(id: &CommandId) -> Self {
        Self::from_uuid(Uuid::new_v5(&NAMESPACE, id.as_str().as_bytes()))
    }

    /// The id of a customer for whom the edge minted this one.
    pub fn from_uuid(id: Uuid) -> Self {
        Self(id.to_string().into())
    }
}

impl CommandId {
    /// The id of a wish for which the edge minted this one.
    pub fn from_uuid(id: Uuid) -> Self {
        Self(id.to_string().into())
    }
}

impl ProductId {
    /// The id of the product that this command prices when it names none: a repeat meets the same one.
    pub fn from_command(id: &CommandId) -> Self {
        Self::from_uuid(Uuid::new_v5(&NAMESPACE, id.as_str().as_bytes()))
    }

    /// The id of a product for which the edge minted this one.
    pub fn from_uuid(id: Uuid) -> Self {
        Self(id.to_string().into())
    }
}

/// Which purchase: the customer and the number of the purchase among that customer's, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PurchaseId {
    /// Who bought.
    pub customer: CustomerId,
    /// The how manyth purchase of this customer it is, from 1.
    pub number: u64,
}

impl FromStr for PurchaseId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        let invalid = || {
            InvalidInput::new(
                "a purchase id is a customer id, a colon and a number, such as anna:17",
            )
        };
        let (customer, number) = text.rsplit_once(':').ok_or_else(invalid)?;
        let plain = number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
        let number = number.parse().ok().filter(|_| plain).ok_or_else(invalid)?;
        Ok(Self { customer: customer.parse()?, number })
    }
}

impl fmt::Display for PurchaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.customer, self.number)
    }
}

/// Whose events stand in one order: a customer's or a product's. Also the key of a record in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AggregateId {
    /// A customer, with all purchases.
    Customer(CustomerId),
    /// A product, with all prices.
    Product(ProductId),
}

impl AggregateId {
    /// The id without its kind, which is the record's key.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Customer(id) => id.as_str(),
            Self::Product(id) => id.as_str(),
        }
    }
}

#[cfg(test)]
mod tests;
