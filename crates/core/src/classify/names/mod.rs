//! Where a message holds names: paths and addresses, identifiers, values in quotes. Whoever named a job `J_Deadlock_Check` said
//! nothing about locks, so rules read a text without them.
//!
//! It looks at form and neighbours, and knows no rule. What is quoted and says what happened (`Description: "Login timeout
//! expired"`) is no name. One pass, with windows of a fixed size.

use super::fold::fold_into;

/// A quote that is not closed within so many bytes is no quote.
const QUOTE_LIMIT: usize = 400;
/// How far back the word is looked for that a name stands behind, in bytes.
const LOOK_BACK: usize = 40;

/// A place in a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A path, the name of a file, an address, a host.
    Path,
    /// What something is called, by the word before it: `Table "LOCKED"`, `client « Timeout SARL »`.
    Name,
    /// By its form: `J_Load_Orders`, `LoadOrders`, a single word in quotes. A code of an error can look so too.
    Identifier,
}

/// All names of `text`, in order, none in another.
pub(super) fn of(text: &str, spans: &mut Vec<Span>) {
    spans.clear();
    let bytes = text.as_bytes();
    // Ends of quotes that are read.
    let mut ends: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_alphanumeric() {
            let end = piece_end(text, at);
            at = piece(text, at, end, spans).max(end);
        } else if let Some((open, close)) = quote(text, at) {
            if let Some(found) = ends.iter().position(|end| *end == at) {
                ends.swap_remove(found);
            } else if opens(text, at, open)
                && let Some(end) = closing(text, at + open, close)
            {
                let inside = Span {
                    start: at + open,
                    end,
                    kind: Kind::Name,
                };
                match quoted(text, at, inside) {
                    Some(kind) => {
                        spans.push(Span { kind, ..inside });
                        at = end;
                    }
                    None => ends.push(end),
                }
            }
            at += quote(text, at).map_or(1, |(length, _)| length);
        } else if is_delimiter(bytes[at]) || is_blank(text, at) > 0 {
            at += is_blank(text, at).max(1);
        } else {
            let end = piece_end(text, at);
            at = piece(text, at, end, spans).max(end);
        }
    }
}

/// The bytes of a quote that stands here, and what closes it.
fn quote(text: &str, at: usize) -> Option<(usize, char)> {
    let byte = text.as_bytes()[at];
    match byte {
        b'"' | b'\'' | b'`' => Some((1, char::from(byte))),
        0x00..=0x7f => None,
        _ => match text.get(at..)?.chars().next()? {
            sign @ '«' => Some((sign.len_utf8(), '»')),
            sign @ ('“' | '„') => Some((sign.len_utf8(), '”')),
            sign @ '‘' => Some((sign.len_utf8(), '’')),
            sign @ ('»' | '”' | '’') => Some((sign.len_utf8(), sign)),
            _ => None,
        },
    }
}

/// A quote opens after no letter and, where it is an apostrophe, before no white space. `l’hôte` opens none.
fn opens(text: &str, at: usize, length: usize) -> bool {
    let bytes = text.as_bytes();
    if bytes[at] >= 0x80 {
        return !text[at..].starts_with(['»', '”', '’']);
    }
    let after_word = at > 0 && is_word(bytes[at - 1]);
    let before_blank = bytes.get(at + length).is_none_or(u8::is_ascii_whitespace);
    !(after_word || before_blank && bytes[at] == b'\'')
}

/// Where what was opened is closed; an apostrophe in a word closes nothing.
fn closing(text: &str, body: usize, close: char) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_escaped = body >= 2 && bytes[body - 2] == b'\\';
    let window = &text[body..text.floor_char_boundary(body + QUOTE_LIMIT)];
    window.match_indices(close).find_map(|(found, _)| {
        let (at, end) = (body + found, body + found + close.len_utf8());
        let strokes = bytes[body..at].ends_with(b"\\");
        let in_word =
            matches!(close, '\'' | '’') && bytes.get(end).is_some_and(|next| is_word(*next));
        (strokes == is_escaped && !in_word).then_some(at - usize::from(strokes))
    })
}

