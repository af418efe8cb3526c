//! What is published answers, from the texts as they are at that moment.

use domain::conversation::Attention;
use domain::{AssistantId, OrganizationId};
use flow::assistants::{self, AssistantChange};
use flow::audit::Actor;
use flow::knowledge::{self, NewText, TextChange};
use flow::records::{ManagedAssistant, Readers};
use futures::future::join_all;
use tests::world::people::Person;
use tests::world::{World, at_once};

fn assistant(world: &World) -> AssistantId {
    AssistantId::derived(&world.bare.id_key, &[world.bakery.as_str()])
}

fn kept(world: &World, id: &AssistantId) -> ManagedAssistant {
    at_once(assistants::get(&world.bare, &world.bakery, id)).unwrap().unwrap().value
}

fn drafts(world: &mut World, change: AssistantChange) {
    let (whose, id) = (world.bakery.clone(), assistant(world));
    world
        .act(move |platform| async move {
            assistants::change(&platform, &whose, &Actor::system(), &id, None, change).await
        })
        .unwrap();
}

fn publishes(world: &mut World) {
    let (whose, id) = (world.bakery.clone(), assistant(world));
    world
        .act(move |platform| async move { assistants::publish(&platform, &whose, &Actor::system(), &id).await })
        .unwrap();
}

/// The last answer to a customer who says this.
fn answer(world: &mut World, customer: u32, text: &str) -> String {
    let person = Person::new(customer);
    world.person(person.clone()).writes(text);
    world.settle();
    world.meta.texts_to(&person).last().cloned().unwrap_or_default()
}

fn text(title: &str, text: &str, readers: Readers) -> NewText {
    NewText { title: title.into(), text: text.into(), is_enabled: true, readers }
}

#[test]
fn a_draft_answers_nobody_before_it_is_published() {
    let mut world = World::new(1).without_model();
    let thanks = |world: &mut World, n| answer(world, n, "obrigado!");
    assert_eq!(thanks(&mut world, 1), "Por nada!");
    let mut texts = kept(&world, &assistant(&world)).draft.texts;
    texts.thanks = "Disponha sempre!".into();
    drafts(&mut world, AssistantChange { texts: Some(texts), ..Default::default() });
    assert_eq!(thanks(&mut world, 2), "Por nada!");
    publishes(&mut world);
    assert_eq!(thanks(&mut world, 3), "Disponha sempre!");
    let (whose, id) = (world.bakery.clone(), assistant(&world));
    world
        .act(move |platform| async move { assistants::roll_back(&platform, &whose, &Actor::system(), &id, 1).await })
        .unwrap();
    assert_eq!(thanks(&mut world, 4), "Por nada!");
    assert_eq!(kept(&world, &assistant(&world)).published.unwrap().number, 3);
}

#[test]
fn an_assistant_that_was_never_published_or_is_archived_answers_nothing_and_a_person_is_told() {
    let mut world = World::new(2);
    drafts(&mut world, AssistantChange { is_archived: Some(true), ..Default::default() });
    assert_eq!(answer(&mut world, 1, "oi"), "");
    assert_eq!(world.seen(&Person::new(1)).conversation.attention, Some(Attention::NoAssistant));
    drafts(&mut world, AssistantChange { is_archived: Some(false), ..Default::default() });
    assert_eq!(answer(&mut world, 2, "oi"), "Resposta a: oi");

    let (whose, draft) = (world.bakery.clone(), kept(&world, &assistant(&world)).draft);
    let new = world
        .act(move |platform| async move { assistants::create(&platform, &whose, &Actor::system(), draft).await })
        .unwrap();
    let number = at_once(number_with(&world, &new.id));
    at_once(flow::setup::connect_number(&world.bare, &number.0, number.1.as_ref())).unwrap();
    assert_eq!(answer(&mut world, 3, "oi"), "");
    assert_eq!(world.seen(&Person::new(3)).conversation.attention, Some(Attention::NoAssistant));
}

/// The bakery's number, as this assistant answers on it.
async fn number_with(world: &World, id: &AssistantId) -> (domain::organization::Number, Option<secrecy::SecretString>) {
    let path = flow::records::number_path(&tests::world::BAKERY.parse().unwrap());
    let document = world.bare.documents.get(&path).await.unwrap().unwrap();
    let (mut number, token) = flow::records::read_number(&world.bare, &document).unwrap();
    number.assistant = Some(id.clone());
    (number, token)
}

