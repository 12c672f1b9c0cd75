//! Small charts as inline SVG. Names and figures stand beside them as text, because mail programs may leave pictures out; positions
//! are shares of the width, so that a chart fits any screen without its letters being squeezed.

mod bars;
mod nights;

pub use bars::bars;
pub use nights::{last_nights, nights, week_jobs};

/// Height of a row of bars, in pixels.
const ROW: u32 = 14;
/// Inline, for programs that leave out rules of style.
const H2: &str = "font-size:12.5px;margin:22px 0 4px";
/// More jobs than these are not drawn.
const JOBS_DRAWN: usize = 24;

/// What stands at an end stays inside.
fn anchor(share: f64) -> &'static str {
    match share {
        share if share < 0.03 => "start",
        share if share > 0.97 => "end",
        _ => "middle",
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}
