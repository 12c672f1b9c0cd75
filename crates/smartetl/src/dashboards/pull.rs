//! What people edited in Grafana, into files.

use super::client::{CLASSIC, Fetched, Grafana};
use super::difference::{Change, changes};
use super::files::{self, Bases, Files, Local};
use super::form::{Format, format_of, normal, to_text};
use crate::errors::{ErrorCode, Failure};
use crate::reason::Reason;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::path::PathBuf;

/// How many dashboards are asked for at once.
const AT_ONCE: usize = 4;

/// Files and Grafana side by side.
#[derive(Debug, Default)]
pub struct Comparison {
    pub different: Vec<Different>,
    /// Dashboards that are the same on both sides, with their form.
    pub same: Vec<(String, Value)>,
    pub refused: Vec<Refused>,
    /// Files whose dashboard this Grafana does not have, or does not show.
    pub only_here: Vec<PathBuf>,
}

/// A dashboard that differs from its file, or has none.
#[derive(Debug)]
pub struct Different {
    pub uid: String,
    pub title: String,
    pub path: PathBuf,
    pub is_new: bool,
    /// From the file to Grafana.
    pub changes: Vec<Change>,
    /// As Grafana has it.
    pub form: Value,
}

/// A dashboard that is left alone.
#[derive(Debug)]
pub struct Refused {
    /// Its file, or its uid where it has none.
    pub place: String,
    pub why: Reason,
    pub todo: Reason,
}

/// Looks at everything that Grafana shows, and changes nothing.
///
/// # Errors
/// Grafana is away, refuses, or shows no dashboard at all.
pub async fn compare(
    grafana: &Grafana,
    files: &Files,
    tags: &[String],
) -> anyhow::Result<Comparison> {
    let hits = grafana.list(tags).await?;
    if hits.is_empty() {
        return Err(empty(grafana, tags).into());
    }
    let mut comparison = Comparison::default();
    // Such a uid is no part of an address either.
    let (named, nameless): (Vec<_>, Vec<_>) = hits.iter().partition(|hit| {
        files.place_of(&hit.uid).is_some() || !files.with_uid(&hit.uid).is_empty()
    });
    let refused = nameless
        .iter()
        .filter_map(|hit| target(files, &hit.uid, &[]).err());
    comparison.refused.extend(refused);
    let asked = named.into_iter().map(async |hit| {
        let fetched = classic(grafana, &hit.uid).await?;
        anyhow::Ok((hit, fetched))
    });
    let fetched: Vec<_> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    for (hit, fetched) in fetched {
        let here = files.with_uid(&hit.uid);
        match fetched {
            Classic::Here { dashboard, .. } => match target(files, &hit.uid, &here) {
                Ok(path) if !library_panels(&dashboard).is_empty() => {
                    comparison.refused.push(Refused {
                        place: path.display().to_string(),
                        ..elsewhere(&hit.title, &library_panels(&dashboard))
                    });
                }
                Ok(path) => comparison.add(&hit.uid, path, here.first().copied(), &dashboard),
                Err(refused) => comparison.refused.push(refused),
            },
            Classic::None(beyond) => {
                let place = here.first().map(|file| file.path.display().to_string());
                comparison.refused.push(Refused {
                    place: place.unwrap_or_else(|| hit.uid.clone()),
                    ..no_classic_form(&hit.title, &beyond)
                });
            }
            // Deleted since it was listed.
            Classic::Missing => {}
        }
    }
    let is_shown = |file: &Local| hits.iter().any(|hit| hit.uid == file.uid());
    let only_here = files.all.iter().filter(|file| !is_shown(file));
    comparison.only_here = only_here.map(|file| file.path.clone()).collect();
    Ok(comparison)
}

