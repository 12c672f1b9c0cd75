//! Go's `text/template` as far as its mistakes show without data: actions that are not closed, blocks that are not ended, functions,
//! variables and fields that there are none of. Of <https://pkg.go.dev/text/template>.

use super::lexer::{Token, actions};
use super::words::Language;
use crate::reason::Reason;

/// Where a block began, and whether `.` is in it still what the template was given.
struct Block {
    is_branching: bool,
    knows_dot: bool,
}

/// What was read of a template.
#[derive(Debug, Default)]
pub struct Template {
    /// `$labels.job`, `.Annotations.summary` (its first part empty), as far as they stand for what the template was given.
    pub chains: Vec<Vec<String>>,
}

/// Reads one.
///
/// # Errors
/// The first mistake, as in Go.
pub fn read(text: &str, language: &Language) -> Result<Template, Reason> {
    let mut reading = Reading {
        language,
        blocks: Vec::new(),
        variables: Vec::new(),
        template: Template::default(),
    };
    for action in actions(text)? {
        reading.action(&action)?;
    }
    if reading.blocks.is_empty() {
        Ok(reading.template)
    } else {
        Err(Reason::new(
            "a block of this template has no {{ end }}",
            "un bloc de ce modèle n’a pas de {{ end }}",
        ))
    }
}

struct Reading<'l> {
    language: &'l Language,
    blocks: Vec<Block>,
    /// Those that the template made itself.
    variables: Vec<String>,
    template: Template,
}

