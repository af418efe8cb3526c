//! What things cost: Meta's list prices by the recipient's country and the kind of message, and those of language models,
//! each from the day on which it holds.
//!
//! The files are `price/*.csv`. Whether a message is charged for at all is Meta's word, in the `pricing` of its status;
//! the file only says how much. What it has no price for is counted as unpriced, never guessed.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::delivery::Pricing;
use crate::{Phone, TimeZone, Timestamp};

static CALLING_CODES: LazyLock<Vec<CallingCode>> =
    LazyLock::new(|| rows(include_str!("price/calling_codes.csv")).filter_map(CallingCode::read).collect());
static WHATSAPP: LazyLock<Vec<ListPrice>> =
    LazyLock::new(|| rows(include_str!("price/whatsapp.csv")).filter_map(ListPrice::read).collect());
static MODELS: LazyLock<Vec<ModelPrice>> =
    LazyLock::new(|| rows(include_str!("price/models.csv")).filter_map(ModelPrice::read).collect());

/// A country by its two letters (ISO 3166-1), or one that is not known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// A currency by its three letters (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The text is no code of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code of two or three capital letters")]
pub struct InvalidCode;

macro_rules! codes {
    ($($name:ident)*) => {$(
        impl $name {
            /// Reads a code.
            pub fn parse(text: &str) -> Option<Self> {
                let bytes = text.as_bytes().try_into().ok()?;
                text.bytes().all(|byte| byte.is_ascii_uppercase()).then_some(Self(bytes))
            }

            /// The code.
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidCode;
            fn try_from(text: String) -> Result<Self, InvalidCode> {
                Self::parse(&text).ok_or(InvalidCode)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.as_str().to_owned()
            }
        }
    )*};
}

codes! { Country Currency }

impl Country {
    /// One that is not known: the person has no number that tells it.
    pub const UNKNOWN: Self = Self(*b"ZZ");

    /// The country of a number, by its calling code.
    pub fn of(phone: &Phone) -> Self {
        calling_code(phone).map_or(Self::UNKNOWN, |code| code.country)
    }
}

/// What Meta charges a message as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceCategory {
    /// Marketing templates.
    Marketing,
    /// Marketing templates sent through Meta's own optimisation.
    MarketingLite,
    /// Utility templates.
    Utility,
    /// Codes to sign in with.
    Authentication,
    /// The same, from a business in another country.
    AuthenticationInternational,
    /// Answers to a customer.
    Service,
    /// Messages after a click on an advertisement.
    ReferralConversion,
    /// A category that is not known here.
    Other,
}

impl PriceCategory {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Marketing,
        Self::MarketingLite,
        Self::Utility,
        Self::Authentication,
        Self::AuthenticationInternational,
        Self::Service,
        Self::ReferralConversion,
        Self::Other,
    ];

    /// Its name, as in the API and in the price file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::MarketingLite => "marketing_lite",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
            Self::AuthenticationInternational => "authentication_international",
            Self::Service => "service",
            Self::ReferralConversion => "referral_conversion",
            Self::Other => "other",
        }
    }

    /// The category of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == name)
    }

    /// The category that Meta names in a status, which writes one of them with a dash.
    pub fn of_meta(name: &str) -> Self {
        Self::parse(&name.to_ascii_lowercase().replace('-', "_")).unwrap_or(Self::Other)
    }
}

/// An amount of money, in millionths of its currency: prices of one message are fractions of a cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How many millionths.
    pub micros: i64,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// The amount in the currency's smallest unit, rounded: cents of a dollar.
    pub fn minor(self) -> i64 {
        // A hundredth, but for some (ISO 4217).
        let unit = match self.currency.as_str() {
            "CLP" | "ISK" | "JPY" | "KRW" | "PYG" | "UGX" | "VND" => 1_000_000,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 1_000,
            _ => 10_000,
        };
        (self.micros + unit / 2).div_euclid(unit)
    }
}

/// What a delivered message costs, as of its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Where the recipient's number is from.
    pub country: Country,
    /// As what it is charged.
    pub category: PriceCategory,
    /// Whether Meta charges for it at all.
    pub billable: bool,
    /// Its list price, where it is billable and the file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
}