/// Writes what differs, and remembers what both sides have now.
///
/// # Errors
/// A file cannot be written; those before it are.
pub fn pull(comparison: &Comparison, bases: &Bases) -> anyhow::Result<()> {
    for different in &comparison.different {
        files::write(&different.path, &to_text(&different.form))?;
    }
    let different = comparison.different.iter();
    let pulled = different.map(|different| (&different.uid, &different.form));
    let same = comparison.same.iter().map(|(uid, form)| (uid, form));
    if let Err(error) = pulled
        .chain(same)
        .try_for_each(|(uid, form)| bases.keep(uid, form))
    {
        // A later push asks for --force then; what was edited is in the files all the same.
        tracing::warn!("what both sides have now cannot be remembered: {error:#}");
    }
    Ok(())
}

/// The names of the panels that stand in a library of this Grafana and not in the dashboard.
fn library_panels(dashboard: &Value) -> Vec<&str> {
    let panels = dashboard.get("panels").and_then(Value::as_array);
    let panels = panels.map_or(&[][..], Vec::as_slice).iter();
    panels
        .flat_map(|panel| {
            let named = panel.pointer("/libraryPanel/name").and_then(Value::as_str);
            named.into_iter().chain(library_panels(panel))
        })
        .collect()
}

fn elsewhere(title: &str, panels: &[&str]) -> Refused {
    let panels = panels.join(", ");
    Refused {
        place: String::new(),
        why: Reason::new(
            format!(
                "`{title}` shows panels of this Grafana’s library, which files do not hold: {panels}"
            ),
            format!(
                "`{title}` montre des panneaux de la bibliothèque de ce Grafana, que les fichiers ne contiennent pas\u{a0}: {panels}"
            ),
        ),
        todo: Reason::new(
            "its file stays as it is; unlink these panels (panel menu, More, Unlink library panel), or they are lost with Grafana’s volume",
            "son fichier reste tel quel\u{a0}; dissociez ces panneaux (menu du panneau, More, Unlink library panel), sinon ils sont perdus avec \
             le volume de Grafana",
        ),
    }
}

impl Comparison {
    fn add(&mut self, uid: &str, path: PathBuf, here: Option<&Local>, dashboard: &Value) {
        let form = normal(dashboard);
        let local = here.and_then(|file| file.value.as_ref().ok()).map(normal);
        let changes = changes(local.as_ref().unwrap_or(&Value::Null), &form);
        if changes.is_empty() {
            self.same.push((uid.to_owned(), form));
            return;
        }
        let title = form.get("title").and_then(Value::as_str).unwrap_or("");
        self.different.push(Different {
            uid: uid.to_owned(),
            title: title.to_owned(),
            path,
            is_new: local.is_none(),
            changes,
            form,
        });
    }
}

/// A dashboard of Grafana as files hold it.
#[derive(Debug)]
pub enum Classic {
    Here {
        dashboard: Value,
        meta: Value,
    },
    /// There is no such form, because of these.
    None(Vec<Reason>),
    Missing,
}

/// Grafana 13 keeps what was saved there in the format of dynamic dashboards, and gives the other one on demand: only what it can
/// say without loss is taken.
pub async fn classic(grafana: &Grafana, uid: &str) -> anyhow::Result<Classic> {
    let beyond = match grafana.dashboard(uid, None).await? {
        Fetched::Missing => return Ok(Classic::Missing),
        Fetched::OtherFormat => return Ok(Classic::None(Vec::new())),
        Fetched::Here { dashboard, meta } => match format_of(&dashboard) {
            Format::Classic => return Ok(Classic::Here { dashboard, meta }),
            Format::Resource => return Ok(Classic::None(Vec::new())),
            Format::V2(beyond) => beyond,
        },
    };
    if !beyond.is_empty() {
        return Ok(Classic::None(beyond));
    }
    match grafana.dashboard(uid, Some(CLASSIC)).await? {
        Fetched::Here { dashboard, meta } if format_of(&dashboard) == Format::Classic => {
            Ok(Classic::Here { dashboard, meta })
        }
        _ => Ok(Classic::None(Vec::new())),
    }
}

