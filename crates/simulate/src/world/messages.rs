//! What goes wrong, in the words of the tools. Each template knows its true category; the wording follows what Oracle,
//! `PostgreSQL` (also in French), Java on a French system and people's own `tDie` really say. All texts are made up.

use super::Resource;
use crate::dice::Dice;

/// A cause: who raises it, what kind it truly is, and its text with places for changing parts.
pub(crate) struct Template {
    pub(crate) resource: Resource,
    pub(crate) category: &'static str,
    /// The Java class; empty for `tDie` and `tWarn`, which have a text only.
    pub(crate) class: &'static str,
    text: &'static str,
}

const fn java(
    resource: Resource,
    category: &'static str,
    class: &'static str,
    text: &'static str,
) -> Template {
    Template {
        resource,
        category,
        class,
        text,
    }
}

const fn word(category: &'static str, text: &'static str) -> Template {
    Template {
        resource: Resource::Code,
        category,
        class: "",
        text,
    }
}

const SQL: &str = "java.sql.SQLException";
const PG: &str = "org.postgresql.util.PSQLException";
const IO: &str = "java.io.IOException";
use Resource::{Code, File, Ftp, Oracle, Postgres, Rest};

/// Uncaught exceptions. The first of each resource is what its incidents say.
pub(crate) static EXCEPTIONS: &[Template] = &[
    java(
        Oracle,
        "connection",
        "java.sql.SQLRecoverableException",
        "ORA-12541: TNS:no listener",
    ),
    java(
        Postgres,
        "connection",
        PG,
        "Connexion à {h}:5432 refusée. Vérifiez que le nom de la machine et le port sont corrects. Connection refused",
    ),
    java(Ftp, "connection", "java.net.UnknownHostException", "{h}"),
    java(
        File,
        "resource",
        IO,
        "Aucun espace disponible sur le périphérique",
    ),
    java(
        Rest,
        "external_api",
        IO,
        "Server returned HTTP response code: 500 for URL: https://{h}/api/v2/stocks?page={n}",
    ),
    java(Code, "code", "java.lang.NullPointerException", "null"),
    java(
        Oracle,
        "missing_object",
        SQL,
        "ORA-00942: table or view does not exist\n",
    ),
    java(
        Oracle,
        "constraint",
        "java.sql.SQLIntegrityConstraintViolationException",
        "ORA-00001: unique constraint (NEGOCE.PK_{T}) violated\n",
    ),
    java(
        Oracle,
        "constraint",
        "java.sql.SQLIntegrityConstraintViolationException",
        "ORA-01400: impossible d'insérer NULL dans (\"NEGOCE\".\"{T}\".\"CODE_SITE\")\n",
    ),
    java(
        Oracle,
        "authentication",
        SQL,
        "ORA-01017: invalid username/password; logon denied\n",
    ),
    java(
        Oracle,
        "resource",
        SQL,
        "ORA-01653: unable to extend table DWH.{T} by {n} in tablespace TS_DATA\n",
    ),
    java(
        Oracle,
        "lock",
        SQL,
        "ORA-00060: deadlock detected while waiting for resource\n",
    ),
    java(
        Oracle,
        "lock",
        SQL,
        "ORA-00054: resource busy and acquire with NOWAIT specified or timeout expired\n",
    ),
    java(
        Oracle,
        "timeout",
        "java.sql.SQLRecoverableException",
        "ORA-12170: TNS:Connect timeout occurred",
    ),
    java(
        Oracle,
        "connection",
        "java.sql.SQLRecoverableException",
        "ORA-03113: end-of-file on communication channel\nProcess ID: {n}\nSession ID: {n} Serial number: {n}",
    ),
    java(Oracle, "data_format", SQL, "ORA-01722: invalid number\n"),
    java(
        Oracle,
        "permission",
        SQL,
        "ORA-01031: insufficient privileges\n",
    ),
    java(
        Oracle,
        "dependency",
        "java.sql.SQLRecoverableException",
        "ORA-01034: ORACLE not available",
    ),
    java(
        Oracle,
        "configuration",
        SQL,
        "No suitable driver found for jdbc:oracle:thin:etl_dwh/{s}@//{h}:1521/DWHP",
    ),
    java(
        Oracle,
        "unknown",
        SQL,
        "ORA-20000: marge hors bornes pour le rayon {n}\n",
    ),
    java(
        Postgres,
        "missing_object",
        PG,
        "ERREUR: la relation « ods.{t} » n'existe pas\n  Position : {n}",
    ),
    java(
        Postgres,
        "constraint",
        PG,
        "ERREUR: la valeur d'une clé dupliquée rompt la contrainte unique « pk_{t} »\n  Détail : La clé « (code_article)=({e}) » existe déjà.",
    ),
    java(
        Postgres,
        "constraint",
        PG,
        "ERREUR: une instruction insert ou update sur la table « {t} » viole la contrainte de clé\nétrangère « fk_{t}_client »\n  Détail : La clé (client_id)=({n}) n'est pas présente dans la table « client ».",
    ),
    java(
        Postgres,
        "data_format",
        PG,
        "ERREUR: syntaxe en entrée invalide pour le type numeric : « 12,50 »",
    ),
    java(
        Postgres,
        "lock",
        PG,
        "ERREUR: interblocage (deadlock) détecté\n  Détail : Le processus {n} attend ShareLock sur transaction {n} ; bloqué par le processus {n}.",
    ),
    java(
        Postgres,
        "timeout",
        PG,
        "ERREUR: annulation de la requête à cause du délai écoulé pour l'exécution de l'instruction",
    ),
    java(
        Postgres,
        "resource",
        PG,
        "FATAL: désolé, trop de clients sont déjà connectés",
    ),
    java(
        Postgres,
        "authentication",
        PG,
        "FATAL: authentification par mot de passe échouée pour l'utilisateur « {u} »",
    ),
    java(
        Postgres,
        "connection",
        PG,
        "Connection to postgresql://{u}:{s}@{h}:5432/negoce refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections. (password={s})",
    ),
    java(
        Postgres,
        "permission",
        PG,
        "ERREUR: droit refusé pour la table {t}",
    ),
    java(
        File,
        "missing_file",
        "java.io.FileNotFoundException",
        "/data/in/{f} (Aucun fichier ou dossier de ce type)",
    ),
    java(
        File,
        "missing_file",
        "java.io.FileNotFoundException",
        "D:\\echanges\\recu\\{f} (Le fichier spécifié est introuvable)",
    ),
    java(
        File,
        "missing_file",
        "java.nio.file.NoSuchFileException",
        "/data/in/{f}",
    ),
    java(
        File,
        "data_format",
        "java.text.ParseException",
        "Unparseable date: \"31/02/2024\"",
    ),
    java(
        File,
        "data_format",
        "java.nio.charset.MalformedInputException",
        "Input length = 1",
    ),
    java(
        File,
        "permission",
        "java.nio.file.AccessDeniedException",
        "/data/out/{f}",
    ),
    java(
        Ftp,
        "authentication",
        "com.jcraft.jsch.JSchException",
        "Auth fail",
    ),
    java(
        Ftp,
        "connection",
        "java.net.ConnectException",
        "Connexion refusée (Connection refused)",
    ),
    java(
        Ftp,
        "timeout",
        "java.net.SocketTimeoutException",
        "Read timed out",
    ),
    java(
        Rest,
        "external_api",
        IO,
        "Server returned HTTP response code: 429 for URL: https://{h}/v1/tarifs?access_token={s}",
    ),
    java(
        Rest,
        "authentication",
        IO,
        "Server returned HTTP response code: 401 for URL: https://{h}/v1/commandes; Authorization: Bearer {s}",
    ),
    java(
        Rest,
        "timeout",
        "java.net.SocketTimeoutException",
        "connect timed out",
    ),
    java(
        Code,
        "data_format",
        "java.lang.NumberFormatException",
        "For input string: \"1 234,56\"",
    ),
    java(
        Code,
        "code",
        "java.lang.ClassCastException",
        "java.lang.String cannot be cast to java.math.BigDecimal",
    ),
    java(
        Code,
        "code",
        "java.lang.ArrayIndexOutOfBoundsException",
        "{n}",
    ),
    java(
        Code,
        "configuration",
        "java.lang.ClassNotFoundException",
        "oracle.jdbc.OracleDriver",
    ),
];