impl Charge {
    /// What Meta says of a message's price, with the list price of the day. `None`: Meta does not say.
    ///
    /// Meta means to drop `billable`; where it is gone, `type` says whether one of the free kinds applies.
    pub fn of(pricing: &Pricing, recipient: Option<&Phone>, delivered_at: Timestamp) -> Option<Self> {
        let category = PriceCategory::of_meta(pricing.category.as_deref()?);
        let billable = match (&pricing.kind, pricing.billable) {
            (Some(kind), _) => kind.eq_ignore_ascii_case("regular"),
            (None, said) => said?,
        };
        let code = recipient.and_then(calling_code);
        let price = code.filter(|_| billable).and_then(|code| list_price(&code.market, category, delivered_at));
        let country = code.map_or(Country::UNKNOWN, |code| code.country);
        Some(Self { country, category, billable, price })
    }
}

/// Meta's list price of a message to this number; `None`: the file has none.
pub fn message_price(recipient: &Phone, category: PriceCategory, at: Timestamp) -> Option<Money> {
    list_price(&calling_code(recipient)?.market, category, at)
}

/// What a call of a language model costs; `None`: the file has no price of the model. A model may be named with the day
/// of its making, which the file leaves out.
pub fn model_price(model: &str, read: u32, written: u32, at: Timestamp) -> Option<Money> {
    let is_it = |price: &&ModelPrice| {
        let rest = model.strip_prefix(price.model.as_str());
        price.from <= at && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("-20"))
    };
    let price = MODELS.iter().filter(is_it).max_by_key(|price| price.from)?;
    // A price is of a million tokens, in millionths: one token costs as many millionths as a million costs whole units.
    let micros = (i64::from(read) * price.read + i64::from(written) * price.written) / 1_000_000;
    Some(Money { micros, currency: price.currency })
}

fn list_price(market: &str, category: PriceCategory, at: Timestamp) -> Option<Money> {
    let is_it = |price: &&ListPrice| price.market == market && price.category == category && price.from <= at;
    WHATSAPP.iter().filter(is_it).max_by_key(|price| price.from).map(|price| price.money)
}

/// The longest calling code that the number begins with.
fn calling_code(phone: &Phone) -> Option<&'static CallingCode> {
    let matching = CALLING_CODES.iter().filter(|code| phone.digits().starts_with(&code.prefix));
    matching.max_by_key(|code| code.prefix.len())
}

struct CallingCode {
    prefix: String,
    country: Country,
    market: String,
}

struct ListPrice {
    from: Timestamp,
    market: String,
    category: PriceCategory,
    money: Money,
}

struct ModelPrice {
    from: Timestamp,
    model: String,
    currency: Currency,
    /// Of a million tokens, in millionths.
    read: i64,
    written: i64,
}

impl CallingCode {
    fn read(row: Vec<&str>) -> Option<Self> {
        let [prefix, country, market] = row.try_into().ok()?;
        let country = Country::parse(country)?;
        Some(Self { prefix: prefix.to_owned(), country, market: market.to_owned() })
    }
}

impl ListPrice {
    fn read(row: Vec<&str>) -> Option<Self> {
        let [from, currency, market, category, price] = row.try_into().ok()?;
        let money = Money { micros: micros(price)?, currency: Currency::parse(currency)? };
        let category = PriceCategory::parse(category)?;
        Some(Self { from: day(from)?, market: market.to_owned(), category, money })
    }
}

impl ModelPrice {
    fn read(row: Vec<&str>) -> Option<Self> {
        let [from, currency, model, read, written] = row.try_into().ok()?;
        let currency = Currency::parse(currency)?;
        Some(Self {
            from: day(from)?,
            model: model.to_owned(),
            currency,
            read: micros(read)?,
            written: micros(written)?,
        })
    }
}

/// The rows of a file below its heading.
fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines().skip(1).map(|line| line.split(',').map(str::trim).collect())
}

/// The beginning of a day of UTC.
fn day(text: &str) -> Option<Timestamp> {
    TimeZone::default().start_of(text)
}

/// Reads a decimal number with at most six places, in millionths.
fn micros(text: &str) -> Option<i64> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || places.len() > 6 || !digits(whole) || !digits(places) {
        return None;
    }
    format!("{whole}{places:0<6}").parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
