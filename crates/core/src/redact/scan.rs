//! From a trigger to the secret that it announces.

use std::ops::Range;

use super::value::{bare_end, line_end, looks_random, looks_secret, quoted, value};
use super::{REDACTED, Trigger};

/// The secret that the trigger at `start..end` announces. What is far from it says nothing of it, so that a text of triggers costs what its
/// length does; but a secret is as long as it is.
pub(super) fn secret(
    text: &str,
    trigger: Trigger,
    start: usize,
    end: usize,
) -> Option<Range<usize>> {
    /// A secret that ends so close to the end of what was looked at may go on behind it.
    const NEAR: usize = 64;
    let (before, mut behind) = reach(trigger);
    let from = text.floor_char_boundary(start.saturating_sub(before));
    loop {
        let until = text.ceil_char_boundary(end.saturating_add(behind));
        let found = secret_within(&text[from..until], trigger, start - from, end - from)?;
        if until == text.len() || from + found.end + NEAR < until {
            return Some(from + found.start..from + found.end);
        }
        behind *= 4;
    }
}

/// So many bytes before and behind a trigger are looked at.
const fn reach(trigger: Trigger) -> (usize, usize) {
    match trigger {
        // The command that it belongs to.
        Trigger::Option => (2048, 4096),
        Trigger::Url | Trigger::At => (256, 1024),
        Trigger::Oracle => (512, 1024),
        Trigger::Known => (64, 512),
        _ => (512, 4096),
    }
}

/// The same, with nothing else to look at.
fn secret_within(text: &str, trigger: Trigger, start: usize, end: usize) -> Option<Range<usize>> {
    match trigger {
        Trigger::Password | Trigger::Key | Trigger::Pass | Trigger::Mdp => {
            named(text, trigger, start, end)
        }
        Trigger::Authorization => authorization(text, end),
        Trigger::Bearer => bearer(text, start, end),
        Trigger::Url => userinfo(text, end),
        Trigger::At => at_host(text, start),
        Trigger::Oracle => oracle(text, start, end),
        Trigger::Logon => logon(text, start, end),
        Trigger::Using => using(text, start, end),
        Trigger::NetUse => net_use(text, end),
        Trigger::Known => known(text, start, end),
        Trigger::Jwt => jwt(text, start),
        Trigger::Pem => pem(text, end),
        Trigger::Option => option(text, start, end),
        Trigger::UserOption => user_option(text, end),
        Trigger::Cookie => cookie(text, end),
        Trigger::IdentifiedBy => {
            let at = skip_blanks(text, end);
            let at = if text[at..].starts_with("VALUES ") {
                at + 7
            } else {
                at
            };
            value(text, at, false)
        }
    }
}

