//! A message is found by any of its ids, and its way is told without what it says.

use domain::conversation::ConversationState;
use domain::delivery::DeliveryStatus;
use domain::intent::IntentState;
use domain::outbound::TemplateCategory;
use domain::{EventId, IntentId, MessageId, Span, TimeZone};
use flow::records::{Direction, KillScope};
use flow::trace::{Found, Way, find};
use flow::unknown::Said;
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::ports::Fault;
use tests::world::{BAKERY, World, a_person, at_once, template};

use super::{ANSWER, ASKED, after_an_unknown_answer, says};

fn found(world: &World, text: &str) -> Option<Found> {
    at_once(find(&world.bare, &world.bakery, text)).unwrap()
}

#[track_caller]
fn way(world: &World, text: &str) -> Way {
    match found(world, text) {
        Some(Found::Message(way)) => *way,
        other => panic!("no message, but {other:?}"),
    }
}

/// Customer 1 wrote and was answered, and Meta told all that there is to tell.
fn after_a_read_answer() -> (World, Person) {
    let mut world = World::new(1);
    let statuses = [("sent", 1), ("delivered", 2), ("read", 3)].map(|(s, n)| (s, Span::from_seconds(n)));
    world.meta.tells(&statuses);
    let ana = Person::new(1);
    world.person(ana.clone()).writes(ASKED);
    world.settle();
    (world, ana)
}

#[test]
fn every_id_of_a_message_leads_to_it() {
    let (world, ana) = after_a_read_answer();
    let seen = world.seen(&ana);
    for text in [ASKED, ANSWER] {
        let message = seen.message(text);
        let mut ids = vec![message.id.to_string(), message.wamid.as_ref().unwrap().as_str().to_owned()];
        ids.extend(message.events.iter().map(EventId::to_string));
        ids.extend(message.intent.as_ref().map(IntentId::to_string));
        for id in ids {
            assert_eq!(way(&world, &id).message.id, message.id, "by {}", &id[..4]);
        }
    }
    assert_eq!(seen.message(ASKED).events.len(), 1);
    assert_eq!(seen.message(ANSWER).events.len(), 3, "sent, delivered and read");
    // What Meta was given to repeat is the intent's id.
    assert_eq!(world.meta.taken()[0].intent, seen.message(ANSWER).intent.as_ref().unwrap().as_str());
}

#[test]
fn the_way_of_an_answer_says_what_happened_when() {
    let (world, ana) = after_a_read_answer();
    let seen = world.seen(&ana);
    let (asked, answer) = (seen.message(ASKED), seen.message(ANSWER));
    let told = way(&world, answer.id.as_str());
    assert_eq!((told.message.status, told.message.direction), (DeliveryStatus::Read, Direction::Outbound));
    assert_eq!(told.message.answers, std::slice::from_ref(&asked.id));
    let times = told.message.times;
    assert!(times.accepted < times.sent && times.sent < times.delivered && times.delivered < times.read, "{times:?}");
    let intent = told.intent.unwrap();
    assert!(matches!(intent.intent.state, IntentState::Sent { .. }));
    assert_eq!((told.row, told.conversation.state), (None, ConversationState::Assistant));
    assert!(told.draft.is_none() && told.changes.is_empty() && told.gates.kill_switches.is_empty());
    assert_eq!(way(&world, asked.id.as_str()).answered_by, std::slice::from_ref(&answer.id));
}

#[test]
fn a_message_that_waits_says_for_what() {
    let mut world = World::new(2);
    let ana = Person::new(1);
    world.kill(&KillScope::Deployment, true);
    world.person(ana.clone()).writes(ASKED);
    world.wait(Span::from_minutes(1));
    let id = world.seen(&ana).message(ANSWER).intent.clone().unwrap();
    let told = way(&world, id.as_str());
    assert!(told.row.is_some_and(|row| row.intent == id));
    assert_eq!((told.intent, told.message.status), (None, DeliveryStatus::Queued));
    let [switch] = &told.gates.kill_switches[..] else { panic!("not one switch") };
    assert_eq!((&switch.scope, &switch.by), (&KillScope::Deployment, &Some(a_person().who)));
    world.kill(&KillScope::Deployment, false);
    world.settle();
}

