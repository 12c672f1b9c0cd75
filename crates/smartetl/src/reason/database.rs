//! Why the database, or the server that comes along, cannot do it, in French; and what to do in both languages.

use super::{Reason, of_system};
use smartetl_store::StoreError;
use smartetl_store::embedded::EmbeddedError;

pub(super) fn of_store(error: &StoreError) -> String {
    match error {
        StoreError::Database(error) => error.to_string(),
        StoreError::Migrate(error) => {
            format!("impossible d’amener les tables à cette version\u{a0}: {error}")
        }
        StoreError::Keep(error) => {
            format!(
                "les lignes en route ne trouvent pas de place\u{a0}: {}",
                of_system(error)
            )
        }
        StoreError::Decode(error) => error.to_string(),
        StoreError::Overtaken { next_record } => format!(
            "un autre processus a lu la suite de cette source à partir de l’enregistrement {next_record}"
        ),
        StoreError::NoTables => "cette base n’a pas encore de tables de smartETL".to_owned(),
        StoreError::OlderTables { found, known } => format!(
            "les tables sont de la version {found}, ce smartETL a besoin de la version {known}"
        ),
        StoreError::LaterTables { found, known } => format!(
            "les tables sont de la version {found}, faite par un smartETL plus récent\u{a0}; celui-ci connaît les versions \
             jusqu’à {known}"
        ),
        StoreError::NotEmpty { table } => {
            format!("cette base n’est pas vide\u{a0}: {table} a des lignes")
        }
        StoreError::OtherRelation { version, relation } => format!(
            "les tables de la version {version} n’ont pas de {relation} comme celle de la sauvegarde"
        ),
        StoreError::OtherTables { version } => format!(
            "la version {version} des tables a été faite par une autre compilation de smartETL, dont la migration {version} \
             n’est pas celle-ci"
        ),
    }
}

pub fn of_embedded(error: &EmbeddedError) -> String {
    match error {
        EmbeddedError::NoFolder { .. } => {
            "cet utilisateur n’a pas de dossier personnel où ranger les données".to_owned()
        }
        EmbeddedError::Download {
            version,
            platform,
            reason,
        } => format!(
            "impossible de télécharger PostgreSQL {version} pour {platform}\u{a0}: {reason}"
        ),
        EmbeddedError::Archive { path, reason } => {
            format!(
                "l’archive {} est inutilisable\u{a0}: {reason}",
                path.display()
            )
        }
        EmbeddedError::Programs { path, reason } => format!(
            "pas de PostgreSQL 17 utilisable dans {}\u{a0}: {reason}",
            path.display()
        ),
        EmbeddedError::ClusterVersion { folder, found } => format!(
            "la base de {} a été faite par PostgreSQL {found}, et non 17",
            folder.display()
        ),
        EmbeddedError::NoRights { path, reason } => {
            format!("pas de droits sur {}\u{a0}: {reason}", path.display())
        }
        EmbeddedError::DiskFull { path } => {
            format!("le disque qui porte {} est plein", path.display())
        }
        EmbeddedError::PortTaken { port, .. } => {
            format!("un autre programme occupe le port {port} de 127.0.0.1")
        }
        EmbeddedError::User { reason } => {
            format!("PostgreSQL ne peut pas tourner sous cet utilisateur\u{a0}: {reason}")
        }
        EmbeddedError::Initialise { folder, reason } => format!(
            "impossible de créer une base dans {}\u{a0}: {reason}",
            folder.display()
        ),
        EmbeddedError::Start { log, reason } => format!(
            "PostgreSQL n’a pas démarré\u{a0}; la fin de {}\u{a0}: {reason}",
            log.display()
        ),
        EmbeddedError::Timeout { seconds, log, .. } => format!(
            "PostgreSQL n’a pas répondu en {seconds} s, voir {}",
            log.display()
        ),
        other => other.to_string(),
    }
}

/// What a person can do about it.
pub fn hint_of_embedded(error: &EmbeddedError) -> Reason {
    let fr = match error {
        EmbeddedError::NoFolder { variable, .. } => {
            format!("donnez un dossier avec {variable}")
        }
        EmbeddedError::Download {
            version, platform, ..
        } => format!(
            "récupérez ailleurs embedded-postgres-binaries-{platform}-{version}.jar (groupe io.zonky.test.postgres de Maven \
             Central) et donnez-le avec --postgres-archive, indiquez un PostgreSQL 17 installé avec SMARTETL_POSTGRES_BIN, \
             ou un serveur avec DATABASE_URL"
        ),
        EmbeddedError::Archive { .. } => {
            "récupérez de nouveau le fichier, ou omettez --postgres-archive pour le télécharger".to_owned()
        }
        EmbeddedError::Programs { .. } => {
            "indiquez avec SMARTETL_POSTGRES_BIN le dossier de postgres et d’initdb d’un PostgreSQL 17, ou ne l’indiquez pas"
                .to_owned()
        }
        EmbeddedError::ClusterVersion { folder, .. } => format!(
            "démarrez vous-même cette version sur {} et indiquez DATABASE_URL, ou prenez un autre --data-dir",
            folder.display()
        ),
        EmbeddedError::NoRights { .. } => {
            "lancez-le en tant que propriétaire du dossier, ou choisissez-en d’autres avec SMARTETL_DATA_DIR et \
             SMARTETL_CACHE_DIR"
                .to_owned()
        }
        EmbeddedError::DiskFull { .. } => {
            "faites de la place, ou choisissez un autre disque avec --data-dir".to_owned()
        }
        EmbeddedError::PortTaken { file, .. } => format!(
            "arrêtez ce programme, ou supprimez {} pour qu’un autre port soit choisi",
            file.display()
        ),
        EmbeddedError::User { .. } => {
            "lancez-le sous un utilisateur ordinaire, ou indiquez un serveur avec DATABASE_URL".to_owned()
        }
        EmbeddedError::Initialise { .. } | EmbeddedError::Start { .. } => {
            "lancez `smartetl doctor`\u{a0}; avec DATABASE_URL, un autre serveur est utilisé".to_owned()
        }
        EmbeddedError::Timeout { .. } => {
            "réessayez\u{a0}: après une panne, la remise en état est longue sur un disque lent".to_owned()
        }
        other => other.hint(),
    };
    Reason::new(error.hint(), fr)
}
