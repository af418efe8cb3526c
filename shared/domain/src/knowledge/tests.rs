//! What the engine promises, on the texts of a small bicycle workshop.

#![allow(clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;

const WORKSHOP: [(&str, &str); 6] = [
    (
        "Horário de funcionamento",
        "Abrimos de segunda a sexta das 9h às 18h e aos sábados das 9h às 13h. Aos domingos fechamos.\n\nNos feriados não abrimos.",
    ),
    (
        "Endereço",
        "Rua das Correntes Inventadas, 77, ao lado da Praça do Pedal.\n\nTemos estacionamento grátis para clientes.",
    ),
    (
        "Serviços e preços",
        "- Revisão simples: R$ 80,00.\n- Revisão completa: R$ 190,00, pronta em 2 dias úteis.\n- Conserto de pneu furado: R$ 25,00.\n- Troca de corrente: R$ 40,00.\n\nNão consertamos bicicletas elétricas.",
    ),
    ("Pagamento", "Aceitamos Pix, dinheiro e cartão de crédito em até 3 vezes."),
    ("Busca e entrega", "Buscamos e entregamos a bicicleta no bairro Vila Inventada por R$ 20,00."),
    (
        "Loja",
        "Vendemos capacete infantil por R$ 120,00 e garrafa de alumínio por R$ 45,00.\n\nO banco de couro vem com uma capa de chuva.",
    ),
];

fn workshop() -> Index {
    index(&WORKSHOP, Language::Portuguese)
}

fn index(texts: &[(&str, &str)], language: Language) -> Index {
    let sources = texts.iter().enumerate().map(|(n, (title, text))| Source { knowledge: id(n), title, text });
    Index::build(sources, language)
}

fn id(n: usize) -> KnowledgeId {
    KnowledgeId::from_bits([u8::try_from(n).unwrap_or_default(); 16])
}

fn found(index: &Index, message: &str) -> (String, bool) {
    match index.answer(message) {
        Answer::Found { text, complete, .. } => (text, complete),
        other => panic!("{message}: {other:?}"),
    }
}

#[test]
fn a_question_is_answered_in_the_words_of_the_texts() {
    let index = workshop();
    for (message, fact) in [
        ("oi, q horas vcs abrem sabado?", "9h às 13h"),
        ("qual o endereço?", "Rua das Correntes Inventadas, 77"),
        ("onde vcs ficam", "Rua das Correntes Inventadas, 77"),
        ("aceita pics?", "Pix"),
        ("parcela em qts vezes", "3 vezes"),
        ("tem estacionametno?", "grátis"),
        ("vcs entregam na vila inventada? qto custa", "R$ 20,00"),
        ("vcs consertam bike eletrica?", "Não consertamos"),
    ] {
        assert!(found(&index, message).0.contains(fact), "{message}: {}", found(&index, message).0);
    }
}

#[test]
fn what_the_texts_do_not_cover_is_not_answered_whatever_common_words_it_has() {
    let index = workshop();
    for message in [
        "vocês vendem pães?",
        "qual o horário da missa de domingo?",
        "quanto custa a pintura da bicicleta?",
        "vcs alugam bicicleta?",
        "aceita bitcoin?",
        "entregam em Recife?",
        "qual o telefone de vocês?",
        "quem é o dono?",
        "asdfgh qwerty",
    ] {
        assert_eq!(index.answer(message), Answer::Unknown, "{message}");
    }
}

#[test]
fn a_price_that_is_not_in_the_texts_is_not_answered_with_something_else() {
    assert_eq!(workshop().answer("quanto custa o banco de couro?"), Answer::Unknown);
}

#[test]
fn what_is_only_mentioned_is_not_for_sale() {
    assert_eq!(workshop().answer("vocês vendem couro?"), Answer::Unknown);
    assert!(found(&workshop(), "vocês vendem capacete?").0.contains("R$ 120,00"));
}