/// A value behind the name of a secret.
fn named(text: &str, trigger: Trigger, start: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let letter_before = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80);
    let name_end = name_end(bytes, end);
    let tail = &text[end..name_end];
    match trigger {
        Trigger::Mdp if letter_before => return None,
        Trigger::Pass => {
            let known = ["db", "user", "ssh", "key", "store", "ftp", "my"];
            let lead = text[..start].trim_end_matches(|char: char| char.is_ascii_alphanumeric());
            let lead = text[lead.len()..start].to_ascii_lowercase();
            if !tail.is_empty() && !tail.starts_with(['_', '-', '.'])
                || letter_before && !known.contains(&lead.as_str())
            {
                return None;
            }
        }
        Trigger::Key if not_a_secret(tail) => return None,
        _ => {}
    }

    // `--password secret`, `-Dpassword secret`
    let name_start = text[..start]
        .rfind(|char: char| !is_name(char))
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
    let flag = text[name_start..start].starts_with("--");
    let mut at = name_end;
    let closing = ["\\\"", "&quot;", "\"", "'", "`", "]", " »", "»"];
    if let Some(sign) = closing.iter().find(|sign| text[at..].starts_with(**sign)) {
        at += sign.len();
    }
    let blank = skip_blanks(text, at);
    if let Some(sign) = assignment(&text[blank..]) {
        let at = skip_blanks(text, blank + sign.len());
        // `password: expired`, `token = expired`
        let is_apart = at > blank + sign.len();
        let sentence =
            is_apart && (sign == ":" || sign == "=" && trigger == Trigger::Key && blank > name_end);
        let before_name = text[..name_start].trim_end().to_ascii_lowercase();
        if trigger == Trigger::Key
            && sentence
            && ["unexpected", "unrecognized", "unknown", "illegal"]
                .iter()
                .any(|word| before_name.ends_with(word))
        {
            return None;
        }
        let range = value(text, at, sentence)?;
        let piece = &text[range.clone()];
        let number = piece.len() < 5 && piece.bytes().all(|byte| byte.is_ascii_digit());
        let quiet = match trigger {
            // That of a method.
            Trigger::Key if text[start..end].eq_ignore_ascii_case("signature") => {
                !is_hash(piece) && piece != REDACTED
            }
            // `tokens: 45`, dbt's `PASS=3`
            Trigger::Key | Trigger::Pass => number,
            // The working directory.
            Trigger::Password => {
                text[start..end].eq_ignore_ascii_case("pwd")
                    && [
                        "/home/", "/opt/", "/var/", "/data/", "/app/", "/srv/", "/tmp/", "/usr/",
                        "/root/",
                    ]
                    .iter()
                    .any(|root| piece.starts_with(root))
            }
            _ => false,
        };
        return (!quiet).then_some(range);
    }
    // `<password>secret</password>`, `<entry key="password">secret</entry>`
    let lead = &text[..name_start];
    let is_element = before.is_some_and(|byte| matches!(byte, b'<' | b':'));
    let is_attribute = ["key=\"", "name=\"", "key='", "name='"]
        .iter()
        .any(|name| lead.ends_with(name));
    if text[at..].starts_with('>') && (is_element || is_attribute) {
        let close = text[at..].find("</").map(|found| at + found)?;
        return Some(at + 1..close).filter(|range| !text[range.clone()].contains(['\n', '<']));
    }
    // `<property name="password" value="secret"/>`
    if is_attribute && text[blank..].starts_with("value=") {
        return value(text, blank + "value=".len(), false);
    }
    if blank == at {
        return None;
    }
    // `aws configure set aws_secret_access_key secret`
    let is_set = lead.ends_with("configure set ");
    if (flag || is_set) && at == name_end {
        return value(text, blank, false).filter(|range| !text[range.clone()].starts_with('-'));
    }
    if trigger == Trigger::Key && text[start..end].to_ascii_lowercase().ends_with("key") {
        return told(text, blank, &[GIVEN]);
    }
    if !matches!(trigger, Trigger::Password | Trigger::Mdp) {
        return None;
    }
    // `password is S3cret`, `le mot de passe est S3cret`, `PASSWORD 'secret'`
    if let Some(range) = quoted(text, blank) {
        // In `mot de passe échouée pour l'utilisateur « x »` the quote is elsewhere; here it is the next word.
        return Some(range).filter(|range| !range.is_empty());
    }
    let said = told(text, blank, &[GIVEN, STATES]).or_else(|| bare(text, blank));
    if said.is_some() {
        return said;
    }
    let linked = ["is ", "was ", "est ", "était ", "etait "]
        .iter()
        .find(|link| text[blank..].starts_with(**link))?;
    let at = skip_blanks(text, blank + linked.len());
    if let Some(range) = quoted(text, at) {
        return Some(range).filter(|range| !range.is_empty());
    }
    let range = at..bare_end(text, at);
    let piece = &text[range.clone()];
    (piece == REDACTED || looks_random(piece)).then_some(range)
}

/// What was done with a secret, in `API key provided: secret`.
const GIVEN: &[&str] = &[
    "used", "given", "entered", "supplied", "provided", "tried", "saisi", "fourni", "utilisé",
];

/// What a password is, in `mot de passe incorrect : secret`.
const STATES: &[&str] = &[
    "is",
    "was",
    "est",
    "était",
    "incorrect",
    "incorrecte",
    "erroné",
    "invalide",
    "invalid",
    "wrong",
    "refusé",
    "rejected",
];

