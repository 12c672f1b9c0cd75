//! Splits a masked message into words and says which of them can vary.

use super::super::MASK;
use xxhash_rust::xxh3::xxh3_64;

/// What a word can be, what varies most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Varies.
    Wild,
    /// Like [`Kind::Open`], in a place where values stand: behind `=` or in the brackets of a call.
    Value,
    /// Varies if messages that are equal but for this word show enough others.
    Open,
    /// The first word, with masked digits: varies if there is another of its kind.
    Glued,
    /// Names the problem or holds the sentence together: signs, codes, exception classes, the first word.
    Fixed,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) kind: Kind,
    /// A blank stands before it.
    pub(super) blank: bool,
    /// Stands for the word in keys; zero is any variable part.
    pub(super) hash: u64,
}

impl<'t> Word<'t> {
    fn new(text: &'t str, kind: Kind, blank: bool) -> Self {
        let hash = match kind {
            Kind::Wild => 0,
            _ => xxh3_64(text.as_bytes()).max(1),
        };
        Self {
            text,
            kind,
            blank,
            hash,
        }
    }

    /// Whether it is a word, not a sign.
    pub(super) fn is_spoken(&self) -> bool {
        self.text.chars().any(char::is_alphanumeric)
    }
}

/// Of longer messages so many words and signs count.
const MOST_WORDS: usize = 1_000;

/// The words of a masked message.
pub(super) fn split<'t>(masked: &'t str, words: &mut Vec<Word<'t>>) {
    words.clear();
    let bytes = masked.as_bytes();
    let mut seen = Seen::default();
    let mut at = 0;
    while at < bytes.len() && words.len() < MOST_WORDS {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let blank = at > 0 && bytes[at - 1] == b' ';
        let dump = if seen.last == "=" {
            dump(masked, at)
        } else {
            None
        };
        let end = dump.unwrap_or_else(|| end_of(masked, at));
        let text = &masked[at..end];
        let kind = match dump {
            Some(_) => seen.dump(text),
            None => seen.kind(text, blank),
        };
        words.push(Word::new(text, kind, blank));
        if blank && matches!(text, "(" | "[") && matches!(bytes.get(end), Some(b')' | b']')) {
            // Brackets whose value is missing.
            words.push(Word::new("", Kind::Wild, false));
        }
        at = end;
    }
}

/// Where the sign or the word at `at` ends.
fn end_of(masked: &str, at: usize) -> usize {
    let rest = &masked[at..];
    let mut end = at;
    for char in rest.chars() {
        if !is_part(char) || char == '.' && masked.as_bytes().get(end + 1) == Some(&b'.') {
            break;
        }
        end += char.len_utf8();
    }
    if end == at {
        // One sign or a row of the same, like the dots of a table of contents.
        let sign = rest.chars().next().unwrap_or_default();
        let row = rest.chars().take_while(|char| *char == sign).count();
        return at + row * sign.len_utf8();
    }
    // Signs at the end belong to the sentence.
    let word = masked[at..end].trim_end_matches(['.', '-', '/', '\\', '+', '~']);
    if word.is_empty() {
        end
    } else {
        at + word.len()
    }
}