#[test]
fn one_item_of_a_list_is_given_alone_and_the_list_when_more_are_meant() {
    let index = workshop();
    assert_eq!(found(&index, "quanto é a troca de corrente?").0, "Troca de corrente: R$ 40,00.");
    assert!(found(&index, "quanto custa a revisão?").0.starts_with("- Revisão simples"));
}

#[test]
fn the_words_of_two_items_are_no_answer_about_one_thing() {
    assert_eq!(workshop().answer("quanto custa a troca de pneu?"), Answer::Unknown);
}

#[test]
fn a_range_of_days_holds_the_days_between() {
    assert!(found(&workshop(), "vcs abrem na quarta?").0.contains("segunda a sexta"));
}

#[test]
fn each_question_of_a_message_is_answered_in_turn() {
    let (text, complete) = found(&workshop(), "Aceitam pix? E qual é o endereço?");
    assert_eq!(
        text,
        "Aceitamos Pix, dinheiro e cartão de crédito em até 3 vezes.\n\nRua das Correntes Inventadas, 77, ao lado da Praça do Pedal."
    );
    assert!(complete);
    let Answer::Found { sources, .. } = workshop().answer("qual o endereço e o horário?") else {
        panic!("two topics")
    };
    assert_eq!(sources, [id(1), id(0)]);
}

#[test]
fn an_answer_says_when_a_part_of_the_message_is_not_answered() {
    let (text, complete) = found(&workshop(), "vocês vendem pães? qual o endereço de vocês?");
    assert!(text.starts_with("Rua das Correntes") && !complete);
}

#[test]
fn a_question_may_lean_on_the_one_before() {
    let (text, complete) = found(&workshop(), "Vocês fazem conserto de pneu? Quanto custa?");
    assert_eq!((text.as_str(), complete), ("Conserto de pneu furado: R$ 25,00.", true));
    assert_eq!(workshop().answer("Vocês vendem pães? De corrente?"), Answer::Unknown);
}

#[test]
fn a_greeting_thanks_or_goodbye_is_no_question() {
    let index = workshop();
    for (message, kind) in [
        ("oi", SmallTalk::Greeting),
        ("Bom diaaa, td bem?", SmallTalk::Greeting),
        ("olá! queria tirar uma dúvida", SmallTalk::Greeting),
        ("obrigada viu", SmallTalk::Thanks),
        ("vlw, Fulano", SmallTalk::Thanks),
        ("ok", SmallTalk::Closing),
        ("tchau", SmallTalk::Closing),
        ("👍", SmallTalk::Closing),
        ("não", SmallTalk::Closing),
    ] {
        assert_eq!(index.answer(message), Answer::SmallTalk(kind), "{message}");
    }
    assert!(found(&index, "bom dia, aceita pix?").0.contains("Pix"));
    assert_eq!(index.answer(""), Answer::Unknown);
    assert_eq!(index.answer("?"), Answer::Unknown);
}

#[test]
fn the_names_of_the_business_and_its_assistant_say_nothing() {
    let index = workshop().called(["Bicicletaria Roda de Ouro", "Bia"]);
    for message in
        ["oi Bia, vcs abrem sabado?", "a Roda de Ouro abre sabado?", "a bicicletaria roda de ouro abre sábado?"]
    {
        assert!(found(&index, message).0.contains("9h às 13h"), "{message}");
    }
    assert_eq!(index.answer("oi Bia!"), Answer::SmallTalk(SmallTalk::Greeting));
    assert_eq!(index.answer("vcs compram ouro?"), Answer::Unknown);
}

