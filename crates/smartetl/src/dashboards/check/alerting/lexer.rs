//! The actions `{{ … }}` of a Go template, and the words in them.

use crate::reason::Reason;

/// A word of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A function, keyword, `true`, `false` or `nil`; with its namespace (`coll.Dict`).
    Word(String),
    /// `$labels.job` as `$labels`, `job`; `.Alerts.Firing` as an empty text, `Alerts`, `Firing`.
    Chain(Vec<String>),
    /// `|`, `(`, `:=`, a number, a text: whatever names nothing.
    Sign(&'static str),
}

/// All actions but comments.
///
/// # Errors
/// One of them is not closed, or holds what Go cannot read.
pub fn actions(text: &str) -> Result<Vec<Vec<Token>>, Reason> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find("{{") {
        rest = &rest[begin + 2..];
        let trims = rest.strip_prefix('-');
        let trims = trims.filter(|inner| inner.starts_with(char::is_whitespace));
        let inner = trims.unwrap_or(rest).trim_start();
        if inner.starts_with("/*") {
            let end = inner.find("*/").ok_or_else(not_closed)?;
            let after = inner[end + 2..].trim_start();
            let after = after.strip_prefix('-').unwrap_or(after);
            rest = after.strip_prefix("}}").ok_or_else(not_closed)?;
            continue;
        }
        let mut tokens = Vec::new();
        rest = action(inner, &mut tokens)?;
        found.push(tokens);
    }
    Ok(found)
}

/// Reads up to the end of an action; gives what follows it.
fn action<'t>(mut rest: &'t str, tokens: &mut Vec<Token>) -> Result<&'t str, Reason> {
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("}}").or_else(|| rest.strip_prefix("-}}")) {
            return Ok(after);
        }
        let (token, length) = token(rest)?;
        tokens.push(token);
        rest = &rest[length..];
        // `(index .Alerts 0).StartsAt`: of what kind that is, only data can say.
        if matches!(tokens.last(), Some(Token::Sign(")"))) && rest.starts_with('.') {
            rest = &rest[chain(rest).1..];
        }
    }
}

fn token(rest: &str) -> Result<(Token, usize), Reason> {
    let first = rest.chars().next().ok_or_else(not_closed)?;
    let sign = |sign| Ok((Token::Sign(sign), sign.len()));
    match first {
        '"' | '`' | '\'' => {
            let length = quoted(rest, first).ok_or_else(not_closed)?;
            Ok((Token::Sign("text"), length))
        }
        '.' | '$' => {
            let (parts, length) = chain(rest);
            Ok((Token::Chain(parts), length))
        }
        '|' => sign("|"),
        '(' => sign("("),
        ')' => sign(")"),
        ',' => sign(","),
        '=' => sign("="),
        ':' if rest.starts_with(":=") => sign(":="),
        '0'..='9' | '+' | '-' => {
            let is_after = |c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c));
            let length = rest[1..].find(is_after).map_or(rest.len(), |at| at + 1);
            Ok((Token::Sign("number"), length))
        }
        _ if is_letter(first) => {
            let length = rest
                .find(|c: char| !is_letter(c) && c != '.')
                .unwrap_or(rest.len());
            Ok((Token::Word(rest[..length].to_owned()), length))
        }
        _ => Err(not_closed()),
    }
}

/// `$name.part.part`, `.part`, `.` or `$`, and its length.
fn chain(rest: &str) -> (Vec<String>, usize) {
    let whole = rest
        .find(|c: char| !is_letter(c) && c != '.' && c != '$')
        .unwrap_or(rest.len());
    let parts = rest[..whole].split('.').map(str::to_owned);
    let mut parts: Vec<String> = parts.collect();
    // `.` alone has two empty parts.
    parts.retain({
        let mut is_first = true;
        move |part| std::mem::take(&mut is_first) || !part.is_empty()
    });
    (parts, whole)
}

/// Length of a text in quotes, with them.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && quote != '`' {
            is_escaped = true;
        } else if c == quote {
            return Some(at + 1);
        } else if c == '\n' && quote != '`' {
            return None;
        }
    }
    None
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn not_closed() -> Reason {
    Reason::new(
        "an action {{ … }} of this template is not closed",
        "une action {{ … }} de ce modèle n’est pas fermée",
    )
}
