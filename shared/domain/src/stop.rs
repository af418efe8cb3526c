//! Stop and start words. The whole message, normalised, must be one of them; words that people also use otherwise
//! ("cancelar", "parar de", "não") are left out, since a wrong stop silences a business that the person wants to hear.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::locale::Language;

/// What a message says about marketing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarketingWord {
    /// No more of it, in this language.
    Stop(Language),
    /// It is welcome again, in this language.
    Start(Language),
}

const STOP: &[(Language, &[&str])] = &[
    (
        Language::Portuguese,
        &[
            "sair",
            "descadastrar",
            "descadastre me",
            "me descadastre",
            "remover",
            "pare",
            "parar",
            "pare de enviar",
            "parar mensagens",
            "parar promocoes",
            "nao quero mais receber",
            "nao quero mais receber mensagens",
            "nao quero receber mensagens",
            "cancelar inscricao",
            "cancelar envio",
            "sair da lista",
        ],
    ),
    (Language::English, &["stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "stop promotions"]),
    (
        Language::Spanish,
        &[
            "baja",
            "darme de baja",
            "dar de baja",
            "salir",
            "detener",
            "no quiero recibir mas",
            "no quiero recibir mas mensajes",
            "cancelar suscripcion",
            "parar mensajes",
        ],
    ),
];

const START: &[(Language, &[&str])] = &[
    (
        Language::Portuguese,
        &["voltar a receber", "quero receber", "quero voltar a receber", "recadastrar", "reativar mensagens"],
    ),
    (Language::English, &["start", "unstop", "subscribe", "opt in", "optin"]),
    (Language::Spanish, &["volver a recibir", "quiero recibir mensajes", "suscribirme", "alta"]),
];

/// Reads a whole message as a stop or start word.
pub fn marketing_word(text: &str) -> Option<MarketingWord> {
    if text.len() > 200 {
        return None;
    }
    let text = normalised(text);
    let find = |lists: &[(Language, &[&str])]| {
        lists.iter().find(|(_, words)| words.contains(&text.as_str())).map(|(language, _)| *language)
    };
    find(STOP).map(MarketingWord::Stop).or_else(|| find(START).map(MarketingWord::Start))
}

/// Lower case, no accents, punctuation or emoji; words one space apart.
pub fn normalised(text: &str) -> String {
    let folded: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What we answer to a stop or start, once.
pub fn confirmation(word: MarketingWord, organization: &str) -> String {
    match word {
        MarketingWord::Stop(Language::Portuguese) => format!(
            "Pronto! Você não receberá mais mensagens promocionais de {organization}. Se mudar de ideia, responda \
             QUERO RECEBER. Continuamos por aqui para responder às suas perguntas."
        ),
        MarketingWord::Stop(Language::English) => format!(
            "Done! You will get no more promotional messages from {organization}. If you change your mind, reply \
             START. We are still here to answer your questions."
        ),
        MarketingWord::Stop(Language::Spanish) => format!(
            "¡Listo! No recibirás más mensajes promocionales de {organization}. Si cambias de opinión, responde ALTA. \
             Seguimos aquí para responder tus preguntas."
        ),
        MarketingWord::Start(Language::Portuguese) => {
            format!("Combinado! Você voltará a receber as novidades de {organization}. Para parar, responda SAIR.")
        }
        MarketingWord::Start(Language::English) => {
            format!("All right! You will get news from {organization} again. To stop, reply STOP.")
        }
        MarketingWord::Start(Language::Spanish) => {
            format!("¡De acuerdo! Volverás a recibir novedades de {organization}. Para parar, responde BAJA.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_word_is_the_whole_message() {
        for text in ["SAIR", " sair. ", "Pare!", "STOP", "stop 🛑", "Não quero mais receber", "Baja"] {
            assert!(matches!(marketing_word(text), Some(MarketingWord::Stop(_))), "{text}");
        }
    }

    #[test]
    fn a_sentence_with_a_stop_word_in_it_is_no_stop() {
        for text in
            ["quero sair para jantar", "o bus stop fica onde?", "cancelar", "não", "vocês podem parar aqui?", ""]
        {
            assert_eq!(marketing_word(text), None, "{text}");
        }
    }

    #[test]
    fn start_words_are_known_in_three_languages() {
        assert_eq!(marketing_word("quero receber"), Some(MarketingWord::Start(Language::Portuguese)));
        assert_eq!(marketing_word("Start"), Some(MarketingWord::Start(Language::English)));
        assert_eq!(marketing_word("ALTA"), Some(MarketingWord::Start(Language::Spanish)));
    }

    #[test]
    fn the_word_that_undoes_is_named_in_the_confirmation_and_works() {
        for (word, undo) in [
            (MarketingWord::Stop(Language::Portuguese), "QUERO RECEBER"),
            (MarketingWord::Stop(Language::English), "START"),
            (MarketingWord::Stop(Language::Spanish), "ALTA"),
        ] {
            assert!(confirmation(word, "Loja").contains(undo));
            assert!(matches!(marketing_word(undo), Some(MarketingWord::Start(_))));
        }
    }
}
