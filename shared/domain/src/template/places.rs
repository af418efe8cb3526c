//! Places for variables in a text: `{{1}}` or `{{first_name}}`.

/// How a template's variables are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterFormat {
    /// By numbers from 1.
    #[default]
    Positional,
    /// By names.
    Named,
}

impl ParameterFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Positional, Self::Named];

    /// Its stable name; Meta's is the same in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Positional => "positional",
            Self::Named => "named",
        }
    }

    /// Reads a name, in whatever case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(name))
    }
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words as they stand.
    Words(&'a str),
    /// A place for the variable of this name.
    Place(&'a str),
}

/// Cuts a text at its places. What looks like a place and holds no possible name is words.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while let Some(open) = text[at..].find("{{").map(|found| at + found) {
        let Some(close) = text[open..].find("}}").map(|found| open + found) else { break };
        let name = text[open + 2..close].trim();
        if !is_name(name) {
            // A brace more than needed belongs to the words before.
            at = open + 1;
            continue;
        }
        if begin < open {
            pieces.push(Piece::Words(&text[begin..open]));
        }
        pieces.push(Piece::Place(name));
        (begin, at) = (close + 2, close + 2);
    }
    if begin < text.len() {
        pieces.push(Piece::Words(&text[begin..]));
    }
    pieces
}

/// The names of the variables in a text, each once, in the order in which they come first.
pub(super) fn variables(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in pieces(text) {
        if let Piece::Place(name) = piece
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// Whether words hold braces that are no place, which Meta refuses.
pub(super) fn has_stray_braces(text: &str) -> bool {
    pieces(text)
        .iter()
        .any(|piece| matches!(piece, Piece::Words(words) if words.contains("{{") || words.contains("}}")))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_places() {
        let cut = pieces("Oi {{1}}, tudo {{ bem_2 }}?");
        let expected =
            [Piece::Words("Oi "), Piece::Place("1"), Piece::Words(", tudo "), Piece::Place("bem_2"), Piece::Words("?")];
        assert_eq!(cut, expected);
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("{{1}}"), [Piece::Place("1")]);
    }

    #[test]
    fn what_is_no_place_is_words_and_is_noticed() {
        for text in ["{{", "}}", "{{}}", "{{first name}}", "a {{1} b", "{{ç}}"] {
            assert!(variables(text).is_empty(), "{text}");
            assert!(has_stray_braces(text), "{text}");
        }
        assert_eq!(pieces("{{{1}}}"), [Piece::Words("{"), Piece::Place("1"), Piece::Words("}")]);
        assert!(!has_stray_braces("{{{1}}} {a} b"));
    }

    #[test]
    fn a_variable_that_comes_twice_is_one() {
        assert_eq!(variables("{{b}} {{a}} {{b}}"), ["b", "a"]);
    }
}
