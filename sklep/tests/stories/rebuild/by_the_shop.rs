//! Jobs that the shop does itself.

use serde_json::{Value, json};
use testkit::Program;

use crate::house::{House, SOON, Stores, folder, refused, sklep};

/// Begins a job and gives its id.
async fn start(house: &House, kind: &str) -> Value {
    let mutation =
        "mutation ($kind: ViewsJobKind!) { startViewsJob(input: { kind: $kind }) { id } }";
    house.ask(mutation, json!({ "kind": kind })).await["startViewsJob"]["id"].clone()
}

/// How the job with this id is.
async fn job(house: &House, id: &Value) -> Value {
    let query = "query ($id: ID!) { viewsJob(id: $id) { id kind state } }";
    house.ask(query, json!({ "id": id })).await["viewsJob"].clone()
}

/// Waits until the job is done, and checks that it is of this kind.
async fn is_done(house: &House, id: &Value, kind: &str) {
    let done = json!({ "id": id, "kind": kind, "state": "DONE" });
    let begun = std::time::Instant::now();
    while job(house, id).await != done {
        assert!(begun.elapsed() < SOON, "{}", job(house, id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_began_a_job_hears_of_that_one_and_no_other() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    let first = start(&house, "VERIFY").await;
    is_done(&house, &first, "VERIFY").await;
    let second = start(&house, "DROP_ORPHANS").await;
    is_done(&house, &second, "DROP_ORPHANS").await;
    is_done(&house, &first, "VERIFY").await;
    assert_eq!(job(&house, &json!("nobody's")).await, Value::Null);
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_is_wrong_is_refused_alike_by_the_command_line_and_both_mutations() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    let told = refused(&house.against(&["rebuild", "--throttle", "0"]), 2);
    assert!(told.contains("1 or more"), "{told}");
    for (mutation, code, says) in [
        (
            "startViewsJob(input: { kind: REBUILD, throttle: 0 }) { id }",
            "BAD_USER_INPUT",
            "1 or more",
        ),
        (
            "startViewsJob(input: { kind: VERIFY, throttle: 5 }) { id }",
            "BAD_USER_INPUT",
            "`throttle`",
        ),
        (
            "startViewsJob(input: { kind: VERIFY, memory: \"much\" }) { id }",
            "BAD_USER_INPUT",
            "`memory`",
        ),
        ("instructViews(instruction: RESUME_REBUILD, throttle: 0)", "BAD_USER_INPUT", "1 or more"),
        (
            "instructViews(instruction: PAUSE_PROJECTOR, throttle: 5)",
            "BAD_USER_INPUT",
            "`throttle`",
        ),
        ("instructViews(instruction: PAUSE_REBUILD)", "NOT_NOW", "no rebuild"),
    ] {
        let answer = house.send(&format!("mutation {{ {mutation} }}"), json!({})).await.unwrap();
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], code, "{mutation}: {answer}");
        assert!(error["message"].as_str().unwrap().contains(says), "{mutation}: {answer}");
    }
    house.close();
}

#[test]
fn a_job_that_went_with_its_shop_is_told_to_whoever_waits_for_it() {
    let folder = folder();
    let stores = Stores::embedded(folder.path());
    let house = House::open(&stores);
    house.say(&["demo", "--customers", "20", "--purchases", "500"]);
    let address = house.server.trim_start_matches("http://").to_owned();
    let waits = house.against(&["rebuild", "--throttle", "10"]);
    let mut waits = Program::start(&sklep(&waits)).unwrap();
    waits.wait_for("filling", SOON).unwrap();
    // Whoever asks while no shop is there hears that.
    waits.pause().unwrap();
    house.close();
    let house = House::open_at(&stores, &address);
    waits.resume().unwrap();
    assert_eq!(waits.wait(SOON).unwrap().code(), Some(1), "{}", waits.output());
    assert!(waits.output().contains("does not know this job any more"), "{}", waits.output());
    house.close();
}

#[test]
fn a_rebuild_that_the_shop_does_is_throttled_and_cancelled_while_it_runs() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    house.say(&["demo", "--customers", "20", "--purchases", "500"]);
    let rebuild = house.against(&["rebuild", "--throttle", "20"]);
    let mut rebuild = Program::start(&sklep(&rebuild)).unwrap();
    rebuild.wait_for("filling", SOON).unwrap();
    let told = house.say(&["rebuild", "--throttle", "10"]);
    assert!(told.contains("was told the new limit"), "{told}");
    assert!(house.say(&["status"]).contains("at most 10/s"), "{}", house.say(&["status"]));
    let error = refused(&house.against(&["verify"]), 1);
    assert!(error.contains("`sklep rebuild --cancel`"), "{error}");
    let told = house.say(&["rebuild", "--cancel"]);
    assert!(told.contains("the rebuild was cancelled"), "{told}");
    assert_eq!(rebuild.wait(SOON).unwrap().code(), Some(1), "{}", rebuild.output());
    assert!(rebuild.output().contains("was cancelled"), "{}", rebuild.output());
    house.say(&["rebuild"]);
    house.close();
}