/// Exceptions longer than the 255 characters of a database column; the cut falls into plain words.
pub(crate) static LONG_EXCEPTIONS: &[Template] = &[
    java(
        Oracle,
        "data_format",
        SQL,
        "ORA-12899: value too large for column \"NEGOCE\".\"{T}\".\"LIBELLE\" (actual: {n}, maximum: 50)\nla ligne vient du flux des articles et le traitement annule la transaction en cours puis garde le fichier dans le dossier des rejets pour une reprise par le support applicatif une fois que le service du catalogue aura corrige le libelle dans son application",
    ),
    java(
        Postgres,
        "resource",
        PG,
        "ERREUR: la taille du fichier temporaire dépasse temp_file_limit ({n} Ko)\nla consolidation des ventes de tous les entrepots trie plus de lignes que prevu car le filtre sur la periode a disparu de la requete livree avec la derniere version et il faut la remettre en place avant de relancer la chaine complete de la nuit",
    ),
    java(
        File,
        "missing_file",
        "java.io.FileNotFoundException",
        "/data/in/{f} (Aucun fichier ou dossier de ce type)\nle depot attendu du transporteur ne se trouve pas dans le dossier de reception et la procedure demande de prevenir le service logistique puis de relancer la collecte avant la preparation des tournees du matin faute de quoi les camions partent avec le plan de la veille",
    ),
];

