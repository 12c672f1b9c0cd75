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
    for word in line[indent..].split_inclusive(' ') {
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
