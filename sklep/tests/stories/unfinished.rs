//! An import that is killed in the middle, or looked at while it runs.

use std::{fs, path::Path, time::Duration};

use domain::testing::customer_created;
use event_log::{
    Content, Envelope, EventLog, KafkaLog, KafkaSettings, LogId, MemoryLog, Partition, Stamp,
    Timestamp, Trace, WriterId, codec, identity, transfer,
};
use serde_json::Value;
use testkit::Program;
use uuid::Uuid;

use crate::house::{House, SOON, Stores, folder, refused, run, say, sklep};

const LOG: LogId = LogId(Uuid::from_u128(7));
const WRITER: WriterId = WriterId(Uuid::from_u128(8));
/// So many that an import of them takes some seconds.
const RECORDS: u64 = 60_000;

/// A file with a log of two partitions.
async fn export(folder: &Path) -> String {
    let log = MemoryLog::new(2);
    identity::begin(&log, LOG, WRITER, Timestamp(5)).await.unwrap();
    for sequence in 1..=RECORDS {
        let envelope = Envelope {
            id: Uuid::from_u128(9),
            time: Timestamp(1_795_352_759_123),
            stamp: Stamp { epoch: 1, writer: WRITER, sequence },
            trace: Trace::default(),
            content: Content::Event(customer_created(&format!("c{sequence}"))),
        };
        let partition = Partition(u16::try_from(sequence % 2).unwrap());
        log.put(partition, codec::encode(&envelope, LOG)).unwrap();
    }
    let mut file = Vec::new();
    transfer::export(&log, &mut file, |_| ()).await.unwrap();
    let path = folder.join("export");
    fs::write(&path, file).unwrap();
    path.to_str().unwrap().to_owned()
}

fn begin(stores: &Stores, file: &str) -> Program {
    Program::start(&sklep(&stores.arguments(&["import", file]))).unwrap()
}

/// Checks that nothing works on the log, and that whatever is asked names the import and what to type.
fn check_unfinished(stores: &Stores, option: &str) {
    let names_it = |text: &str| {
        assert!(text.contains("unfinished `sklep import`"), "{text}");
        assert!(text.contains("run the same import again") && text.contains(option), "{text}");
        assert!(!text.contains("=-1"), "{text}");
    };
    names_it(&refused(&stores.arguments(&["serve", "--listen", "127.0.0.1:0"]), 1));
    names_it(&refused(&stores.arguments(&["export", "/tmp/never-written"]), 1));
    let found = run(&stores.arguments(&["doctor", "--json"]));
    assert_eq!(found.status.code(), Some(3));
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let mut findings = found["findings"].as_array().unwrap().iter();
    let import = findings.find(|it| it["check"] == "import").unwrap();
    assert_eq!(import["severity"], "wrong");
    assert!(import["remedy"].as_str().unwrap().contains(option), "{import}");
}

/// The same import comes to its end, and the log is the file's.
fn check_goes_on(stores: &Stores, file: &str, folder: &Path) {
    say(&stores.arguments(&["import", file]));
    let copy = folder.join("copy");
    say(&stores.arguments(&["export", copy.to_str().unwrap()]));
    assert!(fs::read(file).unwrap() == fs::read(copy).unwrap());
    let again = refused(&stores.arguments(&["import", file]), 1);
    assert!(again.contains("import needs an empty log"), "{again}");
    let found = run(&stores.arguments(&["doctor", "--json"]));
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(!text.contains("unfinished `sklep import`"), "{text}");
    House::open(stores).close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_into_a_folder_that_is_killed_is_named_and_gone_on_with() {
    let folder = folder();
    let file = export(folder.path()).await;
    let data = folder.path().join("data");
    let stores = Stores::embedded(&data);
    let mut import = begin(&stores, &file);
    let grown = || fs::metadata(data.join("log.redb")).is_ok_and(|it| it.len() > 6 << 20);
    while !grown() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    import.kill().unwrap();
    assert!(!import.output().contains("records of"), "it was not killed in the middle");
    check_unfinished(&stores, "--data");
    check_goes_on(&stores, &file, folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_into_a_topic_that_is_killed_is_named_and_gone_on_with() {
    let folder = folder();
    let file = export(folder.path()).await;
    let topic = testkit::unique("unfinished");
    let stores = Stores::topic(&topic);
    let mut import = begin(&stores, &file);
    let records = some_records(&topic).await;
    assert!(records < RECORDS);
    // A shop that starts meanwhile is refused, as it is after the import was killed.
    import.pause().unwrap();
    check_unfinished(&stores, &topic);
    import.kill().unwrap();
    assert!(!import.output().contains("records of"), "it was not killed in the middle");
    check_unfinished(&stores, &topic);
    for command in ["verify", "rebuild"] {
        let database = testkit::unique("unfinished");
        let views = stores.clone().and("--mongodb", testkit::mongodb());
        let views = views.and("--database", &database);
        let told = refused(&views.arguments(&[command]), 1);
        assert!(told.contains("unfinished `sklep import`"), "{told}");
    }
    let status = say(&stores.arguments(&["status"]));
    assert!(status.contains("unfinished `sklep import`"), "{status}");
    check_goes_on(&stores, &file, folder.path());
}

/// Waits until the topic has some records.
async fn some_records(topic: &str) -> u64 {
    let settings = KafkaSettings::new(testkit::kafka(), topic);
    let begun = std::time::Instant::now();
    loop {
        if let Ok(log) = KafkaLog::open_as_it_is(settings.clone()).await {
            let end = log.end(Partition(0)).await.unwrap_or(0);
            if end > 100 {
                return end;
            }
        }
        assert!(begun.elapsed() < SOON);
    }
}