/// What stands in quotes: a name, or `None` where it is read like any text.
fn quoted(text: &str, at: usize, inside: Span) -> Option<Kind> {
    let said = text[inside.start..inside.end].trim();
    if said.is_empty() {
        return None;
    }
    let has_blank = said.contains(|char: char| char.is_whitespace());
    let is_relative = || !has_blank && said.contains('/') && path_start(said.as_bytes()).is_some();
    if begins_a_path(said.as_bytes()) || is_relative() {
        return Some(Kind::Path);
    }
    let (before, joint) = Before::of(text, at);
    let is_joined = joint != Joint::Nothing;
    let is_read = match before {
        Before::Saying => true,
        // A key and a whole sentence: `Job: "the source is locked"`.
        Before::Thing => has_blank && is_joined && is_sentence(said),
        Before::Somebody => false,
        Before::Other => has_blank && (is_joined || is_sentence(said)),
    };
    let is_word_alone = before == Before::Other && !has_blank;
    let kind = if is_word_alone {
        Kind::Identifier
    } else {
        Kind::Name
    };
    (!is_read).then_some(kind)
}

/// Several words of which one behind the first begins small and is no article: names of firms and things are written in
/// capitals.
fn is_sentence(said: &str) -> bool {
    const LINKS: &str = "\
        de du des la le les l d et en au aux sur pour par of and the for in on a to by";
    said.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .skip(1)
        .any(|word| word.starts_with(char::is_lowercase) && !is_in(LINKS, word))
}

/// What the word before a name says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// `error`, `message`, `code`: what follows says what happened.
    Saying,
    /// `table`, `job`: what follows is its name.
    Thing,
    /// `client`: what follows is a name, whatever its form.
    Somebody,
    Other,
}

/// What stands between a name and the word before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    Nothing,
    /// `job: …`, `job=…`.
    Pair,
    /// A bracket or a comma, or nothing stands before.
    Sign,
}

impl Before {
    /// Also, what stands between.
    fn of(text: &str, at: usize) -> (Self, Joint) {
        let from = text.floor_char_boundary(at.saturating_sub(LOOK_BACK));
        let back = text[from..at].trim_end_matches(['\\', ' ', '\u{a0}', '\u{202f}', '\t']);
        let bare = back.trim_end_matches([':', '=', '(', '[', '{', ',', ' ', '\u{a0}', '\u{202f}']);
        let joint = if back[bare.len()..].contains([':', '=']) {
            Joint::Pair
        } else if bare.len() < back.len() || bare.is_empty() {
            Joint::Sign
        } else {
            Joint::Nothing
        };
        let key = if joint == Joint::Pair {
            bare.trim_end_matches(['"', '\'', '\\', '»', '”', '\u{a0}', ' '])
        } else {
            bare
        };
        let word = key
            .rsplit(|char: char| !char.is_alphanumeric() && char != '_')
            .next()
            .unwrap_or_default();
        (Self::word(word), joint)
    }

    fn word(word: &str) -> Self {
        let mut folded = String::with_capacity(word.len());
        for part in parts(word.as_bytes()).map(|(start, end)| &word[start..end]) {
            folded.push(' ');
            fold_into(part, &mut folded);
        }
        let is_one = |list: &str| folded.split(' ').any(|part| is_in(list, part));
        if is_one(SAYING) {
            Self::Saying
        } else if is_one(SOMEBODY) {
            Self::Somebody
        } else if is_one(THINGS) || is_one(OBJECTS) {
            Self::Thing
        } else {
            Self::Other
        }
    }
}

const SAYING: &str = "\
    error errors err message msg msgs reason code status description detail details desc cause type exception state \
    statut fault failure text info errno result said erreur erreurs motif raison libelle etat probleme retour \
    reponse response answer because dit says warning fatal errmsg errormessage stderr output sqlerrm hint title";

const SOMEBODY: &str = "\
    client clients customer supplier fournisseur partner partenaire product produit article company societe magasin \
    store shop site vendor brand marque named called nomme nommee appele appelee intitule intitulee label etiquette \
    transporteur carrier name nom value valeur values valeurs string";

/// What is always called by a name, and has no state that is written in capitals.
const OBJECTS: &str = "\
    table tables view vue column colonne schema database base file fichier directory folder repertoire dossier \
    dataset index bucket topic sheet onglet feuille";

const THINGS: &str = "\
    path chemin job jobs task tache step etape component composant package paquet workflow mapping session dag model \
    modele node noeud pipeline activity activite container conteneur blob field champ user utilisateur role account \
    compte login host hote server serveur queue variable parameter parametre property propriete option constraint \
    contrainte flux flow chaine chain traitement process processus transformation source target cible stage relation \
    function fonction procedure sequence trigger query requete command commande key cle id executable service pod \
    project projet subject manager taskflow script module report rapport plan scenario batch lot environment \
    environnement deployment cluster class classe object objet";

