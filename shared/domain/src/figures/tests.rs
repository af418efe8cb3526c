use proptest::prelude::*;

use super::*;
use crate::delivery::DeliveryStatus;
use crate::origin::Origin;
use crate::price::{Country, Currency, PriceCategory};

fn measure() -> impl Strategy<Value = Measure> {
    let country = prop_oneof![Just(Country::UNKNOWN), Just(Country::parse("BR").unwrap())];
    let category = proptest::sample::select(PriceCategory::ALL.to_vec());
    prop_oneof![
        Just(Measure::Received),
        Just(Measure::FirstResponsesInTime),
        proptest::sample::select(WITHIN.to_vec()).prop_map(Measure::FirstResponsesWithin),
        (proptest::sample::select(Origin::ALL.to_vec()), proptest::sample::select(DeliveryStatus::ALL.to_vec()))
            .prop_map(|(origin, status)| Measure::Written { origin, status }),
        (country.clone(), category.clone()).prop_map(|(country, category)| Measure::Charged { country, category }),
        (country, category).prop_map(|(country, category)| Measure::Cost {
            currency: Currency::parse("USD").unwrap(),
            country,
            category
        }),
        "[a-z0-9:/.-]{1,20}".prop_map(Measure::TokensRead),
        "[a-z0-9:/.-]{1,20}".prop_map(|model| Measure::ModelCost { currency: Currency::parse("USD").unwrap(), model }),
    ]
}

fn slice() -> impl Strategy<Value = Slice> {
    prop_oneof![
        Just(Slice::All),
        Just(Slice::Number(crate::NumberId::try_from("123".to_owned()).unwrap())),
        any::<[u8; 16]>().prop_map(|bits| Slice::Team(crate::TeamId::from_bits(bits))),
    ]
}

fn counts() -> impl Strategy<Value = Counts> {
    let one = (slice(), 0..2_000_000_000_i64, measure(), -5..5_i64);
    proptest::collection::vec(one, 0..12).prop_map(|all| {
        let mut counts = Counts::default();
        for (slice, seconds, measure, by) in all {
            counts.add([&slice], Timestamp::from_seconds(seconds), &measure, by);
        }
        counts
    })
}

proptest! {
    #[test]
    fn a_measure_and_a_slice_are_read_as_they_are_written(measure in measure(), slice in slice()) {
        prop_assert_eq!(measure.to_string().parse(), Ok(measure));
        prop_assert_eq!(slice.to_string().parse(), Ok(slice));
    }

    #[test]
    fn differences_add_up_to_the_whole_whatever_their_order(steps in proptest::collection::vec(counts(), 1..6), turn in any::<usize>()) {
        // What one record counts, one state after another; told of in any order.
        let mut before = Counts::default();
        let mut told: Vec<Counts> = steps.iter().map(|after| std::mem::replace(&mut before, after.clone()).minus(after)).collect();
        let length = told.len();
        told.rotate_left(turn % length);
        let mut sum = Counts::default();
        told.iter().for_each(|difference| sum.add_all(difference));
        prop_assert_eq!(Counts::default().minus(&sum), before);
    }

    #[test]
    fn counts_are_kept_as_json(counts in counts()) {
        let text = serde_json::to_string(&counts).unwrap();
        prop_assert_eq!(serde_json::from_str::<Counts>(&text).unwrap(), counts);
    }
}

#[test]
fn a_quarter_belongs_to_one_day_of_utc() {
    let midnight = Timestamp::from_seconds(20_000 * 86_400);
    assert_eq!(Quarter::of(midnight).day(), 20_000);
    assert_eq!(Quarter::of(midnight - Span::from_micros(1)).day(), 19_999);
    assert_eq!(Quarter::of(midnight + Span::from_minutes(14)).start(), midnight);
}

#[test]
fn a_quarter_belongs_to_one_month_of_utc() {
    let zone = crate::TimeZone::default();
    let start = |day: &str| zone.start_of(day).unwrap();
    let leap = Quarter::of(start("2028-03-01") - Span::from_micros(1));
    assert_eq!(leap.month(), 2028 * 12 + 1);
    assert_eq!(leap.start_of_month().start(), start("2028-02-01"));
    assert_eq!(Quarter::of(start("2028-03-01")).start_of_month().start(), start("2028-03-01"));
}

#[test]
fn what_there_is_nothing_of_is_not_kept() {
    let mut counts = Counts::default();
    counts.add([&Slice::All], Timestamp::from_seconds(1), &Measure::Opened, 2);
    counts.add([&Slice::All], Timestamp::from_seconds(2), &Measure::Opened, -2);
    assert!(counts.is_empty());
    assert!("written:nobody:sent".parse::<Measure>().is_err() && "opened:1".parse::<Measure>().is_err());
    assert!("number:".parse::<Slice>().is_err() && "all:1".parse::<Slice>().is_err());
}

#[test]
fn a_first_answer_counts_for_the_first_step_that_it_is_within() {
    assert_eq!(Measure::within(60), Some(Measure::FirstResponsesWithin(60)));
    assert_eq!(Measure::within(61), Some(Measure::FirstResponsesWithin(300)));
    assert_eq!(Measure::within(86_401), None);
}
