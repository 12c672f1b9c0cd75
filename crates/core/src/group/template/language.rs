//! Words of English and French between which names stand.

use hashbrown::HashSet;
use std::sync::LazyLock;

use crate::lists;

/// Nouns behind which stands the name of one of their kind.
const NOUNS: &str = "\
    user utilisateur l'utilisateur login role rôle account compte table column colonne relation view \
    vue schema schéma index constraint contrainte sequence séquence tablespace database procedure \
    procédure function fonction trigger class classe package module host hôte server serveur node nœud \
    machine interface device service job task tâche process queue topic bucket container file fichier \
    directory folder dossier répertoire variable property propriété parameter paramètre attribute \
    attribut field champ key component composant client alias";

/// Words before `for` and the name of a user.
const ENTRIES: &str = "\
    password login logon session failures denied passe refusé refusée échouée";

/// Small words, and those of states, that go on a sentence behind a noun.
const SMALL: &str = "\
    a an the of or and for in on at to from by with without is was are were be been has have had not no \
    does do did doesn't isn't wasn't can cannot can't could couldn't will would must should may already \
    name names id type value size count list failed fails error errors found missing unknown closed \
    refused reset timed timeout denied exceeded violated violation started stopped starting stopping \
    startup shutdown changed that this which as if when because un une le la les l de du des d ou et \
    pour dans sur à au aux par avec sans est était sont ont n'est n'existe n'a ne n pas non déjà \
    inconnu inconnue introuvable absent absente manquant manquante vide invalide invalid échoué échouée \
    refusé refusée fermé fermée expiré expirée dont que qui ce cette nom valeur erreur en \
    down up full busy empty lost dead died gone sent left ok still again system version number \
    incomplet incomplète obsolète corrompu corrompue perdu perdue interdit interdite occupé occupée";

/// What is done with the thing that the noun names: `file upload failed`, `index rebuild failed`.
const ACTIONS: &str = "\
    upload download backup restore rebuild reindex scan crash overlap import export copy move delete \
    update insert upsert load reload unload check sync resync lookup cleanup refresh dump query write \
    read transfer access lock unlock open close build parse merge join restart rename drop flush \
    rollback commit switch swap growth overflow startup purge reset retry abort start stop run \
    envoi dépôt contrôle calcul vidage rejet blocage arrêt accès échec transfert";

/// Endings of such words, in lower case only: a job may be called `Consolidation`.
const ENDINGS_OF_ACTIONS: [&str; 7] = ["tion", "sion", "ment", "ance", "ence", "age", "ure"];

/// Endings of verbs and adjectives that go on a sentence behind a noun.
const ENDINGS: [&str; 8] = ["ed", "ing", "able", "ible", "é", "ée", "és", "ées"];

/// Whether the name of one of its kind stands behind this noun.
pub(super) fn is_slot(text: &str) -> bool {
    is_one_of(&NOUNS_SET, text)
}

/// Whether `for` and the name of a user may stand behind this word.
pub(super) fn is_entry(text: &str) -> bool {
    is_one_of(&ENTRIES_SET, text)
}

/// Whether a word behind a noun goes on the sentence and is no name.
pub(super) fn goes_on(text: &str) -> bool {
    let is_word = text.chars().all(char::is_alphabetic);
    is_word && ENDINGS.iter().any(|ending| text.ends_with(ending))
        || is_one_of(&SMALL_SET, text)
        || is_action(text)
}

/// Whether a word in small letters tells what is done.
fn is_action(text: &str) -> bool {
    text.chars().all(char::is_lowercase)
        && (ENDINGS_OF_ACTIONS
            .iter()
            .any(|ending| text.len() > ending.len() + 2 && text.ends_with(ending))
            || is_one_of(&ACTIONS_SET, text))
}

type Words = HashSet<&'static [u8]>;

static NOUNS_SET: LazyLock<Words> = LazyLock::new(|| set_of(NOUNS));
static ENTRIES_SET: LazyLock<Words> = LazyLock::new(|| set_of(ENTRIES));
static SMALL_SET: LazyLock<Words> = LazyLock::new(|| set_of(SMALL));
static ACTIONS_SET: LazyLock<Words> = LazyLock::new(|| set_of(ACTIONS));

fn set_of(list: &'static str) -> Words {
    list.split_ascii_whitespace().map(str::as_bytes).collect()
}

/// Longer words stand in no list.
const LONGEST: usize = 24;

/// Whether a word stands in a list, whatever the size of its ASCII letters. It is asked of every word.
fn is_one_of(words: &Words, text: &str) -> bool {
    lists::small(text.as_bytes(), &mut [0; LONGEST]).is_some_and(|small| words.contains(small))
}
