"""The diagrams of doc/entities.md and doc/entities.fr.md, from postgresql/schema.sql, which the tests hold equal to the migrations.

  check   the pages show the tables and columns that there are
  write   makes them do so
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "postgresql" / "schema.sql"
FRENCH = ROOT / "crates" / "store" / "tests" / "meanings" / "fr.json"
PAGES = {"en": ROOT / "doc" / "entities.md", "fr": ROOT / "doc" / "entities.fr.md"}
MARK = "<!-- Below: written by `python3 .ci/entities.py write`. -->"

# A table that stands nowhere here comes last.
GROUPS = [
    (("What is read", "Ce qui est lu"), ["batch", "log", "logerreur", "reject"]),
    (("What comes out", "Ce qui en sort"), ["dataset", "job_day", "job"]),
    (("Where it came from, and how far it was read", "D’où cela vient, et jusqu’où c’est lu"),
     ["source", "checkpoint", "stream", "stream_high", "posted", "consumer", "consumer_partition", "process"]),
    (("What errors say, and what people say of them", "Ce que disent les erreurs, et ce que les personnes en disent"),
     ["signature", "template", "template_alias", "problem", "override", "issue", "issue_act"]),
    (("Who may use the service, and who did what", "Qui peut utiliser le service, et qui a fait quoi"), ["account", "session", "api_token", "audit", "task", "upload"]),
    (("What the fuse remembers", "Ce que retient la fusion"), ["fuse_state", "horizon", "adrift", "retired", "environment_word"]),
]
# Where one begins to look.
MAIN = ["log", "logerreur", "reject", "batch", "source", "checkpoint", "dataset", "job_day", "job"]
OTHERS = ("Others", "Autres")

# From many to one unless said otherwise: table, columns, table, columns, cardinality, in English, in French. Only few are
# foreign keys in PostgreSQL: rows are written by COPY in one transaction with what they name.
RELATIONS = [
    ("source", "lineage", "checkpoint", "lineage", "}o--o|", "holds", "contient"),
    ("batch", "source", "source", "source", "}o--||", "was read from", "lu dans"),
    ("batch", "lineage", "checkpoint", "lineage", "}o--||", "continues", "continue"),
    ("log", "batch", "batch", "batch", "}o--||", "stored by", "stockée par"),
    ("logerreur", "batch", "batch", "batch", "}o--||", "stored by", "stockée par"),
    ("reject", "batch", "batch", "batch", "}o--||", "stored by", "stocké par"),
    ("log", "run_id", "dataset", "run_id", "}o--||", "tells of", "raconte"),
    ("logerreur", "run_id", "dataset", "run_id", "}o--||", "tells of", "raconte"),
    ("dataset", "batches", "batch", "batch", "}o--o{", "has rows in", "a des lignes dans"),
    ("dataset", "parent_run_key root_run_key cause_run_key rerun_of", "dataset", "run_key", "}o--o|", "parent, root, cause, repeated run",
     "parent, racine, cause, relancée"),
    ("dataset", "environment project root_job business_day", "job_day", "environment project job business_day", "}o--o|", "counts in", "compte dans"),
    ("dataset", "environment system project job", "job", "environment system project job", "}o--||", "is a run of", "exécution de"),
    ("job_day", "environment project job", "job", "environment project job", "}o--|{", "is a day of", "journée de"),
    ("dataset", "system environment", "horizon", "system environment", "}o--||", "as of", "vue jusqu’à"),
    ("adrift", "tree", "dataset", "tree", "}o--o{", "is folded with", "fusionnée avec"),
    ("logerreur", "signature message_truncated", "signature", "signature cut", "}o--o|", "says", "dit"),
    ("dataset", "error_signatures", "signature", "signature", "}o--o{", "has errors of", "a des erreurs de"),
    ("signature", "template", "template", "template", "}|--||", "is one of", "l’une de"),
    ("signature", "problem", "problem", "problem", "}|--||", "is one of", "l’une de"),
    ("template_alias", "template", "template", "template", "}o--o|", "was called", "s’appelait"),
    ("override", "problem other", "problem", "problem", "}o--o|", "was said of", "dit de"),
    ("issue", "problem", "problem", "problem", "}o--||", "follows", "suit"),
    ("session", "account", "account", "account", "}o--||", "is of", "est de"),
    ("task", "target", "source", "path", "}o--o|", "is about", "porte sur"),
    ("upload", "path", "source", "path", "|o--o|", "was loaded as", "chargé comme"),
    ("issue_act", "environment family problem", "issue", "environment family problem", "}o--o|", "was done to", "fait sur"),
    ("dataset", "system root_run_id", "retired", "system root_run_id", "}o--o|", "has retired with", "retirée avec"),
    ("retired", "said", "environment_word", "word", "}o--o|", "says", "dit"),
    ("stream", "lineage", "checkpoint", "lineage", "}o--||", "sends", "envoie"),
    ("stream_high", "stream", "stream", "stream", "}o--||", "stored of", "stocké de"),
    ("stream_high", "partition", "checkpoint", "lineage", "}o--||", "read from", "lu dans"),
    ("posted", "batch", "batch", "batch", "}o--||", "became", "devenu"),
    ("consumer_partition", "partition", "checkpoint", "lineage", "}o--||", "ends at", "finit à"),
    ("consumer_partition", "consumer", "consumer", "consumer", "}o--||", "seen by", "vue par"),
]


class Mistake(Exception):
    """What is wrong and what to do about it, for a person."""


def tables(sql):
    """Table → column → (type, whether it is the primary key), as all migrations together leave them."""
    found = {}
    sql = re.sub(r"--[^\n]*", "", sql)
    for name, body in re.findall(r"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+) \(\n(.*?)^\)", sql, re.DOTALL | re.MULTILINE):
        columns, key = {}, re.search(r"^    PRIMARY KEY \(([^)]*)\)", body, re.MULTILINE)
        for line in body.splitlines():
            column = re.match(r"    (\w+)\s+(\w+(?:\[\])?)", line)
            if column and column[1] not in ("PRIMARY", "UNIQUE", "CONSTRAINT", "CHECK", "FOREIGN", "EXCLUDE"):
                columns[column[1]] = (column[2], "PRIMARY KEY" in line or bool(key and column[1] in re.split(r",\s*", key[1])))
        found[name] = columns
    for name, changes in re.findall(r"^ALTER TABLE (?:ONLY )?(\w+)\s(.*?);", sql, re.DOTALL | re.MULTILINE):
        for column, kind in re.findall(r"ADD COLUMN (?:IF NOT EXISTS )?(\w+)\s+(\w+(?:\[\])?)", changes):
            found[name][column] = (kind, False)
        for column in re.findall(r"DROP COLUMN (?:IF EXISTS )?(\w+)", changes):
            found[name].pop(column)
        for old, new in re.findall(r"RENAME COLUMN (\w+) TO (\w+)", changes):
            found[name] = {new if column == old else column: what for column, what in found[name].items()}
    for name in re.findall(r"^DROP TABLE (?:IF EXISTS )?(\w+)", sql, re.MULTILINE):
        found.pop(name, None)
    return found


def meanings(sql):
    """Table → what it is for; the columns that have a comment, to see whether the file was read as it is meant."""
    text = r"'((?:[^']|'')*)'"
    of_tables = {name: said.replace("''", "'") for name, said in re.findall(rf"COMMENT ON TABLE (\w+) IS\s+{text}", sql)}
    dropped = {
        (name, column)
        for name, changes in re.findall(r"^ALTER TABLE (?:ONLY )?(\w+)\s(.*?);", sql, re.DOTALL | re.MULTILINE)
        for column in re.findall(r"DROP COLUMN (?:IF EXISTS )?(\w+)", changes)
    }
    commented = re.findall(rf"COMMENT ON COLUMN (\w+)\.(\w+) IS\s+{text[:-1]}", sql)
    return of_tables, {(table, column) for table, column, *_ in commented if (table, column) not in dropped}


def validate(schema, of_tables, commented):
    commented = {(table, column) for table, column, *_ in commented}
    views = {table for table, _ in commented} - set(schema)
    ours = {(table, column) for table, columns in schema.items() for column in columns}
    if apart := ours ^ {pair for pair in commented if pair[0] not in views}:
        raise Mistake(f"columns without comment, or read wrongly by .ci/entities.py: {sorted(apart)[:8]}")
    if missing := set(schema) - set(of_tables):
        raise Mistake(f"tables without comment: {sorted(missing)}")
    if gone := [name for name in MAIN if name not in schema]:
        raise Mistake(f"MAIN in .ci/entities.py names tables that are gone: {gone}")
    for one, columns, other, others, *_ in RELATIONS:
        for table, column in [(one, column) for column in columns.split()] + [(other, column) for column in others.split()]:
            if column not in schema.get(table, {}):
                raise Mistake(f"RELATIONS in .ci/entities.py names {table}.{column}, which is not in {SCHEMA.relative_to(ROOT)}")


def diagram(lang, names, schema, with_columns):
    keys = {(one, column) for one, columns, *_ in RELATIONS for column in columns.split()}
    lines = ["```mermaid", "erDiagram"]
    for one, _, other, _, how, english, french in RELATIONS:
        # What a table with columns names stands there as an empty box where it belongs elsewhere.
        if one in names and (with_columns or other in names and other != one):
            lines.append(f'    {one} {how} {other} : "{english if lang == "en" else french}"')
    for name in names if with_columns else []:
        lines.append(f"    {name} {{")
        for column, (kind, primary) in schema[name].items():
            mark = " PK" if primary else " FK" if (name, column) in keys else ""
            lines.append(f"        {kind} {column}{mark}")
        lines.append("    }")
    return "\n".join([*lines, "```"])


def written(lang):
    sql = SCHEMA.read_text(encoding="utf-8")
    schema = tables(sql)
    of_tables, commented = meanings(sql)
    validate(schema, of_tables, commented)
    french = json.loads(FRENCH.read_text(encoding="utf-8"))
    say = lambda pair: pair[lang == "fr"]
    grouped = [name for _, names in GROUPS for name in names]
    if gone := [name for name in grouped if name not in schema]:
        raise Mistake(f"GROUPS in .ci/entities.py names tables that are gone: {gone}")
    rest = [name for name in schema if name not in grouped]
    groups = [*GROUPS, (OTHERS, rest)] if rest else GROUPS
    colon = say((":", "\u00a0:"))
    parts = [f"## {say(('In short', 'En bref'))}", diagram(lang, MAIN, schema, False)]
    for title, names in groups:
        parts.append(f"## {say(title)}")
        told = {name: of_tables[name] if lang == "en" else french[of_tables[name]] for name in names}
        parts.append("\n".join(f"- **`{name}`**{colon} {text[0].lower() + text[1:]}." for name, text in told.items()))
        parts.append(diagram(lang, names, schema, True))
    return "\n\n".join(parts) + "\n"


def pages():
    """Page, its text, and what it should be."""
    for lang, path in PAGES.items():
        text = path.read_text(encoding="utf-8")
        if MARK not in text:
            raise Mistake(f"{path.relative_to(ROOT)} lacks the line {MARK}")
        yield path, text, text.split(MARK)[0] + MARK + "\n\n" + written(lang)


def main(what):
    stale = [(path, right) for path, text, right in pages() if text != right]
    for path, right in stale:
        if what == "write":
            path.write_text(right, encoding="utf-8")
        else:
            print(f"{path.relative_to(ROOT)} does not show the tables as they are: python3 .ci/entities.py write", file=sys.stderr)
    return 1 if stale and what == "check" else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["write"]):
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1]))
    except Mistake as mistake:
        sys.exit(str(mistake))
