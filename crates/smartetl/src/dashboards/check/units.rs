//! The units that Grafana's panels know, by the names that files use (Grafana's `valueFormats/categories`).

const KNOWN: &str = "
    none string short sishort percent percentunit humidity dB candela hex0x hex sci locale pixel
    accMS2 accFS2 accG degree radian grad arcmin arcsec areaM2 areaF2 areaMI2 acres hectares
    flops mflops gflops tflops pflops eflops zflops yflops
    ppm conppb conngm3 conngNm3 conμgm3 conμgNm3 conmgm3 conmgNm3 congm3 congNm3 conmgdL conmmolL
    currencyUSD currencyGBP currencyEUR currencyJPY currencyRUB currencyUAH currencyBRL currencyDKK currencyISK currencyNOK
    currencySEK currencyCZK currencyCHF currencyPLN currencyBTC currencymBTC currencyμBTC currencyZAR currencyINR currencyKRW
    currencyIDR currencyPHP currencyVND currencyTRY currencyMYR currencyXPF currencyBGN currencyPYG currencyUYU currencyILS
    bits bytes kbytes mbytes gbytes tbytes pbytes decbits decbytes deckbytes decmbytes decgbytes dectbytes decpbytes
    pps binBps Bps binbps bps KiBs Kibits KBs Kbits MiBs Mibits MBs Mbits GiBs Gibits GBs Gbits TiBs Tibits TBs Tbits PiBs
    Pibits PBs Pbits
    dateTimeAsIso dateTimeAsIsoNoDateIfToday dateTimeAsUS dateTimeAsUSNoDateIfToday dateTimeAsLocal
    dateTimeAsLocalNoDateIfToday dateTimeAsSystem dateTimeFromNow
    watt kwatt megwatt gwatt mwatt Wm2 voltamp kvoltamp voltampreact kvoltampreact watth watthperkg kwatth kwattm amph kamph
    mamph joule ev amp kamp mamp volt kvolt mvolt dBm ohm kohm Mohm farad µfarad nfarad pfarad ffarad henry mhenry µhenry lumens
    flowgpm flowcms flowcfs flowcfm litreh flowlpm flowmlpm lux forceNm forcekNm forceN forcekN
    Hs KHs MHs GHs THs PHs EHs massmg massg masslb masskg masst lengthmm lengthin lengthft lengthm lengthkm lengthmi
    pressurembar pressurebar pressurekbar pressurepa pressurehpa pressurekpa pressurehg pressurepsi
    radbq radci radgy radrad radsv radmsv radusv radrem radexpckg radr radsvh radmsvh radusvh
    rotrpm rothz rotrads rotdegs celsius fahrenheit kelvin
    hertz ns µs ms s m h d dtdurationms dtdurations dthms dtdhms timeticks clockms clocks
    cps ops reqps rps wps iops eps mps recps rowsps cpm opm reqpm rpm wpm epm mpm recpm rowspm
    velocityms velocitykmh velocitymph velocityknot mlitre litre m3 Nm3 dm3 gallons
    bool bool_yes_no bool_on_off
";

/// Units of one's own: `suffix:lignes`, `si:mF`.
const OF_ONES_OWN: &[&str] = &[
    "prefix:",
    "suffix:",
    "time:",
    "si:",
    "count:",
    "currency:",
    "bool:",
];

pub fn is_known(unit: &str) -> bool {
    let own = |prefix: &&str| unit.len() > prefix.len() && unit.starts_with(*prefix);
    OF_ONES_OWN.iter().any(own) || all().any(|known| known == unit)
}

/// The unit that was probably meant.
pub fn near(unit: &str) -> Option<&'static str> {
    let distance =
        |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &unit.to_lowercase());
    all()
        .map(|known| (distance(known), known))
        .filter(|(distance, known)| *distance <= 2 && *distance < known.len())
        .min()
        .map(|(_, known)| known)
}

fn all() -> impl Iterator<Item = &'static str> {
    KNOWN.split_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_or_nearly() {
        assert!(
            ["ms", "dtdurationms", "currencyEUR", "suffix: lignes"]
                .iter()
                .all(|unit| is_known(unit))
        );
        assert!(["millis", "suffix:", ""].iter().all(|unit| !is_known(unit)));
        assert_eq!(near("percentunits"), Some("percentunit"));
        assert_eq!(near("Fortnights"), None);
    }
}
