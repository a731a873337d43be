//! Two instances that decide commands of the same log.

use std::sync::Arc;

use command::{Settings, Takeovers};
use domain::testing::create_customer;
use event_log::MemoryLog;
use tokio::task::yield_now;

use crate::stage::{Stage, order_as, stored};

async fn instance(log: &Arc<MemoryLog>, address: Option<&str>) -> Stage {
    let settings = Settings { address: address.map(Into::into), ..Settings::default() };
    Stage::open_with(Arc::clone(log), settings).await
}

/// Waits until something was taken from this instance.
async fn taken_from(stage: &Stage) -> Takeovers {
    while stage.commands.takeovers().count == 0 {
        yield_now().await;
    }
    stage.commands.takeovers()
}

#[tokio::test]
async fn each_of_two_instances_knows_that_the_other_takes_its_partitions() {
    let log = Arc::new(MemoryLog::new(2));
    let one = instance(&log, Some("one.example:8080")).await;
    assert_eq!(one.commands.takeovers(), Takeovers::default());
    let two = instance(&log, None).await;
    let from_one = taken_from(&one).await;
    assert!(from_one.by.is_empty() && !from_one.disputed.is_empty(), "{from_one:?}");
    let from_two = taken_from(&two).await;
    assert!(from_two.by.contains("one.example:8080"), "{from_two:?}");
    // The same wish at both is one event, whoever writes at the moment.
    let wish = || order_as("anna-once", create_customer("anna"));
    let (first, ..) = stored(one.submit(wish()).await);
    let (second, _, repeated) = stored(two.submit(wish()).await);
    assert!(repeated && first == second);
    two.commands.stop().await;
    one.commands.stop().await;
}

#[tokio::test]
async fn an_instance_that_starts_after_another_has_gone_takes_nothing_from_anybody() {
    let log = Arc::new(MemoryLog::new(2));
    instance(&log, Some("one.example:8080")).await.commands.stop().await;
    let two = instance(&log, None).await;
    assert_eq!(two.commands.takeovers(), Takeovers::default());
    two.commands.stop().await;
}
