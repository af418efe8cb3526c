use std::sync::Arc;

use domain::Span;
use domain::delivery::DeliveryStatus;
use domain::intent::SuppressionReason;
use domain::outbound::TemplateCategory;
use domain::template::{Category, EditForbidden, Listed, NewTemplate, Template, TemplateStatus};
use flow::audit::Actor;
use flow::converse::{AnswerError, answer};
use flow::ports::BusinessError;
use flow::records::KillScope;
use flow::templates::{self, Change, TemplateError};
use serde_json::{Value, json};
use tests::business::{Trouble, listed};
use tests::world::envelope::WABA;
use tests::world::{World, a_person, at_once, template};

use super::{body, create, history, known, meta, new, seconds, status, sync};

fn edit(world: &mut World, of: &Template, change: Change) -> Result<Template, TemplateError> {
    let (whose, business, id) = (world.bakery.clone(), Arc::clone(&world.business), of.id.clone());
    world.act(move |platform| async move {
        let (_, version) = templates::get(&platform, &whose, &id).await?.unwrap();
        templates::edit(&platform, business.as_ref(), &whose, &Actor::system(), &id, &version, change).await
    })
}

fn text(text: &str) -> Change {
    Change { category: None, components: Some(vec![json!({"type": "BODY", "text": text})]) }
}

#[test]
fn what_is_submitted_is_at_meta_and_pending_here() {
    let mut world = World::new(1);
    let made = create(&mut world, new("pao_quente")).unwrap();
    assert_eq!((made.status(), made.category()), (&TemplateStatus::Pending, Some(&Category::Utility)));
    assert_eq!(meta(&world).templates_of(WABA)[0].name, "pao_quente");
    assert!(history(&world, &made.meta_id).iter().any(|change| change.value.as_deref() == Some("pending")));
    world.settle();
}

#[test]
fn what_breaks_metas_limits_never_reaches_meta() {
    let mut world = World::new(1);
    let wrong = create(&mut world, NewTemplate { name: "Pão quente".into(), ..new("a") });
    assert!(matches!(wrong, Err(TemplateError::Invalid(wrong)) if wrong[0].pointer == "/name"));
    assert!(meta(&world).calls().is_empty());
}

#[test]
fn what_meta_refuses_is_no_template() {
    let mut world = World::new(1);
    meta(&world).next(Trouble::Refuse(368));
    let refused = create(&mut world, new("pao_quente"));
    assert!(matches!(refused, Err(TemplateError::Meta(BusinessError::Refused(refusal))) if refusal.code == 368));
    assert!(world.ports.watch.group("templates").is_empty() && world.ports.watch.group("submissions").is_empty());
    create(&mut world, new("pao_quente")).unwrap();
    assert!(matches!(create(&mut world, new("pao_quente")), Err(TemplateError::Exists)));
    world.settle();
}

#[test]
fn a_submission_whose_answer_was_lost_is_found_by_the_same_request() {
    let mut world = World::new(1);
    meta(&world).next(Trouble::AnswerLost);
    let (whose, business) = (world.bakery.clone(), Arc::clone(&world.business));
    // The same draws, as the API gives them to a request with the same key.
    let twice = world.act(move |platform| async move {
        let mut outcomes = Vec::new();
        for _ in 0..3 {
            let entropy = Arc::new(tests::entropy::SeededEntropy::new(99));
            let again = flow::platform::Platform { entropy, ..platform.clone() };
            let made =
                templates::create(&again, business.as_ref(), &whose, &Actor::system(), None, new("pao_quente")).await;
            outcomes.push(made.map(|template| template.meta_id));
        }
        outcomes
    });
    assert!(matches!(twice[0], Err(TemplateError::Meta(BusinessError::Silent(_)))));
    assert_eq!(twice[1].as_ref().unwrap(), twice[2].as_ref().unwrap());
    assert_eq!(meta(&world).templates_of(WABA).len(), 1);
    let created = meta(&world).calls().iter().filter(|call| call.starts_with("create")).count();
    assert_eq!(created, 1);
    world.settle();
}

