//! How texts are written, as far as the user says it: flags that `load` and `map` share.

use super::again::quoted;
use crate::errors::{ErrorCode, Failure};
use smartetl_formats::container::{Encoding, Overrides};
use smartetl_formats::moment::MomentFormat;

/// What is left out is recognised.
#[derive(Debug, Default, PartialEq, clap::Args)]
pub struct Form {
    /// utf-8, windows-1252, iso-8859-15, utf-16le, utf-16be
    #[arg(long)]
    encoding: Option<String>,
    /// The character between fields; `tab` for a tabulator
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,
    /// Whether the first record names the columns
    #[arg(long, value_name = "true|false")]
    header: Option<bool>,
    /// The form of times: ymd, dmy, mdy, s, ms, us, ns, or a strptime form like %d.%m.%Y %H:%M
    #[arg(long, value_name = "FORM")]
    time_format: Option<String>,
}

impl Form {
    /// # Errors
    /// `usage` when a value means nothing.
    pub fn overrides(&self) -> anyhow::Result<Overrides> {
        let delimiter = match self.delimiter.as_deref() {
            None => None,
            Some("tab" | "\\t") => Some('\t'),
            Some(text) => match text.chars().collect::<Vec<_>>()[..] {
                [one] if one.is_ascii() => Some(one),
                _ => {
                    let hint = [
                        "give one character, or `tab`",
                        "donnez un caractère, ou `tab`",
                    ];
                    return Err(wrong("--delimiter", text, hint));
                }
            },
        };
        let encoding = self
            .encoding
            .as_deref()
            .map(Encoding::parse)
            .transpose()
            .map_err(|error| super::load::usage(&error.into()))?;
        Ok(Overrides {
            delimiter,
            header: self.header,
            encoding,
            ..Overrides::default()
        })
    }

    /// # Errors
    /// `usage` when it is no form.
    pub fn moments(&self) -> anyhow::Result<Option<MomentFormat>> {
        let Some(form) = self.time_format.as_deref() else {
            return Ok(None);
        };
        let hint = [
            MomentFormat::SETTINGS,
            "ymd, dmy, mdy, s, ms, us, ns, ou une forme strptime avec année, mois et jour, comme %d.%m.%Y %H:%M",
        ];
        MomentFormat::parse(form)
            .map(Some)
            .ok_or_else(|| wrong("--time-format", form, hint))
    }

    /// The flags that say it again, each behind a blank, without that of times, which a mapping says itself.
    pub fn flags(&self) -> String {
        let header = self.header.map(|header| header.to_string());
        [
            ("--encoding", &self.encoding),
            ("--delimiter", &self.delimiter),
            ("--header", &header),
        ]
        .into_iter()
        .filter_map(|(flag, value)| Some(format!(" {flag} {}", quoted(value.as_deref()?))))
        .collect()
    }
}

/// A value of a flag that means nothing.
pub fn wrong(flag: &str, value: &str, hint: [&str; 2]) -> anyhow::Error {
    Failure::new(
        ErrorCode::Usage,
        [
            format!("`{value}` is of no use for {flag}"),
            format!("`{value}` ne convient pas à {flag}"),
        ],
    )
    .hint(hint)
    .into()
}