/// `password secret refused`, `password [secret]`, `mdp incorrect (secret)`: the next word, or one in brackets, perhaps behind a state.
fn bare(text: &str, at: usize) -> Option<Range<usize>> {
    let line = &text[at..line_end(text, at)];
    let word = line.split(' ').next().unwrap_or_default();
    let is_state = STATES.iter().any(|one| word.eq_ignore_ascii_case(one));
    let from = at + if is_state { word.len() + 1 } else { 0 };
    let close = match text.as_bytes().get(from)? {
        b'(' => Some(')'),
        b'[' => Some(']'),
        _ if is_state => return None,
        _ => None,
    };
    let range = match close {
        Some(close) => from + 1..from + text[from..].find(close)?,
        None => from..bare_end(text, from),
    };
    let piece = &text[range.clone()];
    (piece == REDACTED || looks_secret(piece)).then_some(range)
}

/// `Mot de passe incorrect : secret`, `password for user etl: secret`: what stands behind the name of a secret, its state or its user,
/// and a colon. What looks like a word or a code is none.
fn told(text: &str, at: usize, states: &[&[&str]]) -> Option<Range<usize>> {
    let line = &text[at..line_end(text, at)];
    let (words, _) = line.split_once(':')?;
    let mut behind = words.split_whitespace();
    let is_told = match (behind.next()?, behind.count()) {
        ("for" | "pour" | "of" | "de", 1 | 2) => true,
        (state, 0) => {
            let mut all = states.iter().copied().flatten();
            all.any(|one| state.eq_ignore_ascii_case(one))
        }
        _ => false,
    };
    let from = skip_blanks(text, at + words.len() + 1);
    let range = value(text, from, true).filter(|_| is_told)?;
    let piece = &text[range.clone()];
    let is_code = piece.split_once('-').is_some_and(|(lead, rest)| {
        lead.bytes().all(|byte| byte.is_ascii_uppercase())
            && rest.starts_with(|sign: char| sign.is_ascii_digit())
    });
    (piece == REDACTED || looks_random(piece) && !is_code).then_some(range)
}

/// `=`, `:`, `=>`, `:=`, `==`, `-->`: the sign that sets a value.
fn assignment(text: &str) -> Option<&'static str> {
    ["=>", ":=", "==", "=", "->"]
        .into_iter()
        .find(|sign| text.starts_with(sign))
        .or_else(|| {
            // `::` is a path of code, `://` a URL.
            (text.starts_with(':') && !text.starts_with("::") && !text.starts_with("://"))
                .then_some(":")
        })
}

fn is_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.')
}

/// Where the name ends that a trigger began.
fn name_end(bytes: &[u8], end: usize) -> usize {
    /// No name is longer.
    const LONGEST: usize = 256;
    let letters = bytes[end..].iter().take(LONGEST);
    let letters = letters.take_while(|byte| byte.is_ascii() && is_name(char::from(**byte)));
    let mut at = end + letters.count();
    // A sign at the end belongs to the sentence.
    while at > end && matches!(bytes[at - 1], b'.' | b'-') {
        at -= 1;
    }
    at
}

/// `token_type`, `secret_name`, `tokenizer`: not the secret itself.
fn not_a_secret(tail: &str) -> bool {
    let tail = tail
        .trim_start_matches(['_', '-', '.'])
        .to_ascii_lowercase();
    [
        "ary", "type", "count", "expir", "izer", "ized", "ization", "isation", "name", "provider",
        "url", "uri", "endpoint", "method", "version",
    ]
    .iter()
    .any(|word| tail.starts_with(word))
}

