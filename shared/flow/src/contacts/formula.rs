//! Texts that a spreadsheet would take for formulas (CWE-1236).
//!
//! A file is read with commas, semicolons or tabs between its columns, whatever it was written with: whatever begins like a
//! formula after any of them, or on a line of its own, gets an apostrophe, which an import takes off again.

/// What a spreadsheet takes for the end of a cell or line.
fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '\n' | '\r')
}

/// What a formula begins with; and the apostrophe itself, so that one which was there before stays.
fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\'')
}

/// The text as a file shows it.
pub(super) fn defused(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 2);
    let mut is_start = true;
    for c in text.trim().chars() {
        if is_start && begins_formula(c) {
            shown.push('\'');
        }
        shown.push(c);
        // Spaces before a formula keep no spreadsheet from it.
        is_start = separates(c) || is_start && c == ' ';
    }
    shown
}

/// The text as it was before a file showed it.
pub(super) fn restored(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_start = true;
    let mut left = text.chars().peekable();
    while let Some(c) = left.next() {
        if is_start && c == '\'' && left.peek().is_some_and(|next| begins_formula(*next)) {
            // What follows is as it was.
            if let Some(next) = left.next() {
                plain.push(next);
            }
            is_start = false;
            continue;
        }
        plain.push(c);
        is_start = separates(c) || is_start && c == ' ';
    }
    plain
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_that_a_file_shows_is_a_formula_however_it_is_split() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("Ana;=1+1", "Ana;'=1+1"),
            ("a, +b", "a, '+b"),
            ("a\n@SUM(A1)", "a\n'@SUM(A1)"),
            ("d'Ávila", "d'Ávila"),
            ("'tis", "''tis"),
            ("1-2", "1-2"),
        ] {
            assert_eq!(defused(text), shown);
            assert_eq!(restored(shown), text);
        }
        assert_eq!(restored("'tis"), "'tis", "somebody wrote it so");
    }

    proptest! {
        #[test]
        fn what_was_shown_is_restored(text in "[=+\\-@'a ;,\n]{0,20}") {
            let text = text.trim();
            let shown = defused(text);
            prop_assert_eq!(restored(&shown), text);
            let split = shown.split([',', ';', '\t', '\n', '\r']);
            prop_assert!(split.map(str::trim_start).all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
        }
    }
}
