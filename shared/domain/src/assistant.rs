//! An assistant: how it speaks, what it relies on, and when it hands over to a person.

use crate::locale::Language;
use crate::wording::{Wording, WrongField};
use crate::{AssistantId, DisplayName};

/// The longest instructions, in characters.
const INSTRUCTIONS: usize = 8_000;

/// The longest fixed text, in characters.
const TEXT: usize = 1_000;

/// The longest phrase that asks for a person, in characters.
const PHRASE: usize = 100;

/// How many such phrases there are at most.
const PHRASES: usize = 50;

/// The longest name of a model.
const MODEL: usize = 100;

/// A virtual assistant of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assistant {
    /// Its id.
    pub id: AssistantId,
    /// How it is.
    pub settings: AssistantSettings,
}

/// How an assistant speaks and acts: what is drafted, and what a version holds for ever.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssistantSettings {
    /// What it calls itself.
    pub name: String,
    /// How it shall speak and what it shall do; given to the model.
    pub instructions: String,
    /// The model that it asks, where there is one.
    pub model: String,
    /// The language of its own texts.
    pub language: Language,
    /// Its fixed texts.
    pub texts: AssistantTexts,
    /// When it hands over by itself.
    pub hand_off: HandOffRule,
}

/// What an assistant says where no answer is generated.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssistantTexts {
    /// To a greeting.
    pub greeting: String,
    /// To thanks.
    pub thanks: String,
    /// To a question that the knowledge does not answer.
    pub unknown: String,
    /// When the model cannot be reached and the knowledge does not answer either; a person is called.
    pub fallback: String,
    /// When it hands over to a person.
    pub hand_over: String,
}

/// When an assistant hands over to a person by itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOffRule {
    /// A message that holds one of these phrases (case, accents and punctuation aside) asks for a person.
    pub phrases: Vec<String>,
    /// The model may decide to hand over.
    pub by_model: bool,
}

impl AssistantSettings {
    /// What is wrong with them; empty: nothing.
    pub fn check(&self) -> Vec<WrongField> {
        let Self { name, instructions, model, language: _, texts, hand_off } = self;
        let mut wrong = Vec::new();
        if DisplayName::parse(name).map(String::from).as_deref() != Ok(name) {
            wrong.push(WrongField::new("/name", "must have 1 to 100 visible characters, without spaces around them"));
        }
        Wording::lines(INSTRUCTIONS).or_nothing().check("/instructions", instructions, &mut wrong);
        if model.is_empty() || model.len() > MODEL || !model.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = format!("must be the name of a model: 1 to {MODEL} visible ASCII characters");
            wrong.push(WrongField::new("/model", reason));
        }
        for (pointer, text) in [
            ("/texts/greeting", &texts.greeting),
            ("/texts/thanks", &texts.thanks),
            ("/texts/unknown", &texts.unknown),
            ("/texts/fallback", &texts.fallback),
            ("/texts/hand_over", &texts.hand_over),
        ] {
            Wording::lines(TEXT).check(pointer, text, &mut wrong);
        }
        if hand_off.phrases.len() > PHRASES {
            wrong.push(WrongField::new("/hand_off/phrases", format!("must be at most {PHRASES}")));
        }
        for (at, phrase) in hand_off.phrases.iter().enumerate() {
            let pointer = format!("/hand_off/phrases/{at}");
            match crate::stop::normalised(phrase).is_empty() {
                true => wrong.push(WrongField::new(pointer, "must hold a letter or a digit")),
                false => Wording::line(PHRASE).check(&pointer, phrase, &mut wrong),
            }
        }
        wrong
    }
}

impl AssistantTexts {
    /// What an assistant of this language says where nobody has written anything else.
    pub fn usual(language: Language) -> Self {
        let [greeting, thanks, unknown, fallback, hand_over] = match language {
            Language::Portuguese => [
                "Oi! Sou o assistente virtual. Como posso ajudar?",
                "Por nada! Se precisar de mais alguma coisa, é só chamar.",
                "Essa informação eu não tenho. Se quiser falar com uma pessoa, escreva \"falar com atendente\".",
                "Não consegui responder agora. Já avisei a nossa equipe, e uma pessoa vai falar com você por aqui.",
                "Certo! Vou chamar uma pessoa da equipe. Ela responde por aqui.",
            ],
            Language::English => [
                "Hi! I am the virtual assistant. How can I help?",
                "You are welcome! Just write if you need anything else.",
                "I do not have that information. If you want to talk to a person, write \"talk to a person\".",
                "I could not answer just now. I have told our team, and a person will write to you here.",
                "All right! I am calling somebody of our team. They will answer here.",
            ],
            Language::Spanish => [
                "¡Hola! Soy el asistente virtual. ¿En qué puedo ayudar?",
                "¡De nada! Si necesitas algo más, escríbeme.",
                "No tengo esa información. Si quieres hablar con una persona, escribe \"hablar con una persona\".",
                "No pude responder ahora. Ya avisé a nuestro equipo y una persona te escribirá por aquí.",
                "¡Claro! Voy a llamar a una persona del equipo. Te responderá por aquí.",
            ],
        }
        .map(str::to_owned);
        Self { greeting, thanks, unknown, fallback, hand_over }
    }
}