/// `Authorization: Bearer secret`, `"Authorization": "Basic secret"`.
fn authorization(text: &str, end: usize) -> Option<Range<usize>> {
    let mut at = end;
    for sign in ["\\\"", "\"", "'"] {
        if text[at..].starts_with(sign) {
            at += sign.len();
            break;
        }
    }
    at = skip_blanks(text, at);
    let sign = assignment(&text[at..])?;
    at = skip_blanks(text, at + sign.len());
    for sign in ["\\\"", "\"", "'"] {
        if text[at..].starts_with(sign) {
            at += sign.len();
            break;
        }
    }
    for scheme in [
        "bearer ",
        "basic ",
        "token ",
        "digest ",
        "apikey ",
        "negotiate ",
        "ntlm ",
    ] {
        if text
            .get(at..at + scheme.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(scheme))
        {
            at = skip_blanks(text, at + scheme.len());
            // Of a digest the answer alone is made of the password (RFC 7616, 3.4).
            let response = text[at..line_end(text, at)].find("response=");
            return match response {
                Some(found) if scheme == "digest " => {
                    value(text, at + found + "response=".len(), false)
                }
                _ => value(text, at, false),
            };
        }
    }
    value(text, at, true)
}

/// `Bearer secret` without a header's name.
fn bearer(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    if start > 0 && text.as_bytes()[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let at = skip_blanks(text, end);
    let range = at..bare_end(text, at);
    let piece = &text[range.clone()];
    let long = piece.len() >= 8 && looks_random(piece) || piece.len() >= 24;
    (long || piece == REDACTED).then_some(range)
}

/// The password of `user:password@host`, which begins at `at`.
fn userinfo(text: &str, at: usize) -> Option<Range<usize>> {
    let stop =
        |char: char| char.is_whitespace() || matches!(char, '"' | '<' | '>' | '`' | '«' | '»');
    let token = text[at..].split(stop).next().unwrap_or_default();
    let authority = &token[..token.find(['/', '?']).unwrap_or(token.len())];
    let colon = authority
        .find(':')
        .filter(|_| !authority.starts_with('['))?;
    if let Some(sign) = authority.rfind('@') {
        // A path of the web may hold the sign too; elsewhere the last one ends the password.
        let web = text[..at].ends_with("http://") || text[..at].ends_with("https://");
        let place = &token[..token[sign..]
            .find('?')
            .map_or(token.len(), |found| sign + found)];
        let sign = if web {
            sign
        } else {
            place.rfind('@').unwrap_or(sign)
        };
        return (colon < sign).then_some(at + colon + 1..at + sign);
    }
    // A password that holds a slash; but what follows a port is a path.
    let port = &authority[colon + 1..];
    if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = token.rfind('@').filter(|sign| *sign > colon)?;
    Some(at + colon + 1..at + sign)
}

/// So many bytes around an `@` are looked at.
const AROUND: usize = 128;
/// A shorter word between a colon and an `@` may be anything.
const SHORTEST: usize = 6;
/// What stands before a colon and is no user: its value is an address, or the name of a driver, an image, a step.
const NO_USERS: &[&str] = &[
    "mailto",
    "mail",
    "email",
    "e-mail",
    "from",
    "to",
    "cc",
    "bcc",
    "de",
    "pour",
    "user",
    "login",
    "account",
    "contact",
    "jdbc",
    "job",
    "step",
    "task",
    "run",
    "traitement",
    "étape",
    "arn",
];

/// The password of `user:password@host` without a scheme; `at` is the place of the first `@`.
fn at_host(text: &str, at: usize) -> Option<Range<usize>> {
    let stop = |sign: char| {
        sign.is_whitespace()
            || sign.is_control()
            || matches!(
                sign,
                '"' | '\''
                    | '`'
                    | '«'
                    | '»'
                    | '<'
                    | '>'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | ','
                    | ';'
                    | '='
                    | '|'
            )
    };
    let start = text[..at]
        .char_indices()
        .rev()
        .take_while(|(place, sign)| at - place <= AROUND && !stop(*sign))
        .last()?
        .0;
    let end = text[at..]
        .char_indices()
        .find(|(place, sign)| *place > AROUND || stop(*sign) || matches!(sign, '/' | '?'))
        .map_or(text.len(), |(place, _)| at + place);
    // A password may hold the sign.
    let sign = at + text[at..end].rfind('@')?;
    let host = &text[sign + 1..end];
    let Some((user, secret)) = text[start..sign].split_once(':') else {
        // Oracle's tools write a slash. A path may look like it, but not in brackets or quotes.
        let (user, secret) = text[start..sign].split_once('/')?;
        let has = |is: fn(char) -> bool| secret.contains(is);
        let is_secret = looks_secret(secret)
            && has(char::is_lowercase)
            && has(char::is_uppercase)
            && has(char::is_numeric);
        let is_opened = text[..start].ends_with(['(', '[', '"', '\'', '=']);
        let is_service = host.starts_with(char::is_alphabetic) && !is_version(host)
            || text[sign..].starts_with("@//");
        return (is_opened
            && is_oracle_user(user)
            && is_service
            && (is_secret || secret == REDACTED))
            .then_some(sign - secret.len()..sign);
    };
    let is_user = user.contains(char::is_alphabetic)
        && !user.contains(['/', '\\'])
        && !NO_USERS.contains(&user.to_lowercase().as_str())
        && !["Exception", "Error"]
            .iter()
            .any(|kind| user.ends_with(kind));
    // Times and numbers, paths, what a URL begins with, and names of namespaces.
    let is_plain =
        |sign: char| sign.is_ascii_digit() || matches!(sign, '.' | ':' | '+' | '-' | 'T' | 'Z');
    let is_secret = secret.chars().count() >= SHORTEST
        && !secret.chars().all(is_plain)
        && !secret.starts_with(['/', '\\', ':']);
    let is_host = host.starts_with(|sign: char| sign.is_alphanumeric())
        && (host.contains(char::is_alphabetic) || host.contains('.'))
        && !host.starts_with("sha256:")
        && !is_object(secret, host);
    (is_user && is_secret && is_host).then_some(sign - secret.len()..sign)
}

/// Whether it is how Java prints an object: its class and a hexadecimal number.
fn is_object(class: &str, number: &str) -> bool {
    let is_hex = |sign: u8| matches!(sign, b'0'..=b'9' | b'a'..=b'f');
    (6..=8).contains(&number.len())
        && number.bytes().all(is_hex)
        && class.starts_with(|sign: char| sign.is_ascii_alphabetic())
        && class
            .bytes()
            .all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'_' | b'$'))
}

