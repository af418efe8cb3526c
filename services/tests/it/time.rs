use std::time::{Duration, SystemTime};

use services::{FakeTime, Redis};

use crate::redis::Client;

/// What separates two looks at one clock at most, on a machine that is busy.
const CLOSE: Duration = Duration::from_secs(30);

fn redis_time(client: &mut Client) -> SystemTime {
    let answer = client.ask("TIME");
    let [_, _, seconds, _, micros] = &answer[..] else { panic!("{answer:?}") };
    let since_1970 = Duration::from_secs(seconds.parse().unwrap()) + Duration::from_micros(micros.parse().unwrap());
    SystemTime::UNIX_EPOCH + since_1970
}

#[test]
fn redis_goes_by_the_clock_it_was_given_also_when_it_starts_again() {
    let time = FakeTime::new().unwrap();
    let mut redis = Redis::start(Some(&time)).unwrap();
    let mut client = Client::connect(redis.port());
    let begin = time.now();
    assert!(redis_time(&mut client).duration_since(begin).unwrap() < CLOSE);
    assert_eq!(client.ask("SET a 1 PX 600000"), ["+OK"]);

    time.advance(Duration::from_secs(599)).unwrap();
    assert_eq!(client.ask("GET a"), ["$1", "1"]);
    let moved = redis_time(&mut client).duration_since(begin).unwrap();
    assert!((Duration::from_secs(599)..Duration::from_secs(599) + CLOSE).contains(&moved), "{moved:?}");

    time.advance(CLOSE).unwrap();
    assert_eq!(client.ask("GET a"), ["$-1"]);

    redis.stop();
    time.advance(Duration::from_millis(86_400_250)).unwrap();
    redis.start_again().unwrap();
    let shown = time.now();
    let answered = redis_time(&mut Client::connect(redis.port()));
    assert!(answered.duration_since(shown).unwrap() < CLOSE, "{answered:?} is not {shown:?}");
    assert!(shown.duration_since(begin).unwrap() > Duration::from_secs(86_400));
}

#[test]
fn a_clock_goes_on_by_itself_and_outlives_its_owner_in_the_service() {
    let time = FakeTime::new().unwrap();
    time.advance(Duration::from_secs(86_400)).unwrap();
    let redis = Redis::start(Some(&time)).unwrap();
    let begin = time.now();
    drop(time);
    let mut client = Client::connect(redis.port());
    let one = redis_time(&mut client);
    let other = redis_time(&mut client);
    assert!(begin < one && one < other, "{begin:?} {one:?} {other:?}");
}
