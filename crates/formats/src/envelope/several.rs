//! Messages that come together in one text: one a line, a list of them, or documents over several lines.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// The documents of a text, each with the line where it begins, from 1. What is no JSON stands among them line by line, so that
/// it costs no other.
pub fn documents(text: &[u8]) -> Vec<(i64, &[u8])> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let found = match first_line(text) {
        [b'[', ..] => serde_json::from_slice::<Vec<&RawValue>>(text).ok(),
        line if serde_json::from_slice::<IgnoredAny>(line).is_err() => spread(text),
        _ => None,
    };
    match found {
        Some(documents) => placed(text, &documents),
        None => lines(text),
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

/// Documents behind each other, over as many lines as they like; `None` where anything is no JSON.
fn spread(text: &[u8]) -> Option<Vec<&RawValue>> {
    let documents = serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>();
    documents.collect::<Result<_, _>>().ok()
}

fn placed<'t>(text: &'t [u8], documents: &[&'t RawValue]) -> Vec<(i64, &'t [u8])> {
    let (mut line, mut counted) = (1, 0);
    documents
        .iter()
        .map(|document| {
            let own = document.get().as_bytes();
            let at = own.as_ptr() as usize - text.as_ptr() as usize;
            line += memchr::memchr_iter(b'\n', &text[counted..at]).count() as i64;
            counted = at;
            (line, own)
        })
        .collect()
}

fn lines(text: &[u8]) -> Vec<(i64, &[u8])> {
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    (1..)
        .zip(lines)
        .filter(|(_, line)| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(i64, &str)]) {
        let found = documents(text.as_bytes());
        let found: Vec<_> = found
            .iter()
            .map(|(line, document)| (*line, std::str::from_utf8(document).expect("UTF-8")))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn documents_come_in_every_shape() {
        check(
            "{\"a\":1}\n\n {\"a\":2} \r\n",
            &[(1, "{\"a\":1}"), (3, "{\"a\":2}")],
        );
        check(
            "{\"a\":1}\nbroken\n{\"a\":2}",
            &[(1, "{\"a\":1}"), (2, "broken"), (3, "{\"a\":2}")],
        );
        check("broken\n{\"a\":2}", &[(1, "broken"), (2, "{\"a\":2}")]);
        check("[{\"a\":1}]", &[(1, "{\"a\":1}")]);
        check(
            "\n[\n{\"a\":1},\n{\"a\":\n2}\n]\n",
            &[(3, "{\"a\":1}"), (4, "{\"a\":\n2}")],
        );
        check(
            "{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n",
            &[(1, "{\n \"a\": 1\n}"), (4, "{\n \"a\": 2\n}")],
        );
        check("[{\"a\":1},", &[(1, "[{\"a\":1},")]);
        check("[]", &[]);
        check("\u{feff}{\"a\":1}", &[(1, "{\"a\":1}")]);
        check("", &[]);
    }
}
