//! Words that were meant to be other words.

use super::fold::Word;
use crate::locale::Language;

/// How two spellings are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// They sound the same: `xocolate`, `orario`.
    Sound,
    /// One letter is missing, added, wrong or swapped with its neighbour.
    Slip,
}

/// Shorter words have no sound of their own: too many of them are alike.
const SHORTEST_SOUND: usize = 4;

/// How the word a customer typed is like a known one, if it is. Short words are never taken for each other: `torta` and
/// `porta`, `festa` and `cesta` are one letter apart.
pub(super) fn likeness(typed: &Sounding, known: &Sounding) -> Option<Likeness> {
    const SHORTEST_SLIP: usize = 6;
    if known.sounds().any(|sound| Some(sound) == typed.sound()) {
        return Some(Likeness::Sound);
    }
    let (typed, known) = (&typed.plain, &known.plain);
    let same_start = typed.chars().next() == known.chars().next();
    let long = typed.len().max(known.len()) >= SHORTEST_SLIP && !typed.starts_with(char::is_numeric);
    (same_start && long && one_apart(typed, known)).then_some(Likeness::Slip)
}

/// A word with the ways it sounds.
#[derive(Debug, Clone)]
pub(super) struct Sounding {
    plain: String,
    /// With the cedilla heard as `s`, and as it sounds when it is left out in writing.
    sounds: [String; 2],
}

impl Sounding {
    pub(super) fn new(word: &Word, language: Language) -> Self {
        Self { plain: word.plain.clone(), sounds: [sound(&word.soft, language), sound(&word.plain, language)] }
    }

    /// How it sounds as it is written; nothing for a short word or a number.
    pub(super) fn sound(&self) -> Option<&str> {
        self.sounds().next()
    }

    /// The ways in which it may be heard.
    pub(super) fn sounds(&self) -> impl Iterator<Item = &str> {
        let has_sound = self.plain.len() >= SHORTEST_SOUND && !self.plain.starts_with(char::is_numeric);
        self.sounds.iter().filter(move |_| has_sound).map(String::as_str)
    }
}

/// A spelling that is the same for spellings that sound the same.
fn sound(word: &str, language: Language) -> String {
    let spoken = match language {
        Language::Portuguese => word.replace("ch", "x").replace("sh", "x").replace("ou", "o").replace("ei", "e"),
        Language::Spanish => word.replace("ll", "y").replace('v', "b"),
        // English spelling is no guide to its sound, save that a doubled letter sounds like one.
        Language::English => {
            let mut letters: Vec<char> = word.chars().collect();
            letters.dedup();
            return letters.into_iter().collect();
        }
    };
    let letters: Vec<char> = spoken.replace("qu", "k").replace("ph", "f").replace("cc", "c").chars().collect();
    let mut out = String::with_capacity(letters.len());
    for (n, &c) in letters.iter().enumerate() {
        let next = letters.get(n + 1);
        let before_front_vowel = matches!(next, Some('e' | 'i' | 'y'));
        let heard = match c {
            'h' => continue,
            'c' if before_front_vowel => 's',
            'c' | 'q' => 'k',
            'g' if before_front_vowel => 'j',
            'z' => 's',
            'y' => 'i',
            'w' => 'u',
            'n' if matches!(next, Some('p' | 'b')) => 'm',
            c => c,
        };
        // A doubled letter sounds like one, save `rr`: `carro` is not `caro`.
        if heard == 'r' || !out.ends_with(heard) {
            out.push(heard);
        }
    }
    out
}

/// Whether one missing, added, changed or swapped letter makes the one the other.
fn one_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    if short.len() < long.len() {
        return short[same..] == long[same + 1..];
    }
    let changed = same < short.len() && short[same + 1..] == long[same + 1..];
    let swapped = same + 1 < short.len()
        && short[same] == long[same + 1]
        && short[same + 1] == long[same]
        && short[same + 2..] == long[same + 2..];
    changed || swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(typed: &str, known: &str) -> Option<Likeness> {
        let sounding = |word| Sounding::new(&Word::new(word), Language::Portuguese);
        likeness(&sounding(typed), &sounding(known))
    }

    #[test]
    fn a_word_written_as_it_sounds_is_understood() {
        for (typed, known) in [
            ("xocolate", "chocolate"),
            ("orario", "horário"),
            ("endereso", "endereço"),
            ("endereco", "endereço"),
            ("capuccino", "cappuccino"),
            ("dinhero", "dinheiro"),
            ("senpre", "sempre"),
        ] {
            assert_eq!(alike(typed, known), Some(Likeness::Sound), "{typed} {known}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_in_a_long_word_is_understood() {
        for (typed, known) in [
            ("estacionametno", "estacionamento"),
            ("encomeda", "encomenda"),
            ("entraga", "entrega"),
            ("cartaoo", "cartao"),
        ] {
            assert!(alike(typed, known).is_some(), "{typed} {known}");
        }
    }

    #[test]
    fn different_words_are_not_taken_for_each_other() {
        for (typed, known) in [
            ("torta", "porta"),
            ("cesta", "festa"),
            ("caro", "carro"),
            ("bolo", "bola"),
            ("2024", "2025"),
            ("pneus", "pães"),
        ] {
            assert_eq!(alike(typed, known), None, "{typed} {known}");
        }
    }
}
