//! What operators are told when their wishes are not taken up.

use std::sync::Arc;

use api::operator::{
    JobRefused, Operator, System, ViewsInstruction, ViewsJob, ViewsJobInput, ViewsJobKind,
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;

use crate::shop::{Parts, Shop};

/// Takes nothing up; why not depends on what is asked.
#[derive(Debug)]
struct Unwilling;

fn wrong() -> JobRefused {
    JobRefused::Wrong { field: "throttle", expected: "it is 1 or more".into() }
}

fn broken() -> JobRefused {
    JobRefused::Unavailable("mongodb://ola:hunter2@views does not answer".into())
}

impl Operator for Unwilling {
    fn start(&self, wish: &ViewsJobInput) -> Result<ViewsJob, JobRefused> {
        Err(match wish.kind {
            ViewsJobKind::Rebuild => wrong(),
            ViewsJobKind::Verify => JobRefused::NotNow("a job is running already".into()),
            ViewsJobKind::Cancel
            | ViewsJobKind::Rollback
            | ViewsJobKind::DropOld
            | ViewsJobKind::DropOrphans => broken(),
        })
    }

    fn job(&self, _id: Option<&str>) -> Option<ViewsJob> {
        None
    }

    fn instruct(
        &self,
        instruction: ViewsInstruction,
        _throttle: Option<u32>,
    ) -> BoxFuture<'_, Result<String, JobRefused>> {
        let refused = match instruction {
            ViewsInstruction::ResumeRebuild => wrong(),
            ViewsInstruction::PauseRebuild => {
                JobRefused::NotNow("no rebuild is in progress".into())
            }
            ViewsInstruction::PauseProjector | ViewsInstruction::ResumeProjector => broken(),
        };
        async { Err(refused) }.boxed()
    }

    fn system(&self) -> BoxFuture<'_, System> {
        let (version, roles, troubles) = ("0".into(), Vec::new(), Vec::new());
        async { System { version, roles, log: None, views: None, troubles } }.boxed()
    }
}

#[tokio::test]
async fn a_wrong_wish_a_wish_at_the_wrong_time_and_a_shop_that_cannot_are_told_apart() {
    let shop = Shop::with(Parts { operator: Some(Arc::new(Unwilling)), ..Parts::default() }).await;
    let check = async |mutation: &str, code: &str, says: &str| {
        let answer = shop.ask(&format!("mutation {{ {mutation} }}"), Value::Null).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], code, "{mutation}: {answer}");
        assert!(error["message"].as_str().unwrap().contains(says), "{mutation}: {answer}");
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
    };
    check("startViewsJob(input: {kind: REBUILD}) { id }", "BAD_USER_INPUT", "`throttle`").await;
    check("startViewsJob(input: {kind: VERIFY}) { id }", "NOT_NOW", "running already").await;
    check("startViewsJob(input: {kind: CANCEL}) { id }", "UNAVAILABLE", "the log of the shop")
        .await;
    check("instructViews(instruction: RESUME_REBUILD)", "BAD_USER_INPUT", "`throttle`").await;
    check("instructViews(instruction: PAUSE_REBUILD)", "NOT_NOW", "no rebuild").await;
    check("instructViews(instruction: PAUSE_PROJECTOR)", "UNAVAILABLE", "the log of the shop")
        .await;
    // Nobody has to be asked about a number that is none.
    check("instructViews(instruction: RESUME_REBUILD, throttle: -1)", "BAD_USER_INPUT", "").await;
}