/// `v4`, as behind the name of a program.
fn is_version(host: &str) -> bool {
    host.strip_prefix('v')
        .is_some_and(|number| number.starts_with(|sign: char| sign.is_ascii_digit()))
}

fn is_oracle_user(user: &str) -> bool {
    let is_part = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '$' | '#');
    user.contains(char::is_alphabetic) && user.chars().all(is_part)
}

/// `user/password@host` behind a word of Oracle's tools, or `user/password` behind one that starts a tool.
fn oracle(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    /// Tools whose names are no words of a language.
    const TOOLS: &[&str] = &["sqlplus", "sqlldr", "expdp", "impdp", "rman", "userid="];
    /// What rman connects to, perhaps as who runs it: `target / catalog rman/password@base`.
    const TARGETS: &[&str] = &["target ", "catalog ", "auxiliary ", "/ "];
    let mut at = skip_blanks(text, end);
    // Options of sqlplus: -S, -L.
    while text[at..].starts_with('-') {
        at = skip_blanks(text, bare_end(text, at));
    }
    while let Some(target) = TARGETS.iter().find(|word| text[at..].starts_with(**word)) {
        at = skip_blanks(text, at + target.len());
    }
    let token = text[at..]
        .split(char::is_whitespace)
        .next()
        .unwrap_or_default();
    let behind = &text[at + token.len()..line_end(text, at)];
    let token = token.trim_start_matches(['"', '\'']);
    let at = text[at..].find(token).map_or(at, |found| at + found);
    let (user, rest) = token.split_once('/')?;
    if !is_oracle_user(user) {
        return None;
    }
    let secret = at + user.len() + 1;
    if let Some(sign) = rest.rfind("@//").or_else(|| rest.rfind('@')) {
        return Some(secret..secret + sign);
    }
    let tool = text[start..end].trim_end().to_ascii_lowercase();
    let starts = start == 0 || !text.as_bytes()[start - 1].is_ascii_alphanumeric();
    let word = rest.trim_end_matches(['"', '\'', '.', ',', ';', ')']);
    let is_secret = match &*tool {
        "exp" | "imp" => looks_secret(word),
        // `control=x.ctl`, `@script.sql`
        tool if TOOLS.contains(&tool) => {
            looks_secret(word)
                || word == REDACTED
                || !word.contains(['/', '.']) && (behind.contains('=') || behind.contains(" @"))
        }
        _ => false,
    };
    (starts && is_secret).then_some(secret..secret + word.len())
}

