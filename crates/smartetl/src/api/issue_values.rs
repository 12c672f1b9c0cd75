//! What stands in the places of a template in which its messages differ.

use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// So many values of a place are told.
const TOLD: usize = 5;
/// Longer values are cut, characters.
const LONGEST: usize = 120;

/// A place of a template, in the order in which they stand in it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VariableFacts {
    /// As it stands in the template.
    mark: String,
    /// The most frequent values first; 5 at most.
    values: Vec<ValueFacts>,
    /// How many different ones there are.
    different: usize,
}

/// A value, and in how many of the messages that were looked at it stands.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValueFacts {
    value: String,
    messages: usize,
}

/// What these messages have in the places of the template. Messages that do not read like it are left out; a template without places, or
/// without such messages, has none.
pub fn variables(template: &str, messages: Vec<String>) -> Vec<VariableFacts> {
    let (literals, marks) = cut(template);
    let mut counted: Vec<HashMap<String, usize>> = vec![HashMap::new(); marks.len()];
    for message in messages {
        let message = plain(&message);
        let Some(values) = read(&literals, &message) else {
            continue;
        };
        for (counted, value) in counted.iter_mut().zip(values) {
            let value: String = value.chars().take(LONGEST).collect();
            *counted.entry(value).or_default() += 1;
        }
    }
    let told = marks.into_iter().zip(counted).map(|(mark, counted)| {
        let different = counted.len();
        let mut values: Vec<ValueFacts> = counted
            .into_iter()
            .map(|(value, messages)| ValueFacts { value, messages })
            .collect();
        values
            .sort_by(|one, other| (other.messages, &one.value).cmp(&(one.messages, &other.value)));
        values.truncate(TOLD);
        VariableFacts {
            mark: mark.to_owned(),
            values,
            different,
        }
    });
    told.filter(|variable| variable.different > 0).collect()
}

/// The pieces around the places, one more than there are places; and the marks of the places, like `<*>`.
fn cut(template: &str) -> (Vec<String>, Vec<&str>) {
    let (mut literals, mut marks) = (Vec::new(), Vec::new());
    let (mut rest, mut from) = (template, 0);
    while let Some(at) = rest[from..].find('<').map(|at| from + at) {
        match mark(&rest[at..]) {
            Some(mark) => {
                literals.push(plain(&rest[..at]));
                marks.push(mark);
                rest = &rest[at + mark.len()..];
                from = 0;
            }
            None => from = at + 1,
        }
    }
    literals.push(plain(rest));
    (literals, marks)
}

/// `<*>`, `<number>`.
fn mark(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('<')?;
    let end = inside.find('>')?;
    let is_mark = &inside[..end] == "*"
        || (end > 0
            && inside[..end]
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    is_mark.then(|| &text[..end + 2])
}

/// One blank where there are some, as templates have them.
fn plain(text: &str) -> String {
    let begins = text.starts_with(char::is_whitespace);
    let ends = text.ends_with(char::is_whitespace);
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut plain = words.join(" ");
    if begins {
        plain.insert(0, ' ');
    }
    if ends && plain.len() > 1 {
        plain.push(' ');
    }
    plain
}

/// What stands between the pieces; `None` where they do not all stand there in this order.
fn read<'m>(literals: &[String], message: &'m str) -> Option<Vec<&'m str>> {
    let (first, others) = literals.split_first()?;
    let mut at = message.find(first.as_str())? + first.len();
    let mut values = Vec::with_capacity(others.len());
    for literal in others {
        let rest = &message[at..];
        let end = if literal.trim().is_empty() && values.len() + 1 == others.len() {
            rest.len()
        } else {
            rest.find(literal.as_str())?
        };
        values.push(rest[..end].trim());
        at += end + literal.len().min(rest.len() - end);
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(template: &str, messages: &[&str]) -> Vec<VariableFacts> {
        let messages = messages.iter().map(|&message| message.to_owned());
        variables(template, messages.collect())
    }

    fn place(mark: &str, values: &[(&str, usize)], different: usize) -> VariableFacts {
        let values = values.iter().map(|(value, messages)| ValueFacts {
            value: (*value).to_owned(),
            messages: *messages,
        });
        VariableFacts {
            mark: mark.to_owned(),
            values: values.collect(),
            different,
        }
    }

    #[test]
    fn the_values_of_each_place_are_counted() {
        let template = "Connection to <*> refused after <number> tries";
        let messages = [
            "java.net.X:Connection to db1 refused\n  after 3 tries",
            "Connection to db1 refused after 5 tries",
            "Connection to db2 refused after 3 tries",
            "something else",
        ];
        let places = [
            place("<*>", &[("db1", 2), ("db2", 1)], 2),
            place("<number>", &[("3", 2), ("5", 1)], 2),
        ];
        assert_eq!(found(template, &messages), places);
    }

    #[test]
    fn a_place_at_the_end_takes_the_rest_and_few_values_are_told() {
        let messages: Vec<String> = (0..9)
            .map(|number| format!("no file /in/{number}.csv"))
            .collect();
        let found = variables("no file <*>", messages);
        assert_eq!((found[0].values.len(), found[0].different), (5, 9));
        assert_eq!(found[0].values[0].value, "/in/0.csv");
    }

    #[test]
    fn what_only_looks_like_a_place_is_none() {
        let markup = "if a < b then <b onclick>";
        assert_eq!(found(markup, &[markup]), []);
        assert_eq!(found("nothing varies", &["nothing varies"]), []);
        // Letters of several bytes, and a place with nothing in it.
        let messages = ["clé « é » refusée", "clé « » refusée"];
        assert_eq!(
            found("clé « <*> » refusée", &messages),
            [place("<*>", &[("é", 1)], 1)]
        );
    }
}
