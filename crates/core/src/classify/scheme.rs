//! What the code of a row belongs to: as it is said, else by the system that says it, else by a form that only one scheme has.

use super::engine::LOOKED_AT;
use super::rules::Rules;
use super::{Classification, ErrorFacts};

/// The schemes a person can name, each with other names of it; written without blanks and strokes.
const SCHEMES: &[(&str, &[&str])] = &[
    ("abend", &["zos", "mvs"]),
    ("clickhouse", &[]),
    ("db2", &["sqlcode"]),
    ("errno", &["posix"]),
    ("exit", &["exitcode", "exitstatus", "signal"]),
    ("grpc", &["rpc"]),
    ("http", &["https", "rest"]),
    ("ibmi", &["as400", "os400", "iseries"]),
    ("kup", &[]),
    ("mq", &["ibmmq", "mqrc"]),
    ("mysql", &["mariadb"]),
    ("oracle", &["ora", "tns"]),
    ("sqlserver", &["mssql", "msg"]),
    ("sqlstate", &["postgresql", "postgres"]),
    (OF_CLASS, &["sqlstateclass"]),
    ("ssis", &["hresult", "dts"]),
    ("teradata", &[]),
    ("winerror", &["win32", "windows"]),
];

/// The first two letters of a SQLSTATE.
const OF_CLASS: &str = "sqlstate_class";

/// Systems whose codes have a scheme, where it does not bear the system's name.
const SYSTEMS: &[(&str, &[&str])] = &[
    ("ssis", &["ssis", "sqlserver"]),
    ("adf", &["sqlserver", "http"]),
    ("synapse", &["sqlserver"]),
    ("azuresql", &["sqlserver"]),
    ("redshift", &["sqlstate"]),
    ("greenplum", &["sqlstate"]),
    ("api", &["http"]),
    ("web", &["http"]),
    ("soap", &["http"]),
    ("webservice", &["http"]),
    ("bash", &["exit"]),
    ("sh", &["exit"]),
    ("shell", &["exit"]),
    ("ssh", &["exit"]),
    ("cron", &["exit"]),
    ("docker", &["exit"]),
    ("kubernetes", &["exit"]),
    ("k8s", &["exit"]),
    ("linux", &["errno"]),
];

/// The names of all schemes.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    let names = SCHEMES.iter().map(|(name, _)| *name);
    names.filter(|name| *name != OF_CLASS)
}

/// The scheme of this name, whatever the size of its letters.
pub(super) fn named(name: &str) -> Option<&'static str> {
    let name = plain(name);
    SCHEMES
        .iter()
        .find(|(known, others)| *known == name || others.contains(&&*name))
        .map(|(known, _)| *known)
}

/// Whether a system is one of these, whatever the size of its letters and the signs in it: `SQL Server`, `sqlserver`.
pub(super) fn is_one(system: &str, of: &[String]) -> bool {
    of.iter().any(|known| letters(system).eq(known.chars()))
}

fn plain(name: &str) -> String {
    letters(name).collect()
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .filter(|char| !matches!(char, ' ' | '-' | '_'))
        .flat_map(char::to_lowercase)
}

/// What the row's own code says.
pub(super) fn judge(rules: &Rules, facts: &ErrorFacts<'_>) -> Option<Classification> {
    let code = facts.error_code?.trim();
    let said = facts
        .code_scheme
        .map(str::trim)
        .filter(|scheme| !scheme.is_empty());
    let (prefix, bare) = split(code);
    if let Some(said) = said {
        let scheme = named(said)?;
        return rules.code(scheme, code).or_else(|| {
            (prefix == Some(scheme))
                .then(|| rules.code(scheme, bare))
                .flatten()
        });
    }
    if let Some(says) = prefix.and_then(|scheme| rules.code(scheme, bare)) {
        return Some(says);
    }
    of_system(facts.system)
        .into_iter()
        .find_map(|scheme| rules.code(scheme, code))
        .or_else(|| {
            let scheme = of_form(rules, code, facts.message.unwrap_or_default())?;
            rules.code(scheme, code)
        })
}

/// `ORA-00942`, `HTTP 503`, `SQLSTATE: 42P01`: a code behind the name of its scheme.
fn split(code: &str) -> (Option<&'static str>, &str) {
    let name = code
        .bytes()
        .take_while(|byte| byte.is_ascii_alphabetic() || *byte == b' ')
        .count();
    let (name, rest) = code.split_at(name);
    let bare = rest.trim_matches([' ', '/', '-', ':', '=', '_', '[', ']', '(', ')', '#']);
    let scheme =
        named(name.trim()).filter(|_| bare.starts_with(|first: char| first.is_ascii_digit()));
    (scheme, bare)
}

fn of_system(system: &str) -> Vec<&'static str> {
    let system = plain(system);
    if let Some((_, schemes)) = SYSTEMS.iter().find(|(known, _)| *known == system) {
        return schemes.to_vec();
    }
    named(&system).into_iter().collect()
}

/// A form that belongs to one scheme only. A bare number has none, but for a SQLSTATE that is known as a whole, and for a
/// status where the message speaks of HTTP.
fn of_form(rules: &Rules, code: &str, message: &str) -> Option<&'static str> {
    let upper = code.to_ascii_uppercase();
    let bytes = upper.as_bytes();
    if upper.starts_with("DTS_") || is_hresult(&upper) {
        return Some("ssis");
    }
    if upper.starts_with("SIG") {
        return Some("exit");
    }
    if upper.starts_with("KUP-") {
        return Some("kup");
    }
    if is_code_of_db2(bytes) {
        return Some("db2");
    }
    let is_number = bytes.iter().all(u8::is_ascii_digit);
    if !is_number
        && let Some(scheme) = ["ibmi", "mq", "abend"]
            .into_iter()
            .find(|scheme| rules.knows(scheme, &upper))
    {
        return Some(scheme);
    }
    if bytes.len() == 5 && bytes.iter().all(u8::is_ascii_alphanumeric) {
        let has_digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2;
        let is_state = if is_number {
            rules.knows("sqlstate", &upper)
        } else {
            has_digits
        };
        return is_state.then_some("sqlstate");
    }
    if bytes.len() == 3 && is_number {
        let head = message[..message.floor_char_boundary(LOOKED_AT)].to_lowercase();
        let speaks_of_http = ["http", "status code", "rest api", "api rest"]
            .iter()
            .any(|word| head.contains(word));
        return speaks_of_http.then_some("http");
    }
    if bytes.first() == Some(&b'E') && rules.knows("errno", &upper) {
        return Some("errno");
    }
    let is_of_grpc = upper.contains('_') || upper == "UNAUTHENTICATED";
    (is_of_grpc && rules.knows("grpc", &upper)).then_some("grpc")
}

/// `0x80040E14`, `0xC020801C`; the log of SSIS in tables has them as negative numbers.
fn is_hresult(upper: &str) -> bool {
    upper.strip_prefix("0X").is_some_and(|digits| {
        digits.len() == 8
            && digits.starts_with(['8', 'C'])
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    }) || upper.len() >= 10 && upper.parse::<i32>().is_ok_and(|code| code < 0)
}

/// `SQL0911N`; without a letter on IBM i.
fn is_code_of_db2(upper: &[u8]) -> bool {
    upper.strip_prefix(b"SQL").is_some_and(|rest| {
        let digits = match rest {
            [digits @ .., b'N' | b'C' | b'W'] => digits,
            [b'0', ..] => rest,
            _ => return false,
        };
        (4..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
    })
}