/// Teradata's `.LOGON host/user,password;`
fn logon(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let at = skip_blanks(text, end);
    let line = &text[at..line_end(text, at)];
    let (user, _) = line.split_once(',')?;
    let is_command = text[..start].ends_with('.') || user.contains('/');
    let is_name = |sign: char| sign.is_alphanumeric() || matches!(sign, '/' | '_' | '-' | '.');
    let from = skip_blanks(text, at + user.len() + 1);
    (is_command && !user.is_empty() && user.chars().all(is_name))
        .then(|| quoted(text, from).unwrap_or_else(|| from..bare_end(text, from)))
}

/// Db2's `CONNECT TO base USER etl USING password`.
fn using(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let line = text[..start].lines().next_back()?;
    let mut words = line.split_whitespace().rev();
    for word in ["", "user", "", "to", "connect"] {
        let said = words.next()?;
        if !word.is_empty() && !said.eq_ignore_ascii_case(word) {
            return None;
        }
    }
    value(text, skip_blanks(text, end), false)
}

/// `net use Z: \\host\share password /user:etl`, also with the password at the end.
fn net_use(text: &str, end: usize) -> Option<Range<usize>> {
    let line = &text[end..line_end(text, end)];
    if !line.to_ascii_lowercase().contains(" /user:") {
        return None;
    }
    let mut at = end + line.find("\\\\")?;
    at += line[at - end..].find(' ')?;
    let mut leads = true;
    loop {
        at = skip_blanks(text, at);
        let word = text[at..line_end(text, at)].split(' ').next()?;
        if !word.starts_with('/') {
            let is_secret = word == REDACTED || leads && word != "*" || looks_secret(word);
            return (is_secret && !word.is_empty()).then_some(at..at + word.len());
        }
        leads = false;
        at += word.len();
    }
}

/// What is longer without something random in it is no key.
const LONGEST_NAME: usize = 128;

/// Tokens with a known beginning, letters, digits and a few signs.
fn known(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let lead = &text[start..end];
    let bytes = text.as_bytes();
    if lead.ends_with('=') {
        return value(text, end, false);
    }
    if start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let lower = lead.to_ascii_lowercase();
    match &*lower {
        // A webhook of Slack: whoever knows the address may write.
        "hooks.slack.com/services/" => {
            let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'*');
            let length = bytes[end..].iter().take_while(is_part).count();
            return Some(end..end + length);
        }
        // Talend: the version of the key, then what was encrypted.
        "enc:system.encryption.key." => {
            let colon = text[end..].find(':')?;
            return Some(end + colon + 1..bare_end(text, end + colon + 1));
        }
        // Jasypt.
        "enc(" => {
            let close = end + text[end..].find(')')?;
            return Some(end..close).filter(|range| is_hash(&text[range.clone()]));
        }
        _ => {}
    }
    let run = bytes[end..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count();
    let aws = matches!(lead, "AKIA" | "ASIA");
    let secret = if aws {
        run == 16
            && bytes[end..end + run]
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    } else if lead.eq_ignore_ascii_case("akia") || lead.eq_ignore_ascii_case("asia") {
        false
    } else {
        let body = &text[end..end + run];
        match &*lower {
            // OpenAI; a name of words and a day is none.
            "sk-" => {
                run >= 20
                    && body[..run.min(LONGEST_NAME)]
                        .split('-')
                        .any(|part| part.len() >= 16 && is_hash(part))
            }
            // Databricks.
            "dapi" => run >= 32 && body[..32].bytes().all(|byte| byte.is_ascii_hexdigit()),
            _ => run >= 10,
        }
    };
    secret.then_some(start..end + run)
}

