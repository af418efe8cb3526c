use proptest::prelude::*;

use super::*;

fn monday(openings: &[(u16, u16)]) -> Result<WeeklyHours, InvalidHours> {
    let mut days: [Vec<Opening>; 7] = Default::default();
    days[0] = openings.iter().map(|&(from, until)| Opening { from, until }).collect();
    WeeklyHours::new(days)
}

#[test]
fn openings_are_one_after_another_within_their_day() {
    assert!(monday(&[]).is_ok() && monday(&[(0, 1_440)]).is_ok() && monday(&[(480, 720), (720, 1_080)]).is_ok());
    assert_eq!(monday(&[(600, 600)]), Err(InvalidHours::Opening(0)));
    assert_eq!(monday(&[(600, 500)]), Err(InvalidHours::Opening(0)));
    assert_eq!(monday(&[(600, 1_441)]), Err(InvalidHours::Opening(0)));
    assert_eq!(monday(&[(480, 721), (720, 1_080)]), Err(InvalidHours::Order(0)));
    assert_eq!(monday(&[(720, 1_080), (480, 720)]), Err(InvalidHours::Order(0)));
    assert_eq!(monday(&[(1, 2), (3, 4), (5, 6), (7, 8), (9, 10)]), Err(InvalidHours::TooMany(0)));
}

