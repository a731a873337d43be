//! How the read models are stored: documents, checkpoints, generations, and the port to what keeps them.

mod build;
mod checkpoint;
mod control;
mod document;
mod memory;
mod mongo;
mod page;
mod scan;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod view;
mod walk;

pub use build::{Beat, Phase, ViewBuild};
pub use checkpoint::{Checkpoint, Mode};
pub use control::{
    Control, Generation, GenerationName, GenerationState, NotNow, READ_LEASE, Versions, Wish,
};
pub use document::{
    Amounts, Customer, DaySales, Document, Episode, Key, OFFSETS_IN_QUEUE, PURCHASES_IN_BUCKET,
    Parked, Price, PriceBucket, PriceSales, Product, ProductSales, PurchaseBucket, PurchaseLine,
    Queue, Release, ReleasedBy, SHAPE, VERSIONS_IN_BUCKET, bucket_of, version_bucket_of,
};
pub use memory::MemoryViews;
pub use mongo::MongoViews;
pub use page::{
    CustomerCursor, CustomerFilter, Direction, Found, MOST_LOOKED_AT, Page, PriceFilter,
    ProductCursor, ProductFilter,
};
pub use scan::{MOMENT_LASTS, Moment, ScanError, Stored, Stretch, ViewScan};
pub use store::{Change, Claim, Commit, CommitError, StoreError, ViewFeed, ViewReader, ViewStore};
pub use text::{full_name, searchable};
pub use view::View;
