//! What stops a whole source, told to a person: what happened, and what to do.

use crate::container::{ContainerError, WITHOUT_HEADER};
use crate::unread::Tool;

#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    #[error("the source is empty")]
    Empty,
    #[error("unknown dialect `{name}`\nhint: --dialect is one of {known}")]
    UnknownDialect { name: String, known: String },
    #[error(
        "no dialect and no mapping knows these columns: {columns}{}\nhint: {}`smartetl map FILE -o mapping.toml` with this path proposes a \
         mapping, and `load --mapping mapping.toml` reads with it; or say which tool wrote it with --dialect",
        if *has_times { "" } else { "; none of them holds times" },
        header_hint(columns)
    )]
    NoDialect { columns: String, has_times: bool },
    #[error(
        "this is text, but no table with named columns or with times\nhint: if it is a table all the same, say how it is written with \
         --delimiter and --dialect"
    )]
    NoTable,
    #[error("it is {}, which smartETL does not read yet\nhint: {}", tool.as_str(), tool.advice())]
    NotReadYet { tool: Tool },
    #[error(
        "it is one JSON document over several lines, and not one object on each line\nhint: where the document is the record, \
         `jq -c . FILE > FILE.jsonl` puts it on a line"
    )]
    Json,
    #[error(
        "it is one JSON array, and not one object on each line\nhint: `jq -c '.[]' FILE > FILE.jsonl` turns it into lines"
    )]
    JsonArray,
    #[error(
        "split at {given:?} it has columns that no dialect knows\nhint: leave out --delimiter: split at {fits:?} it is recognised as {dialect}"
    )]
    WrongDelimiter {
        given: char,
        fits: char,
        dialect: String,
    },
    #[error(
        "{first} and {second} both claim this source\nhint: say which one with --dialect or --mapping"
    )]
    SeveralDialects { first: String, second: String },
    #[error(
        "the column `{column}` is missing (dialect {dialect}); the source has: {columns}\nhint: {}{hint}",
        header_hint(columns)
    )]
    MissingColumn {
        dialect: String,
        column: String,
        columns: String,
        hint: &'static str,
    },
    #[error(
        "the column `{column}` is there twice, and nothing says which one is meant\nhint: call one of them otherwise, or leave it out \
         of the export"
    )]
    ColumnTwice { column: String },
    #[error(
        "the mapping {name} cannot be used: {reason}\nhint: doc/formats.md lists every key of a mapping"
    )]
    Mapping { name: String, reason: String },
    #[error(
        "it fits none of the mappings given; the nearest is {nearest}, which asks for columns that are missing: {missing}; the source \
         has: {columns}\nhint: {}give a mapping for it too, or leave it out; `smartetl map FILE -o mapping.toml` proposes one",
        header_hint(columns)
    )]
    NoMapping {
        nearest: String,
        missing: String,
        columns: String,
    },
    #[error(
        "unknown mapping `{name}`\nhint: a mapping is a TOML file, a folder of them, or one of {known}"
    )]
    UnknownMapping { name: String, known: String },
    #[error(
        "the path {path} does not fit `{template}` of the mapping {mapping}\nhint: lay the files into folders as the mapping says, or change its `path`"
    )]
    Path {
        path: String,
        template: String,
        mapping: String,
    },
    #[error("the plan of this source was made by another version: {reason}\nhint: load it anew")]
    Plan { reason: String },
    #[error("cannot read {path}: {source}")]
    Io {
        path: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Container(#[from] ContainerError),
}

impl FormatError {
    /// Whether it says of content that nobody would call it a log: a picture, a program, prose.
    pub fn is_no_log(&self) -> bool {
        matches!(
            self,
            Self::NoTable | Self::Container(ContainerError::Binary { .. })
        )
    }

    /// Whether it says that nothing knows this content.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::NoDialect { .. } | Self::NoMapping { .. } | Self::Json | Self::JsonArray
        )
    }
}

/// What to do where the first record was taken for one of many: `columns` as `Sample::describe` says them.
fn header_hint(columns: &str) -> &'static str {
    if columns.ends_with(WITHOUT_HEADER) {
        "where the first record names the columns, give --header true; else "
    } else {
        ""
    }
}
