//! The same errors in English and in French: what a server, a library or a person says whose language is the one or the
//! other. The wording follows the translations of `PostgreSQL`, Oracle, SQL Server, glibc and Windows; all names are made up.

use super::messages;
use crate::dice::Dice;

/// The same error as an English and as a French system says it; the changing parts come to the same places.
pub struct Pair {
    pub category: &'static str,
    pub english: String,
    pub french: String,
}

/// `count` pairs, all kinds in turn.
pub fn pairs(seed: u64, count: usize) -> Vec<Pair> {
    TWINS
        .iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(|(at, (category, english, french))| {
            let text = |template| {
                // The same chance for both: the languages are to differ, not the names.
                messages::fill(template, &mut Dice::new(seed, at as u64))
            };
            Pair {
                category,
                english: text(english),
                french: text(french),
            }
        })
        .collect()
}

/// Category, English, French.
#[rustfmt::skip]
static TWINS: &[(&str, &str, &str)] = &[
    ("connection", "java.net.ConnectException:Connection refused (Connection refused)", "java.net.ConnectException:Connexion refusée (Connection refused)"),
    ("connection", "java.net.SocketException:Connection reset by peer", "java.net.SocketException:Connexion ré-initialisée par le correspondant"),
    ("connection", "java.net.NoRouteToHostException:No route to host", "java.net.NoRouteToHostException:Aucun chemin d'accès pour atteindre l'hôte cible"),
    ("connection", "could not translate host name \"{h}\" to address: Name or service not known", "n'a pas pu traduire le nom d'hôte « {h} » en adresse : Nom ou service inconnu"),
    ("connection", "SFTP server {h} cannot be reached", "Le serveur SFTP {h} est injoignable"),
    ("connection", "ORA-12541: TNS:no listener", "ORA-12541: TNS : pas de processus d'écoute"),
    ("timeout", "ERROR: canceling statement due to statement timeout", "ERREUR: annulation de la requête à cause du délai écoulé pour l'exécution de l'instruction"),
    ("timeout", "Execution Timeout Expired. The timeout period elapsed prior to completion of the operation or the server is not responding.", "Délai d'attente d'exécution dépassé. Le délai s'est écoulé avant la fin de l'opération ou le serveur ne répond pas."),
    ("timeout", "java.net.ConnectException:Connection timed out (Connection timed out)", "java.net.ConnectException:Connexion terminée par expiration du délai d'attente (Connection timed out)"),
    ("authentication", "FATAL: password authentication failed for user \"{u}\"", "FATAL: authentification par mot de passe échouée pour l'utilisateur « {u} »"),
    ("authentication", "ORA-01017: invalid username/password; logon denied", "ORA-01017: nom utilisateur/mot de passe non valide ; connexion refusée"),
    ("authentication", "Login failed for user '{u}'.", "Échec de l'ouverture de session de l'utilisateur '{u}'."),
    ("authentication", "The access token of the partner has expired", "Le jeton d'accès du partenaire est expiré"),
    ("authentication", "FATAL: role \"{u}\" does not exist", "FATAL: le rôle « {u} » n'existe pas"),
    ("permission", "ERROR: permission denied for table {t}", "ERREUR: droit refusé pour la table {t}"),
    ("permission", "java.io.FileNotFoundException:/data/out/{f} (Permission denied)", "java.io.FileNotFoundException:/data/out/{f} (Permission non accordée)"),
    ("permission", "ORA-01031: insufficient privileges", "ORA-01031: privilèges insuffisants"),
    ("permission", "java.io.FileNotFoundException:D:\\out\\{f} (Access is denied)", "java.io.FileNotFoundException:D:\\out\\{f} (Accès refusé)"),
    ("missing_file", "java.io.FileNotFoundException:/data/in/{f} (No such file or directory)", "java.io.FileNotFoundException:/data/in/{f} (Aucun fichier ou dossier de ce type)"),
    ("missing_file", "java.io.FileNotFoundException:D:\\in\\{f} (The system cannot find the file specified)", "java.io.FileNotFoundException:D:\\in\\{f} (Le fichier spécifié est introuvable)"),
    ("missing_file", "The file {f} has not arrived", "Le fichier {f} n'est pas arrivé"),
    ("missing_object", "ERROR: relation \"ods.{t}\" does not exist", "ERREUR: la relation « ods.{t} » n'existe pas"),
    ("missing_object", "ERROR: column \"code_{t}\" does not exist", "ERREUR: la colonne « code_{t} » n'existe pas"),
    ("missing_object", "ORA-00942: table or view does not exist", "ORA-00942: Table ou vue inexistante"),
    ("missing_object", "Invalid object name 'dbo.{t}'.", "Nom d'objet 'dbo.{t}' non valide."),
    ("missing_object", "Could not find stored procedure 'dbo.calc_{t}'.", "Impossible de trouver la procédure stockée 'dbo.calc_{t}'."),
    ("constraint", "ERROR: duplicate key value violates unique constraint \"pk_{t}\"", "ERREUR: la valeur d'une clé dupliquée rompt la contrainte unique « pk_{t} »"),
    ("constraint", "ERROR: null value in column \"code\" of relation \"{t}\" violates not-null constraint", "ERREUR: une valeur NULL viole la contrainte NOT NULL de la colonne « code » dans la relation « {t} »"),
    ("constraint", "ERROR: new row for relation \"{t}\" violates check constraint \"ck_{t}\"", "ERREUR: la nouvelle ligne de la relation « {t} » viole la contrainte de vérification « ck_{t} »"),
    ("constraint", "ORA-01400: cannot insert NULL into (\"NEGOCE\".\"{T}\".\"CODE_SITE\")", "ORA-01400: impossible d'insérer NULL dans (\"NEGOCE\".\"{T}\".\"CODE_SITE\")"),
    ("constraint", "Cannot insert duplicate key row in object 'dbo.{t}' with unique index 'ix_{t}'.", "Impossible d'insérer une ligne de clé en double dans l'objet 'dbo.{t}' avec un index unique 'ix_{t}'."),
    ("data_format", "ERROR: invalid input syntax for type numeric: \"{n},50\"", "ERREUR: syntaxe en entrée invalide pour le type numeric : « {n},50 »"),
    ("data_format", "ERROR: date/time field value out of range: \"{n}/02/2024\"", "ERREUR: valeur du champ date/time en dehors des limites : « {n}/02/2024 »"),
    ("data_format", "ERROR: value too long for type character varying(30)", "ERREUR: valeur trop longue pour le type character varying(30)"),
    ("data_format", "ERROR: invalid byte sequence for encoding \"UTF8\": 0xe9 0x72", "ERREUR: séquence d'octets invalide pour l'encodage « UTF8 » : 0xe9 0x72"),
    ("data_format", "Conversion failed when converting the varchar value 'N/C' to data type int.", "Échec de la conversion de la valeur varchar 'N/C' en type de données int."),
    ("data_format", "ORA-01722: invalid number", "ORA-01722: Nombre non valide"),
    ("data_quality", "Data quality check: {n} rejected rows, threshold is 50", "Contrôle qualité : {n} lignes rejetées, le seuil est de 50"),
    ("data_quality", "The file {f} is empty", "Le fichier {f} est vide"),
    ("schema_change", "Unexpected header in {f}: 14 columns instead of 12", "En-tête inattendu dans {f} : 14 colonnes au lieu de 12"),
    ("schema_change", "ERROR: column \"remise\" of relation \"{t}\" does not exist", "ERREUR: la colonne « remise » de la relation « {t} » n'existe pas"),
    ("resource", "java.io.IOException:No space left on device", "java.io.IOException:Aucun espace disponible sur le périphérique"),
    ("resource", "FATAL: sorry, too many clients already", "FATAL: désolé, trop de clients sont déjà connectés"),
    ("resource", "ORA-01653: unable to extend table DWH.{T} by {n} in tablespace TS_DATA", "ORA-01653: impossible d'étendre la table DWH.{T} de {n} dans le tablespace TS_DATA"),
    ("lock", "ERROR: deadlock detected", "ERREUR: interblocage (deadlock) détecté"),
    ("lock", "ERROR: could not serialize access due to concurrent update", "ERREUR: n'a pas pu sérialiser un accès à cause d'une mise à jour en parallèle"),
    ("lock", "The process cannot access the file because it is being used by another process", "Le processus ne peut pas accéder au fichier car ce fichier est utilisé par un autre processus"),
    ("configuration", "Context variable dir_{t} is not set", "La variable de contexte rep_{t} n'est pas renseignée"),
    ("code", "ERROR: division by zero", "ERREUR: division par zéro"),
    ("cancelled", "FATAL: terminating connection due to administrator command", "FATAL: arrêt des connexions suite à la demande de l'administrateur"),
];
