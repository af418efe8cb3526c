use domain::template::{Category, Quality, TemplateStatus};
use flow::records::{ChangeSource, ChangedPart};
use serde_json::{Value, json};
use tests::business::listed;
use tests::world::World;
use tests::world::envelope::WABA;

use super::{body, history, known, meta, seconds, status, sync};

fn post(world: &mut World, bodies: &[Value]) {
    for body in bodies {
        world.meta.post_body_at(world.now(), body);
        world.settle();
    }
}

#[test]
fn each_event_is_applied_once_however_often_and_in_whatever_order_it_comes() {
    let story = |now: i64| {
        [
            status(now - 50, "77", "APPROVED"),
            body(now - 40, "message_template_quality_update", "77", &json!({"new_quality_score": "YELLOW"})),
            body(now - 30, "template_category_update", "77", &json!({"new_category": "MARKETING"})),
            status(now - 20, "77", "PAUSED"),
        ]
    };
    let mut ends = Vec::new();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let mut world = World::new(7);
        let events = story(seconds(&world));
        for n in order {
            post(&mut world, &[events[n].clone(), events[n].clone()]);
        }
        post(&mut world, &events);
        let template = known(&world, "77");
        assert_eq!(template.status(), &TemplateStatus::Paused, "{order:?}");
        let changes = history(&world, "77");
        let said: Vec<_> = changes.iter().map(|change| (change.what, change.value.clone(), change.source)).collect();
        ends.push((template.quality().clone(), template.category().cloned(), said));
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:?}");
    let (quality, category, said) = &ends[0];
    assert_eq!((quality, category.as_ref()), (&Quality::Yellow, Some(&Category::Marketing)));
    let names: Vec<_> = said.iter().map(|(what, value, _)| (*what, value.as_deref().unwrap())).collect();
    let expected = [
        (ChangedPart::Status, "paused"),
        (ChangedPart::Category, "marketing"),
        (ChangedPart::Quality, "yellow"),
        (ChangedPart::Status, "approved"),
    ];
    assert_eq!(names, expected, "the newest first, by Meta's time");
    assert!(said.iter().all(|(_, _, source)| *source == ChangeSource::Webhook));
}

#[test]
fn the_feed_is_told_of_what_counts_now_and_not_of_what_came_late() {
    let mut world = World::new(3);
    let now = seconds(&world);
    post(&mut world, &[status(now - 10, "77", "PAUSED")]);
    let told = world.feed(&world.bakery).len();
    post(&mut world, &[status(now - 20, "77", "APPROVED")]);
    assert_eq!(world.feed(&world.bakery).len(), told);
    post(&mut world, &[status(now - 5, "77", "APPROVED")]);
    assert_eq!(world.feed(&world.bakery).len(), told + 1);
}

#[test]
fn changed_words_show_at_once_and_are_completed_by_a_listing() {
    let mut world = World::new(4);
    meta(&world).has(WABA, listed("77", "oi", "O texto de antes, com {{1}} dentro."));
    sync(&mut world).unwrap();
    world.wait(domain::Span::from_minutes(10));
    let words = json!({"message_template_element": "O texto novo, com {{1}} dentro."});
    let changed = body(seconds(&world), "message_template_components_update", "77", &words);
    post(&mut world, &[changed]);
    assert_eq!(known(&world, "77").components(), [json!({"type": "BODY", "text": "O texto novo, com {{1}} dentro."})]);
    assert_eq!(history(&world, "77")[0].what, ChangedPart::Components);
    let full = json!({"type": "BODY", "text": "O texto novo, com {{1}} dentro.", "example": {"body_text": [["a"]]}});
    meta(&world).change("77", |template| template.components = vec![full.clone()]);
    world.wait(domain::Span::from_hours(1));
    sync(&mut world).unwrap();
    assert_eq!(known(&world, "77").components(), [full]);
    world.settle();
}

#[test]
fn an_event_of_an_account_that_nobody_owns_reaches_nobodys_templates() {
    let mut world = World::new(5);
    let mut foreign = status(seconds(&world), "77", "APPROVED");
    foreign["entry"][0]["id"] = json!("424242");
    post(&mut world, &[foreign]);
    assert!(world.ports.watch.group("templates").is_empty());
}

#[test]
fn what_is_announced_for_later_is_shown_as_that() {
    let mut world = World::new(6);
    let announced = json!({"new_category": "UTILITY", "correct_category": "MARKETING"});
    let event = body(seconds(&world), "template_category_update", "77", &announced);
    post(&mut world, &[event]);
    let template = known(&world, "77");
    assert_eq!(template.category(), Some(&Category::Utility));
    assert_eq!(template.next_category.unwrap().value, Some(Category::Marketing));
}

#[test]
fn the_webhooks_of_the_folder_are_followed_over_a_listing_of_three_pages() {
    let mut world = World::new(8);
    let Some(bodies) = crate::conformance::templates::bodies(WABA, seconds(&world) + 1) else { return };
    let value = |body: &Value| body["entry"][0]["changes"][0]["value"].clone();
    let ids: std::collections::BTreeSet<String> =
        bodies.iter().map(|body| value(body)["message_template_id"].to_string()).collect();
    for (n, id) in ids.iter().enumerate() {
        meta(&world).has(WABA, listed(id, &format!("t_{n}"), "O texto de antes."));
    }
    meta(&world).pages_of(ids.len().div_ceil(3));
    let synced = sync(&mut world).unwrap();
    assert_eq!((synced.added, synced.complete), (ids.len(), true));
    assert_eq!(meta(&world).calls().len(), 3, "three pages");
    let look = |world: &World| {
        let all = ids.iter().map(|id| {
            let template = known(world, id);
            let (status, category) = (template.status().clone(), template.category().cloned());
            (status, category, template.quality().clone(), template.components(), history(world, id).len())
        });
        all.collect::<Vec<_>>()
    };
    for body in &bodies {
        post(&mut world, std::slice::from_ref(body));
        let (value, template) = (value(body), known(&world, &value(body)["message_template_id"].to_string()));
        if let Some(event) = value["event"].as_str() {
            assert_eq!(template.status(), &TemplateStatus::after_event(event), "{body}");
        }
        if let Some(quality) = value["new_quality_score"].as_str() {
            assert_eq!(template.quality(), &Quality::parse(quality), "{body}");
        }
        if let Some(category) = value["new_category"].as_str() {
            assert_eq!(template.category(), Some(&Category::parse(category)), "{body}");
        }
        if let Some(text) = value["message_template_element"].as_str() {
            let components = template.components();
            assert!(components.iter().any(|part| part["text"] == text), "{body}");
        }
        let id = value["message_template_id"].to_string();
        assert!(history(&world, &id).iter().any(|change| change.source == ChangeSource::Webhook), "{body}");
    }
    let before = look(&world);
    for body in bodies.iter().rev() {
        post(&mut world, std::slice::from_ref(body));
    }
    assert_eq!(look(&world), before, "copies change nothing, in whatever order");
}
