//! What the webhook tells of numbers and of the account that they belong to.

use domain::Timestamp;
use domain::account::AccountField;
use domain::line::{LineEvent, LineNews, Tier};
use domain::template::Quality;

use super::view::View;

/// The number or numbers that an event is about, and what happened to them. `None` where it says nothing of them.
pub(super) fn line(field: AccountField, value: View, at: Option<Timestamp>) -> Option<LineEvent> {
    let tier = |name: &str| value.at(name).text().and_then(|text| Tier::parse(&text));
    let per_business = || tier("max_daily_conversations_per_business");
    let news = match field {
        AccountField::PhoneNumberQualityUpdate => {
            let quality = match value.at("event").text().as_deref() {
                Some("FLAGGED") => Some(Quality::Red),
                // That it is red no more says not what it is.
                Some("UNFLAGGED") => Some(Quality::Unknown),
                _ => None,
            };
            let tier = per_business().or_else(|| tier("current_limit"));
            if quality.is_none() && tier.is_none() {
                return None;
            }
            LineNews::Quality { quality, tier }
        }
        AccountField::PhoneNumberNameUpdate => {
            LineNews::Name { decision: short(value.at("decision"))?, name: short(value.at("requested_verified_name")) }
        }
        AccountField::BusinessCapabilityUpdate => {
            LineNews::Tier(per_business().or_else(|| tier("max_daily_conversation_per_phone"))?)
        }
        AccountField::AccountReviewUpdate => match value.at("decision").text()?.as_str() {
            "REJECTED" => LineNews::Restriction(Some("REVIEW_REJECTED".to_owned())),
            "APPROVED" => LineNews::Restriction(None),
            _ => return None,
        },
        AccountField::AccountUpdate => account(value)?,
        AccountField::AccountAlerts => LineNews::Alert(short(value.at("alert_info").at("alert_type"))?),
        _ => return None,
    };
    let display = ["display_phone_number", "phone_number"].iter().find_map(|name| value.at(name).text());
    let digits = |text: String| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let display = display.map(digits).filter(|digits| !digits.is_empty());
    Some(LineEvent { display, at: at.unwrap_or_default(), news })
}

fn account(value: View) -> Option<LineNews> {
    let event = value.at("event").text()?;
    Some(match event.as_str() {
        "ACCOUNT_RESTRICTION" => {
            let kinds: Vec<String> =
                value.at("restriction_info").list().filter_map(|one| short(one.at("restriction_type"))).collect();
            let said = format!("{event} {}", kinds.join(", ")).trim().to_owned();
            // One that only keeps numbers from being added hinders none that is there.
            match !kinds.is_empty() && kinds.iter().all(|kind| kind.contains("ADD_PHONE_NUMBER")) {
                true => LineNews::Alert(said),
                false => LineNews::Restriction(Some(said)),
            }
        }
        "DISABLED_UPDATE" => match value.at("ban_info").at("waba_ban_state").text()?.as_str() {
            "DISABLE" => LineNews::Restriction(Some(event)),
            "REINSTATE" => LineNews::Restriction(None),
            state => LineNews::Alert(state.chars().take(64).collect()),
        },
        "ACCOUNT_DELETED" | "ACCOUNT_OFFBOARDED" => LineNews::Restriction(Some(event)),
        "ACCOUNT_RECONNECTED" => LineNews::Restriction(None),
        "ACCOUNT_VIOLATION" => {
            let kind = short(value.at("violation_info").at("violation_type")).unwrap_or_default();
            LineNews::Alert(format!("{event} {kind}").trim().to_owned())
        }
        _ => return None,
    })
}

fn short(value: View) -> Option<String> {
    value.text().map(|text| text.chars().take(128).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::{Value, json};

    fn read(field: AccountField, value: &Value) -> Option<(Option<String>, LineNews)> {
        line(field, View::new(value), Some(Timestamp::MAX)).map(|event| (event.display, event.news))
    }

    #[test]
    fn what_happens_to_a_number_names_it() {
        let flagged =
            json!({"display_phone_number": "+55 11 3000-0000", "event": "FLAGGED", "current_limit": "TIER_10K"});
        let news = LineNews::Quality { quality: Some(Quality::Red), tier: Tier::parse("10000") };
        assert_eq!(read(AccountField::PhoneNumberQualityUpdate, &flagged), Some((Some("551130000000".into()), news)));
        let name = json!({"display_phone_number": "1", "decision": "APPROVED", "requested_verified_name": "Padaria"});
        let news = LineNews::Name { decision: "APPROVED".into(), name: Some("Padaria".into()) };
        assert_eq!(read(AccountField::PhoneNumberNameUpdate, &name), Some((Some("1".into()), news)));
        assert_eq!(read(AccountField::PhoneNumberQualityUpdate, &json!({"event": "ONBOARDING"})), None);
    }

    #[test]
    fn what_happens_to_an_account_is_about_all_its_numbers() {
        let of = |value: Value| read(AccountField::AccountUpdate, &value).map(|(_, news)| news);
        let banned = |state: &str| of(json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}));
        assert_eq!(banned("DISABLE"), Some(LineNews::Restriction(Some("DISABLED_UPDATE".into()))));
        assert_eq!(banned("REINSTATE"), Some(LineNews::Restriction(None)));
        assert_eq!(banned("SCHEDULE_FOR_DISABLE"), Some(LineNews::Alert("SCHEDULE_FOR_DISABLE".into())));
        let kinds = |kinds: &[&str]| {
            let kinds: Vec<_> = kinds.iter().map(|kind| json!({"restriction_type": kind})).collect();
            of(json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": kinds}))
        };
        let hindered = kinds(&["RESTRICTED_BIZ_INITIATED_MESSAGING"]);
        let why = "ACCOUNT_RESTRICTION RESTRICTED_BIZ_INITIATED_MESSAGING".to_owned();
        assert_eq!(hindered, Some(LineNews::Restriction(Some(why))));
        let why = "ACCOUNT_RESTRICTION RESTRICTED_ADD_PHONE_NUMBER_ACTION".to_owned();
        assert_eq!(kinds(&["RESTRICTED_ADD_PHONE_NUMBER_ACTION"]), Some(LineNews::Alert(why)));
        assert_eq!(of(json!({"event": "PARTNER_ADDED"})), None);
        let capability = json!({"max_daily_conversations_per_business": 2000});
        let tier = LineNews::Tier(Tier::parse("TIER_2K").unwrap());
        assert_eq!(read(AccountField::BusinessCapabilityUpdate, &capability), Some((None, tier)));
    }
}
