use super::*;
use crate::contact::Contact;
use crate::inbound::{InboundContent, Referral};
use crate::{ContactId, NumberId};

fn condition(json: &str) -> Condition {
    serde_json::from_str(json).unwrap()
}

fn rule(n: u8, when: &str, then: Vec<Action>, goes_on: bool) -> Rule {
    let (id, name) = (RuleId::from_bits([n; 16]), DisplayName::parse("Regra").unwrap());
    Rule { id, name, is_enabled: true, when: condition(when), then, goes_on }
}

fn contact() -> Contact {
    Contact::begin(ContactId::from_bits([1; 16]), Timestamp::from_seconds(1))
}

fn says(text: &str) -> InboundContent {
    InboundContent::Text { body: text.into() }
}

/// Why a condition holds for a message of contact 1 to the number 1001, while the business is open.
fn why(when: &str, content: &InboundContent) -> Option<Vec<Because>> {
    let (number, contact) = ("1001".parse::<NumberId>().unwrap(), contact());
    let words = words(content);
    let facts = Facts {
        content,
        words: words.as_deref(),
        referral: None,
        number: &number,
        contact: &contact,
        is_first: false,
        is_open: true,
    };
    condition(when).holds(&facts)
}

fn holds(when: &str, content: &InboundContent) -> bool {
    why(when, content).is_some()
}

