//! Lines for people on a terminal: broken between words, where a terminal would break inside of one.

/// The text with its long lines broken between words, what goes on set in by two more blanks. Without a width, nothing is
/// broken; words that are longer than a line stay whole. Commands to paste are broken as a shell goes on: behind `\`.
pub fn folded(text: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else {
        return text.to_owned();
    };
    let mut folded = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if shown(line.trim_end()) <= width {
            folded.push_str(line);
        } else {
            fold(line, width, &mut folded);
        }
    }
    folded
}

fn fold(line: &str, width: usize, into: &mut String) {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let command = command_of(line);
    let (mut used, mut at) = (0, indent);
    // A blank belongs to the word before it: columns stay apart.
    for word in phrases(&line[indent..]) {
        let in_command = command.is_some_and(|from| at > from);
        let is_last = at + word.len() == line.len();
        let length = shown(word.trim_end()) + if in_command && !is_last { 2 } else { 0 };
        // Between such quotes a shell takes everything as it stands.
        let quoted = in_command && line[..at].matches('\'').count() % 2 == 1;
        if used == 0 {
            into.push_str(&line[..indent]);
            used = indent;
        } else if used + length > width && !quoted {
            into.truncate(into.trim_end_matches(' ').len());
            into.push_str(if in_command { " \\\n" } else { "\n" });
            into.push_str(&line[..indent]);
            into.push_str("  ");
            used = indent + 2;
        }
        into.push_str(word);
        used += shown(word.trim_end_matches('\n'));
        at += word.len();
    }
}

/// Words with the blank behind them; a number and its unit are one, as are the parts of a duration.
pub fn phrases(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = word_end(rest)?;
        while let Some(next) = word_end(&rest[end..])
            && are_held(last_word(&rest[..end]), rest[end..end + next].trim_end())
        {
            end += next;
        }
        let phrase;
        (phrase, rest) = rest.split_at(end);
        Some(phrase)
    })
}

/// Behind the first blank.
fn word_end(text: &str) -> Option<usize> {
    (!text.is_empty()).then(|| text.find(' ').map_or(text.len(), |at| at + 1))
}

fn last_word(text: &str) -> &str {
    text.trim_end_matches(' ')
        .rsplit(' ')
        .next()
        .unwrap_or_default()
}

fn are_held(before: &str, after: &str) -> bool {
    const UNITS: [&str; 6] = ["h", "min", "s", "ms", "d", "j"];
    let is_number = |word: &str| word.ends_with(|last: char| last.is_ascii_digit());
    let is_unit = |word: &str| UNITS.contains(&word.trim_end_matches(['.', ',', ';', ')']));
    is_number(before) && is_unit(after)
        || UNITS.contains(&before) && after.starts_with(|first: char| first.is_ascii_digit())
}

/// How many characters are seen: colours are not.
fn shown(text: &str) -> usize {
    let mut length = 0;
    let mut parts = text.split("\x1b[");
    length += parts.next().unwrap_or_default().chars().count();
    for part in parts {
        let behind = part.split_once('m').map_or(part, |(_, behind)| behind);
        length += behind.chars().count();
    }
    length
}

/// Where a command of smartETL to paste begins; between backticks it is only named.
fn command_of(line: &str) -> Option<usize> {
    let mut from = 0;
    for (index, part) in line.split('`').enumerate() {
        if index % 2 == 0
            && let Some(found) = part.find("smartetl ")
        {
            let before = &line[..from + found];
            return Some(before.rfind(' ').map_or(0, |blank| blank + 1));
        }
        from += part.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let text = "one two three four\n  hint: copy the file again\n\nend";
        assert_eq!(
            folded(text, Some(14)),
            "one two three\n  four\n  hint: copy\n    the file\n    again\n\nend"
        );
        assert_eq!(folded(text, None), text);
        assert_eq!(folded("abcdefgh ij\n", Some(4)), "abcdefgh\n  ij\n");
        assert_eq!(folded("Web        here\n", Some(12)), "Web\n  here\n");
        assert_eq!(folded("non\u{a0}: oui", Some(5)), "non\u{a0}:\n  oui");
    }

    #[test]
    fn durations_stay_whole() {
        assert_eq!(
            folded("it took 34 h 53 min, then 5 s.", Some(16)),
            "it took\n  34 h 53 min,\n  then 5 s."
        );
    }

    #[test]
    fn colours_are_not_seen_and_commands_go_on() {
        let text = "\x1b[1;31merror:\x1b[0m no";
        assert_eq!(folded(text, Some(9)), text);
        let command = "  SQL  /bin/smartetl sql \"SELECT job FROM dataset\"\n";
        assert_eq!(
            folded(command, Some(30)),
            "  SQL  /bin/smartetl sql \\\n    \"SELECT job FROM dataset\"\n"
        );
        assert_eq!(
            folded(
                "with its password: smartetl --data-dir '/a b' doctor",
                Some(34)
            ),
            "with its password: smartetl \\\n  --data-dir '/a b' doctor"
        );
        assert_eq!(
            folded("look: smartetl --data-dir '/a b c d e f g'", Some(28)),
            "look: smartetl --data-dir \\\n  '/a b c d e f g'"
        );
        assert_eq!(
            folded("run `smartetl fuse` then", Some(12)),
            "run\n  `smartetl\n  fuse` then"
        );
    }
}
