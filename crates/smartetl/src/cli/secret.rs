//! A password from whoever sits there, unseen, or from stdin; never from the command line, which others of the machine can read.

use crate::errors::{ErrorCode, Failure};
use crate::night::Lang;
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead as _, IsTerminal as _, Stdin, Write as _};

/// Asks for a new password, twice; or reads the first line of stdin where nobody sits there.
///
/// # Errors
/// When there is none, or it is not the same twice.
pub fn password(lang: Lang) -> anyhow::Result<String> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return line(&stdin, lang);
    }
    let first = unseen(
        &stdin,
        lang.pick("Password: ", "Mot de passe\u{a0}: "),
        lang,
    )?;
    let again = unseen(
        &stdin,
        lang.pick("Once more: ", "Encore une fois\u{a0}: "),
        lang,
    )?;
    if first == again {
        return Ok(first);
    }
    Err(Failure::new(
        ErrorCode::Usage,
        [
            "that was not the same twice",
            "ce n’était pas deux fois le même",
        ],
    )
    .into())
}

fn line(stdin: &Stdin, lang: Lang) -> anyhow::Result<String> {
    let mut text = String::new();
    stdin.lock().read_line(&mut text)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        let hint = lang.pick(
            "printf '%s' \"$PASSWORD\" | smartetl users add NAME",
            "printf '%s' \"$MOT_DE_PASSE\" | smartetl users add NOM",
        );
        return Err(Failure::new(
            ErrorCode::Usage,
            ["no password was given", "aucun mot de passe n’a été donné"],
        )
        .hint(hint)
        .into());
    }
    Ok(text.to_owned())
}

/// What is typed does not appear; then the terminal is as it was.
fn unseen(stdin: &Stdin, prompt: &str, lang: Lang) -> anyhow::Result<String> {
    let mut stderr = io::stderr();
    // Nothing can be done when stderr is gone.
    let _ = write!(stderr, "{prompt}");
    let _ = stderr.flush();
    let hidden = Hidden::of(stdin)?;
    let text = line(stdin, lang);
    drop(hidden);
    let _ = writeln!(stderr);
    text
}

struct Hidden<'a> {
    stdin: &'a Stdin,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn of(stdin: &'a Stdin) -> anyhow::Result<Self> {
        let before = tcgetattr(stdin)?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(stdin, SetArg::TCSAFLUSH, &silent)?;
        Ok(Self { stdin, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        // The terminal may be gone.
        let _ = tcsetattr(self.stdin, SetArg::TCSAFLUSH, &self.before);
    }
}
