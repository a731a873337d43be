//! The contract of every store of views, held against each of them.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]

/// Runs each of these tests against each store.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::given::memory()).await;
            })+
        }

        mod mongodb {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::given::mongodb().await).await;
            })+
        }
    };
}
pub(crate) use contract;

#[cfg(test)]
#[path = "contract/build.rs"]
mod build;
#[cfg(test)]
#[path = "contract/feed.rs"]
mod feed;
#[cfg(test)]
#[path = "contract/fill.rs"]
mod fill;
#[cfg(test)]
#[path = "contract/given.rs"]
mod given;
#[cfg(test)]
#[path = "contract/lists.rs"]
mod lists;
#[cfg(test)]
#[path = "contract/parked.rs"]
mod parked;
#[cfg(test)]
#[path = "contract/reads.rs"]
mod reads;
#[cfg(test)]
#[path = "contract/scan.rs"]
mod scan;
