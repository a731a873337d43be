//! How the read models are stored: documents, checkpoints, generations, and the port to what keeps them.

mod build;
mod checkpoint;
mod control;
mod document;
mod memory;
mod mongo;
mod page;
mod pagination;
mod scan;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod view;

pub use build::{Heartbeat, Phase, ViewBuild};
pub use checkpoint::{Checkpoint, Mode};
pub use control::{
    Control, ControlConflict, DesiredState, Generation, GenerationName, GenerationState,
    READ_LEASE, Versions,
};
pub use document::{
    Amounts, Customer, DaySales, Document, Key, OFFSETS_IN_QUEUE, PURCHASES_IN_BUCKET, Parked,
    Price, PriceBucket, PriceSales, Product, ProductSales, PurchaseBucket, PurchaseLine,
    QuarantinePeriod, Queue, Release, ReleasedBy, SHAPE, VERSIONS_IN_BUCKET, bucket_of,
    version_bucket_of,
};
pub use memory::MemoryViews;
pub use mongo::MongoViews;
pub use page::{
    CustomerCursor, CustomerFilter, Direction, MAX_SCANNED, Page, PageResult, PriceFilter,
    ProductCursor, ProductFilter,
};
pub use scan::{EncodedDocument, SNAPSHOT_LASTS, ScanChunk, ScanError, Snapshot, ViewScan};
pub use store::{
    Change, Commit, CommitError, FeedClaim, StoreError, ViewFeed, ViewReader, ViewStore,
};
pub use text::{full_name, searchable};
pub use view::View;
