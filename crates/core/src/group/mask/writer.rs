//! Puts the pieces of a mask together: blanks between them, one mark for neighbouring variable parts.

use super::MASK;
use super::ids;
use super::token;
use super::words::Keep;

/// Templates let the name behind each of them vary (`template/language.rs`).
const OBJECTS: &[&str] = &[
    "table",
    "relation",
    "column",
    "colonne",
    "view",
    "vue",
    "constraint",
    "contrainte",
    "index",
    "sequence",
    "schema",
];

/// What else stands before the quoted names of a database, and of a key.
const NAMING: &[&str] = &["ORA-00904:", "NULL into (", "NULL dans (", "KeyError:"];

/// Words for somebody, and for something that is sold: what stands in quotes behind them is a name, whatever it says. Apart from
/// those that rules read by (`classify/names/lists.txt`), which may grow without a new version of signatures.
const SOMEBODY: &[&str] = &[
    "client",
    "clients",
    "cliente",
    "customer",
    "customers",
    "fournisseur",
    "fournisseurs",
    "supplier",
    "suppliers",
    "vendor",
    "vendors",
    "article",
    "articles",
    "produit",
    "produits",
    "product",
    "products",
    "magasin",
    "magasins",
    "boutique",
    "store",
    "stores",
    "shop",
    "contact",
    "contacts",
    "partenaire",
    "partner",
    "enseigne",
    "marque",
    "brand",
];

/// Words for what has a name that somebody gave it. What stands in quotes behind them is that name, but for the code of an error.
const NAMED: &[&str] = &[
    "job",
    "step",
    "task",
    "package",
    "file",
    "tag",
    "dag",
    "workflow",
    "worklet",
    "pipeline",
    "session",
    "mapping",
    "mapplet",
    "transformation",
    "process",
    "procedure",
    "script",
    "report",
    "folder",
    "directory",
    "component",
    "activity",
    "dataset",
    "model",
    "project",
    "sheet",
    "queue",
    "topic",
    "traitement",
    "tâche",
    "tache",
    "étape",
    "Étape",
    "etape",
    "fichier",
    "flux",
    "chaîne",
    "chaine",
    "processus",
    "procédure",
    "programme",
    "rapport",
    "dossier",
    "répertoire",
    "composant",
    "activité",
    "modèle",
    "projet",
    "feuille",
    "onglet",
];

pub(super) struct Writer<'o> {
    out: &'o mut String,
    start: usize,
    /// White space stands before the next piece.
    blank: bool,
    /// A comma stands before the next piece; it is dropped between two marks, so that lists of any length are alike.
    comma: bool,
    /// The last piece was a mark, perhaps with a blank or a comma after it.
    masked: bool,
    /// What that mark took last was a number.
    number: bool,
    /// What the next number may be.
    pub(super) keep: Keep,
    /// A request of HTTP was read: the numbers of an access log are measures.
    access: bool,
    /// The token that was read last.
    pub(super) ahead: token::Ahead,
    /// How deep in quotes the walk is.
    pub(super) quotes: u8,
    /// Where a quoted name of something in a database ends in the mask.
    named: usize,
}

impl<'o> Writer<'o> {
    pub(super) fn new(out: &'o mut String, start: usize) -> Self {
        Self {
            out,
            start,
            blank: false,
            comma: false,
            masked: false,
            number: false,
            keep: Keep::No,
            access: false,
            ahead: token::Ahead::default(),
            quotes: 0,
            named: usize::MAX,
        }
    }

    pub(super) fn finish(self) {
        if self.comma {
            self.out.push(',');
        }
    }

    pub(super) fn blank(&mut self) {
        self.blank = true;
    }

    pub(super) fn has_written(&self) -> bool {
        self.out.len() > self.start
    }

    pub(super) fn is_masked(&self) -> bool {
        self.masked
    }

    /// Whether the last piece was a mark, perhaps with a blank after it.
    pub(super) fn goes_on_a_mask(&self) -> bool {
        self.masked && !self.comma
    }

    /// Whether the last piece was a mark for a number, perhaps with a blank after it.
    pub(super) fn goes_on_a_number(&self) -> bool {
        self.goes_on_a_mask() && self.number
    }

    /// The same where the mark may be one of a text that was masked before.
    pub(super) fn ends_in_a_mask(&self) -> bool {
        !self.comma && self.out[self.start..].ends_with(MASK)
    }

    /// Says what the next number may be.
    pub(super) fn expect(&mut self, keep: Keep) {
        self.keep = if self.access { Keep::No } else { keep };
    }

    /// Whether the name of a component stands before a bracket, and before it the word for it.
    pub(super) fn names_a_component(&self) -> bool {
        let said = &self.out[self.start..];
        self.blank
            && said.rsplit_once(' ').is_some_and(|(before, name)| {
                name.len() > MASK.len_utf8()
                    && name.contains(MASK)
                    && ["component", "composant"]
                        .iter()
                        .any(|word| before.ends_with(word))
            })
    }