/// What `tDie` says when a check of the job itself ends it.
pub(crate) static DIES: &[Template] = &[
    word(
        "data_quality",
        "Contrôle qualité : {n} lignes rejetées ; seuil de 10 dépassé",
    ),
    word(
        "data_quality",
        "Data quality check: {n} rejected rows, threshold is 50",
    ),
    word(
        "schema_change",
        "Schema mismatch detected: column \"TAUX_TVA\" is not in the declared schema",
    ),
];

/// What `tDie` adds after an exception that was raised before it.
pub(crate) static DIES_AFTER: &[Template] = &[
    word("unknown", "Chargement annulé, lot {n} remis en file"),
    word(
        "unknown",
        "Lot {n} of the load was put back; see \"main\" flow",
    ),
];

/// What `tWarn` says.
pub(crate) static WARNINGS: &[Template] = &[
    word("data_quality", "{n} lignes sans code EAN, ignorées"),
    word("data_quality", "Fichier « {f} » vide; rien à intégrer"),
    word("data_quality", "Tarif manquant pour {n} articles"),
];

/// What a job logs and goes on: one bad record after the other.
pub(crate) static TOLERATED: &[Template] = &[
    java(
        File,
        "data_format",
        "java.lang.NumberFormatException",
        "For input string: \"{n},50\"",
    ),
    java(
        File,
        "data_format",
        "java.text.ParseException",
        "Unparseable date: \"{n}/13/2024\"",
    ),
];

impl Template {
    /// The text with its changing parts filled in; a tLogCatcher writes `class:text`.
    pub(crate) fn fill(&self, dice: &mut Dice) -> String {
        fill(self.text, dice)
    }

    /// The same as a tLogCatcher writes it, `class:text`.
    pub(super) fn written(&self, dice: &mut Dice) -> String {
        let text = self.fill(dice);
        match self.class {
            "" => text,
            class => format!("{class}:{text}"),
        }
    }

    /// Class and text with `*` for what changes: places, and what is quoted in a text of one's own.
    pub(crate) fn meaning(&self) -> String {
        let mut meaning = format!("{}:", self.class);
        let mut quoted = false;
        let mut place = false;
        for char in self.text.chars() {
            match char {
                '"' => {
                    quoted = !quoted;
                    meaning.push_str(if quoted { "\"*" } else { "\"" });
                }
                _ if quoted => {}
                '{' => {
                    place = true;
                    meaning.push('*');
                }
                '}' => place = false,
                _ if place => {}
                _ => meaning.push(char),
            }
        }
        meaning
    }
}

