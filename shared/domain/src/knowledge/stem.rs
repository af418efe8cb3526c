//! Word forms: `pães`, `pãozinho` and `pão` are one term.
//!
//! The Snowball algorithms (the `snowball_stemmers_rs` crate: generated from the current Snowball sources, where the
//! older `rust-stemmers` stopped in 2019) expect accents, which customers leave out. So both sides are compared without
//! accents: the few endings by which an algorithm recognises a form get theirs back before it runs.

use snowball_stemmers_rs::{Algorithm, Stemmer};

use crate::locale::Language;

/// The stemmer of one language.
pub(super) struct Stems {
    language: Language,
    snowball: Stemmer,
}

impl Stems {
    pub(super) fn of(language: Language) -> Self {
        let algorithm = match language {
            Language::Portuguese => Algorithm::Portuguese,
            Language::English => Algorithm::English,
            Language::Spanish => Algorithm::Spanish,
        };
        Self { language, snowball: Stemmer::create(algorithm) }
    }

    /// The term of a word in lower case without accents. Words of other scripts are their own terms.
    pub(super) fn stem(&self, plain: &str) -> String {
        if !plain.bytes().all(|b| b.is_ascii_lowercase()) || plain.len() < 3 {
            return plain.to_owned();
        }
        let accented = match self.language {
            Language::Portuguese => with_accents(&singular(plain)),
            Language::Spanish => with_ending(plain, &[("cion", "ción"), ("sion", "sión")]),
            Language::English => plain.to_owned(),
        };
        let term: String = self.snowball.stem(&accented).chars().map(unaccented).collect();
        if self.language == Language::English { term } else { without_verb_ending(term) }
    }
}

/// Portuguese plurals and diminutives that Snowball leaves alone.
fn singular(word: &str) -> String {
    let word = with_ending(
        word,
        &[
            ("oes", "ao"),
            ("aes", "ao"),
            ("dois", "dois"),
            ("seis", "seis"),
            ("ais", "al"),
            ("eis", "el"),
            ("ois", "ol"),
            ("ns", "m"),
            ("res", "r"),
            ("mos", "mos"),
            ("as", "a"),
            ("es", "e"),
            ("os", "o"),
        ],
    );
    // "kits", "shows"
    let word = match word.strip_suffix('s') {
        Some(rest) if rest.ends_with(|c: char| !"aeious".contains(c)) => rest.to_owned(),
        _ => word,
    };
    let shorter = |ending: &str, least: usize| word.strip_suffix(ending).filter(|rest| rest.len() >= least);
    if let Some(rest) = shorter("zinho", 3).or_else(|| shorter("zinha", 3)) {
        return singular(rest);
    }
    if let Some(rest) = shorter("inho", 5) {
        return format!("{rest}o");
    }
    if let Some(rest) = shorter("inha", 5) {
        return format!("{rest}a");
    }
    word
}

/// Snowball looks for endings only after the second syllable of words such as `abrir`, `entrar`, `usar`, and so leaves
/// each of their forms a term of its own.
fn without_verb_ending(term: String) -> String {
    const ENDINGS: [&str; 17] = [
        "amos", "emos", "imos", "ando", "indo", "aram", "ar", "er", "ir", "am", "an", "em", "en", "im", "ou", "iu", "e",
    ];
    const LEAST: usize = 3;
    let bytes = term.as_bytes();
    let vowel = |at: usize| bytes.get(at).is_some_and(|b| b"aeiou".contains(b));
    if !vowel(0) || vowel(1) {
        return term;
    }
    let rest = ENDINGS.iter().find_map(|ending| term.strip_suffix(ending).filter(|rest| rest.len() >= LEAST));
    rest.map(str::to_owned).unwrap_or(term)
}

fn with_accents(word: &str) -> String {
    with_ending(
        word,
        &[("cao", "ção"), ("sao", "são"), ("encia", "ência"), ("encias", "ências"), ("ivel", "ível"), ("avel", "ável")],
    )
}

/// The word with the first of these endings changed.
fn with_ending(word: &str, endings: &[(&str, &str)]) -> String {
    endings
        .iter()
        .find_map(|(from, to)| {
            word.strip_suffix(from).filter(|rest| !rest.is_empty()).map(|rest| format!("{rest}{to}"))
        })
        .unwrap_or_else(|| word.to_owned())
}

fn unaccented(c: char) -> char {
    match c {
        'ç' => 'c',
        'ã' | 'á' => 'a',
        'ê' => 'e',
        'í' => 'i',
        'ó' => 'o',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_portuguese_word_are_one_term() {
        let stems = Stems::of(Language::Portuguese);
        for forms in [
            ["entrega", "entregas", "entregam"],
            ["encomenda", "encomendar", "encomendas"],
            ["opcao", "opcoes", "opcao"],
            ["promocao", "promocoes", "promocao"],
            ["salgado", "salgados", "salgadinhos"],
            ["flor", "flores", "flor"],
            ["cartao", "cartoes", "cartao"],
            ["cancelar", "cancelo", "cancelamos"],
            ["abrir", "abre", "abrimos"],
            ["pao", "paes", "paozinho"],
            ["ovo", "ovos", "ovo"],
            ["reserva", "reservar", "reservamos"],
        ] {
            let terms: Vec<_> = forms.iter().map(|form| stems.stem(form)).collect();
            assert!(terms.iter().all(|term| *term == terms[0]), "{forms:?} {terms:?}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        let stems = Stems::of(Language::Portuguese);
        for (a, b) in [("casa", "casamento"), ("pao", "pai"), ("bolo", "bolinha"), ("queijo", "queixa")] {
            assert_ne!(stems.stem(a), stems.stem(b), "{a} {b}");
        }
    }

    #[test]
    fn english_and_spanish_have_their_own_rules() {
        assert_eq!(Stems::of(Language::English).stem("deliveries"), Stems::of(Language::English).stem("delivery"));
        assert_eq!(Stems::of(Language::Spanish).stem("entregas"), Stems::of(Language::Spanish).stem("entrega"));
    }
}