#[test]
fn a_changed_text_counts_from_the_very_next_answer() {
    let mut world = World::new(3).without_model();
    let whose = world.bakery.clone();
    let act = |world: &mut World, new: NewText| {
        let whose = whose.clone();
        world
            .act(move |platform| async move { knowledge::create(&platform, &whose, &Actor::system(), new).await })
            .unwrap()
            .id
    };
    let question = "quanto custa o bolo de cenoura?";
    assert_eq!(answer(&mut world, 1, question), "Isso eu não sei dizer.");
    let id = act(&mut world, text("Bolo de cenoura", "O bolo de cenoura custa R$ 40.", Readers::All));
    assert_eq!(answer(&mut world, 2, question), "O bolo de cenoura custa R$ 40.");
    let change = |world: &mut World, change: TextChange| {
        let (whose, id) = (whose.clone(), id.clone());
        world
            .act(move |platform| async move {
                knowledge::change(&platform, &whose, &Actor::system(), &id, None, change).await
            })
            .unwrap();
    };
    let dearer = Some("O bolo de cenoura custa R$ 45.".to_owned());
    change(&mut world, TextChange { text: dearer, ..Default::default() });
    assert_eq!(answer(&mut world, 3, question), "O bolo de cenoura custa R$ 45.");
    change(&mut world, TextChange { is_enabled: Some(false), ..Default::default() });
    assert_eq!(answer(&mut world, 4, question), "Isso eu não sei dizer.");
    change(&mut world, TextChange { is_enabled: Some(true), ..Default::default() });
    assert_eq!(answer(&mut world, 5, question), "O bolo de cenoura custa R$ 45.");
    let whose = world.bakery.clone();
    world
        .act(move |platform| async move { knowledge::delete(&platform, &whose, &Actor::system(), &id).await })
        .unwrap();
    assert_eq!(answer(&mut world, 6, question), "Isso eu não sei dizer.");
}

#[test]
fn an_assistant_answers_from_no_text_that_is_for_others() {
    let mut world = World::new(4).without_model();
    let (whose, draft) = (world.bakery.clone(), kept(&world, &assistant(&world)).draft);
    let own = assistant(&world);
    let other = world
        .act(move |platform| async move { assistants::create(&platform, &whose, &Actor::system(), draft).await })
        .unwrap();
    let learns = |world: &mut World, new: NewText| {
        let whose: OrganizationId = world.bakery.clone();
        world
            .act(move |platform| async move { knowledge::create(&platform, &whose, &Actor::system(), new).await })
            .unwrap();
    };
    learns(&mut world, text("Bolo", "O bolo custa R$ 40.", Readers::Named(vec![other.id.clone()])));
    assert_eq!(answer(&mut world, 1, "quanto custa o bolo?"), "Isso eu não sei dizer.");
    learns(&mut world, text("Torta", "A torta custa R$ 50.", Readers::Named(vec![other.id, own])));
    assert_eq!(answer(&mut world, 2, "quanto custa a torta?"), "A torta custa R$ 50.");
}

#[test]
fn those_who_publish_at_once_make_one_version_after_another() {
    let mut world = World::new(5).shuffled();
    let (whose, id) = (world.bakery.clone(), assistant(&world));
    world.act(move |platform| async move {
        let change_and_publish = async |n: u32| {
            let (actor, instructions) = (Actor::system(), Some(format!("{n}")));
            let change = AssistantChange { instructions, ..Default::default() };
            assistants::change(&platform, &whose, &actor, &id, None, change).await.unwrap();
            assistants::publish(&platform, &whose, &actor, &id).await.unwrap()
        };
        join_all((0..3).map(change_and_publish)).await;
    });
    let (whose, id) = (world.bakery.clone(), assistant(&world));
    let versions = at_once(assistants::versions(&world.bare, &whose, &id, None, 100)).unwrap().unwrap().items;
    let numbers: Vec<u32> = versions.iter().map(|version| version.number).collect();
    let newest = numbers[0];
    assert_eq!(numbers, (1..=newest).rev().collect::<Vec<_>>());
    let published = kept(&world, &id).published.unwrap();
    assert_eq!((published.number, &published.settings), (newest, &versions[0].settings), "the newest answers");
    let told = world.feed_types(&whose).into_iter().filter(|kind| *kind == "assistant.published").count();
    assert_eq!(told, versions.len() - 1, "the first was set up");
}
