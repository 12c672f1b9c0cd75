//! What of a stack trace names the problem: the class of the deepest cause and what it says, and the topmost frame of
//! the user's own code. Java, Scala, .NET (English and French) and Python.
//!
//! Lines between them change with versions, thread pools and depth, and say nothing new. The time is linear.

use std::borrow::Cow;
use std::ops::Range;

use super::{MASK, mask};
use memchr::memmem::{self, Finder};
use std::sync::LazyLock;

/// So much of a trace is looked at, at its end: the deepest cause stands there.
const LOOKED_AT: usize = 64 * 1024;

/// Names of frames are at most so long.
const LONGEST_NAME: usize = 300;

/// Code that is not the user's: the platforms, and what ETL tools are built of. In order, and none begins with another.
const FOREIGN: &[&str] = &[
    "Microsoft.",
    "System.",
    "akka.",
    "com.amazonaws.",
    "com.fasterxml.",
    "com.google.",
    "com.ibm.",
    "com.jcraft.",
    "com.microsoft.",
    "com.mysql.",
    "com.sun.",
    "com.zaxxer.",
    "io.netty.",
    "io.openlineage.",
    "jakarta.",
    "java.",
    "javax.",
    "jdk.",
    "kotlin.",
    "net.snowflake.",
    "oracle.",
    "org.apache.",
    "org.eclipse.",
    "org.hibernate.",
    "org.jboss.",
    "org.mariadb.",
    "org.mortbay.",
    "org.pentaho.",
    "org.postgresql.",
    "org.slf4j.",
    "org.springframework.",
    "org.talend.",
    "py4j.",
    "scala.",
    "sun.",
];

const CAUSED_BY: &str = "Caused by: ";
/// What Java says before what went wrong as well, mostly while it closed something: it is no cause, and nor are its causes.
const SUPPRESSED: &str = "Suppressed: ";
const TRACEBACK: &str = "Traceback (most recent call last)";

/// How .NET leads from an exception to its cause, the deepest one last.
const INNER: &str = "---> ";
/// What .NET says of causes that stand beside each other.
const NUMBERED: &str = "(Inner Exception #";

static CAUSES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(CAUSED_BY));
static SUPPRESSIONS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(SUPPRESSED));
static INNERS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(INNER));
static TRACEBACKS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(TRACEBACK));
/// What stands between the parts of a chain of Python, the cause before what it caused.
static CHAINS: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| {
    [
        "The above exception was the direct cause",
        "During handling of the above exception",
    ]
    .map(Finder::new)
});
/// What frames begin with; French .NET says `à`.
const FRAMES: [&str; 2] = ["at ", "à "];
static FRAME: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| FRAMES.map(Finder::new));

/// What a trace says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trace<'t> {
    /// The class of the deepest cause.
    pub class: Option<&'t str>,
    /// The topmost frame of the user's own code, in the part of the deepest cause if it has one: `package.Class.method`,
    /// or the module and the function in Python.
    pub frame: Option<Frame<'t>>,
    /// The line that tells the deepest cause, with its class.
    pub raised: Option<&'t str>,
}

/// A place in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'t> {
    /// The file of Python code; empty elsewhere.
    pub module: &'t str,
    pub name: &'t str,
}

/// Whether a trace begins at `at`: `at package.Class.method(` or Python's headline.
pub(super) fn begins(text: &str, at: usize) -> bool {
    let rest = &text.as_bytes()[at..];
    match rest {
        [b'a', b't', b' ', ..] | [0xc3, 0xa0, b' ', ..] => {
            (at == 0 || text.as_bytes()[at - 1].is_ascii_whitespace())
                && java_name(&text[at + 3..]).is_some()
        }
        [b'T', ..] => rest.starts_with(TRACEBACK.as_bytes()),
        _ => false,
    }
}

/// The same where the text may end in the first frame of a trace, or in its headline.
pub(super) fn may_begin(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    let ends_in_a_frame = || {
        let name = FRAMES.iter().find_map(|begin| rest.strip_prefix(begin));
        let is_name = |name: &str| name.len() < LONGEST_NAME && name.bytes().all(is_of_name);
        text[..at].ends_with([' ', '\t', '\n']) && name.is_some_and(is_name)
    };
    let ends_in_the_headline = || rest.len() > 4 && TRACEBACK.starts_with(rest);
    begins(text, at) || ends_in_a_frame() || ends_in_the_headline()
}

