//! What happens in the runs of which every step is interrupted: short, and the same each time.

use domain::Span;
use domain::media::MediaState;
use domain::outbound::TemplateCategory;
use flow::records::KillScope;
use tests::world::meta::{Answer, FakeFile};
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::{BAKERY, FLORIST, World, at_once, envelope, template};

/// A short story.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    /// What went before, undisturbed.
    before: fn(&mut World),
    /// What is interrupted.
    main: fn(&mut World),
    /// What must have come of it, besides all that must always hold.
    after: fn(&World),
}

impl Scenario {
    /// Tells the story in a world of its own. `arrange` is called before the part that it may disturb.
    pub fn run(&self, arrange: impl FnOnce(&mut World)) -> World {
        let mut world = World::new(1);
        world.ports.interleave(true);
        (self.before)(&mut world);
        world.come_to_rest();
        arrange(&mut world);
        (self.main)(&mut world);
        world.settle();
        (self.after)(&world);
        world
    }
}

fn ana() -> Person {
    Person::new(1)
}

/// She writes and is answered.
fn first_answer(world: &mut World) {
    world.person(ana()).writes("bom dia, tudo bem?");
    world.come_to_rest();
}

fn sent_to_ana(world: &World) -> usize {
    world.meta.texts_to(&ana()).len()
}