impl HandOffRule {
    /// When an assistant of this language hands over where nobody has written anything else.
    pub fn usual(language: Language) -> Self {
        let phrases: &[&str] = match language {
            Language::Portuguese => &[
                "falar com atendente",
                "falar com um atendente",
                "falar com uma atendente",
                "falar com uma pessoa",
                "falar com alguém",
                "atendimento humano",
                "quero um atendente",
            ],
            Language::English => {
                &["talk to a person", "speak to a person", "talk to someone", "human agent", "real person"]
            }
            Language::Spanish => {
                &["hablar con una persona", "hablar con un agente", "hablar con alguien", "atención humana"]
            }
        };
        Self { phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(), by_model: true }
    }

    /// Whether the message asks for a person.
    pub fn applies_to(&self, text: &str) -> bool {
        self.phrase_in(text).is_some()
    }

    /// The phrase by which the message asks for a person.
    pub fn phrase_in(&self, text: &str) -> Option<&str> {
        let text = format!(" {} ", crate::stop::normalised(text));
        let holds = |phrase: &&String| {
            let phrase = crate::stop::normalised(phrase);
            !phrase.is_empty() && text.contains(&format!(" {phrase} "))
        };
        self.phrases.iter().find(holds).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> AssistantSettings {
        AssistantSettings {
            name: "Tita".into(),
            instructions: "Responda com simpatia.\nSeja breve.".into(),
            model: "a-model".into(),
            language: Language::Portuguese,
            texts: AssistantTexts::usual(Language::Portuguese),
            hand_off: HandOffRule::usual(Language::Portuguese),
        }
    }

    fn wrong(change: impl Fn(&mut AssistantSettings)) -> Vec<String> {
        let mut changed = settings();
        change(&mut changed);
        changed.check().into_iter().map(|field| field.pointer).collect()
    }

    #[test]
    fn a_customer_who_asks_for_a_person_is_heard() {
        let rule = HandOffRule { phrases: vec!["falar com atendente".into(), "humano".into()], by_model: true };
        assert!(rule.applies_to("Quero FALAR com  atendente!!"));
        assert_eq!(rule.phrase_in("tem algum humano aí?"), Some("humano"));
        assert!(!rule.applies_to("qual o horário dos desumanos?"));
    }

    #[test]
    fn what_is_usual_is_right_in_every_language_and_says_how_to_reach_a_person() {
        for language in Language::ALL {
            let (texts, hand_off) = (AssistantTexts::usual(language), HandOffRule::usual(language));
            assert!(hand_off.applies_to(&texts.unknown), "{language:?}");
            let usual = AssistantSettings { language, texts, hand_off, ..settings() };
            assert_eq!(usual.check(), [], "{language:?}");
        }
    }

    #[test]
    fn each_field_that_breaks_its_rule_is_named() {
        assert_eq!(wrong(|_| {}), [""; 0]);
        assert_eq!(wrong(|it| it.name = " Tita".into()), ["/name"]);
        assert_eq!(wrong(|it| it.name.clear()), ["/name"]);
        assert_eq!(wrong(|it| it.instructions = "x".repeat(8_001)), ["/instructions"]);
        assert_eq!(wrong(|it| it.instructions.clear()), [""; 0]);
        assert_eq!(wrong(|it| it.model = "um modelo".into()), ["/model"]);
        assert_eq!(wrong(|it| it.texts.thanks = " \n".into()), ["/texts/thanks"]);
        assert_eq!(wrong(|it| it.texts.unknown = "á".repeat(1_001)), ["/texts/unknown"]);
        assert_eq!(wrong(|it| it.hand_off.phrases[1] = "?!".into()), ["/hand_off/phrases/1"]);
        assert_eq!(wrong(|it| it.hand_off.phrases[0] = "a".repeat(101)), ["/hand_off/phrases/0"]);
        assert_eq!(wrong(|it| it.hand_off.phrases = vec!["oi".into(); 51]), ["/hand_off/phrases"]);
    }
}