#[test]
fn an_approved_template_is_changed_once_a_day_and_goes_back_to_meta() {
    let mut world = World::new(1);
    meta(&world).has(WABA, listed("77", "oi", "Bom dia, tudo bem?"));
    sync(&mut world).unwrap();
    world.wait(Span::from_hours(1));
    let template = known(&world, "77");
    let changed = edit(&mut world, &template, text("Boa tarde, tudo bem?")).unwrap();
    assert_eq!(changed.status(), &TemplateStatus::Pending);
    assert_eq!(changed.components()[0]["text"], "Boa tarde, tudo bem?");
    assert_eq!(meta(&world).templates_of(WABA)[0].components[0]["text"], "Boa tarde, tudo bem?");
    let pending = edit(&mut world, &template, text("Boa noite, tudo bem?"));
    assert!(matches!(pending, Err(TemplateError::NotEditable(EditForbidden::Status(TemplateStatus::Pending)))));
    let approved = status(seconds(&world) + 60, "77", "APPROVED");
    world.wait(Span::from_minutes(5));
    world.meta.post_body_at(world.now(), &approved);
    world.settle();
    let early = edit(&mut world, &template, text("Boa noite, tudo bem?"));
    assert!(matches!(early, Err(TemplateError::NotEditable(EditForbidden::Until(_)))));
    world.wait(Span::from_hours(24));
    edit(&mut world, &template, text("Boa noite, tudo bem?")).unwrap();
    world.settle();
}

#[test]
fn a_change_that_meta_refuses_is_not_counted_and_changes_nothing() {
    let mut world = World::new(1);
    meta(&world).has(WABA, listed("77", "oi", "Bom dia, tudo bem?"));
    sync(&mut world).unwrap();
    let template = known(&world, "77");
    meta(&world).next(Trouble::Refuse(100));
    assert!(matches!(edit(&mut world, &template, text("Oi, tudo bem?")), Err(TemplateError::Meta(_))));
    let after = known(&world, "77");
    assert_eq!((after.components(), after.edits.len()), (template.components(), 0));
    edit(&mut world, &template, text("Oi, tudo bem?")).unwrap();
    assert_eq!(known(&world, "77").edits.len(), 1);
    world.settle();
}

#[test]
fn the_category_of_an_approved_template_stays() {
    let mut world = World::new(1);
    meta(&world).has(WABA, listed("77", "oi", "Bom dia, tudo bem?"));
    sync(&mut world).unwrap();
    let template = known(&world, "77");
    let change = Change { category: Some(Category::Marketing), components: None };
    assert!(matches!(edit(&mut world, &template, change), Err(TemplateError::NotEditable(EditForbidden::Category))));
    let same = Change { category: Some(Category::Utility), components: None };
    assert_eq!(edit(&mut world, &template, same).unwrap(), known(&world, "77"));
    world.settle();
}

#[test]
fn a_deleted_template_is_gone_at_meta_and_stays_deleted_here() {
    let mut world = World::new(1);
    meta(&world).has(WABA, listed("77", "oi", "Bom dia, tudo bem?"));
    sync(&mut world).unwrap();
    world.wait(Span::from_hours(1));
    let (whose, business, id) = (world.bakery.clone(), Arc::clone(&world.business), known(&world, "77").id);
    world
        .act(move |platform| async move {
            templates::delete(&platform, business.as_ref(), &whose, &Actor::system(), &id).await?;
            templates::delete(&platform, business.as_ref(), &whose, &Actor::system(), &id).await
        })
        .unwrap();
    assert!(meta(&world).templates_of(WABA).is_empty());
    assert_eq!(meta(&world).calls().iter().filter(|call| call.starts_with("delete")).count(), 1);
    assert_eq!(known(&world, "77").status(), &TemplateStatus::Deleted);
    let late = status(seconds(&world) - 60, "77", "APPROVED");
    world.meta.post_body_at(world.now(), &late);
    world.settle();
    assert_eq!(known(&world, "77").status(), &TemplateStatus::Deleted);
}