/// Whether it may be a hash or something encrypted: long, of letters and digits and the signs of base64 and URLs.
fn is_hash(piece: &str) -> bool {
    let is_part = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'%' | b'.' | b'~')
    };
    piece.len() >= 16 && piece.bytes().all(is_part) && looks_random(piece)
}

/// Three parts of base64url.
fn jwt(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if start > 0 && bytes[start - 1].is_ascii_alphanumeric() || !text[start..].starts_with("eyJ") {
        return None;
    }
    let run = bytes[start..]
        .iter()
        .take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'=')
        })
        .count();
    let token = text[start..start + run].trim_end_matches('.');
    (token.len() >= 12 && token.contains('.')).then_some(start..start + token.len())
}

/// The body of a private key.
fn pem(text: &str, end: usize) -> Option<Range<usize>> {
    let label = &text[end..line_end(text, end)];
    let close = label.find("-----")?;
    if !label[..close].to_ascii_uppercase().contains("PRIVATE KEY") {
        return None;
    }
    let body = end + close + 5;
    let stop = text[body..]
        .find("-----END")
        .map_or(text.len(), |found| body + found);
    Some(body..stop)
}

/// `-p secret`; `-psecret` only for the tools that write it so. `-p 5432` is a port, `-p /x` a folder.
fn option(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let line_start = text[..start]
        .rfind(['\n', '\r', '|', ';'])
        .map_or(0, |at| at + 1);
    let command = text[line_start..start].to_ascii_lowercase();
    let glued = !text[end..].starts_with(' ') && !text[..end].ends_with(' ');
    if glued
        && !["mysql", "mariadb", "sshpass", "7z", "bcp ", "sqlcmd"]
            .iter()
            .any(|tool| command.contains(tool))
    {
        return None;
    }
    // A file's mode or a folder's parents.
    let is_letter = |sign: char| sign.is_alphanumeric();
    let is_word = |(at, word): (usize, &str)| {
        !command[..at].ends_with(is_letter) && !command[at + word.len()..].starts_with(is_letter)
    };
    // A word is sooner missed than found: `contains` is the quicker look.
    if ["mkdir", "cp", "install", "tar"]
        .iter()
        .any(|tool| command.contains(tool) && command.match_indices(tool).any(is_word))
    {
        return None;
    }
    let at = skip_blanks(text, end);
    let range = value(text, at, false)?;
    let piece = &text[range.clone()];
    let port = piece.len() <= 5 && piece.bytes().all(|byte| byte.is_ascii_digit());
    // Docker: `-p 8080:80`, `-p 127.0.0.1:8080:80/tcp`.
    let published = piece.trim_end_matches("/tcp").trim_end_matches("/udp");
    let ports = published.contains(':')
        && published
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'));
    let other = piece.starts_with(['-', '/', '.']) || port || ports || at >= text.len();
    (!other).then_some(range)
}

/// `-u user:password`, of lftp `-u user,password`; bare, it goes on to the next blank.
fn user_option(text: &str, end: usize) -> Option<Range<usize>> {
    let at = skip_blanks(text, end);
    let bare = || {
        let rest = &text[at..];
        at..at + rest.find(char::is_whitespace).unwrap_or(rest.len())
    };
    let inside = quoted(text, at).unwrap_or_else(bare);
    let line = text[..end].lines().next_back().unwrap_or_default();
    let between = if line.contains("lftp") { ',' } else { ':' };
    let sign = text[inside.clone()].find(between)?;
    Some(inside.start + sign + 1..inside.end).filter(|range| !text[range.clone()].starts_with("//"))
}

/// All that a browser keeps for a server: any of it may be a session.
fn cookie(text: &str, end: usize) -> Option<Range<usize>> {
    let at = skip_blanks(text, end);
    let line = &text[at..line_end(text, at)];
    let line = &line[..line.find(['"', '\'']).unwrap_or(line.len())];
    line.contains('=').then_some(at..at + line.trim_end().len())
}

fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + (rest.len()
        - rest
            .trim_start_matches([' ', '\t', '\u{a0}', '\u{202f}'])
            .len())
}
