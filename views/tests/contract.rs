//! The contract of every store of views, held against each of them.

use std::sync::Arc;

use views::{MemoryViews, MongoViews, ViewStore};

#[path = "contract/given.rs"]
mod given;

#[path = "contract/feed.rs"]
mod feed;
#[path = "contract/lists.rs"]
mod lists;
#[path = "contract/reads.rs"]
mod reads;

/// Runs each of these tests against each store.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::memory()).await;
            })+
        }

        mod mongodb {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::mongodb().await).await;
            })+
        }
    };
}
pub(crate) use contract;

fn memory() -> Arc<dyn ViewStore> {
    Arc::new(MemoryViews::new())
}

async fn mongodb() -> Arc<dyn ViewStore> {
    let uri = tokio::task::spawn_blocking(testkit::mongodb).await.unwrap();
    MongoViews::open(uri, &testkit::unique("contract")).await.unwrap()
}
