//! Text as the rules see it: lower case, no accents, one blank for any white space, plain quotes.
//!
//! A letter that was replaced because of a wrong guess of the encoding is read as the one that it most often was.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::group::stack;

/// Appends the folded form of `text` to `out`. A run of white space becomes one blank, also across calls.
pub(super) fn fold_into(text: &str, out: &mut String) {
    out.reserve(text.len());
    let mut rest = text;
    let mut blank = out.as_bytes().last().is_none_or(|last| *last == b' ');
    while !rest.is_empty() {
        let run = plain_run(rest.as_bytes(), blank);
        if run > 0 {
            let start = out.len();
            out.push_str(&rest[..run]);
            out[start..].make_ascii_lowercase();
            blank = rest.as_bytes()[run - 1] == b' ';
            rest = &rest[run..];
        }
        let mut chars = rest.chars();
        let Some(char) = chars.next() else { break };
        let plain = plain(char);
        rest = chars.as_str();
        if plain == " " {
            if !blank {
                out.push(' ');
            }
            blank = true;
        } else {
            if plain.is_empty() {
                out.extend(char.to_lowercase());
            } else {
                out.push_str(plain);
            }
            blank = false;
        }
    }
}

/// How many bytes at the beginning only change their size: ASCII, and single blanks of which none follows one that stands
/// `blank` before.
fn plain_run(bytes: &[u8], mut blank: bool) -> usize {
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b' ' if blank => return at,
            b' ' => blank = true,
            b'\t' | b'\n' | b'\x0c' | b'\r' | 0x80.. => return at,
            _ => blank = false,
        }
    }
    bytes.len()
}

/// The plain form of a letter or sign; empty where it stays as it is. The replacement character is read as `e`:
/// in French text it nearly always was `é`.
fn plain(char: char) -> &'static str {
    match char {
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' | 'À' | 'Â' | 'Ã' | 'Ä' | 'Á' | 'Å' => "a",
        'ç' | 'Ç' => "c",
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' | '\u{fffd}' => "e",
        'î' | 'ï' | 'í' | 'ì' | 'Î' | 'Ï' | 'Í' => "i",
        'ô' | 'ö' | 'ó' | 'ò' | 'õ' | 'Ô' | 'Ö' | 'Ó' => "o",
        'ù' | 'û' | 'ü' | 'ú' | 'Ù' | 'Û' | 'Ü' | 'Ú' => "u",
        'ñ' | 'Ñ' => "n",
        'œ' | 'Œ' => "oe",
        'æ' | 'Æ' => "ae",
        '’' | '‘' | 'ʼ' => "'",
        '«' | '»' | '“' | '”' | '„' => "\"",
        '–' | '—' | '‑' => "-",
        '…' => "...",
        '\u{301}' | '\u{300}' | '\u{302}' | '\u{327}' | '\u{feff}' | '\u{200b}' => " ",
        _ if char.is_whitespace() => " ",
        _ => "",
    }
}

/// The deepest cause that a chain of causes names: its class and text. `None` where there is no chain.
///
/// Java prints the cause last (`Caused by:`), Python first (`The above exception was the direct cause …`).
/// A Python stack without a chain names its exception in its last line. What Java suppressed is no cause: where nothing else
/// is chained, what was thrown is.
pub(super) fn deepest_cause(text: &str) -> Option<&str> {
    static TRACE: LazyLock<Finder<'static>> =
        LazyLock::new(|| Finder::new("Traceback (most recent call last)"));
    let bytes = text.as_bytes();
    let suppressed = stack::suppressed(text);
    let cause = stack::last_cause(text, &suppressed);
    if let Some(from) = cause.or((!suppressed.is_empty()).then_some(0)) {
        let next = suppressed.iter().find(|part| part.start >= from);
        return Some(before_frames(
            &text[from..next.map_or(text.len(), |part| part.start)],
        ));
    }
    if let Some(first) = stack::first_of_a_chain(text) {
        return last_line(first);
    }
    TRACE.find(bytes).and_then(|_| last_line(text))
}

/// Class and text of a Java exception, without the frames that follow.
fn before_frames(text: &str) -> &str {
    static FRAMES: LazyLock<[Finder<'static>; 4]> =
        LazyLock::new(|| ["\n\tat ", "\n    at ", "\r\n\tat ", "\n\t... "].map(Finder::new));
    let end = FRAMES
        .iter()
        .filter_map(|frame| frame.find(text.as_bytes()))
        .min()
        .unwrap_or(text.len());
    &text[..end]
}

/// The last line that is not indented, with the indented or free lines that go on after it.
fn last_line(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let mut start = None;
    let mut at = 0;
    let mut frames = false;
    for line in text.split_inclusive('\n') {
        if line.starts_with("  ") {
            frames = true;
        } else if frames && !line.trim().is_empty() {
            start = Some(at);
            frames = false;
        }
        at += line.len();
    }
    start
        .map(|start| &text[start..])
        .filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{Category, ErrorFacts, classify};
    use super::*;

    #[test]
    fn what_java_suppressed_is_no_cause() {
        for (thrown, closing, category) in [
            (
                "java.sql.SQLSyntaxErrorException: ORA-00942: table or view does not exist",
                "java.net.SocketException: Socket closed",
                Category::MissingObject,
            ),
            (
                "java.sql.SQLException: ORA-01017: invalid username/password; logon denied",
                "java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms",
                Category::Authentication,
            ),
        ] {
            let trace = format!(
                "{thrown}\n\tat oracle.jdbc.T4C.run(T4C.java:2)\n\tSuppressed: java.io.IOException: close failed\n\t\tat \
                 shop.Pool.close(Pool.java:3)\n\tCaused by: {closing}\n\t\tat java.net.Socket.write(S.java:3)"
            );
            assert_eq!(deepest_cause(&trace), Some(thrown));
            let wrapped =
                format!("a.JobException: failed\n\tat a.B.c(B.java:1)\nCaused by: {trace}");
            assert_eq!(deepest_cause(&wrapped), Some(thrown));
            let shipped = wrapped.replace('\n', "\n    ");
            assert!(deepest_cause(&shipped).is_some_and(|cause| cause.starts_with(thrown)));
            for trace in [&trace, &wrapped, &shipped] {
                let (message, stack) = (Some(trace.as_str()), Some(trace.as_str()));
                for (message, stack) in [(message, None), (None, stack), (Some("failed"), stack)] {
                    let facts = ErrorFacts {
                        system: "talend",
                        error_type: None,
                        error_code: None,
                        code_scheme: None,
                        message,
                        stack,
                    };
                    assert_eq!(classify(&facts).category, category, "{trace}");
                }
            }
        }
    }
}