/// A run without blanks, quotes and brackets; returns where what was read ends.
fn piece(text: &str, start: usize, end: usize, spans: &mut Vec<Span>) -> usize {
    let bytes = text.as_bytes();
    if is_plain(&bytes[start..end]) {
        return end;
    }
    let mut path = |start: usize, end: usize| {
        let end = start
            + text[start..end]
                .trim_end_matches(['.', ':', ',', ';'])
                .len();
        if end > start {
            spans.push(Span {
                start,
                end,
                kind: Kind::Path,
            });
        }
    };
    let whole = &bytes[start..end];
    let address = memchr::memchr_iter(b':', whole).find(|at| whole[*at..].starts_with(b"://"));
    if let Some(found) = address {
        let body = start + found + 3;
        let stops = |char: char| {
            char.is_whitespace()
                || matches!(
                    char,
                    '"' | '\'' | '«' | '»' | '(' | ')' | '[' | ']' | '<' | '>' | '`'
                )
        };
        let end = body + text[body..].find(stops).unwrap_or(text.len() - body);
        path(body, end);
        return end;
    }
    if let Some(from) = path_start(&bytes[start..end]) {
        let from = start + from;
        let end = path_end(text, from, end);
        path(from, end);
        return end;
    }
    if let Some(at) = memchr::memchr(b'@', whole)
        && at > 0
        && is_word(whole[at - 1])
        && whole.get(at + 1).is_some_and(|next| is_word(*next))
    {
        path(start, end);
        return end;
    }
    let mut from = start;
    for run in text[start..end]
        .split(|char: char| char.is_ascii() && !is_word(char as u8) && !matches!(char, '.' | '-'))
    {
        let bare = run.trim_matches(['.', '-']);
        let at = from + (run.len() - run.trim_start_matches(['.', '-']).len());
        if is_file(bare) || is_host(bare) {
            spans.push(Span {
                start: at,
                end: at + bare.len(),
                kind: Kind::Path,
            });
        } else {
            words(text, at, bare, spans);
        }
        from += run.len() + 1;
    }
    end
}

/// A word of a sentence, which most are: letters of which the first alone may be a capital, and signs behind them.
fn is_plain(piece: &[u8]) -> bool {
    let letters = match piece.split_last() {
        Some((b'.' | b':' | b',', letters)) => letters,
        _ => piece,
    };
    matches!(letters, [first, rest @ ..] if first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_lowercase))
}

/// The words of a run with dots and strokes.
fn words(text: &str, start: usize, run: &str, spans: &mut Vec<Span>) {
    let mut add = |start: usize, word: &str, kind: Kind| {
        spans.push(Span {
            start,
            end: start + word.len(),
            kind,
        });
    };
    if is_kebab(run) {
        add(start, run, Kind::Identifier);
        return;
    }
    let mut at = start;
    for word in run.split(['.', '-']) {
        let is_identifier = is_snake(word) || is_camel(word);
        if is_identifier || word.len() > 1 && is_shouted(word) && run == word {
            let (before, joint) = Before::of(text, at);
            let is_named = if is_identifier {
                let is_camel = !word.contains('_');
                joint != Joint::Sign
                    && (before == Before::Somebody || before == Before::Thing && !is_camel)
            } else {
                joint == Joint::Nothing && behind_an_object(text, at)
            };
            if is_named && !is_exception(word) {
                add(at, word, Kind::Name);
            } else if is_identifier && before != Before::Saying && !is_code(text, at, word) {
                add(at, word, Kind::Identifier);
            }
        }
        at += word.len() + 1;
    }
}

/// `Table DEADLOCK`, but not `TABLE DEADLOCK`.
fn behind_an_object(text: &str, at: usize) -> bool {
    let word = text[..at].trim_end().rsplit(' ').next().unwrap_or_default();
    let mut folded = String::new();
    fold_into(word, &mut folded);
    word.chars().any(char::is_lowercase) && is_in(OBJECTS, &folded)
}