/// Reads a trace.
pub fn read(trace: &str) -> Trace<'_> {
    let from = trace.len().saturating_sub(LOOKED_AT);
    let trace = &trace[trace.ceil_char_boundary(from)..];
    if let Some(last) = last(&TRACEBACKS, trace) {
        return if first_of_a_chain(trace).is_some() {
            python_chain(trace)
        } else {
            python_trace(&trace[last..])
        };
    }
    let suppressed = suppressed(trace);
    let cause = last_cause(trace, &suppressed).max(last_inner(trace));
    let from = cause.unwrap_or_default();
    let deepest = &trace[from..];
    let class = class_name(deepest);
    let frame = own_frame(trace, from..trace.len(), &suppressed)
        .or_else(|| own_frame(trace, 0..from, &suppressed));
    let is_told = class.is_some() || cause.is_some();
    Trace {
        class,
        frame,
        raised: is_told.then(|| headline(deepest)),
    }
}

/// The deepest cause that Java names: what stands behind the last `Caused by: ` that is none of a suppressed exception.
pub(crate) fn last_cause(trace: &str, suppressed: &[Range<usize>]) -> Option<usize> {
    let mut parts = suppressed.iter().peekable();
    let causes = CAUSES.find_iter(trace.as_bytes());
    let of_the_chain = causes.filter(|at| {
        while parts.next_if(|part| part.end <= *at).is_some() {}
        parts.peek().is_none_or(|part| *at < part.start)
    });
    of_the_chain.last().map(|at| at + CAUSED_BY.len())
}

/// The parts of a trace of Java that tell suppressed exceptions, with their causes. Their lines are indented by more than what
/// comes after them: a cause of what was thrown, or a frame of another trace. Where a log lost its indents, nothing
/// is known.
pub(crate) fn suppressed(trace: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut known = 0;
    for at in SUPPRESSIONS.find_iter(trace.as_bytes()) {
        if at < known {
            continue;
        }
        let before = &trace[known..at];
        let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
        let is_line = trace[..at - indent].ends_with('\n');
        if indent == 0 || !is_line {
            continue;
        }
        known = trace.len();
        let mut place = at;
        for line in trace[at..].split_inclusive('\n') {
            let said = line.trim_start_matches([' ', '\t']);
            let deep = line.len() - said.len();
            let goes_back = deep < indent
                && (said.starts_with(CAUSED_BY) || said.starts_with(SUPPRESSED))
                || deep <= indent && FRAMES.iter().any(|frame| said.starts_with(frame));
            if place > at && goes_back {
                known = place;
                break;
            }
            place += line.len();
        }
        parts.push(at..known);
    }
    parts
}

/// The last place of something; to look for all of them forwards is quicker than for one backwards.
fn last(of: &Finder<'_>, text: &str) -> Option<usize> {
    of.find_iter(text.as_bytes()).last()
}

/// Where the last cause of .NET begins.
fn last_inner(trace: &str) -> Option<usize> {
    let at = last(&INNERS, trace)? + INNER.len();
    let numbered = trace[at..].strip_prefix(NUMBERED);
    let behind = numbered.and_then(|rest| rest.split_once(") "));
    let at = behind.map_or(at, |(_, behind)| trace.len() - behind.len());
    class_name(&trace[at..]).map(|_| at)
}

/// The first line, up to a frame or the count of those that were left out.
fn headline(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    let frame = FRAME[0]
        .find_iter(line.as_bytes())
        .find(|at| begins(line, *at));
    let line = &line[..frame.unwrap_or(line.len())];
    let left_out = line
        .match_indices(" ... ")
        .find(|(at, dots)| line[at + dots.len()..].starts_with(|next: char| next.is_ascii_digit()));
    line[..left_out.map_or(line.len(), |(at, _)| at)].trim_end()
}

