//! Takes secrets out of texts before they are stored.
//!
//! Passwords, tokens and keys are replaced by `***` in every form in which tools print them; all other words stay.
//! Redacting twice changes nothing. It must never panic, whatever the text, and costs one pass of an automaton
//! where nothing looks like a secret.

mod scan;
mod value;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Stands for a secret.
pub const REDACTED: &str = "***";

/// What a trigger announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trigger {
    /// The name of a secret: `password`, `mot de passe`. What it is set to is one, also without a sign in between.
    Password,
    /// The name of a secret that also is an ordinary word: `token`, `secret`. Only what it is set to is one.
    Key,
    /// `pass`: only as a whole word or behind `_`.
    Pass,
    /// `mdp`: only as a word.
    Mdp,
    Authorization,
    /// `Bearer`, `Basic`: only before what looks random.
    Bearer,
    /// `://user:password@host`
    Url,
    /// `user:password@host`
    At,
    /// `user/password@host`
    Oracle,
    /// `LOGON host/user,password`
    Logon,
    /// `connect to base user etl using password`
    Using,
    /// `net use Z: \\host\share password /user:etl`
    NetUse,
    /// `AKIA…` and other tokens with a known beginning.
    Known,
    /// `eyJ….….…`
    Jwt,
    /// `-----BEGIN … PRIVATE KEY-----`
    Pem,
    /// ` -p secret`
    Option,
    /// ` -u user:password`
    UserOption,
    /// `Cookie: name=value; …`
    Cookie,
    /// `IDENTIFIED BY secret`
    IdentifiedBy,
}

/// Matched without regard to ASCII case. A longer one wins over a shorter one at the same place.
const TRIGGERS: &[(&str, Trigger)] = &[
    ("password", Trigger::Password),
    ("passwd", Trigger::Password),
    ("passphrase", Trigger::Password),
    ("pass phrase", Trigger::Password),
    ("pwd", Trigger::Password),
    ("mot de passe", Trigger::Password),
    ("mot_de_passe", Trigger::Password),
    ("mot-de-passe", Trigger::Password),
    ("motdepasse", Trigger::Password),
    ("mots de passe", Trigger::Password),
    ("passwort", Trigger::Password),
    ("kennwort", Trigger::Password),
    ("contraseña", Trigger::Password),
    ("pass", Trigger::Pass),
    ("mdp", Trigger::Mdp),
    ("secret", Trigger::Key),
    ("token", Trigger::Key),
    ("jeton", Trigger::Key),
    ("apikey", Trigger::Key),
    ("api_key", Trigger::Key),
    ("api-key", Trigger::Key),
    ("api key", Trigger::Key),
    ("accesskey", Trigger::Key),
    ("access_key", Trigger::Key),
    ("access-key", Trigger::Key),
    ("access key", Trigger::Key),
    ("accountkey", Trigger::Key),
    ("private_key", Trigger::Key),
    ("privatekey", Trigger::Key),
    ("private-key", Trigger::Key),
    ("encryption_key", Trigger::Key),
    ("cle d'api", Trigger::Key),
    ("clé d'api", Trigger::Key),
    ("clé api", Trigger::Key),
    ("cle api", Trigger::Key),
    ("credential", Trigger::Key),
    ("signature", Trigger::Key),
    ("?sig=", Trigger::Known),
    ("&sig=", Trigger::Known),
    ("authorization", Trigger::Authorization),
    ("bearer ", Trigger::Bearer),
    ("basic ", Trigger::Bearer),
    ("://", Trigger::Url),
    ("@", Trigger::At),
    ("thin:", Trigger::Oracle),
    (":oci:", Trigger::Oracle),
    (":oci8:", Trigger::Oracle),
    ("sqlplus ", Trigger::Oracle),
    ("sqlldr ", Trigger::Oracle),
    ("expdp ", Trigger::Oracle),
    ("impdp ", Trigger::Oracle),
    ("rman ", Trigger::Oracle),
    ("userid=", Trigger::Oracle),
    ("connect ", Trigger::Oracle),
    ("conn ", Trigger::Oracle),
    ("exp ", Trigger::Oracle),
    ("imp ", Trigger::Oracle),
    ("logon ", Trigger::Logon),
    (" using ", Trigger::Using),
    ("net use ", Trigger::NetUse),
    ("akia", Trigger::Known),
    ("asia", Trigger::Known),
    ("ghp_", Trigger::Known),
    ("gho_", Trigger::Known),
    ("ghs_", Trigger::Known),
    ("github_pat_", Trigger::Known),
    ("glpat-", Trigger::Known),
    ("xoxb-", Trigger::Known),
    ("xoxp-", Trigger::Known),
    ("sk_live_", Trigger::Known),
    ("sk-", Trigger::Known),
    ("dapi", Trigger::Known),
    ("hooks.slack.com/services/", Trigger::Known),
    ("enc:system.encryption.key.", Trigger::Known),
    ("enc(", Trigger::Known),
    ("aiza", Trigger::Known),
    ("eyj", Trigger::Jwt),
    ("-----begin ", Trigger::Pem),
    (" -p", Trigger::Option),
    (" -w ", Trigger::Option),
    (" -u ", Trigger::UserOption),
    (" --user ", Trigger::UserOption),
    (" --user=", Trigger::UserOption),
    ("cookie:", Trigger::Cookie),
    ("identified by ", Trigger::IdentifiedBy),
];

