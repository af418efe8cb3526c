//! The same person under several names.

use domain::Span;
use domain::outbound::TemplateCategory;
use tests::world::people::Person;
use tests::world::{BAKERY, World, envelope, template};

#[test]
fn somebody_who_moves_to_another_number_keeps_the_conversation_and_is_answered_there() {
    // The new number is the smaller text of the two, and the larger: neither may matter.
    for (old, new) in [("5511988887777", "5511911112222"), ("5511911112222", "5511988887777")] {
        let mut world = World::new(1);
        let ana = Person { phone: old.into(), ..Person::new(1) };
        world.person(ana.clone()).writes("bom dia, tudo bem?");
        world.settle();
        let before = world.conversation_id(&ana, BAKERY);
        world.wait(Span::from_minutes(5));
        let moved = world.person(ana.clone()).moves_to(new, None);
        world.settle();
        assert_eq!(world.contact(&moved).phone().unwrap().digits(), new);
        world.answers(&before, "key-1", "vi que mudou de número").unwrap();
        world.hand_back(&before);
        world.person(moved.clone()).writes("sou eu, no número novo");
        world.settle();
        assert_eq!(world.conversation_id(&moved, BAKERY), before);
        assert_eq!(world.meta.texts_to(&moved).len(), 2);
        assert_eq!(world.conversations().len(), 1);
    }
}

#[test]
fn somebody_who_writes_from_the_new_number_first_is_joined_with_the_old_one() {
    let mut world = World::new(2);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let moved = Person { phone: "5511911112222".into(), ..ana.clone() };
    world.person(moved.clone()).writes("sou eu, no número novo");
    world.settle();
    world.person(ana.clone()).moves_to(&moved.phone, None);
    world.settle();
    assert_eq!(world.contact(&ana).id, world.contact(&moved).id);
    world.person(moved.clone()).writes("e agora, sabem quem sou?");
    world.settle();
    assert_eq!(world.conversation_id(&moved, BAKERY), world.conversation_id(&ana, BAKERY));
}

#[test]
fn a_new_user_id_keeps_the_conversation() {
    let mut world = World::new(3);
    let lia = Person::without_phone(1);
    world.person(lia.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let before = world.conversation_id(&lia, BAKERY);
    let renamed = Person { user_id: Some("BR.5550000000001".into()), ..lia.clone() };
    world.keep_secret(&renamed.secrets());
    let (old, new) = (lia.user_id.clone().unwrap(), renamed.user_id.clone().unwrap());
    let update = envelope::user_id_update(BAKERY, &lia, &old, &new, world.now() + Span::from_seconds(1));
    world.meta_posts(&[update]);
    world.wait(Span::from_seconds(2));
    world.person(renamed.clone()).writes("ainda sou eu mesma");
    world.settle();
    assert_eq!(world.conversation_id(&renamed, BAKERY), before);
    assert_eq!(world.meta.taken().last().unwrap().to, new);
}

#[test]
fn people_without_a_phone_number_are_answered_by_their_user_id() {
    let mut world = World::new(4);
    let lia = Person::without_phone(1);
    world.person(lia.clone()).writes("bom dia, tudo bem?");
    world.settle();
    assert_eq!(world.meta.taken()[0].to, lia.user_id.clone().unwrap());
    let contact = world.contact(&lia);
    assert!(contact.phone().is_none() && contact.username.is_some());
}

#[test]
fn a_phone_that_is_revealed_later_joins_both_contacts_and_their_stops() {
    let mut world = World::new(5);
    let lia = Person::without_phone(1);
    let by_phone = Person { user_id: None, hidden: false, username: None, ..lia.clone() };
    world.person(lia.clone()).writes("escrevo pelo nome de usuário");
    world.person(by_phone.clone()).writes("parar promoções");
    world.settle();
    assert_eq!(world.conversations().len(), 2);
    world.wait(Span::from_minutes(1));
    let both = Person { hidden: false, ..lia.clone() };
    world.person(both.clone()).writes("agora mostro o meu número");
    world.settle();
    let contact = world.contact(&both);
    assert_eq!((world.contact(&lia).id, world.contact(&by_phone).id), (contact.id.clone(), contact.id.clone()));
    assert!(contact.marketing.is_some_and(|choice| choice.stopped));
    let id = world.conversation_id(&both, BAKERY);
    let before = world.meta.taken().len();
    world.answers_with(&id, "offer", template("oferta", TemplateCategory::Marketing), None).unwrap();
    world.settle();
    assert_eq!(world.meta.taken().len(), before, "the stop of either holds for both");
}

#[test]
fn a_recycled_number_moves_to_its_new_owner_and_nobody_reads_the_others_messages() {
    let mut world = World::new(6);
    let first = Person::with_both(1);
    world.person(first.clone()).writes("sou a primeira dona");
    world.settle();
    world.wait(Span::from_days(30));
    let second = Person { phone: first.phone.clone(), ..Person::with_both(2) };
    world.person(second.clone()).writes("sou o novo dono");
    world.settle();
    assert_ne!(world.conversation_id(&first, BAKERY), world.conversation_id(&second, BAKERY));
    let prompts = world.model.prompts();
    assert!(prompts.last().unwrap().turns.iter().all(|turn| !turn.text.contains("primeira dona")));
    assert!(world.contact(&first).phone().is_none());
    world.person(Person { hidden: true, ..first.clone() }).writes("voltei, sem número");
    world.settle();
    assert_eq!(world.meta.taken().last().unwrap().to, first.user_id.clone().unwrap());
}

#[test]
fn both_forms_of_a_brazilian_number_are_one_person_and_the_answer_goes_to_the_last_form() {
    let mut world = World::new(7);
    let long = Person { phone: "5511987654321".into(), ..Person::new(1) };
    let short = Person { phone: "551187654321".into(), ..Person::new(1) };
    world.person(long.clone()).writes("com o nono dígito");
    world.settle();
    world.wait(Span::from_minutes(1));
    world.person(short.clone()).writes("sem o nono dígito");
    world.settle();
    assert_eq!(world.conversations().len(), 1);
    let addresses: Vec<String> = world.meta.taken().into_iter().map(|taken| taken.to).collect();
    assert_eq!(addresses, [long.phone, short.phone]);
}

#[test]
fn a_late_event_does_not_bring_an_old_name_or_number_back() {
    let mut world = World::new(8);
    let old = Person { name: "Nome Antigo da Ana".into(), ..Person::with_both(1) };
    let new = Person { name: "Nome Novo da Ana".into(), phone: "5511911112222".into(), ..old.clone() };
    let (first, second) = (world.new_wamid(&old), world.new_wamid(&new));
    world.keep_secret(&[old.secrets(), new.secrets()].concat());
    let begin = world.now();
    world.wait(Span::from_minutes(10));
    let text = |body: &str| serde_json::json!({"type": "text", "text": {"body": body}});
    let at = begin + Span::from_minutes(5);
    world.meta_posts(&[envelope::message(BAKERY, &new, &second, at, &text("com o número novo"))]);
    world.meta_posts(&[envelope::message(BAKERY, &old, &first, begin, &text("com o número antigo"))]);
    world.settle();
    let contact = world.contact(&new);
    assert_eq!(contact.name.as_ref().map(|name| name.value.as_str()), Some("Nome Novo da Ana"));
    assert_eq!(contact.phone().unwrap().digits(), new.phone);
    assert!(world.meta.taken().iter().all(|taken| taken.to == new.phone));
}
