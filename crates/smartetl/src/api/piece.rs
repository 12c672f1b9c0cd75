//! The piece of a text in which something was found: cut around it, with what matched marked, whatever its accents and case.

use serde::Serialize;
use smartetl_store::search::plain;
use std::ops::Range;
use utoipa::ToSchema;

/// A piece is about so long, characters; so many of them stand before what matched first.
const LENGTH: usize = 240;
const BEFORE: usize = 60;
/// Words that begin alike so far are of one stem.
const STEM: usize = 4;

/// A part of a piece. All parts together are the text, cut where … stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PiecePart {
    pub text: String,
    /// It is what was looked for.
    pub matches: bool,
}

/// The piece of a text in which these stand; its beginning where none does. `wanted` are plain.
pub fn piece(text: &str, wanted: &[String]) -> Vec<PiecePart> {
    let characters: Vec<char> = text.chars().collect();
    let found = found(&characters, wanted);
    let first = found.first().map_or(0, |range| range.start);
    let from = first.saturating_sub(BEFORE);
    let to = characters.len().min(from + LENGTH);
    let mut parts = Parts::default();
    if from > 0 {
        parts.push(&['…'], false);
    }
    let mut at = from;
    for range in found {
        let (start, end) = (range.start.clamp(at, to), range.end.clamp(at, to));
        parts.push(&characters[at..start], false);
        parts.push(&characters[start..end], true);
        at = end;
    }
    parts.push(&characters[at..to], false);
    if to < characters.len() {
        parts.push(&['…'], false);
    }
    parts.0
}

#[derive(Default)]
struct Parts(Vec<PiecePart>);

impl Parts {
    fn push(&mut self, characters: &[char], matches: bool) {
        let text: String = characters.iter().collect();
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.matches == matches => last.text.push_str(&text),
            _ => self.0.push(PiecePart { text, matches }),
        }
    }
}

/// Where something that is wanted stands, in order, nothing twice.
fn found(characters: &[char], wanted: &[String]) -> Vec<Range<usize>> {
    // One character may become two.
    let mut plain_text: Vec<char> = Vec::with_capacity(characters.len());
    let mut places: Vec<usize> = Vec::with_capacity(characters.len());
    for (place, c) in characters.iter().enumerate() {
        // A run of white space is one blank, as for whoever looks for it.
        let plain = match c.is_whitespace() {
            true if plain_text.last() == Some(&' ') => continue,
            true => " ".to_owned(),
            false => plain(c.encode_utf8(&mut [0; 4])),
        };
        for c in plain.chars() {
            plain_text.push(c);
            places.push(place);
        }
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    for one in wanted {
        let one: Vec<char> = one.chars().collect();
        let starts = plain_text.windows(one.len().max(1)).enumerate();
        let starts = starts.filter(|(_, window)| *window == one);
        found.extend(starts.map(|(start, _)| places[start]..places[start + one.len() - 1] + 1));
    }
    if found.is_empty() {
        found = of_one_stem(&plain_text, wanted)
            .map(|range| places[range.start]..places[range.end - 1] + 1)
            .collect();
    }
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Words that begin like what is wanted.
fn of_one_stem(plain: &[char], wanted: &[String]) -> impl Iterator<Item = Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (place, c) in plain.iter().enumerate() {
        match words.last_mut() {
            _ if !c.is_alphanumeric() => {}
            Some(word) if word.end == place => word.end += 1,
            _ => words.push(place..place + 1),
        }
    }
    words.into_iter().filter(|word| {
        wanted.iter().any(|one| {
            let pairs = one.chars().zip(&plain[word.clone()]);
            let alike = pairs.take_while(|(one, other)| one == *other).count();
            let length = one.chars().count();
            alike >= STEM && alike + 3 >= length.max(word.len())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, wanted: &[&str]) -> String {
        let wanted: Vec<String> = wanted.iter().map(|one| (*one).to_owned()).collect();
        let parts = piece(text, &wanted);
        let marked = parts.into_iter().map(|part| {
            if part.matches {
                format!("[{}]", part.text)
            } else {
                part.text
            }
        });
        marked.collect()
    }

    #[test]
    fn what_matched_is_marked() {
        assert_eq!(
            told("Échec du CŒUR: échec", &["echec", "coeur"]),
            "[Échec] du [CŒUR]: [échec]"
        );
        assert_eq!(
            told("J_Load_Clients", &["load", "load_cl"]),
            "J_[Load_Cl]ients"
        );
        assert_eq!(
            told("a phrase\tof words", &["phrase of"]),
            "a [phrase\tof] words"
        );
        // Another form of the word.
        assert_eq!(
            told("connexions refusées", &["refuser"]),
            "connexions [refusées]"
        );
        assert_eq!(told("nothing of it", &["else"]), "nothing of it");
        assert_eq!(told("", &["else"]), "");
        assert_eq!(told("aaa", &["aa", ""]), "[aaa]");
        // <script> stays text.
        assert_eq!(
            told("<script>x</script>", &["script"]),
            "<[script]>x</[script]>"
        );
    }

    #[test]
    fn a_long_text_is_cut_around_it() {
        let text = format!("{}needle{}", "é".repeat(500), "z".repeat(500));
        let cut = told(&text, &["needle"]);
        let (before, after) = cut.split_once("[needle]").expect("it is there");
        assert_eq!(before, format!("…{}", "é".repeat(BEFORE)));
        assert_eq!(after, format!("{}…", "z".repeat(LENGTH - BEFORE - 6)));
        assert_eq!(told(&"x".repeat(300), &["y"]).chars().count(), LENGTH + 1);
    }
}