/// Appends what a trace says to the mask that begins at `start`: ` caused by Class: what it says @ frame`. What `said`, the
/// message beside the trace, tells already is not told again.
pub(super) fn write(trace: &Trace<'_>, said: &str, out: &mut String, start: usize) {
    let class = trace.class.unwrap_or_default();
    let behind = trace.raised.map_or("", |raised| &raised[class.len()..]);
    let told = behind.trim_start_matches([':', ' ']).trim_end();
    let is_new = !told.is_empty() && memmem::find(said.as_bytes(), told.as_bytes()).is_none();
    let is_class_new = !class.is_empty()
        && !out[start..].contains(class)
        && !out[start..].contains(&*without_digits(class));
    if is_new || is_class_new {
        if out.len() > start {
            out.push(' ');
        }
        out.push_str("caused by ");
        out.push_str(class);
    }
    if is_new {
        if !class.is_empty() {
            out.push_str(if behind.starts_with(':') { ": " } else { " " });
        }
        mask::plain(told, out);
    }
    if let Some(frame) = trace.frame {
        out.push_str(if out.len() > start { " @ " } else { "@ " });
        if !frame.module.is_empty() {
            out.push_str(&without_digits(frame.module));
            out.push(':');
        }
        out.push_str(&without_digits(frame.name));
    }
}

/// Takes from a text what [`fn@write`] wrote behind it: frame, class of the cause and what that says.
pub(super) fn before(text: &str) -> &str {
    let frame = text.rsplit_once(" @ ");
    let text = frame.map_or(
        text,
        |(before, frame)| {
            if frame.contains(' ') { text } else { before }
        },
    );
    match text.rsplit_once(" caused by ") {
        Some((before, cause)) if class_name(cause).is_some() => before,
        _ => text,
    }
}

/// A mark for each run of digits, and no white space.
fn without_digits(name: &str) -> Cow<'_, str> {
    let is_changed = |char: char| char.is_ascii_digit() || char.is_whitespace();
    let Some(first) = name.find(is_changed) else {
        return Cow::Borrowed(name);
    };
    let mut without = String::with_capacity(name.len());
    let (before, mut rest) = name.split_at(first);
    without.push_str(before);
    while let Some(next) = rest.chars().next() {
        if next.is_ascii_digit() {
            if !without.ends_with(MASK) {
                without.push(MASK);
            }
            rest = rest.trim_start_matches(|char: char| char.is_ascii_digit());
        } else {
            without.push('_');
            rest = &rest[next.len_utf8()..];
        }
        let (same, behind) = rest.split_at(rest.find(is_changed).unwrap_or(rest.len()));
        without.push_str(same);
        rest = behind;
    }
    Cow::Owned(without)
}

/// `package.Class.method` before an opening bracket.
fn java_name(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_alphabetic() {
        return None;
    }
    let longest = &bytes[..bytes.len().min(LONGEST_NAME)];
    let end = longest.iter().position(|byte| !is_of_name(*byte))?;
    let is_named = bytes[end] == b'(' && memchr::memchr(b'.', &bytes[..end]).is_some();
    is_named.then(|| &text[..end])
}

fn is_of_name(byte: u8) -> bool {
    static IS_OF_NAME: [bool; 256] = {
        let mut is_of_name = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            is_of_name[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'$' | b'<' | b'>' | b'/' | b'@' | b'`' | b'-');
            byte += 1;
        }
        is_of_name
    };
    IS_OF_NAME[usize::from(byte)]
}

/// A class at the beginning of a line: `java.net.ConnectException: Connection refused`.
fn class_name(text: &str) -> Option<&str> {
    let end = text
        .bytes()
        .take(LONGEST_NAME)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$'))
        .count();
    let name = text[..end].trim_end_matches('.');
    let simple = name.rsplit(['.', '$']).next().unwrap_or_default();
    let is_class = simple
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_uppercase)
        && (name.contains('.') || simple.ends_with("Exception") || simple.ends_with("Error"));
    is_class.then_some(name)
}

/// The topmost frame of the user's own code in `within`, but for suppressed exceptions.
fn own_frame<'t>(
    trace: &'t str,
    within: Range<usize>,
    suppressed: &[Range<usize>],
) -> Option<Frame<'t>> {
    let mut from = within.start;
    for part in suppressed {
        if part.end <= from || part.start >= within.end {
            continue;
        }
        let frame = first_own_frame(&trace[from..part.start.max(from)]);
        if frame.is_some() {
            return frame;
        }
        from = part.end.min(within.end);
    }
    first_own_frame(&trace[from..within.end])
}

fn first_own_frame(trace: &str) -> Option<Frame<'_>> {
    // A trace speaks one language.
    FRAME.iter().find_map(|begin| {
        begin
            .find_iter(trace.as_bytes())
            .filter(|at| *at == 0 || trace.as_bytes()[at - 1].is_ascii_whitespace())
            .map(|at| &trace[at + 3..])
            .filter(|frame| !is_surely_foreign(frame))
            .filter_map(java_name)
            .map(of_class)
            .find(|name| !name.is_empty() && !is_foreign(name))
            .map(|name| Frame { module: "", name })
    })
}

