//! SQL as text: comments out of it, and whether it sorts.

/// The same without comments, each replaced by a blank. Quoted texts, names and `$tag$ … $tag$` stay as they are.
pub fn without_comments(sql: &str) -> String {
    let mut kept = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            kept.push(' ');
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        } else if rest.starts_with("/*") {
            kept.push(' ');
            rest = &rest[comment(rest)..];
            continue;
        } else if first == '\'' || first == '"' {
            quoted(rest, first)
        } else if let Some(tag) = dollar_tag(rest) {
            let body = &rest[tag.len()..];
            body.find(tag).map_or(rest.len(), |end| end + 2 * tag.len())
        } else {
            first.len_utf8()
        };
        kept.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    kept
}

/// Length of a comment in slashes, which may hold others; that of everything where it does not end.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Length of a quoted text or name. A doubled quote looks like the end of one and the begin of the next, which comes to the same.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

/// `$$` or `$name$` at the begin. Grafana's own `$name` is not followed by a dollar sign.
fn dollar_tag(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('$')?;
    let end = inner.find('$')?;
    let name = &inner[..end];
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_tag = name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit());
    // `$a$b` would be two variables side by side: a tag has its other end.
    let tag = &text[..end + 2];
    (is_tag && text[tag.len()..].contains(tag)).then_some(tag)
}

/// Whether the outermost statement, or any part of it, has an ORDER BY; strings are not looked into.
pub fn sorts(sql: &str) -> bool {
    let plain = without_comments(sql).to_lowercase();
    let words: Vec<&str> = plain
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(2).any(|pair| pair == ["order", "by"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_texts_stay() {
        let check = |sql: &str, wanted: &str| assert_eq!(without_comments(sql), wanted);
        check("SELECT 1 -- one\nFROM t", "SELECT 1  \nFROM t");
        check("a /* b /* c */ d */ e", "a   e");
        check(
            "'-- no' || \"/* no\" || 'it''s -- no'",
            "'-- no' || \"/* no\" || 'it''s -- no'",
        );
        check("$$ -- no $$ $t$ /* $t$ -- yes", "$$ -- no $$ $t$ /* $t$  ");
        check("$a -- x", "$a  ");
        check("é /* never ends", "é  ");
    }

    #[test]
    fn sorting_is_seen_in_any_case_and_not_in_comments() {
        assert!(sorts("SELECT 1 order\n  BY 1"));
        assert!(!sorts("SELECT 1 -- ORDER BY 1"));
        assert!(!sorts("SELECT reorder, by"));
    }
}
