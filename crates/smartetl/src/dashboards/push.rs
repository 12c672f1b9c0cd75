//! Files into Grafana, without writing over what somebody edited there.

use super::client::{Grafana, Saved};
use super::difference::{Change, changes};
use super::files::{Bases, Files, Local, shared_uids};
use super::form::{Format, format_of, normal};
use super::pull::{Classic, Refused, classic, no_classic_form};
use crate::night::Lang;
use crate::output::counted;
use crate::reason::Reason;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What became of the files.
#[derive(Debug, Default)]
pub struct Push {
    pub sent: Vec<Sent>,
    pub same: usize,
    pub refused: Vec<Refused>,
}

/// A file that Grafana has now.
#[derive(Debug)]
pub struct Sent {
    pub path: PathBuf,
    pub uid: String,
    pub is_new: bool,
    /// From Grafana to the file.
    pub changes: Vec<Change>,
}

/// Sends what differs. `force`: also over edits that were never pulled.
///
/// # Errors
/// Grafana is away or refuses; what was sent before stays.
pub async fn push(
    grafana: &Grafana,
    files: &Files,
    bases: &Bases,
    force: bool,
) -> anyhow::Result<Push> {
    let mut push = Push::default();
    let shared = shared_uids(files);
    for file in &files.all {
        let refusal = unfit(file, shared.contains_key(file.uid()));
        let (Ok(value), None) = (&file.value, &refusal) else {
            push.refused.extend(refusal);
            continue;
        };
        one(grafana, file, value, (bases, force), &mut push).await?;
    }
    Ok(push)
}

async fn one(
    grafana: &Grafana,
    file: &Local,
    value: &Value,
    (bases, force): (&Bases, bool),
    push: &mut Push,
) -> anyhow::Result<()> {
    let uid = file.uid();
    let title = value.get("title").and_then(Value::as_str).unwrap_or(uid);
    let place = file.path.display().to_string();
    let ours = normal(value);
    let (theirs, version, folder) = match classic(grafana, uid).await? {
        Classic::Missing => (None, Value::Null, Value::Null),
        Classic::None(beyond) if !force => {
            push.refused.push(Refused {
                place,
                ..no_classic_form(title, &beyond)
            });
            return Ok(());
        }
        Classic::None(_) => (Some(Value::Null), Value::Null, Value::Null),
        Classic::Here { dashboard, meta } => {
            let part = |of: &Value, key: &str| of.get(key).cloned().unwrap_or_default();
            (
                Some(normal(&dashboard)),
                part(&dashboard, "version"),
                part(&meta, "folderUid"),
            )
        }
    };
    let changes = changes(theirs.as_ref().unwrap_or(&Value::Null), &ours);
    if changes.is_empty() {
        push.same += 1;
        return bases.keep(uid, &ours);
    }
    if let Some(theirs) = &theirs
        && !force
        && !bases.is(uid, theirs)
    {
        push.refused.push(edited(place, changes.len()));
        return Ok(());
    }
    match grafana.save(&body(&ours, version, folder, force)).await? {
        Saved::Done => {
            bases.keep(uid, &ours)?;
            push.sent.push(Sent {
                path: file.path.clone(),
                uid: uid.to_owned(),
                is_new: theirs.is_none(),
                changes,
            });
        }
        Saved::Overtaken => push.refused.push(edited(place, changes.len())),
        Saved::Refused(said) => push.refused.push(Refused {
            place,
            why: Reason::new(
                format!("Grafana does not take it: {said}"),
                format!("Grafana ne l’accepte pas\u{a0}: {said}"),
            ),
            todo: Reason::new(
                "`smartetl dashboards check` looks at the file; where Grafana reads it itself (provisioning), that needs \
                 allowUiUpdates: true",
                "`smartetl dashboards check` examine le fichier\u{a0}; si Grafana le lit lui-même (provisioning), il faut \
                 allowUiUpdates: true",
            ),
        }),
    }
    Ok(())
}

/// `version`: of the dashboard that ours was compared with, by which Grafana sees whether somebody saved it since.
fn body(ours: &Value, version: Value, folder: Value, force: bool) -> Value {
    let mut dashboard = ours.clone();
    dashboard["id"] = Value::Null;
    if !version.is_null() {
        dashboard["version"] = version;
    }
    let mut body = json!({
        "dashboard": dashboard,
        "message": "smartetl dashboards push",
        "overwrite": force,
    });
    if folder.as_str().is_some_and(|folder| !folder.is_empty()) {
        body["folderUid"] = folder;
    }
    body
}

fn edited(place: String, changes: usize) -> Refused {
    let changes = changes as u64;
    Refused {
        place,
        why: Reason::new(
            format!(
                "it was edited in Grafana since the last pull ({} from this file)",
                counted(changes, "difference", "differences")
            ),
            format!(
                "il a été modifié dans Grafana depuis le dernier pull ({} avec ce fichier)",
                Lang::Fr.counted(changes, ["différence", "différences"])
            ),
        ),
        todo: Reason::new(
            "`smartetl dashboards diff` shows them; pull takes them into the file, push --force writes over them",
            "`smartetl dashboards diff` les montre\u{a0}; pull les prend dans le fichier, push --force les écrase",
        ),
    }
}

/// Why a file cannot be sent at all.
fn unfit(file: &Local, is_shared: bool) -> Option<Refused> {
    let why = match &file.value {
        Err(error) => [
            format!("this file is no JSON: {error}"),
            format!("ce fichier n’est pas du JSON\u{a0}: {error}"),
        ],
        Ok(value) if format_of(value) != Format::Classic => [
            "this file is not in the Classic format".to_owned(),
            "ce fichier n’est pas au format Classic".to_owned(),
        ],
        Ok(_) if file.uid().is_empty() => [
            "this file has no uid".to_owned(),
            "ce fichier n’a pas d’uid".to_owned(),
        ],
        Ok(_) if is_shared => [
            format!("another file has the same uid `{}`", file.uid()),
            format!("un autre fichier a le même uid `{}`", file.uid()),
        ],
        Ok(_) => return None,
    };
    Some(Refused {
        place: file.path.display().to_string(),
        why: why.into(),
        todo: Reason::new(
            "`smartetl dashboards check` says what a file needs",
            "`smartetl dashboards check` dit ce qu’il faut à un fichier",
        ),
    })
}
