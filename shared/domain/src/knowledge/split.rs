//! A text into passages that can stand alone as a chat message.
//!
//! A passage is a slice of the text as the business wrote it: a paragraph, a list, or one item of a list. A heading or a
//! question above it is no part of it but tells what it is about.

use std::ops::Range;

/// The longest passage, in bytes: about what fits on a phone's screen.
const LONGEST: usize = 480;

/// One paragraph or list of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Where it stands in the text.
    pub(super) range: Range<usize>,
    /// The headings and the question that stand above it.
    pub(super) above: String,
    /// Its items, without their bullets, if it is a list.
    pub(super) items: Vec<Range<usize>>,
}

/// The paragraphs and lists of a text, in order.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut splitter = Splitter { text, heading: "", question: "", open: None, done: Vec::new() };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        splitter.line(at..at + line.len());
        at += line.len();
    }
    splitter.close();
    splitter.done
}

struct Splitter<'a> {
    text: &'a str,
    heading: &'a str,
    question: &'a str,
    open: Option<Open>,
    done: Vec<Block>,
}

/// The block that is being read.
struct Open {
    range: Range<usize>,
    items: Vec<Range<usize>>,
    /// Where the lines before the first item end.
    intro_end: usize,
}

impl Splitter<'_> {
    fn line(&mut self, range: Range<usize>) {
        let range = trim(self.text, range);
        let line = &self.text[range.clone()];
        if line.is_empty() || is_rule(line) {
            self.close();
        } else if line.starts_with('#') {
            self.close();
            (self.heading, self.question) = (line, "");
        } else if self.open.is_none() && line.trim_end_matches(['*', '_']).ends_with('?') && bullet(line) == 0 {
            self.question = line;
        } else {
            let range = range.start + reply_mark(line)..range.end;
            let bullet = bullet(line);
            let open =
                self.open.get_or_insert_with(|| Open { range: range.clone(), items: vec![], intro_end: range.start });
            open.range.end = range.end;
            if bullet > 0 {
                open.items.push(range.start + bullet..range.end);
            } else if let Some(item) = open.items.last_mut() {
                item.end = range.end;
            } else {
                open.intro_end = range.end;
            }
        }
    }

    fn close(&mut self) {
        let Some(Open { range, items, intro_end }) = self.open.take() else { return };
        let text = self.text;
        let intro = range.start..intro_end;
        let parts = match &items[..] {
            [] if range.len() > LONGEST => sentences(text, range),
            [only] if intro.is_empty() => vec![only.clone()],
            [_, ..] if range.len() > LONGEST => {
                std::iter::once(intro).filter(|intro| !intro.is_empty()).chain(items.iter().cloned()).collect()
            }
            _ => vec![range],
        };
        for group in groups(parts.into_iter().flat_map(|part| cut(text, part)).collect()) {
            let inside = |item: &&Range<usize>| group.start <= item.start && item.end <= group.end;
            let items = items.iter().filter(inside).cloned().collect();
            let above = format!("{}\n{}", self.heading, self.question);
            self.done.push(Block { range: group, above, items });
        }
    }
}

/// How long the bullet or number of a list item is; 0 if the line is none.
fn bullet(line: &str) -> usize {
    let number = line.bytes().take_while(u8::is_ascii_digit).count();
    let sign = match line[number..].chars().next() {
        Some('.' | ')') if (1..=2).contains(&number) => 1,
        Some(c @ ('-' | '*' | '•' | '–' | '+')) if number == 0 => c.len_utf8(),
        Some('|') if number == 0 => return if line.len() > 1 { 1 } else { 0 },
        _ => return 0,
    };
    let after = &line[number + sign..];
    let blank = after.len() - after.trim_start().len();
    if blank > 0 && blank < after.len() { number + sign + blank } else { 0 }
}

