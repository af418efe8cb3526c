//! The kill switch.

use domain::Span;
use domain::delivery::DeliveryStatus;
use domain::intent::SuppressionReason;
use domain::outbound::TemplateCategory;
use flow::audit::Actor;
use flow::records::KillScope;
use tests::world::people::Person;
use tests::world::{BAKERY, FLORIST, World, template};

/// Turns the switch on, lets somebody write to both numbers, turns it off; what each number sent before and after.
fn held_by(seed: u64, scope: impl Fn(&World) -> KillScope) -> [(usize, usize); 2] {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    let scope = scope(&world);
    world.kill(&scope, true);
    world.person(ana.clone()).writes("bom dia, padaria");
    world.person(ana.clone()).to(FLORIST).writes("bom dia, floricultura");
    world.wait(Span::from_minutes(10));
    world.check_so_far();
    let sent = |world: &World| {
        [BAKERY, FLORIST].map(|number| world.meta.taken().iter().filter(|taken| taken.number == number).count())
    };
    let during = sent(&world);
    world.kill(&scope, false);
    world.settle();
    let after = sent(&world);
    [(during[0], after[0]), (during[1], after[1])]
}

#[test]
fn the_deployments_switch_holds_every_send_and_loses_none() {
    assert_eq!(held_by(1, |_| KillScope::Deployment), [(0, 1), (0, 1)]);
}

#[test]
fn an_organizations_switch_holds_its_sends_only() {
    assert_eq!(held_by(2, |world| KillScope::Organization(world.bakery.clone())), [(0, 1), (1, 1)]);
}

#[test]
fn a_numbers_switch_holds_its_sends_only() {
    assert_eq!(held_by(3, |_| KillScope::Number(FLORIST.parse().unwrap())), [(1, 1), (0, 1)]);
}

#[test]
fn what_the_switch_held_for_a_day_is_not_sent_any_more() {
    let mut world = World::new(4);
    world.tick = Span::from_hours(1);
    let ana = Person::new(1);
    world.kill(&KillScope::Deployment, true);
    world.person(ana.clone()).writes("bom dia, padaria");
    world.wait(Span::from_hours(25));
    world.kill(&KillScope::Deployment, false);
    world.settle();
    let seen = world.seen(&ana);
    let reply = seen.message("Resposta a: bom dia, padaria");
    assert_eq!((reply.status, reply.suppression), (DeliveryStatus::Suppressed, Some(SuppressionReason::WindowClosed)));
    assert!(world.meta.taken().is_empty());
}

#[test]
fn a_template_that_the_switch_held_for_a_day_is_too_old_to_be_sent() {
    let mut world = World::new(7);
    world.tick = Span::from_hours(1);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, padaria");
    world.settle();
    let id = world.conversation_id(&ana, BAKERY);
    world.kill(&KillScope::Deployment, true);
    world.answers_with(&id, "order", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    world.wait(Span::from_hours(25));
    world.kill(&KillScope::Deployment, false);
    world.settle();
    let seen = world.seen(&ana);
    let order = seen.messages.iter().find(|message| message.body.kind() == "template").unwrap();
    assert_eq!((order.suppression, world.meta.taken().len()), (Some(SuppressionReason::Expired), 1));
}

#[test]
fn messages_go_on_being_recorded_while_the_switch_is_on() {
    let mut world = World::new(5);
    let ana = Person::new(1);
    world.kill(&KillScope::Deployment, true);
    for n in 0..3 {
        world.person(ana.clone()).writes(&format!("pergunta número {n}"));
        world.wait(Span::from_minutes(1));
    }
    assert_eq!(world.seen(&ana).rows.len(), 3, "an answer to each is decided and waits");
    world.kill(&KillScope::Deployment, false);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 3);
}

/// Two people turn one switch at the same time: what was acknowledged as on stays on.
#[test]
fn whoever_turns_a_switch_off_gives_way_to_whoever_turns_it_on() {
    let mut world = World::new(7);
    world.ports.interleave(true);
    let scope = KillScope::Deployment;
    world.kill(&scope, true);
    let (off, on) = world.act({
        let (off, on) = (scope.clone(), scope.clone());
        |platform| async move {
            // Both read, then both write, whoever wants it on first.
            let actor = Actor::operator();
            let on = flow::kill::switch(&platform, &on, true, &actor);
            let off = flow::kill::switch(&platform, &off, false, &actor);
            let (on, off) = futures::join!(on, off);
            (off.is_ok(), on.is_ok())
        }
    });
    assert_eq!((off, on), (false, true));
    assert!(world.act(|platform| async move { flow::kill::is_on(&platform, &scope).await }).unwrap());
}

#[test]
fn what_ends_a_send_ends_it_although_a_switch_holds_it() {
    let mut world = World::new(6);
    let ana = Person::new(1);
    world.kill(&KillScope::Deployment, true);
    world.person(ana.clone()).writes("bom dia, padaria");
    world.wait(Span::from_seconds(10));
    let id = world.conversation_id(&ana, BAKERY);
    world.take_over(&id);
    world.wait(Span::from_minutes(3));
    let seen = world.seen(&ana);
    assert_eq!(seen.message("Resposta a: bom dia, padaria").suppression, Some(SuppressionReason::TakenOver));
    world.kill(&KillScope::Deployment, false);
    world.settle();
}