/// `J_LOAD`, `stg_orders`; what begins with a low line too.
fn is_snake(word: &str) -> bool {
    word.trim_matches('_').contains('_') && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A small letter before a capital: `LoadOrders`, `mapSales`.
fn is_camel(word: &str) -> bool {
    let mut before = ' ';
    let mut found = false;
    for char in word.chars() {
        found |= before.is_lowercase() && char.is_uppercase();
        before = char;
    }
    found && !is_exception(word)
}

fn is_shouted(word: &str) -> bool {
    word.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `etl-orders-7f9c`: three parts or more, of which one has digits; no moment, which begins with some.
fn is_kebab(run: &str) -> bool {
    run.bytes().filter(|byte| *byte == b'-').count() >= 2
        && run.starts_with(|first: char| first.is_ascii_alphabetic())
        && !run.contains('.')
        && run
            .split('-')
            .skip(1)
            .any(|part| part.bytes().any(|byte| byte.is_ascii_digit()))
        && run
            .split('-')
            .next()
            .is_some_and(|part| part.len() > 1 && !is_shouted(part))
}

/// A class by which languages and services name errors, by its beginning or ending.
fn is_exception(word: &str) -> bool {
    const BEGINNINGS: &str = "Invalid Malformed NoSuch";
    const ENDINGS: &str = "\
        Exception Error Errors Failure Fault Violation Exceeded Denied Refused NotFound Detected Expired Interrupt \
        Unavailable Failed Canceled Cancelled Killed Evicted Forbidden";
    let begins = BEGINNINGS
        .split_ascii_whitespace()
        .any(|one| word.starts_with(one));
    let ends = ENDINGS
        .split_ascii_whitespace()
        .any(|one| word.ends_with(one));
    (begins || ends) && !word.contains('_')
}

/// Whether an identifier is a code of an error: `ER_LOCK_DEADLOCK`, `access_denied`, `[NO_SUCH_TABLE]`.
fn is_code(text: &str, at: usize, word: &str) -> bool {
    const FIRST: &str = "\
        ER ERR E ERROR DTS SQL HTTP ECODE";
    const LAST: &str = "\
        ERROR EXCEPTION FAILED FAILURE EXCEEDED DENIED REFUSED UNAVAILABLE INVALID EXPIRED VIOLATION DETECTED RESET \
        CLOSED ABORTED CANCELLED CANCELED REJECTED UNREACHABLE FOUND UNAUTHORIZED FORBIDDEN EXHAUSTED MISMATCH \
        TIMEOUT KILLED EXISTS STOCKOUT";
    let upper = word.bytes().any(|byte| byte.is_ascii_uppercase());
    if upper && word.bytes().any(|byte| byte.is_ascii_lowercase()) || !word.contains('_') {
        return false;
    }
    if at > 0
        && text.as_bytes()[at - 1] == b'['
        && text.as_bytes().get(at + word.len()) == Some(&b']')
    {
        return true;
    }
    let word = word.to_ascii_uppercase();
    let mut parts = word.trim_matches('_').split('_');
    let first = parts.next().unwrap_or_default();
    let last = parts.next_back().unwrap_or_default();
    is_in(FIRST, first)
        || is_in(LAST, last) && first.len() > 1 && !word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Where the parts of a name stand: `J_Load_Orders` and `loadOrders` have three and two.
pub(super) fn parts(name: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let is_sign = |byte: u8| matches!(byte, b'_' | b'.' | b'-' | b' ' | b'/');
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < name.len() && is_sign(name[at]) {
            at += 1;
        }
        let start = at;
        while at < name.len() && !is_sign(name[at]) {
            at += 1;
            let is_joint = at < name.len()
                && name[at].is_ascii_uppercase()
                && (name[at - 1].is_ascii_lowercase()
                    || name.get(at + 1).is_some_and(u8::is_ascii_lowercase));
            if is_joint {
                break;
            }
        }
        (at > start).then_some((start, at))
    })
}

/// Whether a word is one of a list with blanks between them.
fn is_in(list: &str, word: &str) -> bool {
    let free = |at: Option<usize>| {
        at.and_then(|at| list.as_bytes().get(at))
            .is_none_or(u8::is_ascii_whitespace)
    };
    !word.is_empty()
        && memchr::memmem::find_iter(list.as_bytes(), word.as_bytes())
            .any(|at| free(at.checked_sub(1)) && free(Some(at + word.len())))
}

/// Where a run without blanks and quotes ends.
fn piece_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        if bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        if is_delimiter(bytes[at]) || is_blank(text, at) > 0 || quote(text, at).is_some() {
            break;
        }
        at += 1;
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b',' | b';' | b'|' | b'='
    ) || byte.is_ascii_control()
}