#[test]
fn what_is_read_is_checked_as_well() {
    let json = serde_json::to_string(&monday(&[(480, 720)]).unwrap()).unwrap();
    assert_eq!(json, r#"[[{"from":480,"until":720}],[],[],[],[],[],[]]"#);
    assert_eq!(serde_json::from_str::<WeeklyHours>(&json).unwrap(), monday(&[(480, 720)]).unwrap());
    assert!(serde_json::from_str::<WeeklyHours>(&json.replace("720", "7")).is_err());
}

#[test]
fn a_business_is_open_by_the_clocks_of_its_own_zone() {
    let week = Some(monday(&[(480, 720)]).unwrap());
    let hours = BusinessHours { week, ..BusinessHours::default() };
    let zone = TimeZone::parse("America/Sao_Paulo").unwrap();
    let at = |text: &str| Timestamp::try_from(text.to_owned()).unwrap();
    // 2026-11-23 is a Monday; São Paulo is three hours behind UTC.
    assert!(hours.is_open(at("2026-11-23T11:00:00Z"), &zone));
    assert!(hours.is_open(at("2026-11-23T14:59:59Z"), &zone));
    assert!(!hours.is_open(at("2026-11-23T15:00:00Z"), &zone));
    assert!(!hours.is_open(at("2026-11-23T10:59:59Z"), &zone));
    assert!(!hours.is_open(at("2026-11-24T11:00:00Z"), &zone));
    assert!(!hours.is_open(at("2026-11-23T11:00:00Z"), &TimeZone::parse("Asia/Tokyo").unwrap()));
}

fn at(text: &str) -> Timestamp {
    Timestamp::try_from(text.to_owned()).unwrap()
}

/// Open at these minutes of every day.
fn daily(openings: &[(u16, u16)]) -> BusinessHours {
    let openings: Vec<_> = openings.iter().map(|&(from, until)| Opening { from, until }).collect();
    let week = Some(WeeklyHours::new(std::array::from_fn(|_| openings.clone())).unwrap());
    BusinessHours { week, ..BusinessHours::default() }
}

fn exceptions(json: &str) -> Result<Exceptions, serde_json::Error> {
    serde_json::from_str(json)
}

#[test]
fn a_holiday_is_otherwise_than_its_weekday() {
    let zone = TimeZone::parse("America/Sao_Paulo").unwrap();
    let json = r#"[{"date": "2026-12-25", "openings": []}, {"date": "2026-12-24", "openings": [{"from": 480, "until": 720}]}]"#;
    let hours = BusinessHours { exceptions: exceptions(json).unwrap(), ..daily(&[(480, 1_080)]) };
    assert!(hours.is_open(at("2026-12-23T20:00:00Z"), &zone) && !hours.is_open(at("2026-12-24T20:00:00Z"), &zone));
    // From Christmas Eve at noon until the day after Christmas at eight.
    let closed = Standing::Closed { since: Some(at("2026-12-24T15:00:00Z")), until: Some(at("2026-12-26T11:00:00Z")) };
    assert_eq!(hours.standing(at("2026-12-25T14:00:00Z"), &zone), closed);
    assert_eq!(hours.standing(at("2026-12-24T15:00:00Z"), &zone), closed);
    assert_eq!(
        hours.standing(at("2026-12-24T14:00:00Z"), &zone),
        Standing::Open { until: Some(at("2026-12-24T15:00:00Z")) }
    );
}

#[test]
fn exceptions_are_days_each_once_with_openings_that_can_be() {
    let written = serde_json::to_string(&exceptions(r#"[{"date": "2026-12-25", "openings": []}]"#).unwrap()).unwrap();
    assert_eq!(written, r#"[{"date":"2026-12-25","openings":[]}]"#);
    for wrong in [
        r#"[{"date": "2026-12-25", "openings": []}, {"date": "2026-12-25", "openings": []}]"#,
        r#"[{"date": "2026-12-25", "openings": [{"from": 9, "until": 9}]}]"#,
        r#"[{"date": "2026-02-30", "openings": []}]"#,
        r#"[{"date": "2026-12-25T00:00:00", "openings": []}]"#,
        r#"[{"date": "25/12/2026", "openings": []}]"#,
    ] {
        assert!(exceptions(wrong).is_err(), "{wrong}");
    }
    let day = |n: i64| Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(n));
    let many = |count| Exceptions::new((0..count).map(|n| Exception { date: day(n), openings: vec![] }));
    assert!(many(200).is_ok());
    assert_eq!(many(201), Err(InvalidExceptions::TooMany));
}

#[test]
fn a_number_has_its_own_hours_and_the_holidays_of_its_organization() {
    let zone = TimeZone::default();
    let shop = BusinessHours {
        exceptions: exceptions(r#"[{"date": "2026-12-25", "openings": []}]"#).unwrap(),
        ..daily(&[(480, 1_080)])
    };
    let night = daily(&[(1_200, 1_440)]).or(&shop);
    assert!(night.is_open(at("2026-12-24T21:00:00Z"), &zone) && !night.is_open(at("2026-12-24T12:00:00Z"), &zone));
    assert!(!night.is_open(at("2026-12-25T21:00:00Z"), &zone));
    let own = exceptions(r#"[{"date": "2026-12-25", "openings": [{"from": 600, "until": 660}]}]"#).unwrap();
    let own = BusinessHours { week: None, exceptions: own }.or(&shop);
    assert!(own.is_open(at("2026-12-25T10:00:00Z"), &zone) && own.is_open(at("2026-12-24T08:00:00Z"), &zone));
}

#[test]
fn a_business_that_never_closes_or_never_opens_says_no_time() {
    let zone = TimeZone::parse("America/Sao_Paulo").unwrap();
    let now = at("2026-11-28T12:00:00Z");
    assert_eq!(BusinessHours::default().standing(now, &zone), Standing::Open { until: None });
    assert_eq!(daily(&[(0, 720), (720, 1_440)]).standing(now, &zone), Standing::Open { until: None });
    assert_eq!(daily(&[]).standing(now, &zone), Standing::Closed { since: None, until: None });
    // Past midnight it stays open, and closes when the second part does.
    assert_eq!(
        daily(&[(0, 120), (1_200, 1_440)]).standing(now + Span::from_hours(13), &zone),
        Standing::Open { until: Some(at("2026-11-29T05:00:00Z")) }
    );
}

#[test]
fn clocks_that_are_set_forward_or_back_move_no_opening() {
    let zone = TimeZone::parse("America/New_York").unwrap();
    let hours = daily(&[(90, 150), (480, 1_080)]);
    // 2026-03-08: two o'clock is three. Open from 1:30 until the change, and from eight, by the new clock.
    assert!(hours.is_open(at("2026-03-08T06:30:00Z"), &zone) && hours.is_open(at("2026-03-08T06:59:59Z"), &zone));
    let closed = Standing::Closed { since: Some(at("2026-03-08T07:00:00Z")), until: Some(at("2026-03-08T12:00:00Z")) };
    assert_eq!(hours.standing(at("2026-03-08T07:10:00Z"), &zone), closed);
    // 2026-11-01: two o'clock is one again. Open from the first 1:30 until half past two.
    for open in ["2026-11-01T05:30:00Z", "2026-11-01T06:10:00Z", "2026-11-01T07:29:59Z"] {
        assert!(hours.is_open(at(open), &zone), "{open}");
    }
    assert!(!hours.is_open(at("2026-11-01T05:29:59Z"), &zone) && !hours.is_open(at("2026-11-01T07:30:00Z"), &zone));
    // An opening that lies in the hour that is left out is none.
    let lost = daily(&[(125, 170)]);
    let next = Standing::Closed { since: Some(at("2026-03-07T07:50:00Z")), until: Some(at("2026-03-09T06:05:00Z")) };
    assert_eq!(lost.standing(at("2026-03-08T07:00:00Z"), &zone), next);
}

#[test]
fn a_day_that_begins_at_one_or_ends_twice_is_whole() {
    // Until 2019 clocks in São Paulo were changed at midnight: 2018-11-04 has no 0:00, 2018-02-17 has its last hour twice.
    let zone = TimeZone::parse("America/Sao_Paulo").unwrap();
    let always = daily(&[(0, 1_440)]);
    let mut now = at("2018-02-17T12:00:00Z");
    while now < at("2018-02-19T12:00:00Z") {
        assert!(always.is_open(now, &zone), "{now}");
        now = now + Span::from_minutes(10);
    }
    assert!(always.is_open(at("2018-11-04T03:00:00Z"), &zone));
    let late = daily(&[(1_380, 1_410)]);
    // 23:00 comes for the first time at 1:00 UTC.
    assert!(late.is_open(at("2018-02-18T01:00:00Z"), &zone) && !late.is_open(at("2018-02-18T02:00:00Z"), &zone));
}

prop_compose! {
    fn some_openings()(mut minutes in prop::collection::btree_set(0_u16..=1_440, 0..=8)) -> Vec<Opening> {
        if minutes.len() % 2 == 1 {
            minutes.pop_first();
        }
        let minutes: Vec<u16> = minutes.into_iter().collect();
        minutes.chunks(2).map(|pair| Opening { from: pair[0], until: pair[1] }).collect()
    }
}

prop_compose! {
    fn some_hours()(
        week in prop::option::of(prop::array::uniform7(some_openings())),
        days in prop::collection::btree_map(0_i64..20, some_openings(), 0..4),
        begin in 0_i64..3_000,
    ) -> (BusinessHours, Date) {
        let begin = Date::constant(2018, 1, 1).saturating_add(jiff::Span::new().days(begin));
        let day = |n| begin.saturating_add(jiff::Span::new().days(n));
        let days = days.into_iter().map(|(n, openings)| Exception { date: day(n), openings });
        let exceptions = Exceptions::new(days).unwrap();
        (BusinessHours { week: week.map(|week| WeeklyHours::new(week).unwrap()), exceptions }, begin)
    }
}

proptest! {
    #[test]
    fn what_stands_now_stands_until_it_says_and_not_longer(
        (hours, begin) in some_hours(),
        zone in prop::sample::select(vec!["America/Sao_Paulo", "America/New_York", "Australia/Lord_Howe", "UTC"]),
        after in 0_i64..(14 * 24 * 60),
    ) {
        let zone = TimeZone::parse(zone).unwrap();
        let now = zone.moment(begin, 0).unwrap() + Span::from_minutes(after);
        let a_little = Span::from_micros(1);
        let is_open = hours.is_open(now, &zone);
        let standing = hours.standing(now, &zone);
        prop_assert_eq!(matches!(standing, Standing::Open { .. }), is_open);
        let (Standing::Open { until } | Standing::Closed { until, .. }) = standing;
        if let Some(until) = until {
            prop_assert!(until > now);
            prop_assert_eq!(hours.is_open(until, &zone), !is_open);
            prop_assert_eq!(hours.is_open(until - a_little, &zone), is_open);
            let half = now + Span::from_micros(until.since(now).micros() / 2);
            prop_assert_eq!(hours.is_open(half, &zone), is_open);
        }
        if let Standing::Closed { since: Some(since), until } = standing {
            prop_assert!(since <= now && !hours.is_open(since, &zone) && hours.is_open(since - a_little, &zone));
            // Every moment of the time for which it is closed names it alike.
            let end = until.map_or(now, |until| until - a_little);
            let others = [since, now, end, since + Span::from_micros(end.since(since).micros() / 3)];
            for other in others {
                prop_assert_eq!(hours.standing(other, &zone), standing);
            }
        }
    }

    #[test]
    fn the_clocks_show_an_opening_while_it_is_open(
        (hours, begin) in some_hours(),
        after in 0_i64..(14 * 24 * 60),
    ) {
        // A zone that sets no clocks: there the hours are what the clocks show.
        let zone = TimeZone::parse("Asia/Tokyo").unwrap();
        let now = zone.moment(begin, 0).unwrap() + Span::from_minutes(after);
        let day = now.date_in(&zone);
        let minute = now.since(zone.moment(day, 0).unwrap()).seconds_up() / 60;
        let usual = || hours.week.as_ref().map_or(&[Opening { from: 0, until: 1_440 }][..], |week| week.on(day));
        let openings = hours.exceptions.iter().find(|(date, _)| *date == day).map_or_else(usual, |(_, openings)| openings);
        let shown = openings.iter().any(|opening| (i64::from(opening.from)..i64::from(opening.until)).contains(&minute));
        prop_assert_eq!(hours.is_open(now, &zone), shown);
    }
}
