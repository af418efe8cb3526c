use domain::Timestamp;
use domain::away::AwayMessage;
use domain::hours::{BusinessHours, Exceptions, Opening, Standing, WeeklyHours};
use flow::organization::OpenHours;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// From when until when it is open on a day, in minutes of that day; `until` is the first minute closed.
#[derive(Serialize, ToSchema)]
#[schema(as = Opening)]
pub(crate) struct ShownOpening {
    #[schema(maximum = 1439)]
    from: u16,
    #[schema(maximum = 1440)]
    until: u16,
}

/// A day that is otherwise than its weekday, such as a holiday.
#[derive(Serialize, ToSchema)]
#[schema(as = HoursException)]
pub(crate) struct ShownException {
    #[schema(value_type = String, format = Date, example = "2026-12-25")]
    date: String,
    /// When it is open on that day: not at all, where there are none.
    #[schema(max_items = 4)]
    openings: Vec<ShownOpening>,
}

/// What is said to who writes while it is closed.
#[derive(Serialize, ToSchema)]
#[schema(as = AwayMessage)]
pub(crate) struct ShownAwayMessage<'a> {
    /// Whether it is said. True where it is left out.
    #[schema(required = false)]
    enabled: bool,
    #[schema(min_length = 1, max_length = 4096)]
    text: &'a str,
    /// The text for customers who are known to speak another language.
    #[schema(required = false)]
    translations: ShownTranslations<'a>,
    /// Whether assistants are silent while it is closed, so that people answer later. Else it is said only where no
    /// assistant answers. False where it is left out.
    #[schema(required = false)]
    silences_assistant: bool,
}

/// Texts by language.
#[derive(Serialize, ToSchema)]
#[schema(as = Translations)]
pub(crate) struct ShownTranslations<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 4096, nullable = false)]
    pt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 4096, nullable = false)]
    en: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 4096, nullable = false)]
    es: Option<&'a str>,
}

/// When the organization, or one of its numbers, is open, as it counts.
#[derive(Serialize, ToSchema)]
#[schema(as = BusinessHours)]
pub(crate) struct ShownBusinessHours<'a> {
    /// The number that this is about, by Meta's id; null: the organization.
    phone_number_id: Option<&'a str>,
    #[schema(example = "America/Sao_Paulo")]
    time_zone: &'a str,
    /// From Monday to Sunday; null: it does not say, and is open at all times.
    hours: Option<Vec<Vec<ShownOpening>>>,
    hours_exceptions: Vec<ShownException>,
    away_message: Option<ShownAwayMessage<'a>>,
    /// Whether it is open now.
    is_open: bool,
    /// Where it is closed, when it opens next; null where that is more than a year away.
    #[schema(schema_with = schema::maybe_time)]
    opens_at: Option<Timestamp>,
    /// Where it is open, when it closes next; null where that is more than a year away.
    #[schema(schema_with = schema::maybe_time)]
    closes_at: Option<Timestamp>,
}

/// Shows when an organization, or this number of it, is open.
pub(crate) fn business_hours<'a>(open: &'a OpenHours, number: Option<&'a str>) -> ShownBusinessHours<'a> {
    let (opens_at, closes_at) = match open.standing {
        Standing::Open { until } => (None, until),
        Standing::Closed { until, .. } => (until, None),
    };
    let OpenHours { zone, hours: BusinessHours { week, exceptions }, away, standing } = open;
    ShownBusinessHours {
        phone_number_id: number,
        time_zone: zone.as_str(),
        hours: week.as_ref().map(hours),
        hours_exceptions: hours_exceptions(exceptions),
        away_message: away.as_ref().map(away_message),
        is_open: matches!(standing, Standing::Open { .. }),
        opens_at,
        closes_at,
    }
}

/// Shows the hours of a week.
pub(crate) fn hours(week: &WeeklyHours) -> Vec<Vec<ShownOpening>> {
    week.days().iter().map(|day| openings(day)).collect()
}

/// Shows the days that are otherwise.
pub(crate) fn hours_exceptions(exceptions: &Exceptions) -> Vec<ShownException> {
    exceptions.iter().map(|(date, day)| ShownException { date: date.to_string(), openings: openings(day) }).collect()
}

/// Shows what is said while it is closed.
pub(crate) fn away_message(away: &AwayMessage) -> ShownAwayMessage<'_> {
    let translation = |language| away.translations.get(&language).map(String::as_str);
    ShownAwayMessage {
        enabled: away.is_enabled,
        text: &away.text,
        translations: ShownTranslations {
            pt: translation(domain::locale::Language::Portuguese),
            en: translation(domain::locale::Language::English),
            es: translation(domain::locale::Language::Spanish),
        },
        silences_assistant: away.silences_assistant,
    }
}

fn openings(day: &[Opening]) -> Vec<ShownOpening> {
    day.iter().map(|opening| ShownOpening { from: opening.from, until: opening.until }).collect()
}
