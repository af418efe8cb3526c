#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

fn seconds(at: i64) -> Timestamp {
    Timestamp::from_seconds(at)
}

fn event(at: i64, news: TemplateNews) -> TemplateEvent {
    TemplateEvent { meta_id: "7".into(), name: "oi".into(), language: "pt_BR".into(), at: seconds(at), news }
}

fn status(at: i64, name: &str) -> TemplateEvent {
    let status = Status::of(TemplateStatus::after_event(name));
    event(at, TemplateNews::Status { status, category: None })
}

fn begin() -> Template {
    Template::begin(TemplateId::from_bits([1; 16]), "55", &status(0, "PENDING"), seconds(0))
}

fn listed(status: &str, text: &str) -> Listed {
    Listed {
        meta_id: "7".into(),
        name: "oi".into(),
        language: "pt_BR".into(),
        format: ParameterFormat::Positional,
        status: Status::of(TemplateStatus::parse(status)),
        category: Some(Category::Utility),
        next_category: None,
        quality: Some(Quality::Green),
        components: vec![json!({"type": "BODY", "text": text})],
    }
}

/// Every order of a few things to take in.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.len() < 2 {
        return vec![things.to_vec()];
    }
    let mut all = Vec::new();
    for first in 0..things.len() {
        let mut rest = things.to_vec();
        let first = rest.remove(first);
        all.extend(orders(&rest).into_iter().map(|rest| [vec![first.clone()], rest].concat()));
    }
    all
}

#[test]
fn news_and_listings_come_to_the_same_in_every_order_and_twice() {
    #[derive(Clone)]
    enum Said {
        News(TemplateEvent),
        Listing(i64, Listed),
    }
    let words = Retouched { body: Some("novo".into()), ..Retouched::default() };
    let said = [
        Said::News(status(10, "APPROVED")),
        Said::News(status(20, "PAUSED")),
        Said::News(status(20, "PAUSED")),
        Said::Listing(25, listed("PAUSED", "velho")),
        Said::News(event(30, TemplateNews::Words(words))),
        Said::News(event(15, TemplateNews::Category(Category::Marketing))),
    ];
    let mut ends = Vec::new();
    for order in orders(&said) {
        let mut template = begin();
        for one in order {
            match one {
                Said::News(event) => template.hear(&event),
                Said::Listing(at, listed) => template.list(&listed, seconds(at)),
            }
        }
        ends.push(template);
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]));
    let end = &ends[0];
    assert_eq!((end.status(), end.category()), (&TemplateStatus::Paused, Some(&Category::Utility)));
    assert_eq!(end.components(), [json!({"type": "BODY", "text": "novo"})]);
}

#[test]
fn a_listing_that_names_no_category_leaves_it_as_it_is_known() {
    let silent = Listed { category: None, ..listed("APPROVED", "a") };
    let id = TemplateId::from_bits([1; 16]);
    let mut template = Template::of_listing(id, "9009", &silent, seconds(10), seconds(10));
    assert_eq!(template.category(), None, "nobody has said what it is for");
    template.list(&listed("APPROVED", "a"), seconds(20));
    template.list(&silent, seconds(30));
    assert_eq!(template.category(), Some(&Category::Utility));
}

#[test]
fn a_late_approval_does_not_undo_a_pause() {
    let mut template = begin();
    template.hear(&status(20, "PAUSED"));
    template.hear(&status(10, "APPROVED"));
    assert_eq!(template.status(), &TemplateStatus::Paused);
    template.hear(&status(30, "APPROVED"));
    assert_eq!(template.status(), &TemplateStatus::Approved);
}

#[test]
fn what_meta_told_after_a_listing_was_asked_for_stays() {
    let mut template = begin();
    template.hear(&status(20, "PAUSED"));
    template.list(&listed("APPROVED", "a"), seconds(19));
    assert_eq!(template.status(), &TemplateStatus::Paused);
    template.lose(seconds(19));
    assert_eq!(template.status(), &TemplateStatus::Paused);
}

#[test]
fn a_file_above_the_text_survives_the_news_of_other_words() {
    let mut template = begin();
    let mut full = listed("APPROVED", "velho");
    full.components.insert(0, json!({"type": "HEADER", "format": "IMAGE"}));
    full.components.push(json!({"type": "FOOTER", "text": "tchau"}));
    template.list(&full, seconds(10));
    let words = Retouched { body: Some("novo".into()), footer: None, ..Retouched::default() };
    template.hear(&event(11, TemplateNews::Words(words)));
    let kinds: Vec<_> = template.components().iter().map(kind_of).collect();
    assert_eq!(kinds, ["HEADER", "BODY"]);
}

#[test]
fn an_approved_template_is_changed_once_a_day_and_ten_times_a_month() {
    let mut template = begin();
    template.list(&listed("APPROVED", "a"), seconds(0));
    let day = 86_400;
    for n in 0..10 {
        let now = seconds(n * day * 2);
        assert_eq!(template.forbids_edit(None, now), None, "{n}");
        template.note_edit(now);
        let again = template.forbids_edit(None, now + Span::from_hours(23));
        assert_eq!(again, Some(EditForbidden::Until(now + Span::from_hours(24))));
    }
    let later = seconds(20 * day);
    assert_eq!(template.forbids_edit(None, later), Some(EditForbidden::Until(seconds(30 * day))));
    assert_eq!(template.forbids_edit(None, seconds(30 * day)), None);
}

#[test]
fn what_cannot_be_changed_says_why() {
    let mut template = begin();
    assert!(matches!(template.forbids_edit(None, seconds(1)), Some(EditForbidden::Status(_))));
    template.list(&listed("APPROVED", "a"), seconds(0));
    assert_eq!(template.forbids_edit(Some(&Category::Marketing), seconds(1)), Some(EditForbidden::Category));
    assert_eq!(template.forbids_edit(Some(&Category::Utility), seconds(1)), None);
    template.list(&listed("REJECTED", "a"), seconds(2));
    assert_eq!(template.forbids_edit(Some(&Category::Marketing), seconds(3)), None);
    template.note_edit(seconds(3));
    assert!(template.edits.is_empty(), "only changes of what is approved count");
    let mut carousel = listed("APPROVED", "a");
    carousel.components.push(json!({"type": "CAROUSEL"}));
    template.list(&carousel, seconds(4));
    assert_eq!(template.forbids_edit(None, seconds(5)), Some(EditForbidden::Parts));
}
