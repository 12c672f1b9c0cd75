//! Which column takes which role, so that the whole is best.

/// For each row of `worth` the column that it gets, so that the sum of what they are worth is greatest; a pair that is worth
/// nothing is not made. Rows are as long as each other.
///
/// The Hungarian method with potentials (Kuhn 1955, Munkres 1957), in the form that adds row after row.
pub fn best(worth: &[Vec<f64>]) -> Vec<Option<usize>> {
    let rows = worth.len();
    // As many columns more as there are rows: not to have one is always possible.
    let columns = worth.first().map_or(0, Vec::len) + rows;
    let cost = |row: usize, column: usize| -worth[row].get(column).copied().unwrap_or(0.0);
    let (mut of_row, mut of_column) = (vec![0.0; rows + 1], vec![0.0; columns + 1]);
    // Counted from 1; 0 is nobody.
    let mut owner = vec![0; columns + 1];
    for row in 1..=rows {
        let mut way = vec![0; columns + 1];
        let mut least = vec![f64::INFINITY; columns + 1];
        let mut done = vec![false; columns + 1];
        owner[0] = row;
        let mut at = 0;
        while owner[at] != 0 {
            done[at] = true;
            let (from, mut delta, mut next) = (owner[at], f64::INFINITY, 0);
            for column in 1..=columns {
                if done[column] {
                    continue;
                }
                let reduced = cost(from - 1, column - 1) - of_row[from] - of_column[column];
                if reduced < least[column] {
                    least[column] = reduced;
                    way[column] = at;
                }
                if least[column] < delta {
                    delta = least[column];
                    next = column;
                }
            }
            for column in 0..=columns {
                if done[column] {
                    of_row[owner[column]] += delta;
                    of_column[column] -= delta;
                } else {
                    least[column] -= delta;
                }
            }
            at = next;
        }
        while at != 0 {
            owner[at] = owner[way[at]];
            at = way[at];
        }
    }
    let mut answer = vec![None; rows];
    for (column, row) in owner.iter().enumerate().skip(1) {
        if let Some(row) = row.checked_sub(1)
            && worth[row].get(column - 1).is_some_and(|worth| *worth > 0.0)
        {
            answer[row] = Some(column - 1);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::best;

    #[test]
    fn the_whole_is_best_and_not_each_alone() {
        // The first would like column 0 most; but then the second had nothing.
        assert_eq!(best(&[vec![0.9, 0.8], vec![0.85, 0.0]]), [Some(1), Some(0)]);
        assert_eq!(best(&[vec![0.9], vec![0.5]]), [Some(0), None]);
        assert_eq!(best(&[vec![0.0, 0.0]]), [None]);
        assert_eq!(best(&[vec![], vec![]]), [None, None]);
        assert!(best(&[]).is_empty());
    }

    #[test]
    fn it_is_as_good_as_trying_everything() {
        let mut seed = 7_u32;
        let mut draw = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(seed >> 20) / 4096.0
        };
        for _ in 0..200 {
            let worth: Vec<Vec<f64>> = (0..4).map(|_| (0..5).map(|_| draw()).collect()).collect();
            let found: f64 = best(&worth)
                .iter()
                .enumerate()
                .filter_map(|(row, column)| Some(worth[row][(*column)?]))
                .sum();
            let all = every(&worth, 0, &mut vec![false; 5]);
            assert!((found - all).abs() < 1e-9, "{worth:?}");
        }
    }

    fn every(worth: &[Vec<f64>], row: usize, taken: &mut Vec<bool>) -> f64 {
        if row == worth.len() {
            return 0.0;
        }
        let mut most = every(worth, row + 1, taken);
        for column in 0..taken.len() {
            if !taken[column] {
                taken[column] = true;
                most = most.max(worth[row][column] + every(worth, row + 1, taken));
                taken[column] = false;
            }
        }
        most
    }
}
