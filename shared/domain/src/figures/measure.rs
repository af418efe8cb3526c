use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::DeliveryStatus;
use crate::origin::Origin;
use crate::price::{Country, Currency, PriceCategory};

/// Within how many seconds first responses are told apart, the fewest first: each one counts for the first that it is
/// within, or for none.
pub const WITHIN: [u32; 6] = [60, 5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60, 24 * 60 * 60];

/// One thing that is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Measure {
    /// Messages of customers.
    Received,
    /// Messages to customers, by who wrote them and how far they got. Each counts once, when it was written.
    Written {
        /// Who wrote them.
        origin: Origin,
        /// How far they got.
        status: DeliveryStatus,
    },
    /// Episodes that began: a customer wrote who was not being looked after.
    Opened,
    /// Episodes that somebody closed.
    Resolved,
    /// How long these took from their beginning, in seconds.
    ResolutionSeconds,
    /// Episodes that ended because the customer fell silent for a day.
    Lapsed,
    /// Times that an episode was handed to a person.
    HandOffs,
    /// First answers of an episode.
    FirstResponses,
    /// How long these took, in seconds.
    FirstResponseSeconds,
    /// First answers that took more than the step before in [`WITHIN`] and not more than this.
    FirstResponsesWithin(u32),
    /// First answers within what the organization has set itself.
    FirstResponsesInTime,
    /// First answers that took longer.
    FirstResponsesLate,
    /// Delivered messages that Meta charges for.
    Charged {
        /// Whom for.
        country: Country,
        /// As what.
        category: PriceCategory,
    },
    /// Delivered messages that Meta says are free.
    Free {
        /// Whom for.
        country: Country,
        /// As what.
        category: PriceCategory,
    },
    /// Of those charged for, how many the price file has no price for.
    Unpriced {
        /// Whom for.
        country: Country,
        /// As what.
        category: PriceCategory,
    },
    /// What the others cost, in millionths of the currency.
    Cost {
        /// In which currency.
        currency: Currency,
        /// Whom for.
        country: Country,
        /// As what.
        category: PriceCategory,
    },
    /// Answers of a language model.
    ModelCalls(String),
    /// Tokens that it read.
    TokensRead(String),
    /// Tokens that it wrote.
    TokensWritten(String),
    /// What that cost, in millionths of the currency, where the price file says.
    ModelCost {
        /// In which currency.
        currency: Currency,
        /// Of which model.
        model: String,
    },
}

impl Measure {
    /// The step of [`WITHIN`] that a first answer after so many seconds is within.
    pub fn within(seconds: i64) -> Option<Self> {
        WITHIN.into_iter().find(|step| seconds <= i64::from(*step)).map(Self::FirstResponsesWithin)
    }
}

/// The text is no measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a measure")]
pub struct InvalidMeasure;

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received => f.write_str("received"),
            Self::Written { origin, status } => write!(f, "written:{}:{}", origin.as_str(), status.as_str()),
            Self::Opened => f.write_str("opened"),
            Self::Resolved => f.write_str("resolved"),
            Self::ResolutionSeconds => f.write_str("resolution_seconds"),
            Self::Lapsed => f.write_str("lapsed"),
            Self::HandOffs => f.write_str("hand_offs"),
            Self::FirstResponses => f.write_str("first_responses"),
            Self::FirstResponseSeconds => f.write_str("first_response_seconds"),
            Self::FirstResponsesWithin(seconds) => write!(f, "first_responses_within:{seconds}"),
            Self::FirstResponsesInTime => f.write_str("first_responses_in_time"),
            Self::FirstResponsesLate => f.write_str("first_responses_late"),
            Self::Charged { country, category } => write!(f, "charged:{country}:{}", category.as_str()),
            Self::Free { country, category } => write!(f, "free:{country}:{}", category.as_str()),
            Self::Unpriced { country, category } => write!(f, "unpriced:{country}:{}", category.as_str()),
            Self::Cost { currency, country, category } => {
                write!(f, "cost:{currency}:{country}:{}", category.as_str())
            }
            Self::ModelCalls(model) => write!(f, "model_calls:{model}"),
            Self::TokensRead(model) => write!(f, "tokens_read:{model}"),
            Self::TokensWritten(model) => write!(f, "tokens_written:{model}"),
            Self::ModelCost { currency, model } => write!(f, "model_cost:{currency}:{model}"),
        }
    }
}

impl FromStr for Measure {
    type Err = InvalidMeasure;

    fn from_str(text: &str) -> Result<Self, InvalidMeasure> {
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        // A model's name comes last, since it may hold anything.
        let two = || rest.split_once(':');
        let charge = || -> Option<(Country, PriceCategory)> {
            let (country, category) = two()?;
            Some((Country::parse(country)?, PriceCategory::parse(category)?))
        };
        let model = || (!rest.is_empty()).then(|| rest.to_owned());
        let read = || -> Option<Self> {
            Some(match name {
                "written" => {
                    let (origin, status) = two()?;
                    Self::Written { origin: Origin::parse(origin)?, status: DeliveryStatus::parse(status)? }
                }
                "first_responses_within" => Self::FirstResponsesWithin(rest.parse().ok()?),
                "charged" => charge().map(|(country, category)| Self::Charged { country, category })?,
                "free" => charge().map(|(country, category)| Self::Free { country, category })?,
                "unpriced" => charge().map(|(country, category)| Self::Unpriced { country, category })?,
                "cost" => {
                    let (currency, rest) = two()?;
                    let (country, category) = rest.split_once(':')?;
                    Self::Cost {
                        currency: Currency::parse(currency)?,
                        country: Country::parse(country)?,
                        category: PriceCategory::parse(category)?,
                    }
                }
                "model_calls" => Self::ModelCalls(model()?),
                "tokens_read" => Self::TokensRead(model()?),
                "tokens_written" => Self::TokensWritten(model()?),
                "model_cost" => {
                    let (currency, model) = two()?;
                    Self::ModelCost { currency: Currency::parse(currency)?, model: model.to_owned() }
                }
                _ if !rest.is_empty() => return None,
                "received" => Self::Received,
                "opened" => Self::Opened,
                "resolved" => Self::Resolved,
                "resolution_seconds" => Self::ResolutionSeconds,
                "lapsed" => Self::Lapsed,
                "hand_offs" => Self::HandOffs,
                "first_responses" => Self::FirstResponses,
                "first_response_seconds" => Self::FirstResponseSeconds,
                "first_responses_in_time" => Self::FirstResponsesInTime,
                "first_responses_late" => Self::FirstResponsesLate,
                _ => return None,
            })
        };
        read().ok_or(InvalidMeasure)
    }
}

impl TryFrom<String> for Measure {
    type Error = InvalidMeasure;
    fn try_from(text: String) -> Result<Self, InvalidMeasure> {
        text.parse()
    }
}

impl From<Measure> for String {
    fn from(measure: Measure) -> Self {
        measure.to_string()
    }
}