#[test]
fn a_template_that_meta_would_refuse_is_not_sent() {
    let mut world = World::new(1);
    meta(&world).has(WABA, listed("77", "pronto", "Seu pedido está pronto!"));
    sync(&mut world).unwrap();
    world.customer(1).writes("oi");
    world.settle();
    let conversation = world.conversations()[0].conversation.id.clone();
    let send = |world: &mut World, key: &'static str, name: &'static str| {
        let (whose, conversation) = (world.bakery.clone(), conversation.clone());
        let content = template(name, TemplateCategory::Utility);
        world.act(move |platform| async move {
            answer(&platform, &whose, &conversation, key, content, None, &a_person()).await.map(|done| done.repeated)
        })
    };
    assert!(!send(&mut world, "a", "pronto").unwrap());
    world.settle();
    for (event, is_sent) in [("PAUSED", false), ("APPROVED", true), ("DISABLED", false)] {
        world.wait(Span::from_minutes(2));
        let told = status(seconds(&world), "77", event);
        world.meta.post_body_at(world.now(), &told);
        world.settle();
        let sent = send(&mut world, event, "pronto");
        assert_eq!(sent.is_ok(), is_sent, "{event}");
        assert!(is_sent || matches!(sent, Err(AnswerError::TemplateUnusable(_))), "{event}");
    }
    // What was taken before stays taken, and what nobody knows is left to Meta.
    assert!(send(&mut world, "a", "pronto").unwrap());
    assert!(!send(&mut world, "b", "nobody_knows_it").unwrap());
    world.settle();
    assert_eq!(
        at_once(templates::list(&world.bare, &world.bakery, &templates::Filter::default(), None, 9))
            .unwrap()
            .items
            .len(),
        1
    );
}

/// Of what is told while a template waits to be sent, what becomes of it.
fn sent_after(
    seed: u64,
    stopped: bool,
    told: impl Fn(&World) -> Vec<Value>,
) -> (DeliveryStatus, Option<SuppressionReason>) {
    let mut world = World::new(seed);
    meta(&world).has(WABA, listed("77", "pronto", "Seu pedido está pronto!"));
    sync(&mut world).unwrap();
    world.customer(1).writes("oi");
    world.settle();
    if stopped {
        world.customer(1).prefers("stop");
        world.settle();
    }
    let id = world.conversations()[0].conversation.id.clone();
    let scope = KillScope::Organization(world.bakery.clone());
    world.kill(&scope, true);
    world.answers_with(&id, "order", template("pronto", TemplateCategory::Utility), None).unwrap();
    world.wait(Span::from_minutes(2));
    for body in told(&world) {
        world.meta.post_body_at(world.now(), &body);
    }
    world.wait(Span::from_seconds(10));
    let asked = world.meta.calls().len();
    world.kill(&scope, false);
    world.settle();
    let seen = &world.conversations()[0];
    let order = seen.messages.iter().find(|message| message.body.kind() == "template").unwrap();
    assert_eq!(world.meta.calls().len() > asked, order.suppression.is_none(), "Meta is not even asked");
    (order.status, order.suppression)
}

#[test]
fn a_template_that_waits_is_looked_at_again_before_it_is_sent() {
    let category = |world: &World, name: &str| {
        vec![body(seconds(world), "template_category_update", "77", &json!({"new_category": name}))]
    };
    let (status, suppression) = sent_after(1, false, |_| vec![]);
    assert!(status >= DeliveryStatus::Accepted && suppression.is_none());
    for (seed, event) in [(2, "PAUSED"), (3, "DISABLED")] {
        let end = sent_after(seed, false, |world| vec![status_of(world, event)]);
        assert_eq!(end, (DeliveryStatus::Suppressed, Some(SuppressionReason::TemplateUnusable)), "{event}");
    }
    let end = sent_after(4, false, |world| category(world, "MARKETING"));
    assert_eq!(end, (DeliveryStatus::Suppressed, Some(SuppressionReason::TemplateRecategorized)));
    let (status, _) = sent_after(5, true, |world| category(world, "UTILITY"));
    assert!(status >= DeliveryStatus::Accepted, "utility reaches who stopped marketing");
}

fn status_of(world: &World, event: &str) -> Value {
    status(seconds(world), "77", event)
}

#[test]
fn a_template_whose_category_nobody_has_told_counts_as_marketing() {
    for (seed, stopped) in [(1, true), (2, false)] {
        let mut world = World::new(seed);
        meta(&world).has(WABA, Listed { category: None, ..listed("77", "pronto", "Seu pedido está pronto!") });
        sync(&mut world).unwrap();
        world.customer(1).writes("oi");
        world.settle();
        if stopped {
            world.customer(1).prefers("stop");
            world.settle();
        }
        let id = world.conversations()[0].conversation.id.clone();
        for name in ["pronto", "nobody_knows_it"] {
            world.answers_with(&id, name, template(name, TemplateCategory::Utility), None).unwrap();
            world.settle();
        }
        let seen = &world.conversations()[0];
        let ends = seen.messages.iter().filter(|message| message.body.kind() == "template");
        let ends: Vec<_> = ends.map(|message| message.suppression).collect();
        assert_eq!(ends, [stopped.then_some(SuppressionReason::Stopped); 2]);
    }
}