/// How many bytes of white space stand here.
fn is_blank(text: &str, at: usize) -> usize {
    let byte = text.as_bytes()[at];
    if byte < 0x80 {
        return usize::from(byte.is_ascii_whitespace());
    }
    text.get(at..)
        .and_then(|rest| rest.chars().next())
        .filter(|char| char.is_whitespace())
        .map_or(0, char::len_utf8)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// `/data`, `./run.sh`, `~/x`, `C:\in`, `\\server\share`.
fn begins_a_path(piece: &[u8]) -> bool {
    match piece {
        [b'/', next, ..] => is_word(*next) || *next == b'.',
        [b'.', b'/' | b'\\', _, ..] | [b'.', b'.', b'/' | b'\\', _, ..] | [b'~', b'/', _, ..] => {
            true
        }
        [b'\\', b'\\', next, ..] => is_word(*next),
        [drive, b':', b'/' | b'\\', _, ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Where a path begins in a run: at its beginning, or behind a colon (`FileNotFoundException:/data/in`).
fn path_start(piece: &[u8]) -> Option<usize> {
    if !piece.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
        return None;
    }
    let behind_colons = memchr::memchr_iter(b':', piece).map(|at| at + 1);
    if let Some(start) = std::iter::once(0)
        .chain(behind_colons)
        .find(|start| begins_a_path(&piece[*start..]))
    {
        return Some(start);
    }
    let strokes = piece
        .iter()
        .filter(|byte| matches!(byte, b'/' | b'\\'))
        .count();
    let text = std::str::from_utf8(piece).ok()?;
    let name = text.trim_end_matches(['.', ':']);
    let has_letter = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_escape = name.contains("\\n")
        || name.contains("\\t")
        || name.contains("\\r")
        || name.ends_with('\\');
    let is_relative = (strokes >= 2 || is_file(name.rsplit(['/', '\\']).next()?)) && !is_escape;
    let starts_word = piece
        .first()
        .is_some_and(|first| is_word(*first) || *first == b'.');
    // `[FORBIDDEN/8/index write]`: the answer of a service.
    let is_answer = text
        .split('/')
        .next()
        .is_some_and(|first| first.len() > 4 && is_shouted(&first.replace('_', "")));
    (is_relative && has_letter && starts_word && !is_answer).then_some(0)
}

/// Where it ends: before a colon; names on Windows have blanks.
fn path_end(text: &str, from: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let is_windows = bytes[from..end].contains(&b'\\');
    let drive = if bytes.get(from + 1) == Some(&b':') {
        2
    } else {
        0
    };
    if let Some(colon) = memchr::memchr(b':', &bytes[from + drive..end]) {
        return from + drive + colon;
    }
    let mut end = end;
    while is_windows
        && bytes.get(end) == Some(&b' ')
        && bytes.get(end + 1).is_some_and(|next| is_word(*next))
    {
        let next = piece_end(text, end + 1);
        if !bytes[end + 1..next].contains(&b'\\') || bytes.get(end + 2) == Some(&b':') {
            break;
        }
        end = next;
    }
    end
}

/// The name of a file, by its ending.
fn is_file(name: &str) -> bool {
    const ENDINGS: &str = "\
        csv tsv txt xml json jsonl ndjson xls xlsx xlsm parquet avro orc zip gz bz2 xz zst 7z tar tgz dat log edi \
        pdf tmp ok flag done trg sql properties yml yaml conf cfg ini dtsx ktr kjb item sh bat cmd ps1 py jar java \
        bak ctl dmp lst par ksh asc pgp gpg pem crt p12 jks lock doc docx html";
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && ending.len() <= 10
            && is_in(ENDINGS, &ending.to_ascii_lowercase())
            && stem.bytes().any(is_word)
    })
}

/// A name of the network, in small letters.
fn is_host(name: &str) -> bool {
    const TOPS: &str = "\
        com net org io eu edu gov fr de be ch uk es it nl local internal lan invalid cloud corp intra example \
        localdomain";
    name.rsplit_once('.').is_some_and(|(rest, top)| {
        is_in(TOPS, top)
            && !rest.is_empty()
            && rest.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !rest.bytes().any(|byte| byte.is_ascii_uppercase())
    })
}
