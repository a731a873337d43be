//! What a shop refuses to start on.

use std::net::TcpListener;

use testkit::Mongo;

use crate::house::{House, Stores, folder, refused};

#[test]
fn a_folder_belongs_to_one_process() {
    let folder = folder();
    let stores = Stores::embedded(folder.path());
    let house = House::open(&stores);
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["doctor"]] {
        let error = refused(&stores.arguments(command), 1);
        assert!(
            error.contains(folder.path().to_str().unwrap()) || error.contains("another"),
            "{error}"
        );
    }
    house.close();
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error =
        refused(&Stores::embedded(folder.path()).arguments(&["serve", "--listen", &address]), 1);
    assert!(error.contains(&address) && error.contains("--listen"), "{error}");
}

#[test]
fn views_of_another_log_are_refused() {
    let database = testkit::unique("story");
    let on = |folder: &tempfile::TempDir| {
        Stores::embedded(folder.path())
            .and("--mongodb", testkit::mongodb())
            .and("--database", &database)
    };
    let (first, second) = (folder(), folder());
    House::open(&on(&first)).close();
    let error = refused(&on(&second).arguments(&["serve", "--listen", "127.0.0.1:0"]), 1);
    assert!(error.contains("another log") || error.contains("log"), "{error}");
}

#[test]
fn a_mongodb_without_transactions_is_refused() {
    let folder = folder();
    let mongo = Mongo::start_standalone().unwrap();
    let stores = Stores::embedded(folder.path()).and("--mongodb", mongo.uri());
    let error = refused(&stores.arguments(&["serve", "--listen", "127.0.0.1:0"]), 1);
    assert!(error.contains("replica set"), "{error}");
}

#[test]
fn commands_for_a_stopped_shop_do_not_begin_one() {
    let folder = folder();
    let nowhere = folder.path().join("nowhere");
    let stores = Stores::embedded(&nowhere);
    let export = folder.path().join("export");
    for command in [&["doctor"][..], &["export", export.to_str().unwrap()]] {
        let error = refused(&stores.arguments(command), 1);
        assert!(error.contains("--data"), "{error}");
    }
    assert!(!nowhere.exists() && !export.exists());
}

#[test]
fn a_connection_string_that_is_none_leaves_nothing_behind() {
    let folder = folder();
    let data = folder.path().join("data");
    let stores = Stores::embedded(&data).and("--mongodb", "rubbish");
    let error = refused(&stores.arguments(&["serve", "--listen", "127.0.0.1:0"]), 2);
    assert!(error.contains("connection string"), "{error}");
    assert!(!data.exists());
}

#[test]
fn what_answers_but_is_no_shop_is_not_taken_for_one() {
    use std::io::{Read as _, Write as _};

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 10_000]).unwrap();
            let page =
                "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
            stream.write_all(page.as_bytes()).unwrap();
        }
    });
    for command in
        [&["status"][..], &["status", "--json"], &["products"], &["verify"], &["rebuild"]]
    {
        let error = refused(&[command, &["--server", &server]].concat(), 1);
        assert!(error.contains("answers 404, which is not what a shop answers"), "{error}");
    }
}

#[test]
fn a_clean_stop_warns_of_nothing() {
    let folder = folder();
    let mut house = House::open(&Stores::embedded(folder.path()));
    house.say(&["demo", "--customers", "3", "--purchases", "10"]);
    house.program.terminate().unwrap();
    assert!(house.program.wait(crate::house::SOON).unwrap().success());
    let output = house.program.output();
    assert!(!output.contains("WARN"), "{output}");
}
