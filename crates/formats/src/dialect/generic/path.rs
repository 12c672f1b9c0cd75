//! Values that stand in the path of a source: `{environment}/{host}/`.

use std::collections::BTreeMap;

/// The parts of a path that a template names; `None` when the path does not fit.
///
/// The template is compared with the last parts of the path: with a slash at its end with the last folders, without with the
/// folders and the file name. A name takes as little as it can, and never nothing.
pub fn parts_of_path(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let path = path.replace('\\', "/");
    let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if template.ends_with('/') {
        segments.pop();
    }
    let patterns: Vec<&str> = template
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let first = segments.len().checked_sub(patterns.len())?;
    let mut found = BTreeMap::new();
    for (pattern, segment) in patterns.iter().zip(&segments[first..]) {
        fit(pattern, segment, &mut found)?;
    }
    Some(found)
}

/// The names in a template; `None` when a brace is not closed.
pub fn names_of_template(template: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if name.is_empty() || name.contains(['{', '/']) {
            return None;
        }
        names.push(name.to_owned());
        rest = after;
    }
    Some(names)
}

fn fit(pattern: &str, segment: &str, found: &mut BTreeMap<String, String>) -> Option<()> {
    let Some((literal, after)) = pattern.split_once('{') else {
        return (pattern == segment).then_some(());
    };
    let (name, pattern) = after.split_once('}')?;
    let segment = segment.strip_prefix(literal)?;
    let next = pattern.split('{').next().unwrap_or_default();
    if pattern.is_empty() {
        return take(name, segment, found);
    }
    // Only a literal that ends the pattern must end the segment.
    let at = if next.len() == pattern.len() {
        segment
            .len()
            .checked_sub(next.len())
            .filter(|at| segment.is_char_boundary(*at) && segment[*at..] == *next)?
    } else {
        let skip = segment.chars().next().map_or(0, char::len_utf8);
        segment[skip..].find(next)? + skip
    };
    take(name, &segment[..at], found)?;
    fit(pattern, &segment[at..], found)
}

fn take(name: &str, value: &str, found: &mut BTreeMap<String, String>) -> Option<()> {
    if value.is_empty() {
        return None;
    }
    found.insert(name.to_owned(), value.to_owned());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, path: &str, expected: Option<&[(&str, &str)]>) {
        let expected = expected.map(|pairs| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        });
        assert_eq!(
            parts_of_path(template, path),
            expected,
            "{template} on {path}"
        );
    }

    #[test]
    fn folders_and_file_names() {
        check(
            "{environment}/{host}/",
            "/data/PROD/srv1/log.csv",
            Some(&[("environment", "PROD"), ("host", "srv1")]),
        );
        check(
            "{environment}/{host}/",
            "C:\\data\\PROD\\srv1\\log.csv",
            Some(&[("environment", "PROD"), ("host", "srv1")]),
        );
        check("{environment}/", "log.csv", None);
        check("{job}.csv", "a/b/ventes.csv", Some(&[("job", "ventes")]));
        check(
            "{job}.csv",
            "a/b/ventes.v2.csv",
            Some(&[("job", "ventes.v2")]),
        );
        check("{job}.csv", "a/b/ventes.txt", None);
        check(
            "dag_id={job}/{run}_{n}.csv",
            "dag_id=d/a_b_c.csv",
            Some(&[("job", "d"), ("n", "b_c"), ("run", "a")]),
        );
        check("prod/{host}/", "PROD/h/f", None);
        check("{a}", "/", None);
        check("{a}é", "xé", Some(&[("a", "x")]));
        check("{a}é", "é", None);
    }

    #[test]
    fn names() {
        assert_eq!(
            names_of_template("{a}/{b}-{c}"),
            Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()])
        );
        assert_eq!(names_of_template("{a"), None);
        assert_eq!(names_of_template("{}"), None);
    }
}