/// A text with its changing parts filled in.
pub(super) fn fill(template: &str, dice: &mut Dice) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        fill_place(&mut text, rest.as_bytes()[open + 1], dice);
        rest = &rest[open + 3..];
    }
    text.push_str(rest);
    text
}

/// Everything that can go wrong, each once, with its true category; written as a tLogCatcher does, `class:text`.
pub(crate) fn all(seed: u64) -> Vec<(&'static str, String)> {
    let mut dice = Dice::new(seed, 0);
    templates()
        .map(|template| (template.category, template.written(&mut dice)))
        .collect()
}

/// All of them, in a fixed order.
pub(super) fn templates() -> impl Iterator<Item = &'static Template> {
    [
        EXCEPTIONS,
        LONG_EXCEPTIONS,
        DIES,
        DIES_AFTER,
        WARNINGS,
        TOLERATED,
    ]
    .into_iter()
    .flatten()
}

const SECRETS: [&str; 4] = [
    "Ch4ngeMoi!2021",
    "s3cr3t-Primeur",
    "Zk9fQw27LmPx4Tt8",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJldGwifQ.c2lnbmF0dXJl",
];

/// Whether a text holds a password or a token.
pub(crate) fn holds_secret(text: &str) -> bool {
    SECRETS.iter().any(|secret| text.contains(secret))
}

fn fill_place(text: &mut String, place: u8, dice: &mut Dice) {
    const TABLES: [&str; 8] = [
        "commande",
        "article",
        "stock_jour",
        "facture_ligne",
        "tarif",
        "client_adresse",
        "livraison",
        "lot_dlc",
    ];
    const HOSTS: [&str; 4] = [
        "srv-ora-01.negoce.invalid",
        "pg-dwh.negoce.invalid",
        "sftp.transporteur.invalid",
        "api.marche.invalid",
    ];
    const FILES: [&str; 4] = ["ventes", "cmd_edi", "stock_frais", "tournees"];
    match place {
        b't' => text.push_str(dice.pick::<&str>(&TABLES)),
        b'T' => text.push_str(&dice.pick::<&str>(&TABLES).to_uppercase()),
        b'h' => text.push_str(dice.pick::<&str>(&HOSTS)),
        b'u' => text.push_str(dice.pick::<&str>(&["etl_prod", "etl_dwh", "talend"])),
        b's' => text.push_str(dice.pick::<&str>(&SECRETS)),
        b'e' => text.push_str(&numbered("3", dice.between(1, 999_999_999_999), 12)),
        b'f' => {
            text.push_str(dice.pick::<&str>(&FILES));
            text.push_str(&numbered("_2024", dice.between(1, 12), 2));
            text.push_str(&numbered("", dice.between(1, 28), 2));
            text.push_str(".csv");
        }
        _ => text.push_str(&dice.between(11, 98_765).to_string()),
    }
}

/// A number with zeros before it, behind a prefix.
fn numbered(prefix: &str, number: i64, width: usize) -> String {
    format!("{prefix}{number:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_in_plain_words() {
        let mut dice = Dice::new(1, 1);
        for template in LONG_EXCEPTIONS {
            for _ in 0..50 {
                let text = format!("{}:{}", template.class, template.fill(&mut dice));
                let around: String = text.chars().skip(235).take(40).collect();
                assert!(
                    around.len() == 40
                        && around
                            .chars()
                            .all(|sign| sign.is_ascii_lowercase() || sign == ' '),
                    "{around}"
                );
            }
        }
    }

    #[test]
    fn places_are_all_filled() {
        let mut dice = Dice::new(2, 1);
        for template in EXCEPTIONS
            .iter()
            .chain(DIES)
            .chain(DIES_AFTER)
            .chain(WARNINGS)
            .chain(TOLERATED)
        {
            let filled = template.fill(&mut dice);
            assert!(!filled.contains(['{', '}']), "{filled}");
            assert_eq!(holds_secret(&filled), template.text.contains("{s}"));
        }
    }
}
