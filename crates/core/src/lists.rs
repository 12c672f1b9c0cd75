//! Lists of words: files that hold some, and words to look up in one.

/// The lists of a file: each is a line, its name, a colon and its words. A line that begins with `#` is a remark.
pub(crate) fn of(source: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    source
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
}

/// A word with small ASCII letters, in `letters`; `None` where it is longer than any of a list, in bytes. It takes no memory, as it
/// is asked of every word.
pub(crate) fn small<'l, const LONGEST: usize>(
    word: &[u8],
    letters: &'l mut [u8; LONGEST],
) -> Option<&'l [u8]> {
    let letters = letters.get_mut(..word.len())?;
    for (to, from) in letters.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    Some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_names_and_remarks_none() {
        let lists: Vec<_> = of("# one: two\n\nfile: csv txt\n^-: ORA\n").collect();
        assert_eq!(lists, [("file", " csv txt"), ("^-", " ORA")]);
    }

    #[test]
    fn words_become_small_where_they_are_short() {
        let mut letters = [0; 5];
        assert_eq!(small(b"TaBlE", &mut letters), Some(&b"table"[..]));
        assert_eq!(small("É".as_bytes(), &mut letters), Some("É".as_bytes()));
        assert_eq!(small(b"tables", &mut letters), None);
    }
}