/// Where a dashboard goes: to the file that holds its uid, else to one of that name.
fn target(files: &Files, uid: &str, here: &[&Local]) -> Result<PathBuf, Refused> {
    let refused = |place: String, why: [String; 2], todo: [&str; 2]| Refused {
        place,
        why: why.into(),
        todo: todo.into(),
    };
    if let [first, second, ..] = here {
        let second = second.path.display();
        return Err(refused(
            first.path.display().to_string(),
            [
                format!("{second} has the same uid `{uid}`"),
                format!("{second} a le même uid `{uid}`"),
            ],
            [
                "give one of the two another uid",
                "donnez un autre uid à l’un des deux",
            ],
        ));
    }
    if let [only] = here {
        return Ok(only.path.clone());
    }
    let Some(path) = files.place_of(uid) else {
        return Err(refused(
            uid.to_owned(),
            [
                "its uid cannot be the name of a file".to_owned(),
                "son uid ne peut pas être le nom d’un fichier".to_owned(),
            ],
            [
                "give it a uid of letters, digits, - and _ (dashboard settings, JSON model)",
                "donnez-lui un uid de lettres, de chiffres, de - et de _ (paramètres du tableau de bord, modèle JSON)",
            ],
        ));
    };
    match files.all.iter().find(|file| file.path == path) {
        None => Ok(path),
        Some(taken) => {
            let what = match &taken.value {
                Err(error) => [
                    format!("this file is no JSON: {error}"),
                    format!("ce fichier n’est pas du JSON\u{a0}: {error}"),
                ],
                Ok(_) => [
                    format!("this file holds another uid: `{}`", taken.uid()),
                    format!("ce fichier contient un autre uid\u{a0}: `{}`", taken.uid()),
                ],
            };
            Err(refused(
                path.display().to_string(),
                what,
                [
                    "correct it, or move it away; then pull again",
                    "corrigez-le ou déplacez-le\u{a0}; puis relancez pull",
                ],
            ))
        }
    }
}

/// `title`: of the dashboard. The place is to be filled in.
pub fn no_classic_form(title: &str, beyond: &[Reason]) -> Refused {
    use crate::night::Lang;
    let listed = |lang: Lang| {
        let beyond: Vec<&str> = beyond.iter().map(|reason| reason.text(lang)).collect();
        beyond.join(", ")
    };
    let why = if beyond.is_empty() {
        Reason::new(
            format!(
                "`{title}` is stored as a dynamic dashboard (V2), and Grafana gives no Classic form of it"
            ),
            format!(
                "`{title}` est enregistré comme tableau de bord dynamique (V2), et Grafana n’en donne pas de forme Classic"
            ),
        )
    } else {
        Reason::new(
            format!(
                "`{title}` is a dynamic dashboard (V2) with what Classic files cannot hold: {}",
                listed(Lang::En)
            ),
            format!(
                "`{title}` est un tableau de bord dynamique (V2) avec ce que les fichiers Classic ne peuvent pas contenir\u{a0}: {}",
                listed(Lang::Fr)
            ),
        )
    };
    Refused {
        place: String::new(),
        why,
        todo: Reason::new(
            "its file stays as it is; go back to a version with plain panels and rows (dashboard settings, versions), or export it \
             yourself, or it is lost with Grafana’s volume",
            "son fichier reste tel quel\u{a0}; revenez à une version avec de simples panneaux et rangées (paramètres du tableau de \
             bord, versions), ou exportez-le vous-même, sinon il est perdu avec le volume de Grafana",
        ),
    }
}

/// A wrong token or organisation sees nothing: that is no reason to think that there is nothing.
fn empty(grafana: &Grafana, tags: &[String]) -> Failure {
    let failure = Failure::new(
        ErrorCode::GrafanaAnswer,
        [
            "Grafana shows no dashboard at all; nothing was changed",
            "Grafana ne montre aucun tableau de bord\u{a0}; rien n’a été modifié",
        ],
    );
    let hint = if tags.is_empty() {
        [
            "the token may be of another organisation, or may see no folder",
            "le jeton est peut-être celui d’une autre organisation, ou ne voit aucun dossier",
        ]
    } else {
        [
            "see that --tag is a tag of theirs, and that the token may see their folder",
            "vérifiez que --tag est bien une de leurs étiquettes, et que le jeton voit leur dossier",
        ]
    };
    failure.at(grafana.url()).hint(hint)
}