#[test]
fn a_draft_is_part_of_the_way_of_what_it_answers_until_it_is_committed() {
    let mut world = World::new(4);
    let ana = Person::new(1);
    // The turn decides, keeps its draft, and cannot commit.
    let mut commits = 0;
    world.ports.set_faults(Some(Box::new(move |call| {
        commits += u64::from(call.operation == "commit");
        (call.operation == "commit" && commits == 3).then_some(Fault::Before)
    })));
    world.person(ana.clone()).writes(ASKED);
    world.wait(Span::from_seconds(4));
    let asked = world.seen(&ana).message(ASKED).id.clone();
    let told = way(&world, asked.as_str());
    assert_eq!(told.draft.map(|draft| draft.answers), Some(vec![asked.clone()]));
    assert!(told.conversation.is_open && told.answered_by.is_empty());
    world.settle();
    let told = way(&world, asked.as_str());
    assert!(told.draft.is_none() && !told.conversation.is_open && told.answered_by.len() == 1);
}

#[test]
fn the_quota_of_a_template_is_part_of_its_way() {
    let (mut world, ana) = after_a_read_answer();
    let id = world.conversation_id(&ana, BAKERY);
    world.wait(Span::from_hours(25));
    let order = template("pedido_pronto", TemplateCategory::Utility);
    let order = world.answers_with(&id, "order", order, None).unwrap().message.id;
    world.settle();
    let told = way(&world, order.as_str());
    assert_eq!(told.quota_days, [world.now().day_in(&TimeZone::parse("America/Sao_Paulo").unwrap()).date]);
    let changes: Vec<_> = told.changes.iter().map(|change| (change.action.as_str(), &change.who)).collect();
    assert_eq!(changes, [("message.sent", &a_person().who)]);
}

#[test]
fn what_a_person_said_and_sent_again_is_part_of_the_way() {
    let (mut world, _, old) = after_an_unknown_answer(3, Answer::Lose);
    says(&mut world, &old, Said::NotSent).unwrap();
    let organization = world.bakery.clone();
    let again = world.act({
        let old = old.clone();
        |platform| async move {
            flow::unknown::send_again(&platform, &organization, &old, "once", &a_person()).await.unwrap()
        }
    });
    let told = way(&world, old.as_str());
    assert_eq!(told.sent_again_as, std::slice::from_ref(&again.message.id));
    let (sent, _, who) = told.intent.unwrap().verdict.unwrap();
    assert_eq!((sent, who), (false, a_person().who));
    assert_eq!(told.changes[0].action, "send.resolved");
    assert_eq!(way(&world, again.message.id.as_str()).message.resends, Some(old));
    world.settle();
}

#[test]
fn an_event_that_is_no_message_is_found_as_it_is_kept() {
    let (mut world, ana) = after_a_read_answer();
    world.person(ana).prefers("stop");
    world.settle();
    let kept = world.ports.watch.group("events");
    let id = kept[0].id().to_owned();
    let Some(Found::Event(event)) = found(&world, &id) else { panic!("it is kept") };
    assert_eq!((event.id.as_str(), event.field.as_str()), (id.as_str(), "user_preferences"));
    assert_eq!(at_once(find(&world.bare, &world.florist, &id)).unwrap(), None);
}

#[test]
fn the_ids_of_another_organization_lead_nowhere_and_neither_do_those_of_nothing() {
    let (world, ana) = after_a_read_answer();
    for message in &world.seen(&ana).messages {
        let mut ids = vec![message.id.to_string(), message.wamid.as_ref().unwrap().as_str().to_owned()];
        ids.extend(message.events.iter().map(EventId::to_string));
        ids.extend(message.intent.as_ref().map(IntentId::to_string));
        for id in ids {
            assert_eq!(at_once(find(&world.bare, &world.florist, &id)).unwrap(), None, "by {}", &id[..4]);
        }
    }
    let nothing = MessageId::from_bits([9; 16]).to_string();
    for text in ["", "olá, tudo bem?", "wamid.nothing", &nothing, &"x".repeat(10_000)] {
        assert_eq!(found(&world, text), None);
    }
}

#[test]
fn a_way_holds_nothing_that_somebody_wrote_nor_who_they_are() {
    let (mut world, ana) = after_a_read_answer();
    let id = world.conversation_id(&ana, BAKERY);
    let quoted = world.seen(&ana).message(ASKED).id.clone();
    let content = domain::outbound::OutboundContent::Text { body: "segredo da padaria".into(), preview_url: false };
    let answer = world.answers_with(&id, "one", content, Some(quoted)).unwrap().message.id;
    world.settle();
    let mut secrets = ana.secrets();
    secrets.extend([ASKED, "Resposta", "segredo", "wamid.", "192.0.2.77"].map(str::to_owned));
    for message in world.seen(&ana).messages.iter().map(|message| &message.id).chain([&answer]) {
        let told = format!("{:?}", way(&world, message.as_str()));
        for secret in &secrets {
            assert!(!told.contains(secret), "{secret}: {told}");
        }
    }
}