#[test]
fn english_and_spanish_are_answered_too() {
    let english = index(
        &[
            ("Opening hours", "We are open Monday to Friday from 9 am to 6 pm. We are closed on Sundays."),
            ("Prices", "- Puncture repair: $15.\n- Full service: $95, takes two working days."),
        ],
        Language::English,
    );
    assert!(found(&english, "what time do u open on wednesday?").0.contains("9 am"));
    assert_eq!(found(&english, "how long does a full service take?").0, "Full service: $95, takes two working days.");
    assert_eq!(english.answer("do you rent bikes?"), Answer::Unknown);
    assert_eq!(english.answer("thanks a lot!"), Answer::SmallTalk(SmallTalk::Thanks));
    let spanish = index(
        &[
            ("Horario", "Abrimos de lunes a viernes de 9 a 19 horas. Los domingos está cerrado."),
            ("Envíos", "Hacemos envíos en el Centro Inventado. El envío cuesta $ 1.500 y tarda 45 minutos."),
        ],
        Language::Spanish,
    );
    assert!(found(&spanish, "abren el miercoles?").0.contains("lunes a viernes"));
    assert!(found(&spanish, "cuanto cuesta el envio").0.contains("$ 1.500"));
    assert_eq!(spanish.answer("venden neumáticos?"), Answer::Unknown);
}

#[test]
fn a_search_gives_the_passages_that_a_model_may_answer_from() {
    let index = workshop();
    let hits = index.search("qto custa uma revisão completa da bike?", 3);
    assert!(hits.len() <= 3 && hits.iter().all(|hit| hit.score > 0.0));
    assert_eq!(hits[0].passage.knowledge, id(2));
    assert_eq!(hits[0].passage.title, "Serviços e preços");
    assert!(index.search("xyz", 3).is_empty() && index.search("bicicleta", 0).is_empty());
}

#[test]
fn without_texts_nothing_is_known() {
    let empty = Index::build([], Language::Portuguese);
    assert_eq!(empty.answer("que horas abre?"), Answer::Unknown);
    assert!(empty.search("que horas abre?", 5).is_empty());
}

/// Messages of the words that the workshop and its customers use, in any order.
fn message() -> impl Strategy<Value = String> {
    let words: Vec<&str> = WORKSHOP
        .iter()
        .flat_map(|(title, text)| [*title, *text])
        .flat_map(str::split_whitespace)
        .chain([
            "?",
            "\n",
            ",",
            "e",
            "de",
            "com",
            "quanto",
            "qtos",
            "onde",
            "que horas",
            "quem",
            "vende",
            "oi",
            "pneus",
            "bolo",
        ])
        .collect();
    prop::collection::vec(prop::sample::select(words), 0..14).prop_map(|words| words.join(" "))
}

fn says_only_what_the_texts_say(texts: &[(String, String)], index: &Index, message: &str) -> Result<(), TestCaseError> {
    if let Answer::Found { text, sources, .. } = index.answer(message) {
        let from: Vec<&String> = sources
            .iter()
            .filter_map(|id| (0..texts.len()).find(|n| super::tests::id(*n) == *id))
            .map(|n| &texts[n].1)
            .collect();
        prop_assert_eq!(from.len(), sources.len());
        for passage in text.split("\n\n") {
            prop_assert!(from.iter().any(|text| text.contains(passage)), "{} is in no text", passage);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn an_answer_is_always_a_part_of_a_text(message in message()) {
        let texts: Vec<_> = WORKSHOP.iter().map(|(title, text)| ((*title).to_owned(), (*text).to_owned())).collect();
        says_only_what_the_texts_say(&texts, &workshop(), &message)?;
    }

    #[test]
    fn any_texts_and_any_message_are_taken(
        texts in prop::collection::vec(("\\PC{0,12}", "(\\PC|\\n|[a-zç]{1,9} ){0,160}"), 0..4),
        message in "(\\PC|\\n|\\?|[a-zç]{1,9} ){0,120}",
        language in prop::sample::select(Language::ALL.to_vec()),
    ) {
        let sources = texts.iter().enumerate().map(|(n, (title, text))| Source { knowledge: id(n), title, text });
        let index = Index::build(sources, language);
        says_only_what_the_texts_say(&texts, &index, &message)?;
        // A message that is made of a text finds it.
        for (_, text) in &texts {
            says_only_what_the_texts_say(&texts, &index, text)?;
            for hit in index.search(text, 4) {
                prop_assert!(texts.iter().any(|(_, text)| text.contains(&hit.passage.text)));
            }
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer(message in message()) {
        prop_assert_eq!(workshop().answer(&message), workshop().answer(&message));
    }
}