fn automaton() -> &'static AhoCorasick {
    static AUTOMATON: OnceLock<AhoCorasick> = OnceLock::new();
    AUTOMATON.get_or_init(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(TRIGGERS.iter().map(|(word, _)| word))
            .expect("a short list of words makes a small automaton")
    })
}

/// Passes at most. What is taken out can make a guess about what stands around it come out differently, so a
/// text is read again until nothing changes; the second pass nearly always is the last.
const PASSES: usize = 8;

/// The text with `***` in place of secrets; the text itself where it holds none.
pub fn redact(text: &str) -> Cow<'_, str> {
    let Some(mut redacted) = pass(text) else {
        return Cow::Borrowed(text);
    };
    for _ in 1..PASSES {
        match pass(&redacted) {
            Some(again) => redacted = again,
            None => break,
        }
    }
    Cow::Owned(redacted)
}

/// One pass from left to right; `None` where it changes nothing.
fn pass(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = Progress::default();
    while let Some(secret) = next(text, &mut at) {
        if &text[secret.clone()] != REDACTED {
            out.push_str(&text[copied..secret.start]);
            out.push_str(REDACTED);
            copied = secret.end;
        }
    }
    if out.is_empty() {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

/// How far a pass has come.
#[derive(Default)]
struct Progress {
    /// Triggers are looked for from here on.
    from: usize,
    /// No secret begins before this: behind the last one, and behind what parts users, passwords and hosts.
    settled: usize,
}

/// Goes on to the next secret. It may hold the beginning of a trigger that announces nothing, as in `etl:Asia0815@db1`.
fn next(text: &str, at: &mut Progress) -> Option<Range<usize>> {
    loop {
        let found = automaton().find(aho_corasick::Input::new(text).span(at.from..text.len()))?;
        let (_, trigger) = TRIGGERS[found.pattern().as_usize()];
        let secret = scan::secret(text, trigger, found.start(), found.end())
            .filter(|secret| !secret.is_empty() && secret.start >= at.settled);
        at.from = secret
            .as_ref()
            .map_or(found.end(), |secret| secret.end.max(found.end()));
        if secret.is_some() || matches!(trigger, Trigger::At | Trigger::Url | Trigger::Oracle) {
            at.settled = at.from;
        }
        if secret.is_some() {
            return secret;
        }
    }
}

#[cfg(test)]
mod tests;