pub const ALL: [Scenario; 17] = [
    Scenario {
        name: "question",
        before: |_| {},
        main: |world| {
            world.person(ana()).writes("que horas vocês abrem?");
            world.wait(Span::from_seconds(8));
        },
        after: |world| assert!(sent_to_ana(world) <= 1),
    },
    Scenario {
        name: "burst",
        before: |_| {},
        main: |world| {
            world.model.next(Thought::SayAfter(Span::from_seconds(3), "Temos, sim!".into()));
            world.person(ana()).writes("oi, tudo bem?");
            world.wait(Span::from_millis(900));
            world.person(ana()).writes("vocês têm bolo?");
            world.wait(Span::from_seconds(4));
            world.person(ana()).writes("de cenoura, sem cobertura");
            world.wait(Span::from_seconds(12));
        },
        after: |world| assert!(sent_to_ana(world) <= 3),
    },
    Scenario {
        name: "several events in one body",
        before: first_answer,
        main: |world| {
            let now = world.now();
            let bia = Person::with_both(2);
            world.keep_secret(&bia.secrets());
            let wamids = [world.new_wamid(&ana()), world.new_wamid(&bia), world.new_wamid(&bia)];
            let text = |text: &str| serde_json::json!({ "type": "text", "text": { "body": text } });
            let read = world.meta.status_of(&world.meta.taken()[0], "read", now, None);
            world.meta_posts(&[
                envelope::message(BAKERY, &ana(), &wamids[0], now, &text("uma pergunta da Ana")),
                envelope::message(FLORIST, &bia, &wamids[1], now, &text("uma pergunta da Bia")),
                read,
                envelope::message(FLORIST, &bia, &wamids[2], now, &text("e mais uma, da Bia")),
            ]);
            world.wait(Span::from_seconds(8));
        },
        after: |world| assert_eq!(world.conversations().len(), 2),
    },
    Scenario {
        name: "take-over",
        before: first_answer,
        main: |world| {
            let id = world.conversation_id(&ana(), BAKERY);
            world.model.next(Thought::SayAfter(Span::from_seconds(4), "Já verifico.".into()));
            world.person(ana()).writes("cadê o meu pedido?");
            world.wait(Span::from_seconds(4));
            world.take_over(&id);
            world.wait(Span::from_seconds(4));
            world.answers(&id, "the clerk's", "Saiu agora, chega em dez minutos.").expect("an answer");
            world.wait(Span::from_seconds(4));
            world.hand_back(&id);
            world.wait(Span::from_seconds(1));
            world.person(ana()).writes("obrigada pela ajuda");
            world.wait(Span::from_seconds(8));
        },
        after: |world| {
            let clerk = world.meta.texts_to(&ana()).iter().filter(|text| text.starts_with("Saiu agora")).count();
            assert!(clerk <= 1);
        },
    },
    Scenario {
        name: "take-over of a decided answer",
        before: first_answer,
        main: |world| {
            let id = world.conversation_id(&ana(), BAKERY);
            world.meta.next(Answer::Refuse(131_056));
            world.person(ana()).writes("e o meu pedido?");
            world.wait(Span::from_millis(2_500));
            world.take_over(&id);
            world.wait(Span::from_seconds(10));
        },
        after: |_| {},
    },
    Scenario {
        name: "hand-over by the model",
        before: first_answer,
        main: |world| {
            world.model.next(Thought::HandOver("Vou chamar a equipe.".into()));
            world.person(ana()).writes("quero reclamar de um bolo");
            world.wait(Span::from_seconds(6));
            world.person(ana()).writes("alguém está aí?");
            world.wait(Span::from_seconds(6));
        },
        after: |world| assert!(sent_to_ana(world) <= 3),
    },
    Scenario {
        name: "stop",
        before: first_answer,
        main: |world| {
            let id = world.conversation_id(&ana(), BAKERY);
            world.meta.next(Answer::Refuse(131_056));
            let offer = template("oferta", TemplateCategory::Marketing);
            world.answers_with(&id, "the offer", offer.clone(), None).expect("an offer");
            world.person(ana()).writes("SAIR");
            world.wait(Span::from_seconds(30));
            world.answers_with(&id, "another offer", offer, None).expect("an offer");
            world.wait(Span::from_seconds(10));
        },
        after: |world| {
            let confirmed = world.meta.texts_to(&ana()).iter().filter(|text| text.contains("Padaria")).count();
            assert!(confirmed <= 1);
        },
    },
    Scenario {
        name: "choice in the settings",
        before: first_answer,
        main: |world| {
            world.person(ana()).prefers("stop");
            world.wait(Span::from_seconds(5));
        },
        after: |world| assert!(world.contact(&ana()).marketing.expect("a choice").stopped),
    },
    Scenario {
        name: "restart",
        before: first_answer,
        main: |world| {
            world.person(ana()).writes("e sobre a encomenda?");
            world.wait(Span::from_millis(2_100));
            world.restart();
            world.person(ana()).writes("alô, ainda está aí?");
            world.wait(Span::from_seconds(8));
            world.restart();
        },
        after: |_| {},
    },
    Scenario {
        name: "token loss",
        before: first_answer,
        main: |world| {
            world.meta.only_token(Some("the new one"));
            world.person(ana()).writes("vocês entregam hoje?");
            world.wait(Span::from_seconds(25));
            world.reconnect(BAKERY, "the new one", true);
            world.wait(Span::from_seconds(70));
        },
        after: |_| {},
    },
    Scenario {
        name: "kill switch",
        before: first_answer,
        main: |world| {
            let bakery = KillScope::Organization(world.bakery.clone());
            world.person(ana()).writes("vocês entregam hoje?");
            world.wait(Span::from_millis(1_900));
            world.kill(&bakery, true);
            world.wait(Span::from_seconds(20));
            world.kill(&bakery, false);
            world.wait(Span::from_seconds(70));
        },
        after: |_| {},
    },
    Scenario {
        name: "lost answer",
        before: first_answer,
        main: |world| {
            world.meta.next(Answer::AcceptThenLose);
            world.meta.tells(&[("delivered", Span::from_seconds(40)), ("sent", Span::from_seconds(45))]);
            world.person(ana()).writes("vocês entregam hoje?");
            world.wait(Span::from_seconds(5));
            world.person(ana()).writes("e amanhã, entregam?");
            world.wait(Span::from_seconds(60));
        },
        after: |_| {},
    },
    Scenario {
        name: "quota",
        before: |world| {
            first_answer(world);
            // The window closes: what the business sends now counts.
            world.wait(Span::from_hours(25));
        },
        main: |world| {
            let id = world.conversation_id(&ana(), BAKERY);
            let ready = template("pedido_pronto", TemplateCategory::Utility);
            world.answers_with(&id, "ready", ready, None).expect("a template");
            world.wait(Span::from_seconds(10));
        },
        after: |world| assert!(sent_to_ana(world) <= 2),
    },
    Scenario {
        name: "somebody is revealed",
        before: |world| {
            world.person(Person::without_phone(1)).writes("bom dia, tudo bem?");
            world.come_to_rest();
        },
        main: |world| {
            world.person(Person::with_both(1)).writes("agora com o meu número");
            world.wait(Span::from_seconds(8));
        },
        after: |world| assert_eq!(world.conversations().len(), 1),
    },
    Scenario {
        name: "large event",
        before: first_answer,
        main: |world| {
            let document = serde_json::json!({ "id": "77", "caption": "o cardápio inteiro", "x": "a".repeat(150_000) });
            world.person(ana()).sends(&serde_json::json!({ "type": "document", "document": document }));
            world.wait(Span::from_seconds(8));
        },
        after: |world| assert_eq!(world.conversations().len(), 1),
    },
    Scenario {
        name: "picture",
        before: first_answer,
        main: |world| {
            world.meta.has_file("77", Some(FakeFile::new(vec![7; 200_000], "image/jpeg")));
            let image = serde_json::json!({ "id": "77", "mime_type": "image/jpeg", "caption": "é este bolo?" });
            world.person(ana()).sends(&serde_json::json!({ "type": "image", "image": image }));
            // Whoever dies with it in hand has it again after six minutes.
            world.wait(Span::from_minutes(20));
        },
        after: |world| {
            let seen = world.seen(&ana());
            let picture = seen.message("é este bolo?").id.clone();
            let media = at_once(flow::media::of_message(&world.bare, &world.bakery, &picture)).expect("a look");
            let state = media.expect("a file").state;
            assert!(matches!(state, MediaState::Stored { size: 200_000, .. }), "{state:?}");
        },
    },
    Scenario {
        name: "restore",
        before: first_answer,
        main: |world| {
            let backup = world.backup();
            world.person(ana()).writes("vocês entregam hoje?");
            world.wait(Span::from_seconds(6));
            world.restore(&backup);
            world.person(ana()).writes("e amanhã, entregam?");
            world.wait(Span::from_seconds(70));
        },
        after: |world| assert!(sent_to_ana(world) <= 3),
    },
];