impl Reading<'_> {
    fn action(&mut self, tokens: &[Token]) -> Result<(), Reason> {
        let keyword = match tokens.first() {
            Some(Token::Word(word)) => word.as_str(),
            _ => "",
        };
        let knows_dot = self.blocks.last().is_none_or(|block| block.knows_dot);
        let rest = match keyword {
            "if" | "range" | "with" | "define" | "block" | "else" | "end" | "template"
            | "break" | "continue" => &tokens[1..],
            _ => tokens,
        };
        self.declare(rest);
        match keyword {
            "if" => self.open(true, knows_dot),
            "range" | "with" => self.open(true, knows_dot && self.language.keeps_dot(rest)),
            "define" => self.open(false, true),
            "block" => self.open(false, false),
            "end" => {
                self.blocks.pop().ok_or_else(|| {
                    Reason::new(
                        "an {{ end }} of this template ends nothing",
                        "un {{ end }} de ce modèle ne termine rien",
                    )
                })?;
            }
            "else" => return self.other_branch(rest, knows_dot),
            _ => {}
        }
        self.operands(rest, knows_dot)
    }

    fn open(&mut self, is_branching: bool, knows_dot: bool) {
        self.blocks.push(Block {
            is_branching,
            knows_dot,
        });
    }

    /// `else`, `else if …`, `else with …`.
    fn other_branch(&mut self, rest: &[Token], knows_dot: bool) -> Result<(), Reason> {
        if !self.blocks.last().is_some_and(|block| block.is_branching) {
            return Err(Reason::new(
                "an {{ else }} of this template belongs to nothing",
                "un {{ else }} de ce modèle ne se rapporte à rien",
            ));
        }
        match rest.first() {
            Some(Token::Word(word)) if word == "if" || word == "with" => {
                self.operands(&rest[1..], knows_dot)
            }
            _ => self.operands(rest, knows_dot),
        }
    }

    /// `$x := …` and `range $key, $value := …`.
    fn declare(&mut self, tokens: &[Token]) {
        let sign = |token: &Token| matches!(token, Token::Sign(":="));
        let Some(end) = tokens.iter().position(sign) else {
            return;
        };
        for token in &tokens[..end] {
            if let Token::Chain(parts) = token {
                self.variables.push(parts[0].clone());
            }
        }
    }

    fn operands(&mut self, tokens: &[Token], knows_dot: bool) -> Result<(), Reason> {
        for token in tokens {
            match token {
                Token::Word(word) if !self.language.has_function(word) => {
                    return Err(Reason::new(
                        format!("there is no function `{word}` in this template’s language"),
                        format!("il n’y a pas de fonction `{word}` dans le langage de ce modèle"),
                    ));
                }
                Token::Chain(parts) => self.chain(parts, knows_dot)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn chain(&mut self, parts: &[String], knows_dot: bool) -> Result<(), Reason> {
        let first = parts[0].as_str();
        if self.variables.iter().any(|name| name == first) {
            return Ok(());
        }
        if first.is_empty() && !knows_dot {
            return Ok(());
        }
        if !first.is_empty() && first != "$" && !self.language.has_variable(first) {
            return Err(Reason::new(
                format!("this template has no variable `{first}`"),
                format!("ce modèle n’a pas de variable `{first}`"),
            ));
        }
        if first.is_empty() || first == "$" {
            self.language.field(&parts[1..])?;
        }
        self.template.chains.push(parts.to_vec());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::check::alerting::words::{OF_MESSAGES, OF_RULES};

    fn check(language: &Language, text: &str, wanted: Result<(), &str>) {
        let read = read(text, language).map(|_| ());
        let read = read.map_err(|reason| reason.to_string());
        assert_eq!(read, wanted.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn templates_that_grafana_takes_pass() {
        for text in [
            "plain } text {",
            r#"{{ $labels.job }} {{ humanizeDuration $values.A.Value }} {{ printf "%.0f }}" $values.A.Value }}"#,
            r#"{{ if eq $labels.disk "full" }}a{{ else if $labels.x }}b{{ else }}c{{- end -}}"#,
            "{{/* a note */}}{{ range $k, $v := $labels }}{{ $k }}={{ $v }}{{ end }}{{ .Labels.job }}{{ $.Values.A }}",
            "{{ with $labels }}{{ .anything }}{{ end }}{{ (index $values `B`).Value | humanize }}",
        ] {
            check(&OF_RULES, text, Ok(()));
        }
        for text in [
            r#"{{ define "a" }}{{ range .Alerts.Firing }}{{ .Annotations.summary }}{{ end }}{{ end }}"#,
            "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }}{{ end }}",
            r#"{{ with .CommonLabels }}{{ .job }}{{ end }}{{ template "a" . }}{{ coll.Dict "a" 1 | data.ToJSON }}"#,
            r#"{{ (index .Alerts 0).StartsAt | tz "Europe/Paris" | date "15:04" }}{{ len .Alerts.Resolved }}"#,
        ] {
            check(&OF_MESSAGES, text, Ok(()));
        }
    }

    #[test]
    fn mistakes_in_templates_are_told() {
        let rule = |text, wanted| check(&OF_RULES, text, Err(wanted));
        rule(
            "{{ $labels.job } fails",
            "an action {{ … }} of this template is not closed",
        );
        rule(
            "{{ $labels.job",
            "an action {{ … }} of this template is not closed",
        );
        rule(
            "{{ if true }}a",
            "a block of this template has no {{ end }}",
        );
        rule("{{ end }}", "an {{ end }} of this template ends nothing");
        rule(
            "{{ else }}",
            "an {{ else }} of this template belongs to nothing",
        );
        rule(
            "{{ lable }}",
            "there is no function `lable` in this template’s language",
        );
        rule(
            "{{ $lables.job }}",
            "this template has no variable `$lables`",
        );
        rule(
            "{{ .Lables.job }}",
            "the data of this template has no field `.Lables`",
        );
        let message = |text, wanted| check(&OF_MESSAGES, text, Err(wanted));
        message(
            "{{ .Alerts.Fireing }}",
            "the data of this template has no field `.Alerts.Fireing`",
        );
        message(
            "{{ range .Alerts }}{{ .Anotations.summary }}{{ end }}",
            "the data of this template has no field `.Anotations`",
        );
        message(
            "{{ humanize 1 }}",
            "there is no function `humanize` in this template’s language",
        );
    }
}
