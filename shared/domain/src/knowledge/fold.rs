//! Text into words: lower case, no accents, no emoji, no "oiiii".

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// The words and the marks between them, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut folder = Folder::default();
    for c in text.chars() {
        if c.is_ascii() {
            folder.read(c);
        } else {
            decompose_compatible(c, |part| folder.read(part));
        }
    }
    folder.finish();
    folder.out
}

#[derive(Default)]
struct Folder {
    out: Vec<Piece>,
    word: Word,
    /// The letter or digit just read.
    before: Option<char>,
}

impl Folder {
    fn read(&mut self, c: char) {
        if c.is_alphanumeric() {
            if self.before.is_some_and(|before| before.is_numeric() != c.is_numeric()) {
                self.finish();
            }
            c.to_lowercase().filter(|c| !is_combining_mark(*c)).for_each(|c| self.word.push(c));
            self.before = Some(c);
        } else if is_combining_mark(c) {
            self.word.soften(c);
        } else if c == '@' {
            // Who asks for an e-mail address finds a text that has one.
            self.finish();
            self.out.push(Piece::Word(Word::new("email")));
            self.before = None;
        } else if !matches!(c, '\'' | '’' | '\u{200d}' | '\u{fe0f}') {
            self.finish();
            let between_digits = matches!(c, '.' | ',') && self.before.is_some_and(char::is_numeric);
            self.before = None;
            if let (Some(mark), false) = (Mark::of(c), between_digits) {
                self.out.push(Piece::Mark(mark));
            }
        }
    }

    fn finish(&mut self) {
        let word = std::mem::take(&mut self.word);
        if !word.plain.is_empty() {
            let plain = if word.is_acute_e && word.plain == "e" { "eh".to_owned() } else { squeeze(word.plain) };
            self.out.push(Piece::Word(Word { plain, soft: squeeze(word.soft), is_acute_e: false }));
        }
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A run of letters, or a run of digits.
    Word(Word),
    /// Punctuation that parts what stands before it from what comes after.
    Mark(Mark),
}

/// A word as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Lower case, no accents; three or more of a letter in a row are one.
    pub(super) plain: String,
    /// The same, with `s` for `ç`: how it sounds.
    pub(super) soft: String,
    is_acute_e: bool,
}

impl Word {
    /// A word of a lexicon, which may be written with accents.
    pub(super) fn new(text: &str) -> Self {
        match pieces(text).into_iter().next() {
            Some(Piece::Word(word)) => word,
            Some(Piece::Mark(_)) | None => Self::default(),
        }
    }

    /// Whether it is a number.
    pub(super) fn is_number(&self) -> bool {
        self.plain.starts_with(char::is_numeric)
    }

    fn push(&mut self, c: char) {
        self.plain.push(c);
        self.soft.push(c);
    }

    /// What an accent changes besides being left out: `ç` sounds like `s`, and the word `é` ("is"), which many write
    /// `eh`, is not `e` ("and").
    fn soften(&mut self, mark: char) {
        const CEDILLA: char = '\u{327}';
        const ACUTE: char = '\u{301}';
        if mark == CEDILLA && self.soft.ends_with('c') {
            self.soft.pop();
            self.soft.push('s');
        }
        self.is_acute_e = mark == ACUTE && self.plain == "e";
    }
}

/// Punctuation, by how much it separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A question mark.
    Question,
    /// A new line, or the end of a sentence that is not a question.
    Stop,
    /// A colon or an opening bracket: what follows belongs to what stands before.
    Colon,
    /// A comma, a closing bracket, a quote.
    Comma,
}

impl Mark {
    fn of(c: char) -> Option<Self> {
        match c {
            '?' => Some(Self::Question),
            '\n' | '\r' | '.' | '!' | ';' | '…' => Some(Self::Stop),
            ':' | '(' | '[' => Some(Self::Colon),
            ',' | ')' | ']' | '"' | '“' | '”' => Some(Self::Comma),
            _ => None,
        }
    }
}

/// "oiiii" is "oi", and "diaa" is "dia": a run of three or more of the same letter becomes one, and so do two at the
/// end that no word of our languages ends in. Numbers stay as they are.
fn squeeze(word: String) -> String {
    let bytes = word.as_bytes();
    let stretched = bytes.windows(3).any(|run| run[0] == run[1] && run[1] == run[2]);
    if !stretched && !["aa", "ii", "uu"].iter().any(|end| word.ends_with(end)) {
        return word;
    }
    let mut out = String::with_capacity(word.len());
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let mut run = 1;
        while chars.next_if_eq(&c).is_some() {
            run += 1;
        }
        let doubled = run == 2 && chars.peek().is_none() && matches!(c, 'a' | 'i' | 'u');
        let kept = if (run >= 3 || doubled) && !c.is_numeric() { 1 } else { run };
        out.extend(std::iter::repeat_n(c, kept));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<String> {
        pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Word(word) => word.plain,
                Piece::Mark(mark) => format!("{mark:?}"),
            })
            .collect()
    }

    #[test]
    fn accents_case_emoji_and_stretched_letters_do_not_matter() {
        assert_eq!(plain("OIIII, pão Às 6h30 🥐!"), ["oi", "Comma", "pao", "as", "6", "h", "30", "Stop"]);
    }

    #[test]
    fn a_decimal_comma_does_not_part_a_sentence() {
        assert_eq!(plain("R$ 19,90 o quilo, 1.000"), ["r", "19", "90", "o", "quilo", "Comma", "1", "000"]);
    }

    #[test]
    fn a_cedilla_is_remembered_as_a_sound() {
        assert_eq!(Word::new("Endereço").plain, "endereco");
        assert_eq!(Word::new("Endereço").soft, "endereso");
    }
}