/// Where an object ends that a program printed: `Name{a=1, b=Name{c}}`.
fn dump(masked: &str, at: usize) -> Option<usize> {
    let bytes = masked.as_bytes();
    let name = bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    if name == 0 || bytes.get(at + name) != Some(&b'{') {
        return None;
    }
    let mut depth = 0_usize;
    for (place, byte) in bytes.iter().enumerate().skip(at + name) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(place + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn is_part(char: char) -> bool {
    char.is_alphanumeric()
        || matches!(
            char,
            MASK | '_' | '.' | '-' | '/' | '\\' | '$' | '+' | '%' | '~' | '\'' | '’'
        )
}

/// What stood before.
#[derive(Default)]
struct Seen<'t> {
    /// A word that stays was seen.
    word: bool,
    last: &'t str,
    /// The last word stands before names.
    slot: bool,
    /// The last word speaks of somebody who wants to come in.
    entry: bool,
    /// The last word was a value of a program.
    constant: bool,
    /// The last sign stood directly behind a word.
    attached: bool,
}

impl<'t> Seen<'t> {
    fn dump(&mut self, text: &'t str) -> Kind {
        *self = Self {
            word: self.word,
            last: text,
            ..Self::default()
        };
        Kind::Wild
    }

    fn kind(&mut self, text: &'t str, blank: bool) -> Kind {
        let last = std::mem::replace(&mut self.last, text);
        let slot = std::mem::take(&mut self.slot) && blank;
        let entry = std::mem::take(&mut self.entry);
        let constant = std::mem::take(&mut self.constant);
        if text == "#" {
            return Kind::Wild;
        }
        if !text.chars().any(char::is_alphanumeric) {
            self.attached = !blank && last.ends_with(char::is_alphanumeric);
            return Kind::Fixed;
        }
        let first = !std::mem::replace(&mut self.word, true);
        self.slot = is_slot(text) || entry && matches!(text, "for" | "pour");
        self.entry = is_entry(text);
        if last == "@" || is_exception(text) {
            return Kind::Fixed;
        }
        if text.contains(MASK) {
            return if first { Kind::Glued } else { Kind::Wild };
        }
        if first || text.bytes().any(|byte| byte.is_ascii_digit()) {
            // A number that the mask kept is a code.
            return Kind::Fixed;
        }
        self.constant = is_constant(text) && (constant || matches!(last, "=" | "(" | "["))
            || last == ":" && is_truth(text);
        let varies = self.constant || is_dotted(text) || slot && !goes_on(text) && !is_slot(text);
        match last {
            _ if varies => Kind::Wild,
            "=" => Kind::Value,
            "(" | "[" | "{" if self.attached => Kind::Value,
            _ => Kind::Open,
        }
    }
}

/// `package.Class`, `SCHEMA.TABLE`, `host.domain`; not `package.CONSTANT`, which says what happened.
fn is_dotted(text: &str) -> bool {
    let inner = |three: &[u8]| {
        three[1] == b'.'
            && (three[0].is_ascii_alphanumeric() || three[0] == b'_')
            && three[2].is_ascii_alphanumeric()
    };
    if !text.as_bytes().windows(3).any(inner) {
        return false;
    }
    let (before, last) = text.rsplit_once('.').unwrap_or_default();
    let capitals = |part: &str| !part.bytes().any(|byte| byte.is_ascii_lowercase());
    capitals(before) || !capitals(last)
}

/// The class of an exception names the problem.
pub(super) fn is_exception(text: &str) -> bool {
    [
        "Exception",
        "Error",
        "Throwable",
        "Failure",
        "Fault",
        "Timeout",
        "Warning",
    ]
    .iter()
    .any(|end| text.ends_with(end) && text.len() > end.len())
}

/// Truth and absence, in the words of programs.
fn is_constant(text: &str) -> bool {
    [
        "true", "false", "null", "none", "nil", "yes", "no", "on", "off", "vrai", "faux", "oui",
        "non",
    ]
    .iter()
    .any(|word| text.eq_ignore_ascii_case(word))
}

fn is_truth(text: &str) -> bool {
    ["true", "false", "vrai", "faux"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// Nouns behind which stands the name of one of their kind.
fn is_slot(text: &str) -> bool {
    const NOUNS: &[&str] = &[
        "user",
        "utilisateur",
        "l'utilisateur",
        "login",
        "role",
        "rôle",
        "account",
        "compte",
        "table",
        "column",
        "colonne",
        "relation",
        "view",
        "vue",
        "schema",
        "schéma",
        "index",
        "constraint",
        "contrainte",
        "sequence",
        "séquence",
        "tablespace",
        "database",
        "procedure",
        "procédure",
        "function",
        "fonction",
        "trigger",
        "class",
        "classe",
        "package",
        "module",
        "host",
        "hôte",
        "server",
        "serveur",
        "node",
        "nœud",
        "machine",
        "interface",
        "device",
        "service",
        "job",
        "task",
        "tâche",
        "process",
        "queue",
        "topic",
        "bucket",
        "container",
        "file",
        "fichier",
        "directory",
        "folder",
        "dossier",
        "répertoire",
        "variable",
        "property",
        "propriété",
        "parameter",
        "paramètre",
        "attribute",
        "attribut",
        "field",
        "champ",
        "key",
        "component",
        "composant",
        "client",
        "alias",
    ];
    text.len() <= 14 && NOUNS.iter().any(|noun| text.eq_ignore_ascii_case(noun))
}

/// Words before `for` and the name of a user.
fn is_entry(text: &str) -> bool {
    [
        "password",
        "login",
        "logon",
        "session",
        "failures",
        "denied",
        "passe",
        "refusé",
        "refusée",
        "échouée",
    ]
    .iter()
    .any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a word behind a noun goes on the sentence and is no name: by its ending, or because it is a small one.
fn goes_on(text: &str) -> bool {
    const ENDINGS: &[&str] = &["ed", "ing", "able", "ible", "é", "ée", "és", "ées"];
    let is_word = text.chars().all(char::is_alphabetic);
    is_word && ENDINGS.iter().any(|ending| text.ends_with(ending)) || is_small(text)
}

fn is_small(text: &str) -> bool {
    const SMALL: &[&str] = &[
        "a",
        "an",
        "the",
        "of",
        "or",
        "and",
        "for",
        "in",
        "on",
        "at",
        "to",
        "from",
        "by",
        "with",
        "without",
        "is",
        "was",
        "are",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "not",
        "no",
        "does",
        "do",
        "did",
        "doesn't",
        "isn't",
        "wasn't",
        "can",
        "cannot",
        "can't",
        "could",
        "couldn't",
        "will",
        "would",
        "must",
        "should",
        "may",
        "already",
        "name",
        "names",
        "id",
        "type",
        "value",
        "size",
        "count",
        "list",
        "failed",
        "fails",
        "error",
        "errors",
        "found",
        "missing",
        "unknown",
        "closed",
        "refused",
        "reset",
        "timed",
        "timeout",
        "denied",
        "exceeded",
        "violated",
        "violation",
        "started",
        "stopped",
        "starting",
        "stopping",
        "startup",
        "shutdown",
        "changed",
        "that",
        "this",
        "which",
        "as",
        "if",
        "when",
        "because",
        "un",
        "une",
        "le",
        "la",
        "les",
        "l",
        "de",
        "du",
        "des",
        "d",
        "ou",
        "et",
        "pour",
        "dans",
        "sur",
        "à",
        "au",
        "aux",
        "par",
        "avec",
        "sans",
        "est",
        "était",
        "sont",
        "a",
        "ont",
        "n'est",
        "n'existe",
        "n'a",
        "ne",
        "n",
        "pas",
        "non",
        "déjà",
        "inconnu",
        "inconnue",
        "introuvable",
        "absent",
        "absente",
        "manquant",
        "manquante",
        "vide",
        "invalide",
        "invalid",
        "échoué",
        "échouée",
        "refusé",
        "refusée",
        "fermé",
        "fermée",
        "expiré",
        "expirée",
        "dont",
        "que",
        "qui",
        "ce",
        "cette",
        "nom",
        "valeur",
        "erreur",
        "en",
    ];
    text.len() <= 12 && SMALL.iter().any(|word| text.eq_ignore_ascii_case(word))
}
