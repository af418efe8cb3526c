//! Answers from a business's own texts, without a model.
//!
//! The engine finds the passage that covers a customer's question and gives it word for word; it never writes a word of
//! its own. A wrong answer is much worse than "I do not know", so a passage must hold what is *rare* in the question:
//! a word that no text has weighs most, and a question about something that the texts do not cover is refused even if
//! every other word of it is everyday business. It also finds the passages that a model is given to answer from.
//!
//! Everything is a function of the texts and the question: no clock, no randomness, no order of a hash map shows.
//!
//! How a message is read: `fold` (case, accents), `lexicon` (abbreviations, phrases, synonyms, little words) over the
//! hand-made `tables` of each language, `stem` (word forms), `typo` (slips), `lexeme` and `query` (what must be found).
//! How texts are read: `split` (passages), `index`. How the two meet: `facts` (a price is answered by a price), `joined`
//! (which words belong together), `rank`, `answer` (several questions in one message).

mod answer;
mod english;
mod facts;
mod fold;
mod index;
mod joined;
mod lexeme;
mod lexicon;
mod names;
mod portuguese;
mod query;
mod rank;
mod sign;
mod spanish;
mod split;
mod stem;
mod tables;
mod typo;

use std::fmt;

use self::answer::Outcome;
use self::index::Corpus;
use self::lexeme::Reader;
use self::lexicon::Lexicon;
use self::names::Names;
use self::query::{Query, Wants};
use crate::KnowledgeId;
use crate::locale::Language;

/// A text that a business wrote for its customers.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// Its id.
    pub knowledge: KnowledgeId,
    /// What it is about, in a few words.
    pub title: &'a str,
    /// Plain text or simple Markdown: paragraphs, lists, headings, questions with their answers.
    pub text: &'a str,
}

/// A part of a text that can stand alone: a paragraph, a list, or one item of a list; at most 480 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The text that it is from.
    pub knowledge: KnowledgeId,
    /// The title of that text.
    pub title: String,
    /// A slice of that text, as it was written.
    pub text: String,
}

/// A passage that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit<'a> {
    /// The passage.
    pub passage: &'a Passage,
    /// How relevant it is; comparable within one search only. Above 0.
    pub score: f64,
}

/// What the texts say to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// They answer it.
    Found {
        /// The passages that answer it, as they were written; one blank line between two.
        text: String,
        /// The texts that they are from, in the order of the answer, each once.
        sources: Vec<KnowledgeId>,
        /// False if the message asked something else besides that the texts do not answer.
        complete: bool,
    },
    /// Nothing was asked.
    SmallTalk(SmallTalk),
    /// They do not answer it, or it is not certain that they do.
    Unknown,
}

/// A message that asks nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmallTalk {
    /// "Oi", "bom dia", "queria tirar uma dúvida".
    Greeting,
    /// "Obrigado".
    Thanks,
    /// "Ok", "tchau", a thumb up: no reply is expected.
    Closing,
}

/// A business's texts, ready to be asked.
pub struct Index {
    lexicon: &'static Lexicon,
    corpus: Corpus,
    names: Names,
}

impl Index {
    /// Takes the texts of one assistant apart. `language` is the one they are written in.
    pub fn build<'a>(texts: impl IntoIterator<Item = Source<'a>>, language: Language) -> Self {
        let lexicon = Lexicon::of(language);
        Self { lexicon, corpus: Corpus::new(texts, lexicon), names: Names::default() }
    }

    /// The same, for a business and an assistant that are called so. "Oi Tica, o Forno do Tico abre domingo?" says no
    /// more than "oi, abre domingo?"; without their names these would be words that the texts do not have.
    pub fn called<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: Names::new(names, self.lexicon), ..self }
    }

    /// The `k` passages that have most to do with the question, best first: paragraphs and whole lists. Fewer if fewer
    /// have anything to do with it.
    pub fn search(&self, question: &str, k: usize) -> Vec<Hit<'_>> {
        let question = answer::beginning(question);
        let lexemes = Reader::new(self.lexicon).message(question, &self.corpus.words, &self.names);
        let wants = Wants::of(&lexemes, &self.corpus, self.lexicon);
        let query = Query::new(&lexemes, &wants).or_usual_topic(&self.corpus, self.lexicon);
        let mut scored = rank::ranked(&query, &self.corpus);
        scored.retain(|scored| scored.relevance > 0.0 && self.corpus.units[scored.unit].list.is_none());
        scored.sort_by(|a, b| b.relevance.total_cmp(&a.relevance).then(a.unit.cmp(&b.unit)));
        scored.truncate(k);
        scored
            .into_iter()
            .map(|scored| Hit { passage: &self.corpus.units[scored.unit].passage, score: scored.relevance })
            .collect()
    }

    /// The answer to a message, in the words of the texts.
    pub fn answer(&self, message: &str) -> Answer {
        let (units, complete) = match answer::find(message, &self.corpus, self.lexicon, &self.names) {
            Outcome::Found { units, complete } => (units, complete),
            Outcome::SmallTalk(kind) => return Answer::SmallTalk(kind),
            Outcome::Unknown => return Answer::Unknown,
        };
        let passages: Vec<&Passage> = units.into_iter().map(|unit| &self.corpus.units[unit].passage).collect();
        let text = passages.iter().map(|passage| passage.text.as_str()).collect::<Vec<_>>().join("\n\n");
        let mut sources: Vec<KnowledgeId> = Vec::new();
        for passage in passages {
            if !sources.contains(&passage.knowledge) {
                sources.push(passage.knowledge.clone());
            }
        }
        Answer::Found { text, sources, complete }
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index({} units)", self.corpus.units.len())
    }
}

#[cfg(test)]
mod tests;
