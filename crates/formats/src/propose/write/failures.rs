//! Error rows of run logs: what a run's own record says of its failure, or of what there is to see to.

use smartetl_core::model::RowStatus;

use super::super::question::Question;
use super::super::role::Role;
use super::super::words;
use super::Writer;

impl Writer<'_, '_> {
    /// A failed run with a message is an error as well.
    pub(super) fn error_of_failed(&mut self, moment: Role) {
        let tells = [Role::Message, Role::ErrorType, Role::ErrorCode, Role::Stack];
        let Some(first) = tells
            .into_iter()
            .find(|role| self.taken.roles.contains_key(role))
        else {
            return;
        };
        let failed = self
            .taken
            .states(&[RowStatus::Failed, RowStatus::UpstreamFailed]);
        let good = self.taken.states(&[RowStatus::Success]);
        let state = if self.taken.other_status == Some(RowStatus::Failed) {
            self.condition(Role::Status, "not_in", &good)
        } else {
            self.condition(Role::Status, "in", &failed)
        };
        let asked = self.asked_states();
        let is_asked = state.is_none() && self.taken.roles.contains_key(&Role::Status);
        if is_asked && asked.is_empty() {
            return;
        }
        let Some(column) = self.conditioned(first) else {
            return;
        };
        if self.head.has_error_log && first == Role::ErrorCode {
            // A return code beside the error itself would be a second error of the run.
            let comment = self.head.lang.pick(
                "no error rows of return codes: the error log tells why runs failed",
                "pas de ligne d’erreur par code retour\u{a0}: le journal des erreurs dit pourquoi les exécutions ont échoué",
            );
            self.comment(comment);
            return;
        }
        let start = self.text.len();
        self.rule("error");
        self.moment_of_error(moment);
        let filled = format!("{{ column = {column}, filled = true }}");
        let state = state.or_else(|| self.condition(Role::Status, "in", &asked));
        let when = match state {
            Some(state) => format!("[{state}, {filled}]"),
            None => filled,
        };
        self.line("when", &when, "");
        self.error_columns();
        if is_asked {
            let rule = self.text.split_off(start);
            self.text.push('\n');
            self.comment(self.head.lang.pick(
                "which of these states are failures? Leave only them in `in`, and take the # away from the lines below",
                "lesquels de ces états sont des échecs\u{a0}? Ne laissez qu’eux dans `in`, et ôtez le # des lignes ci-dessous",
            ));
            for line in rule.trim_start().lines() {
                self.comment(line);
            }
        }
    }

    /// States whose meaning is asked for; where some look like failures, these.
    fn asked_states(&self) -> Vec<String> {
        let asked = self
            .taken
            .questions
            .iter()
            .filter_map(|question| match question {
                Question::Word {
                    key: "status",
                    word,
                    perhaps,
                    ..
                } => Some((word.clone(), *perhaps)),
                _ => None,
            });
        let (bad, others): (Vec<_>, Vec<_>) =
            asked.partition(|(_, perhaps)| *perhaps == Some(RowStatus::Failed.as_str()));
        let words = if bad.is_empty() { others } else { bad };
        words.into_iter().map(|(word, _)| word).collect()
    }

    /// A state that is good, with something to see to, is a success with a warning.
    pub(super) fn warning_of_good(&mut self, moment: Role) {
        let good = self.taken.states(&[RowStatus::Success]);
        let warnings: Vec<String> = good
            .into_iter()
            .filter(|word| words::is_warning(self.taken.said(word)))
            .collect();
        if warnings.is_empty() {
            return;
        }
        let (Some(when), Some(state)) = (
            self.condition(Role::Status, "in", &warnings),
            self.conditioned(Role::Status),
        ) else {
            return;
        };
        self.rule("error");
        self.moment_of_error(moment);
        self.line("when", &when, "");
        self.line("severity", "{ constant = \"warning\" }", "");
        match self.conditioned(Role::Message) {
            Some(message) => self.line(
                "message",
                &format!("{{ columns = [{message}, {state}] }}"),
                "",
            ),
            None => self.line("message", &state, ""),
        }
    }

    /// When an error of a run's own record happened: at its end, or at its begin where it has none.
    fn moment_of_error(&mut self, moment: Role) {
        let open = moment == Role::End && self.is_missing(Role::End);
        if open && self.taken.ends_by_duration() {
            self.role_as("moment", Role::Begin);
            return;
        }
        match (
            open,
            self.conditioned(Role::End),
            self.conditioned(Role::Begin),
        ) {
            (true, Some(end), Some(begin))
                if self.value(Role::End).as_deref() == Some(end.as_str()) =>
            {
                self.line("moment", &format!("{{ columns = [{end}, {begin}] }}"), "");
            }
            _ => self.role_as("moment", moment),
        }
    }
}
