//! Rebuilds, projectors and databases that are killed at moments that nobody chose: everything goes on, ends as the log
//! says, and leaves nothing behind.
//!
//! `SKLEP_TEST_KILLS` says how often a rebuild (6) and a projector (4) are killed; MongoDB is a quarter as often.

use std::time::Duration;

use serde_json::json;
use testkit::{Mongo, Program};
use tokio::task::JoinHandle;

use super::{Place, beside, clients::Saved};
use crate::house::{House, SOON, Stores, count, moment, say, sklep, tell};

/// Everything is taken in, as the log says and without remains.
async fn check(place: &Place) {
    let told = beside(&place.stores, &["verify"]).await;
    assert!(told.contains("is what the log says"), "{told}");
    assert_eq!(place.orphans(), json!([]));
    assert!(place.generations().iter().any(|(_, part)| part == "LIVE"));
}

/// People who buy so much.
fn selling(house: &House, purchases: u64) -> JoinHandle<()> {
    let (server, purchases) = (house.server.clone(), purchases.to_string());
    tokio::task::spawn_blocking(move || {
        let bought = ["demo", "--customers", "20", "--purchases", &purchases, "--server", &server];
        say(&bought);
    })
}

fn rebuild(stores: &Stores, throttle: &str) -> Program {
    Program::start(&sklep(&stores.arguments(&["rebuild", "--throttle", throttle]))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_is_killed_is_gone_on_with() {
    let place = Place::new();
    let house = House::open(&place.stores);
    house.say(&["demo", "--customers", "60", "--purchases", "3000"]);
    let saved = Saved::ask(&house, 50).await;
    for round in 0..count("SKLEP_TEST_KILLS", 6) {
        let mut job = rebuild(&place.stores, "1000");
        // It goes on when the one that was killed has been silent for long enough.
        job.wait_for("", SOON).unwrap();
        let moment = moment(round, Duration::from_secs(4));
        tokio::time::sleep(moment).await;
        job.kill().unwrap();
        tell(&format!("killed after {moment:?} in: {}", job.output().lines().last().unwrap_or("")));
    }
    // The killed job held a limit, which the one that goes on with it is told anew.
    beside(&place.stores, &["rebuild", "--throttle", "1000000"]).await;
    saved.check_again(&house).await;
    check(&place).await;
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projector_that_is_killed_loses_nothing_and_doubles_nothing() {
    let place = Place::new();
    let feeding = place.stores.clone().and("--roles", "projector");
    let mut projector = House::open(&feeding);
    let shop = House::open(&place.stores.clone().and("--roles", "command,query"));
    let rounds = count("SKLEP_TEST_KILLS", 4);
    let selling = selling(&shop, rounds * 500);
    // The first half of the kills is beside a rebuild, which feeds too.
    let mut job = rebuild(&place.stores, "500");
    for round in 0..rounds {
        tokio::time::sleep(moment(round, Duration::from_millis(1200))).await;
        projector.program.kill().unwrap();
        projector = House::open(&feeding);
        if round == rounds / 2 {
            beside(&place.stores, &["rebuild", "--throttle", "1000000"]).await;
            let ended = job.wait(SOON.saturating_mul(2)).unwrap();
            assert!(ended.success(), "{}", job.output());
        }
    }
    selling.await.unwrap();
    check(&place).await;
    beside(&place.stores, &["rebuild"]).await;
    check(&place).await;
    shop.close();
    projector.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_outlives_the_kills_of_mongodb() {
    let mut mongo = Mongo::start_private().unwrap();
    let place = Place::on(mongo.uri());
    let house = House::open(&place.stores);
    house.say(&["demo", "--customers", "60", "--purchases", "2000"]);
    let rounds = count("SKLEP_TEST_KILLS", 4).div_ceil(4);
    let selling = selling(&house, rounds * 1000);
    for round in 0..rounds {
        let mut job = rebuild(&place.stores, "1000");
        job.wait_for("filling", SOON).unwrap();
        tokio::time::sleep(moment(round, Duration::from_secs(3))).await;
        mongo.kill().unwrap();
        mongo.start().unwrap();
        let status = job.wait(SOON.saturating_mul(2)).unwrap();
        assert!(status.success(), "{}", job.output());
    }
    selling.await.unwrap();
    check(&place).await;
    house.close();
}