/// How long the "Resposta:" before an answer is.
fn reply_mark(line: &str) -> usize {
    const MARKS: [&str; 8] = ["Resposta:", "Answer:", "Respuesta:", "**R:**", "**A:**", "R:", "A:", "R."];
    let Some(mark) = MARKS.into_iter().find(|mark| line.starts_with(mark)) else { return 0 };
    let rest = &line[mark.len()..];
    let blank = rest.len() - rest.trim_start().len();
    if blank > 0 && blank < rest.len() { mark.len() + blank } else { 0 }
}

/// A horizontal rule or the rule under a table's head.
fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | '|' | ':' | ' '))
}

/// The sentences in this part of the text.
fn sentences(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = range.start;
    let mut ended = false;
    for (n, c) in text[range.clone()].char_indices() {
        let at = range.start + n;
        if ended && c.is_whitespace() {
            out.push(trim(text, start..at));
            start = at;
        }
        ended = matches!(c, '.' | '!' | '?' | '…' | ';') || (ended && matches!(c, '"' | '”' | ')' | '*'));
    }
    out.push(trim(text, start..range.end));
    out.retain(|range| !range.is_empty());
    out
}

/// Neighbours put together as long as they are not too long for one message.
fn groups(parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match out.last_mut() {
            Some(last) if part.end - last.start <= LONGEST => last.end = part.end,
            _ => out.push(part),
        }
    }
    out
}

/// A part that has no end of sentence for too long, cut between words where there are any.
fn cut(text: &str, mut range: Range<usize>) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    while range.len() > LONGEST {
        let limit = text.floor_char_boundary(range.start + LONGEST);
        let head = &text[range.start..limit];
        let end = range.start + head.rfind(char::is_whitespace).filter(|at| *at > 0).unwrap_or(head.len());
        out.push(trim(text, range.start..end));
        range.start = end;
    }
    out.push(trim(text, range));
    out.retain(|range| !range.is_empty());
    out
}

/// The range without the white space at its ends.
fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..(start + part.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<&str> {
        blocks(text).into_iter().map(|block| &text[block.range]).collect()
    }

    #[test]
    fn a_paragraph_is_a_passage_and_a_heading_is_not() {
        let text = "# Loja\n\nAbrimos cedo.\nFechamos tarde.\n\n## Rua\nRua das Broas.";
        assert_eq!(texts(text), ["Abrimos cedo.\nFechamos tarde.", "Rua das Broas."]);
        assert_eq!(blocks(text)[1].above.trim(), "## Rua");
    }

    #[test]
    fn a_question_tells_what_its_answer_is_about() {
        let text = "Tem estacionamento?\nSim, na frente.\n\n**P: Tem wi-fi?**\nR: Sim.";
        assert_eq!(texts(text), ["Sim, na frente.", "Sim."]);
        assert!(blocks(text)[1].above.contains("wi-fi"));
    }

    #[test]
    fn an_item_stands_alone_without_its_bullet() {
        let text = "Preços:\n- Bolo: R$ 8\n- Café:\n  R$ 5\n1. Suco";
        let block = blocks(text).remove(0);
        let items: Vec<_> = block.items.into_iter().map(|range| &text[range]).collect();
        assert_eq!(items, ["Bolo: R$ 8", "Café:\n  R$ 5", "Suco"]);
        assert_eq!(&text[block.range], text);
    }

    #[test]
    fn a_long_paragraph_is_parted_between_sentences() {
        let text = "Esta frase tem um ponto no fim. ".repeat(40);
        let parts = texts(&text);
        assert!(parts.len() > 2 && parts.iter().all(|part| part.ends_with('.') && part.len() <= LONGEST));
    }

    proptest! {
        #[test]
        fn any_text_gives_passages_of_it_that_fit_a_message(text in "(\\PC|[\\n#?.|*-]| - |\\n- |\\n1\\. ){0,900}") {
            for block in blocks(&text) {
                prop_assert!(!text[block.range.clone()].trim().is_empty() && block.range.len() <= LONGEST);
                for item in block.items {
                    prop_assert!(!text[item.clone()].is_empty() && block.range.start <= item.start && item.end <= block.range.end);
                }
            }
        }
    }
}
