//! Words that say what went wrong, in English and French. They stay where names are masked, and never vary in a template.

use std::sync::LazyLock;

use hashbrown::HashSet;

/// Causes and states. French words also without accents, as consoles write them.
const CAUSES: &str = "\
    timeout timeouts timed deadlock deadlocked lock locked memory heap disk space quota permission permissions privilege \
    privileges denied refused rejected forbidden unauthorized unauthorised authentication credentials credential password expired \
    expiration revoked connection connect disconnected reset aborted cancelled canceled cancellation killed eviction evicted \
    preemption preempted overflow underflow truncated truncation duplicate violation violated syntax parse malformed \
    invalid corrupt corrupted corruption checksum missing absent unavailable unreachable unresolved dns certificate ssl tls \
    handshake conversion mismatch exceeded throttled throttling exist exists exhausted failed failure cannot can't couldn't unable \
    refusé refusée refuse refusee refus échec echec échoué échouée echoue echouee impossible introuvable inexistant inexistante \
    absente manquant manquante invalide expiré expirée expire expiree dépassé dépassée dépassement depasse depassee délai delai \
    verrou verrouillé interblocage mémoire memoire espace insuffisant insuffisante insuffisants insuffisantes disque droits \
    privilège privilèges accès acces interdit interdite connexion déconnexion interrompu interrompue annulé annulée annule annulee \
    doublon incorrect incorrecte certificat injoignable indisponible corrompu corrompue tronqué tronquée saturé saturée";

/// Longer words are none of these, in bytes.
const LONGEST: usize = 20;

static SET: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| CAUSES.split_ascii_whitespace().collect());

/// Whether a word names a cause, whatever the size of its letters.
pub(super) fn is_cause(word: &str) -> bool {
    if !(3..=LONGEST).contains(&word.len()) {
        return false;
    }
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return SET.contains(word);
    }
    SET.contains(&*word.replace('’', "'").to_lowercase())
}

/// Whether one of several words does.
pub(super) fn in_phrase(text: &str) -> bool {
    text.split(|char: char| !char.is_alphanumeric() && !matches!(char, '\'' | '’'))
        .any(is_cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_known_in_both_languages_and_any_size() {
        for word in [
            "timeout",
            "TIMEOUT",
            "Refusée",
            "DÉPASSÉ",
            "can’t",
            "deadlock",
        ] {
            assert!(is_cause(word), "{word}");
        }
        for word in ["", "clients", "to", "stock", "x".repeat(40).as_str()] {
            assert!(!is_cause(word), "{word}");
        }
        assert!(in_phrase("espace disque insuffisant"));
        assert!(!in_phrase("Société Dupont SARL"));
    }

    #[test]
    fn no_word_of_the_list_is_too_long() {
        assert!(
            SET.iter()
                .all(|word| word.len() <= LONGEST && is_cause(word))
        );
    }
}
