//! The machine as a container of it sees it: whoever comes through a port that Docker opened on that machine comes from there.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::OnceLock;

/// What container engines leave in every container.
const SIGNS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Whether this is a container, and `address` that of its machine.
pub fn is_machine_of_container(address: IpAddr) -> bool {
    static GATEWAY: OnceLock<Option<Ipv4Addr>> = OnceLock::new();
    let gateway = GATEWAY.get_or_init(|| {
        let is_container = SIGNS.iter().any(|sign| Path::new(sign).exists());
        let routes = is_container.then(|| std::fs::read_to_string("/proc/net/route").ok());
        default_gateway(&routes.flatten()?)
    });
    gateway.is_some_and(|gateway| address == gateway)
}

/// The gateway of the default route in the kernel's table: addresses in hexadecimal, as they lie in memory.
fn default_gateway(routes: &str) -> Option<Ipv4Addr> {
    routes.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (to, gateway) = (fields.next()?, fields.next()?);
        let address = u32::from_str_radix(gateway, 16).ok()?;
        (to == "00000000" && address != 0).then(|| Ipv4Addr::from(address.to_ne_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_is_that_of_the_default_route() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n\
             eth0\t000014AC\t00000000\t0001\t0\t0\t0\t0000FFFF\n\
             eth0\t00000000\t010014AC\t0003\t0\t0\t0\t00000000\n";
        let gateway = Ipv4Addr::from(0x0100_14AC_u32.to_ne_bytes());
        assert_eq!(default_gateway(table), Some(gateway));
        for none in [
            "",
            "eth0",
            "eth0\t00000000",
            "eth0\t00000000\tno\n",
            "eth0\t00000000\t00000000\n",
        ] {
            assert_eq!(default_gateway(none), None, "{none}");
        }
    }
}
