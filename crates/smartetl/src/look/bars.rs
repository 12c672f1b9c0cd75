//! Durations as bars on one axis of time.

use smartetl_core::model::Moment;

/// The axis: what lies between two moments stands in so many characters.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    pub first: Moment,
    pub last: Moment,
    pub width: usize,
}

/// How bars look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub bar: char,
    /// What was not seen to end.
    pub open: char,
    /// The last good run, where the bar does not cover it.
    pub ghost: char,
}

pub const UNICODE: Look = Look {
    bar: '█',
    open: '▓',
    ghost: '░',
};
pub const ASCII: Look = Look {
    bar: '#',
    open: '=',
    ghost: '.',
};

/// Stretches of one kind: those of the bar are to be coloured, those of the ghost dimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub text: String,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nothing,
    Bar,
    Ghost,
}

impl Axis {
    /// The characters that a stretch of time takes: at least one.
    fn cells(&self, [from, to]: [Moment; 2]) -> std::ops::Range<usize> {
        if self.width == 0 {
            return 0..0;
        }
        let span = i128::from(self.last.0) - i128::from(self.first.0);
        let cell = |at: Moment| {
            let behind = i128::from(at.0) - i128::from(self.first.0);
            let cell = behind * self.width as i128 / span.max(1);
            usize::try_from(cell.max(0))
                .unwrap_or(0)
                .min(self.width - 1)
        };
        let first = cell(from);
        first..cell(Moment(to.0.saturating_sub(1))).max(first) + 1
    }

    /// The line of one run.
    pub fn line(
        &self,
        bar: Option<([Moment; 2], bool)>,
        ghost: Option<[Moment; 2]>,
        look: Look,
    ) -> Vec<Stretch> {
        let bar_cells = bar.map_or(0..0, |(bar, _)| self.cells(bar));
        let ghost_cells = ghost.map_or(0..0, |ghost| self.cells(ghost));
        let is_open = bar.is_some_and(|(_, is_open)| is_open);
        let mut line: Vec<Stretch> = Vec::new();
        for cell in 0..self.width {
            let (character, kind) = if bar_cells.contains(&cell) {
                (if is_open { look.open } else { look.bar }, Kind::Bar)
            } else if ghost_cells.contains(&cell) {
                (look.ghost, Kind::Ghost)
            } else {
                (' ', Kind::Nothing)
            };
            match line.last_mut() {
                Some(last) if last.kind == kind => last.text.push(character),
                _ => line.push(Stretch {
                    text: character.to_string(),
                    kind,
                }),
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bar: Option<[i64; 2]>, ghost: Option<[i64; 2]>, expected: &str) {
        let axis = Axis {
            first: Moment(1_000),
            last: Moment(2_000),
            width: 10,
        };
        let at = |[from, to]: [i64; 2]| [Moment(from), Moment(to)];
        let line = axis.line(bar.map(|bar| (at(bar), false)), ghost.map(at), ASCII);
        let line: String = line.into_iter().map(|stretch| stretch.text).collect();
        assert_eq!(line, expected);
    }

    #[test]
    fn bars_and_ghosts() {
        check(Some([1_000, 2_000]), None, "##########");
        check(Some([1_000, 1_000]), None, "#         ");
        check(Some([1_500, 1_600]), Some([1_300, 1_900]), "   ..#... ");
        check(None, Some([1_950, 2_000]), "         .");
        check(Some([0, 9_000]), None, "##########");
        check(Some([i64::MIN, i64::MAX]), None, "##########");
        check(Some([2_000, 2_000]), None, "         #");
    }

    #[test]
    fn no_time_and_no_room() {
        let at = Moment(5);
        let axis = |width| Axis {
            first: at,
            last: at,
            width,
        };
        assert_eq!(
            axis(3).line(Some(([at, at], true)), None, ASCII)[0].text,
            "="
        );
        assert_eq!(axis(0).line(Some(([at, at], true)), None, ASCII), []);
    }
}