#[test]
fn words_are_found_whole_whatever_their_case_and_accents() {
    let when = r#"{"type": "text", "contains": ["preço", "quanto custa"]}"#;
    assert!(holds(when, &says("Qual o PRECO?")) && holds(when, &says("e quanto... custa isso")));
    assert!(!holds(when, &says("preços")) && !holds(when, &says("")));
    let media = |caption: Option<&str>| InboundContent::Media {
        kind: crate::inbound::MediaKind::Image,
        id: None,
        mime_type: None,
        sha256: None,
        caption: caption.map(str::to_owned),
        filename: None,
        voice: false,
        animated: false,
    };
    assert!(holds(when, &media(Some("qual o preço deste?"))) && !holds(when, &media(None)));
    assert!(holds(r#"{"type": "message_type", "is": ["audio", "image"]}"#, &media(None)));
    let keyword = r#"{"type": "keyword", "is": ["menu", "Início"]}"#;
    assert!(holds(keyword, &says("inicio!")) && !holds(keyword, &says("o menu")));
}

#[test]
fn a_button_is_known_by_its_payload_alone() {
    let tap = |id: &str| InboundContent::Choice { id: Some(id.into()), title: "Pagar".into(), description: None };
    let when = r#"{"type": "button", "is": ["PAY:1"]}"#;
    assert!(holds(when, &tap("PAY:1")) && !holds(when, &tap("pay:1")) && !holds(when, &says("PAY:1")));
}

#[test]
fn where_a_message_came_from_and_when_decides_as_well() {
    let (number, contact) = ("1001".parse::<NumberId>().unwrap(), contact());
    let (content, ad) = (says("oi"), Referral { source_id: Some("ad-1".into()), ..Referral::default() });
    let facts = Facts {
        content: &content,
        words: None,
        referral: Some(&ad),
        number: &number,
        contact: &contact,
        is_first: true,
        is_open: false,
    };
    for when in [
        r#"{"type": "ad"}"#,
        r#"{"type": "ad", "is": ["ad-2", "ad-1"]}"#,
        r#"{"type": "hours", "open": false}"#,
        r#"{"type": "number", "is": ["1001"]}"#,
        r#"{"type": "contact", "is": ["ct_aeaqcaibaeaqcaibaeaqcaibae"]}"#,
        r#"{"type": "first_message"}"#,
    ] {
        assert!(condition(when).holds(&facts).is_some(), "{when}");
    }
    for when in [
        r#"{"type": "ad", "is": ["ad-2"]}"#,
        r#"{"type": "hours", "open": true}"#,
        r#"{"type": "number", "is": ["2002"]}"#,
        r#"{"type": "contact", "is": ["ct_aaaaaaaaaaaaaaaaaaaaaaaaaa"]}"#,
    ] {
        assert!(condition(when).holds(&facts).is_none(), "{when}");
    }
    assert!(!holds(r#"{"type": "ad"}"#, &content) && !holds(r#"{"type": "first_message"}"#, &content));
}

#[test]
fn conditions_stand_in_one_another_and_say_why_they_hold() {
    let when = r#"{"type": "all", "of": [
        {"type": "any", "of": [{"type": "keyword", "is": ["menu"]}, {"type": "text", "contains": ["boleto"]}]},
        {"type": "not", "of": {"type": "text", "contains": ["cancelar"]}}
    ]}"#;
    let because = why(when, &says("cadê o boleto?")).unwrap();
    let text = Because { condition: "text", is_absent: false, value: Some("boleto".into()) };
    assert_eq!(because, [text, Because { condition: "text", is_absent: true, value: None }]);
    assert_eq!(why(when, &says("cancelar o boleto")), None);
    assert_eq!(why(when, &says("oi")), None);
}

#[test]
fn the_first_rule_that_matches_decides_unless_it_goes_on() {
    let always = r#"{"type": "hours", "open": true}"#;
    let never = r#"{"type": "hours", "open": false}"#;
    let close = || vec![Action::Close {}];
    let mut rules = [
        rule(1, never, close(), false),
        rule(2, always, close(), true),
        rule(3, always, close(), false),
        rule(4, always, close(), false),
    ];
    let (number, contact) = ("1001".parse::<NumberId>().unwrap(), contact());
    let content = says("oi");
    let facts = Facts {
        content: &content,
        words: None,
        referral: None,
        number: &number,
        contact: &contact,
        is_first: false,
        is_open: true,
    };
    let positions = |rules: &[Rule]| route(rules, &facts).iter().map(|found| found.position).collect::<Vec<_>>();
    assert_eq!(positions(&rules), [1, 2]);
    rules[2].is_enabled = false;
    assert_eq!(positions(&rules), [1, 3]);
}

#[test]
fn what_is_wrong_with_a_rule_is_named_where_it_stands() {
    let pointers = |rule: &Rule| rule.check().into_iter().map(|field| field.pointer).collect::<Vec<_>>();
    let reply = |text: &str| vec![Action::Reply { text: text.into() }];
    let right = r#"{"type": "ad"}"#;
    assert_eq!(pointers(&rule(1, right, reply("Oi!"), false)), [""; 0]);
    assert_eq!(pointers(&rule(1, right, vec![], false)), ["/then"]);
    assert_eq!(pointers(&rule(1, right, reply(" "), false)), ["/then/0/text"]);
    let twice = vec![Action::Close {}, Action::Close {}];
    assert_eq!(pointers(&rule(1, right, twice, false)), ["/then/1"]);
    let both = vec![Action::Person {}, Action::Close {}];
    assert_eq!(pointers(&rule(1, right, both, false)), ["/then/1"]);
    for (when, pointer) in [
        (r#"{"type": "all", "of": []}"#, "/when/of"),
        (r#"{"type": "text", "contains": ["ok", "?"]}"#, "/when/contains/1"),
        (r#"{"type": "not", "of": {"type": "keyword", "is": []}}"#, "/when/of/is"),
        (r#"{"type": "any", "of": [{"type": "ad"}, {"type": "button", "is": [""]}]}"#, "/when/of/1/is/0"),
    ] {
        assert_eq!(pointers(&rule(1, when, reply("Oi!"), false)), [pointer], "{when}");
    }
    let mut deep = r#"{"type": "ad"}"#.to_owned();
    for _ in 0..4 {
        deep = format!(r#"{{"type": "not", "of": {deep}}}"#);
    }
    assert_eq!(pointers(&rule(1, &deep, reply("Oi!"), false)), ["/when/of/of/of/of"]);
    let many = format!(r#"{{"type": "any", "of": [{}]}}"#, vec![r#"{"type": "ad"}"#; 30].join(","));
    assert_eq!(pointers(&rule(1, &many, reply("Oi!"), false)), ["/when/of/29"]);
}

#[test]
fn a_rule_answers_a_conversation_three_times_an_hour_and_another_rule_on_its_own() {
    let (one, two) = (RuleId::from_bits([1; 16]), RuleId::from_bits([2; 16]));
    let begin = Timestamp::from_seconds(1_700_000_000);
    let mut replies = Vec::new();
    for minute in 0..3 {
        assert!(note_reply(&mut replies, &one, begin + Span::from_minutes(minute)));
    }
    assert!(!note_reply(&mut replies, &one, begin + Span::from_minutes(59)));
    assert!(note_reply(&mut replies, &two, begin + Span::from_minutes(59)));
    assert!(note_reply(&mut replies, &one, begin + Span::from_minutes(60)));
    assert!(!note_reply(&mut replies, &one, begin + Span::from_minutes(60)));
    assert_eq!(replies.len(), 4, "what is past is forgotten");
}