/// The name of a frame without the module before it (`java.base/`, `app//`), and without the address and the method of a class that
/// the machine made for a lambda (`Load$$Lambda$14/0x00000008000b5840.apply`), which differ from start to start.
fn of_class(name: &str) -> &str {
    if memchr::memchr(b'/', name.as_bytes()).is_none() {
        return name;
    }
    let lambda = name.find("$$Lambda");
    let end = lambda.map_or(name.len(), |lambda| {
        memchr::memchr(b'/', &name.as_bytes()[lambda..]).map_or(name.len(), |at| lambda + at)
    });
    let module = memchr::memrchr(b'/', &name.as_bytes()[..end]);
    &name[module.map_or(0, |stroke| stroke + 1)..end]
}

fn is_foreign(name: &str) -> bool {
    let behind = FOREIGN.partition_point(|begin| *begin <= name);
    behind > 0 && name.starts_with(FOREIGN[behind - 1])
}

/// Whether a frame is foreign by its first letters, which no module goes before: most are, and need not be read.
fn is_surely_foreign(frame: &str) -> bool {
    let longest = &frame.as_bytes()[..frame.len().min(LONGEST_NAME)];
    is_foreign(frame)
        && memchr::memchr3(b'(', b'\n', b'/', longest).is_none_or(|at| longest[at] != b'/')
}

/// What Python tells before the first link of a chain of causes: the deepest one. `None` where there is no chain.
pub(crate) fn first_of_a_chain(trace: &str) -> Option<&str> {
    let link = CHAINS
        .iter()
        .filter_map(|chain| chain.find(trace.as_bytes()));
    link.min().map(|link| &trace[..link])
}

/// The deepest cause; the frame is of the first part that has one.
fn python_chain(trace: &str) -> Trace<'_> {
    let begins: Vec<usize> = TRACEBACKS.find_iter(trace.as_bytes()).collect();
    let ends = begins.iter().skip(1).copied().chain([trace.len()]);
    let mut parts = begins
        .iter()
        .zip(ends)
        .map(|(begin, end)| python_trace(&trace[*begin..end]));
    let mut deepest = parts.next().unwrap_or_default();
    if deepest.frame.is_none() {
        deepest.frame = parts.find_map(|part| part.frame);
    }
    deepest
}

/// Frames stand from the outermost to the innermost: the last one of the user's is the topmost.
fn python_trace(trace: &str) -> Trace<'_> {
    let mut frame = None;
    let mut raised = None;
    for line in trace.lines().skip(1) {
        let indented = line.starts_with([' ', '\t']);
        if let Some(of) = line
            .trim_start()
            .strip_prefix("File \"")
            .filter(|_| indented)
        {
            raised = None;
            if let Some((path, rest)) = of.split_once('"')
                && !is_foreign_module(path)
                && let Some((_, name)) = rest.split_once(", in ")
            {
                let module = path.rsplit(['/', '\\']).next().unwrap_or(path);
                frame = Some(Frame {
                    module,
                    name: name.trim(),
                });
            }
        } else if !indented && raised.is_none() && !line.is_empty() {
            raised = Some(line);
        }
    }
    Trace {
        class: raised.and_then(class_name),
        frame,
        raised,
    }
}

fn is_foreign_module(path: &str) -> bool {
    [
        "site-packages",
        "dist-packages",
        "/lib/python",
        "\\lib\\",
        "<frozen",
    ]
    .iter()
    .any(|part| path.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_code_is_in_order_and_no_name_begins_with_another() {
        assert!(FOREIGN.is_sorted());
        let mut pairs = FOREIGN.windows(2);
        assert!(pairs.all(|pair| !pair[1].starts_with(pair[0])));
        for name in FOREIGN {
            assert!(is_foreign(&format!("{name}x.Y")), "{name}");
            assert!(!is_foreign(&format!("a{name}x.Y")), "{name}");
        }
    }

    #[test]
    fn digits_of_names_do_not_matter() {
        for (name, without) in [
            ("Load", "Load"),
            ("2Load 10é5", "#Load_#é#"),
            ("a#12\u{a0}\t3", "a#__#"),
        ] {
            assert_eq!(without_digits(name), without);
        }
    }
}