    /// Whether a quoted name that stands here is one of something in a database, which its word goes before: `table`,
    /// `colonne`, `column name`. The parts of a name follow each other: `"S"."T"."C"`.
    pub(super) fn names_an_object(&self) -> bool {
        let said = &self.out[self.start..];
        if said.ends_with([':', '(']) {
            return NAMING.iter().any(|naming| said.ends_with(naming));
        }
        if !self.blank {
            return said.ends_with('.') && self.out.len() == self.named.saturating_add(1);
        }
        let mut words = said.rsplit(|char: char| !char.is_alphanumeric());
        let mut word = words.next().unwrap_or_default();
        if word.eq_ignore_ascii_case("name") {
            word = words.next().unwrap_or_default();
            if word.eq_ignore_ascii_case("object") {
                return true;
            }
        } else if word == "objet" {
            return words.next() == Some("d") && words.next() == Some("Nom");
        }
        OBJECTS
            .iter()
            .any(|object| word.eq_ignore_ascii_case(object))
    }

    /// Writes a quoted name of something in a database.
    pub(super) fn name(&mut self, name: &str) {
        self.digits(name);
        self.keep = Keep::No;
        self.named = self.out.len();
    }

    /// Whether the word for somebody, or for something that is sold, stands before a blank.
    pub(super) fn names_somebody(&self) -> bool {
        let said = &self.out[self.start..];
        let word = said.rsplit(|char: char| !char.is_alphanumeric()).next();
        self.blank
            && word.is_some_and(|word| SOMEBODY.iter().any(|one| word.eq_ignore_ascii_case(one)))
    }

    /// Whether the word for what has a name stands before a blank, perhaps behind it `name`, or sets a value: `tag="…"`, and of JSON
    /// `job:"…"`.
    pub(super) fn names_something(&self) -> bool {
        let mut said = &self.out[self.start..];
        if !self.blank {
            let Some(name) = said.strip_suffix(['=', ':']) else {
                return false;
            };
            said = name;
        }
        let mut words = said.rsplit(|char: char| !char.is_alphanumeric());
        let mut word = words.next().unwrap_or_default();
        if word.eq_ignore_ascii_case("name") {
            word = words.next().unwrap_or_default();
        }
        NAMED.iter().any(|one| word.eq_ignore_ascii_case(one))
    }

    pub(super) fn word(&mut self, piece: &str) {
        self.gap();
        self.out.push_str(piece);
        self.masked = false;
    }

    /// A code that names the problem.
    pub(super) fn kept(&mut self, piece: &str) {
        self.word(piece);
        self.keep = Keep::No;
    }

    /// The verb of a request of HTTP, and a mark for the rest of it.
    pub(super) fn request(&mut self, verb: &str) {
        self.word(verb);
        self.blank = true;
        self.mask();
        self.access = true;
    }

    pub(super) fn sign(&mut self, piece: &str) {
        if piece == "," && self.masked && !self.comma {
            self.comma = true;
            return;
        }
        self.gap();
        self.out.push_str(piece);
        self.masked = false;
        self.keep = match piece {
            ":" | "=" | "[" | "(" | "-" | "/" => self.keep.behind_a_sign(piece),
            "#" | "°" | "º" | "'" | "’" => self.keep,
            _ => Keep::No,
        };
    }

    /// A mark for a number, behind which a unit may stand.
    pub(super) fn number(&mut self) {
        self.mask();
        self.number = true;
    }

    pub(super) fn mask(&mut self) {
        self.keep = Keep::No;
        self.number = false;
        if self.masked {
            self.blank = false;
            self.comma = false;
            return;
        }
        self.gap();
        self.out.push(MASK);
        self.masked = true;
    }

    /// A word with a mark in place of each run of digits. A long number ends it: what follows is part of the id, as
    /// in `attempt_1445144423722_0020_m_000000_0`.
    pub(super) fn digits(&mut self, piece: &str) {
        self.gap();
        let mut rest = piece;
        while let Some(first) = rest.find(|char: char| char.is_ascii_digit()) {
            let signed = first > 1 && rest[..first].ends_with("_-");
            self.out.push_str(&rest[..first - usize::from(signed)]);
            self.out.push(MASK);
            let digits = ids::leading_digits(&rest.as_bytes()[first..]);
            rest = &rest[first + digits..];
            if digits >= ids::LONG_NUMBER {
                rest = "";
            }
        }
        self.out.push_str(rest);
        self.masked = false;
    }

    /// Whether the next piece stands at the beginning or behind a blank or a bracket.
    pub(super) fn is_joint(&self) -> bool {
        self.blank
            || matches!(
                self.out.as_bytes().last(),
                None | Some(b'(' | b'[' | b'=' | b':')
            )
    }

    /// Whether what stands here is one of a row of measures: behind another one, or first in a bracket.
    pub(super) fn is_in_a_row(&self) -> bool {
        self.goes_on_a_mask() || self.out[self.start..].ends_with(['(', '['])
    }

    /// Whether the last piece was a sign behind which a value stands.
    pub(super) fn awaits_a_value(&self) -> bool {
        matches!(self.out.as_bytes()[self.start..].last(), Some(b'=' | b':'))
    }

    /// Whether the next piece stands directly behind a word or a mark.
    pub(super) fn touches_word(&self) -> bool {
        !self.blank
            && !self.comma
            && self.out[self.start..]
                .bytes()
                .last()
                .is_some_and(|last| token::is_word_byte(last) || last == MASK as u8)
    }

    fn gap(&mut self) {
        if std::mem::take(&mut self.comma) {
            self.out.push(',');
        }
        if self.blank && self.out.len() > self.start {
            self.out.push(' ');
        }
        self.blank = false;
    }
}
