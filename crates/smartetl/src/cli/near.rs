//! Names that may be meant where somebody wrote one that nothing has.

/// How alike a name must be, from 0 to 1.
const NEAR: f64 = 0.84;
/// So many are named.
const NAMED: usize = 3;

/// Those of the known names that are like this one, the nearest first.
pub fn near<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Vec<&'k str> {
    let (written, name) = (name, name.to_lowercase());
    let mut near: Vec<(f64, &str)> = known
        .filter(|known| *known != written)
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &name), known))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    near.dedup();
    near.into_iter().take(NAMED).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_near() {
        let known = [
            "J_ODS_Charger",
            "J_ODS_Charger",
            "J_DWH_Stocks",
            "lundi.csv",
        ];
        let check = |name: &str, expected: &[&str]| {
            assert_eq!(near(name, known.into_iter()), expected, "{name}");
        };
        check("j_ods_chager", &["J_ODS_Charger"]);
        check("lundi.cvs", &["lundi.csv"]);
        check("zebra", &[]);
        check("lundi.csv", &[]);
    }
}
