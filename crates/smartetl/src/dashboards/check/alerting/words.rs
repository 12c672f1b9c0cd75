//! What templates of rules and of messages may name. Of Grafana's documentation: "Annotation and label template reference" and
//! "Notification template reference", with the functions that Prometheus, Alertmanager and Go bring besides.

use super::lexer::Token;
use crate::reason::Reason;

/// What one kind of template knows.
pub struct Language {
    functions: &'static str,
    variables: &'static [&'static str],
    /// First parts of what `.` has.
    fields: &'static str,
}

/// Annotations and labels of rules.
pub const OF_RULES: Language = Language {
    functions: "humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now title toUpper toLower \
        stripPort match reReplaceAll graphLink tableLink parseDuration stripDomain args safeHtml externalURL pathPrefix query first \
        label value strvalue sortByLabel filterLabels filterLabelsRe removeLabels removeLabelsRe mergeLabelValues urlQueryEscape \
        deduplicateLabels",
    variables: &["$labels", "$values", "$value"],
    fields: "Labels Values Value",
};

/// What contact points send.
pub const OF_MESSAGES: Language = Language {
    functions: "title toUpper toLower trimSpace match reReplaceAll join safeHtml safeUrl stringSlice date tz since humanizeDuration \
        toJson list append dict urlUnescape coll.Dict coll.Slice coll.Append data.JSON data.ToJSON data.ToJSONPretty tmpl.Exec \
        tmpl.Inline time.Now time.Parse",
    variables: &[],
    // Those of a message, of an alert in it, and of a pair of a name and a value.
    fields: "Receiver Status Alerts GroupLabels CommonLabels CommonAnnotations ExternalURL GroupKey TruncatedAlerts Vars Extra AppVersion \
        Labels Annotations Values StartsAt EndsAt GeneratorURL SilenceURL DashboardURL PanelURL Fingerprint ValueString ImageURL \
        EmbeddedImage OrgID RuleUID ExtraAnnotations Firing Resolved Name Value SortedPairs Names Remove",
};

/// Of Go itself.
const OF_GO: &str = "and or not call html index slice js len print printf println urlquery eq ne lt le gt ge true false nil";

impl Language {
    pub fn has_function(&self, name: &str) -> bool {
        let all = self.functions.split_whitespace();
        all.chain(OF_GO.split_whitespace()).any(|one| one == name)
    }

    pub fn has_variable(&self, name: &str) -> bool {
        self.variables.contains(&name)
    }

    /// Whether `range` or `with` over this leaves `.` something whose fields are known.
    pub fn keeps_dot(&self, operand: &[Token]) -> bool {
        let last = operand.iter().rev().find_map(|token| match token {
            Token::Chain(parts) => parts.last(),
            _ => None,
        });
        let lists = ["Alerts", "Firing", "Resolved", "SortedPairs"];
        self.variables.is_empty() && last.is_some_and(|last| lists.contains(&last.as_str()))
    }

    /// # Errors
    /// There is nothing of this name in what the template is given.
    pub fn field(&self, parts: &[String]) -> Result<(), Reason> {
        let Some(first) = parts.first() else {
            return Ok(());
        };
        let mut known = self.fields.split_whitespace();
        let wrong = if !known.any(|one| one == first) {
            first.clone()
        } else if let (true, Some(second)) = (first == "Alerts", parts.get(1))
            && !["Firing", "Resolved"].contains(&second.as_str())
        {
            format!("{first}.{second}")
        } else {
            return Ok(());
        };
        Err(Reason::new(
            format!("the data of this template has no field `.{wrong}`"),
            format!("les données de ce modèle n’ont pas de champ `.{wrong}`"),
        ))
    }
}
