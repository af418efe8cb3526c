//! What a business says to who writes while it is closed.

use std::collections::BTreeMap;

use crate::hours::{BusinessHours, Standing};
use crate::locale::Language;
use crate::wording::{Wording, WrongField};
use crate::{Span, TimeZone, Timestamp};

/// The longest text, in characters: as long as a message.
const TEXT: Wording = Wording::lines(4_096);

/// A message that was on its way for so long is not told that nobody is there: whoever wrote it knows by now.
const LATE: Span = Span::from_hours(1);

/// What a business says to who writes while it is closed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwayMessage {
    /// Whether it says so.
    #[serde(rename = "enabled", default = "yes")]
    pub is_enabled: bool,
    /// The text.
    pub text: String,
    /// The text for customers of another language.
    #[serde(default)]
    pub translations: BTreeMap<Language, String>,
    /// Whether assistants are silent while it is closed, so that people answer later. Else it is said only where no
    /// assistant answers.
    #[serde(default)]
    pub silences_assistant: bool,
}

fn yes() -> bool {
    true
}

impl AwayMessage {
    /// What is wrong with it, `at` being where it stands; empty: nothing.
    pub fn check(&self, at: &str) -> Vec<WrongField> {
        let mut wrong = Vec::new();
        TEXT.check(&format!("{at}/text"), &self.text, &mut wrong);
        for (language, text) in &self.translations {
            TEXT.check(&format!("{at}/translations/{}", language.code()), text, &mut wrong);
        }
        wrong
    }

    /// The text for a customer whose language is known by a tag such as `pt_BR`, or not.
    pub fn text_for(&self, language: Option<&str>) -> &str {
        let translated = language.and_then(Language::parse).and_then(|language| self.translations.get(&language));
        translated.unwrap_or(&self.text)
    }
}

/// Names the time for which a business is closed in which a message came and is dealt with: the moment when it closed.
/// `None`: the business is open now, was open in between, or the message is late.
pub fn closed_period(
    hours: &BusinessHours,
    zone: &TimeZone,
    written_at: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let Standing::Closed { since, .. } = hours.standing(now, zone) else { return None };
    // One that was never open is closed since ever.
    let since = since.unwrap_or_default();
    (written_at >= since && now.since(written_at) < LATE).then_some(since)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::hours::{Opening, WeeklyHours};

    fn message() -> AwayMessage {
        serde_json::from_str(r#"{"text": "Estamos fechados.", "translations": {"en": "We are closed."}}"#).unwrap()
    }

    #[test]
    fn a_customer_is_told_in_their_language_where_it_is_known() {
        let message = message();
        assert!(message.is_enabled && !message.silences_assistant);
        assert_eq!(message.text_for(Some("en_US")), "We are closed.");
        for other in [None, Some("pt_BR"), Some("es"), Some("fr")] {
            assert_eq!(message.text_for(other), "Estamos fechados.", "{other:?}");
        }
    }

    #[test]
    fn every_text_says_something() {
        let mut message = message();
        assert_eq!(message.check("/away_message"), []);
        message.text = " ".into();
        message.translations.insert(Language::Spanish, "x".repeat(4_097));
        let wrong: Vec<_> = message.check("/away_message").into_iter().map(|wrong| wrong.pointer).collect();
        assert_eq!(wrong, ["/away_message/text", "/away_message/translations/es"]);
    }

    #[test]
    fn a_closed_period_is_that_of_the_message_and_of_now() {
        let opening = vec![Opening { from: 8 * 60, until: 18 * 60 }];
        let week = Some(WeeklyHours::new(std::array::from_fn(|_| opening.clone())).unwrap());
        let hours = BusinessHours { week, ..BusinessHours::default() };
        let zone = TimeZone::parse("America/Sao_Paulo").unwrap();
        let at = |text: &str| Timestamp::try_from(text.to_owned()).unwrap();
        let period = |written: &str, now: &str| closed_period(&hours, &zone, at(written), at(now));
        // São Paulo is three hours behind UTC: it closes at 21:00 and opens at 11:00.
        let evening = Some(at("2026-11-23T21:00:00Z"));
        assert_eq!(period("2026-11-23T21:00:00Z", "2026-11-23T21:00:02Z"), evening);
        assert_eq!(period("2026-11-24T10:59:58Z", "2026-11-24T10:59:59Z"), evening, "the same until it opens");
        assert_eq!(period("2026-11-23T20:59:59Z", "2026-11-23T21:00:01Z"), None, "it was open when that was written");
        assert_eq!(period("2026-11-24T10:59:59Z", "2026-11-24T11:00:00Z"), None, "it is open now");
        assert_eq!(period("2026-11-23T22:00:00Z", "2026-11-23T23:00:00Z"), None, "it is late");
        assert_eq!(period("2026-11-23T22:00:00Z", "2026-11-24T22:00:00Z"), None, "it was open in between");
    }
}
