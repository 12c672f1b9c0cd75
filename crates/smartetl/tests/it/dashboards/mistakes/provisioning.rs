//! Data sources, providers and alerting that Grafana would refuse, or take for something else.

use super::Case;
use super::Mistake::Text;
use super::{PROVIDER, RULES, SENDING, SOURCE};

const WEEKEND: &str = "weekdays: [saturday, sunday]";
const MATH: &str = "type: math, expression: $B > 0";

pub fn cases() -> Vec<Case> {
    vec![
        (
            Text(SOURCE, "${GRAFANA_DB_PASSWORD}", "${GRAFANA_PASSWORD}"),
            "unset_variable",
            "$.datasources[0].secureJsonData.password",
            "the variable `GRAFANA_PASSWORD` is set nowhere",
        ),
        (
            Text(RULES, "$$labels.job", "$labels.job"),
            "unset_variable",
            "$.groups[0].rules[0].labels.job",
            "the variable `labels` is set nowhere",
        ),
        (
            Text(RULES, "{{ $labels.job }} failed", "${labels.job} failed"),
            "unset_variable",
            "$.groups[0].rules[0].annotations.summary",
            "the variable `labels.job`",
        ),
        (
            Text(SOURCE, "    url: $DB_HOST:5432\n", ""),
            "missing",
            "$.datasources[0].url",
            "`url` is missing",
        ),
        (
            Text(
                SOURCE,
                "    user: grafana\n",
                "    user: grafana\n    user: other\n",
            ),
            "no_yaml",
            "$",
            "this is no YAML",
        ),
        (
            Text(PROVIDER, "allowUiUpdates: true", "allowUiUpdates: false"),
            "no_ui_updates",
            "$.providers[0].allowUiUpdates",
            "nobody can save what they edit",
        ),
        (
            Text(
                PROVIDER,
                "      path: /etc/grafana/dashboards\n",
                "      foldersFromFilesStructure: true\n",
            ),
            "missing",
            "$.providers[0].options.path",
            "`options.path` is missing",
        ),
        (
            Text(PROVIDER, "apiVersion: 1\n", ""),
            "missing",
            "$.apiVersion",
            "`apiVersion` is missing",
        ),
        (
            Text(RULES, "condition: C", "condition: D"),
            "alert_condition",
            "$.groups[0].rules[0].condition",
            "no step of the rule has the refId `D`",
        ),
        (
            Text(RULES, "        title: Vital job failed\n", ""),
            "missing",
            "$.groups[0].rules[0].title",
            "`title` is missing",
        ),
        (
            Text(RULES, "    folder: smartETL\n", ""),
            "missing",
            "$.groups[0].folder",
            "`folder` is missing",
        ),
        (
            Text(RULES, "for: 5m", "for: five minutes"),
            "duration",
            "$.groups[0].rules[0].for",
            "`for` is no duration",
        ),
        (
            Text(RULES, "noDataState: OK", "noDataState: Ok"),
            "alert_state",
            "$.groups[0].rules[0].noDataState",
            "`Ok` is no state of noDataState",
        ),
        (
            Text(
                RULES,
                "refId: A\n            relative",
                "refId: B\n            relative",
            ),
            "ref_id",
            "$.groups[0].rules[0].data[1].refId",
            "refId `B` is empty or that of another one",
        ),
        (
            Text(RULES, "expression: $B > 0", "expression: $D > 0"),
            "expression",
            "$.groups[0].rules[0].data[2].model.expression",
            "has the refId `D`",
        ),
        (
            Text(RULES, "from: 86400, to: 0", "from: 0, to: 0"),
            "time_range",
            "$.groups[0].rules[0].data[0].relativeTimeRange",
            "no time range from further back",
        ),
        (
            Text(RULES, "datasourceUid: smartetl", "datasourceUid: postgres"),
            "data_source",
            "$.groups[0].rules[0].data[0].datasourceUid",
            "no data source with the uid `postgres`",
        ),
        (
            Text(RULES, "panelId: 2", "panelId: 12"),
            "dead_link",
            "$.groups[0].rules[0].dashboardUid",
            "no panel 12 in it",
        ),
        (
            Text(RULES, "/d/nuit?viewPanel=2", "/d/night"),
            "dead_link",
            "$.groups[0].rules[0].annotations.summary",
            "the link /d/night leads",
        ),
        (
            Text(
                SENDING,
                "- receiver: on-call\n    group_by",
                "- receiver: on-duty\n    group_by",
            ),
            "unknown_receiver",
            "$.policies[0].receiver",
            "there is no contact point `on-duty`",
        ),
        (
            Text(
                SENDING,
                "policies:\n",
                "  - name: nobody\n    receivers: [{ uid: n, type: webhook, settings: { url: http://n } }]\npolicies:\n",
            ),
            "unused",
            "$.contactPoints[1].name",
            "to the contact point `nobody`",
        ),
        (
            Text(SENDING, "[weekend]", "[holidays]"),
            "unknown_time",
            "$.policies[0].routes[0].mute_time_intervals[0]",
            "there is no mute time `holidays`",
        ),
        (
            Text(
                SENDING,
                "{{ template \"smartetl.title\"",
                "{{ template \"smartetl.titel\"",
            ),
            "unknown_template",
            "$.contactPoints[0].receivers[0].settings.subject",
            "no template defines `smartetl.titel`",
        ),
        (
            Text(SENDING, "[severity, \"=\",", "[severity, \"==\","),
            "matcher",
            "$.policies[0].routes[0].object_matchers[0][1]",
            "cannot be compared with `==`",
        ),
        (
            Text(SENDING, "\"=\", critical]", "\"=\", critcal]"),
            "matcher",
            "$.policies[0].routes[0].object_matchers[0]",
            "a label severity=critcal",
        ),
        (
            Text(SENDING, "type: email", "type: e-mail"),
            "contact_type",
            "$.contactPoints[0].receivers[0].type",
            "no contact point of type `e-mail`",
        ),
        (
            Text(
                SENDING,
                "type: email\n        settings:\n          addresses:",
                "type: webhook\n        settings:\n          uri:",
            ),
            "missing",
            "$.contactPoints[0].receivers[0].settings.url",
            "`url` is missing",
        ),
        (
            Text(
                SENDING,
                WEEKEND,
                "times: [{ start_time: \"27:30\", end_time: \"24:00\" }]",
            ),
            "mute_time",
            "$.muteTimes[0].time_intervals[0].times[0].start_time",
            "cannot be \"27:30\"",
        ),
        (
            Text(
                SENDING,
                WEEKEND,
                "weekdays: [saturday]\n        location: Europe/Pariss",
            ),
            "mute_time",
            "$.muteTimes[0].time_intervals[0].location",
            "cannot be \"Europe/Pariss\"",
        ),
        (
            Text(SENDING, WEEKEND, "weekdays: [\"monday:fryday\"]"),
            "mute_time",
            "$.muteTimes[0].time_intervals[0].weekdays[0]",
            "cannot be \"monday:fryday\"",
        ),
        (
            Text(
                RULES,
                MATH,
                "type: threshold, expression: B, conditions: [{ evaluator: { type: gtt, params: [0] } }]",
            ),
            "evaluator",
            "$.groups[0].rules[0].data[2].model.conditions[0].evaluator.type",
            "no comparison `gtt`",
        ),
        (
            Text(
                RULES,
                MATH,
                "type: threshold, expression: B, conditions: [{ evaluator: { type: gt, params: [] } }]",
            ),
            "evaluator",
            "$.groups[0].rules[0].data[2].model.conditions[0].evaluator.params",
            "has not the numbers that it needs (1)",
        ),
        (
            Text(RULES, "interval: 1m", "interval: 7s"),
            "duration",
            "$.groups[0].interval",
            "every 7s",
        ),
        (
            Text(SENDING, "{{ end }}", "{{ edn }}"),
            "template",
            "$.templates[0].template",
            "no function `edn`",
        ),
        (
            Text(SENDING, ".CommonLabels.", ".CommonLables."),
            "template",
            "$.templates[0].template",
            "no field `.CommonLables`",
        ),
        (
            Text(RULES, "{{ $labels.job }} failed", "{{ $labels.job } failed"),
            "template",
            "$.groups[0].rules[0].annotations.summary",
            "is not closed",
        ),
        (
            Text(
                RULES,
                "{{ $labels.job }} failed",
                "{{ humaniseDuration $values.B.Value }} failed",
            ),
            "template",
            "$.groups[0].rules[0].annotations.summary",
            "no function `humaniseDuration`",
        ),
        (
            Text(
                RULES,
                "{{ $labels.job }} failed",
                "{{ $values.D.Value }} failed",
            ),
            "template",
            "$.groups[0].rules[0].annotations.summary",
            "no value `D` for `$values.D.Value`",
        ),
        (
            Text(PROVIDER, "grafana/dashboards", "grafana/dashbords"),
            "no_mount",
            "$.providers[0].options.path",
            "no folder /etc/grafana/dashbords",
        ),
        (
            Text(SOURCE, "${GRAFANA_DB_PASSWORD}", "hunter2"),
            "literal_secret",
            "$.datasources[0].secureJsonData.password",
            "`password` stands here",
        ),
        (
            Text(SOURCE, "user: grafana", "user: smartetl"),
            "owner",
            "$.datasources[0].user",
            "`smartetl` owns the tables",
        ),
    ]
}
