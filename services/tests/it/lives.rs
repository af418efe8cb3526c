use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

use services::{Error, Firestore, Moto, Redis};

use crate::redis::Client;

fn is_refused(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

#[test]
fn redis_answers_when_it_has_started_and_comes_back_empty_where_it_was() {
    let mut redis = Redis::start(None).unwrap();
    let port = redis.port();
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{port}/"));
    assert_eq!(Client::connect(port).ask("SET a 1"), ["+OK"]);
    redis.stop();
    assert!(is_refused(port));
    redis.start_again().unwrap();
    assert_eq!(redis.port(), port);
    assert_eq!(Client::connect(port).ask("GET a"), ["$-1"]);
    assert_eq!(Client::connect(port).ask("SET a 2"), ["+OK"]);
    redis.start_again().unwrap();
    assert_eq!(Client::connect(port).ask("GET a"), ["$1", "2"], "one that runs is left alone");
    drop(redis);
    assert!(is_refused(port));
}

#[test]
fn a_redis_that_ended_by_itself_can_be_started_again() {
    let mut redis = Redis::start(None).unwrap();
    assert_eq!(Client::connect(redis.port()).ask("SHUTDOWN NOSAVE"), [""], "the connection ends");
    redis.start_again().unwrap();
    assert_eq!(Client::connect(redis.port()).ask("PING"), ["+PONG"]);
}

/// Makes a request of HTTP; the status and the body.
fn http(port: u16, method: &str, path: &str, body: &str) -> (String, String) {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {length}\r\n\r\n");
    stream.get_mut().write_all((head + body).as_bytes()).unwrap();
    let head: Vec<String> = stream.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    let length = head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = String::new();
    stream.take(length.unwrap()).read_to_string(&mut body).unwrap();
    (head[0].split(' ').nth(1).unwrap().to_owned(), body)
}

#[test]
fn moto_answers_when_it_has_started_and_keeps_what_it_holds_over_an_outage() {
    let mut moto = Moto::start(None).unwrap();
    let port = moto.port();
    assert_eq!(moto.endpoint(), format!("http://127.0.0.1:{port}"));
    assert_eq!(http(port, "PUT", "/a-bucket", "").0, "200");
    moto.stop();
    assert!(is_refused(port));
    moto.start_again().unwrap();
    assert!(http(port, "GET", "/moto-api/data.json", "").1.contains("a-bucket"));
    drop(moto);
    assert!(is_refused(port));
}

#[test]
fn firestore_answers_when_it_has_started_and_keeps_what_it_holds_over_an_outage() {
    let mut firestore = Firestore::start().unwrap();
    let port = firestore.port();
    assert_eq!(firestore.host(), format!("127.0.0.1:{port}"));
    let document = "/v1/projects/a-project/databases/(default)/documents/a/b";
    let (status, written) = http(port, "PATCH", document, r#"{"fields":{"text":{"stringValue":"kept"}}}"#);
    assert_eq!(status, "200", "{written}");
    firestore.stop();
    assert!(is_refused(port));
    firestore.start_again().unwrap();
    assert!(http(port, "GET", document, "").1.contains("kept"));
    drop(firestore);
    assert!(is_refused(port));
}

#[test]
fn each_service_can_be_started_on_a_port_of_choice_and_says_when_it_is_taken() {
    // Free, and then taken by the first.
    let port = Redis::start(None).unwrap().port();
    let redis = Redis::start_on(port).unwrap();
    assert_eq!(redis.port(), port);
    for error in [
        Redis::start_on(port).err().unwrap(),
        Moto::start_on(port).err().unwrap(),
        Firestore::start_on(port).err().unwrap(),
    ] {
        let Error::Start { reason, .. } = &error else { panic!("{error:?}") };
        assert!(reason.contains(&port.to_string()), "{error}");
    }
    assert_eq!(Client::connect(port).ask("PING"), ["+PONG"]);
}
