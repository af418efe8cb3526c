use super::*;

fn at(day: &str) -> Timestamp {
    TimeZone::default().start_of(day).unwrap()
}

fn phone(text: &str) -> Phone {
    Phone::parse(text).unwrap()
}

fn pricing(kind: Option<&str>, category: &str, billable: Option<bool>) -> Pricing {
    let kind = kind.map(ToOwned::to_owned);
    Pricing { model: Some("PMP".to_owned()), kind, category: Some(category.to_owned()), billable }
}

#[test]
fn every_row_of_every_file_is_read() {
    let count = |file: &str| file.lines().count() - 1;
    assert_eq!(CALLING_CODES.len(), count(include_str!("calling_codes.csv")));
    assert_eq!(WHATSAPP.len(), count(include_str!("whatsapp.csv")));
    assert_eq!(MODELS.len(), count(include_str!("models.csv")));
    for price in WHATSAPP.iter() {
        let known = CALLING_CODES.iter().any(|code| code.market == price.market);
        assert!(known, "{} is the market of no calling code", price.market);
    }
    let mut prefixes: Vec<&str> = CALLING_CODES.iter().map(|code| code.prefix.as_str()).collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    assert_eq!(prefixes.len(), CALLING_CODES.len(), "a calling code stands for one country");
}

#[test]
fn a_country_is_told_by_the_longest_calling_code() {
    for (number, country) in [
        ("+5511987654321", "BR"),
        ("+351912345678", "PT"),
        ("+12125550123", "US"),
        ("+14165550123", "CA"),
        ("+18095550123", "DO"),
        ("+77011234567", "KZ"),
        ("+79161234567", "RU"),
        ("+447911123456", "GB"),
        ("+390612345678", "IT"),
    ] {
        assert_eq!(Country::of(&phone(number)).as_str(), country, "{number}");
    }
    assert_eq!(Country::of(&phone("+999123456")), Country::UNKNOWN);
}

#[test]
fn a_delivered_message_costs_its_list_price_of_the_day() {
    let brazil = phone("+5511987654321");
    let marketing = pricing(Some("regular"), "marketing", Some(true));
    let charge = Charge::of(&marketing, Some(&brazil), at("2026-11-28")).unwrap();
    assert_eq!(charge.country.as_str(), "BR");
    assert_eq!(charge.price.map(|price| (price.micros, price.currency.to_string())), Some((62_500, "USD".to_owned())));
    // Before the file begins there is no price, and none is guessed.
    let early = Charge::of(&marketing, Some(&brazil), at("2020-01-01")).unwrap();
    assert_eq!((early.billable, early.price), (true, None));
    // Answers to customers cost nothing until October 2026.
    assert_eq!(message_price(&brazil, PriceCategory::Service, at("2026-09-30")), None);
    assert_eq!(message_price(&brazil, PriceCategory::Service, at("2026-10-01")).map(|price| price.micros), Some(6_800));
}

#[test]
fn meta_decides_whether_a_message_is_charged_for() {
    let brazil = phone("+5511987654321");
    let of = |pricing: &Pricing| Charge::of(pricing, Some(&brazil), at("2026-11-28"));
    let free = of(&pricing(Some("free_customer_service"), "utility", Some(false))).unwrap();
    assert_eq!((free.billable, free.price), (false, None));
    // The kind counts where Meta no longer sends `billable`, and that where it sends no kind.
    assert!(of(&pricing(Some("regular"), "utility", None)).unwrap().billable);
    assert!(!of(&pricing(None, "utility", Some(false))).unwrap().billable);
    assert_eq!(of(&pricing(None, "utility", None)), None);
    let category = of(&pricing(Some("regular"), "authentication-international", None)).unwrap().category;
    assert_eq!(category, PriceCategory::AuthenticationInternational);
    // Who has no number that we know is of no known country.
    let nowhere = Charge::of(&pricing(Some("regular"), "marketing", None), None, at("2026-11-28")).unwrap();
    assert_eq!((nowhere.country, nowhere.price), (Country::UNKNOWN, None));
}

#[test]
fn a_model_costs_by_its_tokens() {
    let now = at("2026-11-28");
    let price = model_price("gpt-4o-mini", 1_000_000, 500_000, now).unwrap();
    assert_eq!(price.micros, 450_000);
    assert_eq!(model_price("gpt-4o-mini-2024-07-18", 1_000_000, 500_000, now), Some(price));
    assert_eq!(model_price("gpt-4o-mini-audio", 1, 1, now), None);
    assert_eq!(model_price("somebody's own", 1, 1, now), None);
}

#[test]
fn a_price_is_a_decimal_number() {
    assert_eq!(micros("0.0625"), Some(62_500));
    assert_eq!(micros("12"), Some(12_000_000));
    for wrong in ["", ".5", "-1", "1.2345678", "1,5", "a"] {
        assert_eq!(micros(wrong), None, "{wrong}");
    }
}

#[test]
fn an_amount_is_rounded_to_the_currency_s_smallest_unit() {
    let minor = |micros, currency: &str| Money { micros, currency: Currency::parse(currency).unwrap() }.minor();
    assert_eq!((minor(62_500, "USD"), minor(4_999, "BRL"), minor(5_000, "BRL")), (6, 0, 1));
    assert_eq!((minor(1_500_000, "JPY"), minor(1_500, "KWD")), (2, 2));
}
