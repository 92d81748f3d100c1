//! Which addresses are not the public internet, and the names that must not lead there.
//!
//! The classes are a table of the IANA special-purpose registries (RFC 6890 and its successors)
//! rather than a library: `std`'s `is_global` and most of its kin are unstable, `ip_network` says
//! yes or no where a refusal has to say *what* an address is, and `ipnet` would replace the one
//! line that compares prefixes. For IPv6 everything outside of `2000::/3` is refused as well, so
//! that a network that IANA has yet to give away is not open by omission.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::refusal::{Refusal, Rule};

type Network<Address> = (Address, u32, &'static str);

/// First match wins, so the narrow ones stand first.
#[rustfmt::skip]
const V4: &[Network<Ipv4Addr>] = &[
    (Ipv4Addr::new(255, 255, 255, 255), 32, "the broadcast address"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "the Azure platform (cloud metadata)"),
    (Ipv4Addr::new(0, 0, 0, 0), 8, "unspecified (this network)"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared behind carriers (CGNAT)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local (cloud metadata)"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "for IETF protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a 6to4 relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

#[rustfmt::skip]
const V6: &[Network<Ipv6Addr>] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an IPv4-mapped address"),
    (Ipv6Addr::UNSPECIFIED, 96, "an IPv4-compatible address"),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, "behind NAT64"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "behind local NAT64"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discard-only"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "a Teredo tunnel"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "for IETF protocols"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "a 6to4 tunnel"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local (private)"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local (private)"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// `2000::/3`: all of IPv6 that is given away for the public internet.
const GLOBAL_UNICAST: Network<Ipv6Addr> = (
    Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0),
    3,
    "not global unicast",
);

/// What this address is, unless it is on the public internet.
pub(super) fn not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => {
            let inside = |(network, bits, _): &&Network<Ipv4Addr>| {
                (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0
            };
            V4.iter().find(inside).map(|(_, _, what)| *what)
        }
        IpAddr::V6(address) => {
            let inside = |(network, bits, _): &&Network<Ipv6Addr>| {
                (address.to_bits() ^ network.to_bits()) >> (128 - bits) == 0
            };
            let special = V6.iter().find(inside);
            let other = Some(&GLOBAL_UNICAST).filter(|global| !inside(global));
            special.or(other).map(|(_, _, what)| *what)
        }
    }
}

/// Refuses an address literal that is not on the public internet, and `localhost`.
///
/// The `url` crate has read every spelling by now: decimal, octal, hexadecimal, short, encoded
/// and full-width ones all are the same four or sixteen bytes.
pub(super) fn check_literal(url: &Url) -> Result<(), Refusal> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(name)) if is_localhost(name) => {
            return Err(Rule::PrivateAddress.refuses(format!("{name} is loopback")));
        }
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    match not_public(address) {
        Some(what) => Err(Rule::PrivateAddress.refuses(format!("{address} is {what}"))),
        None => Ok(()),
    }
}

/// RFC 6761: the name itself and all below it, with or without the root's dot.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(host: &str) -> String {
        let url: Url = format!("http://{host}/").parse().expect("a url");
        check_literal(&url).expect_err(host).to_string()
    }

    #[test]
    fn every_notation_of_loopback_is_denied() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.0.1.",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "017700000001",
            "0177.0.0.01",
            "127%2e0%2e0%2e1",
            "１２７.０.０.１",
            "127。0。0。1",
        ] {
            assert_eq!(
                refusal_of(host),
                "rule \"private address\": 127.0.0.1 is loopback",
                "{host}"
            );
        }
        assert_eq!(
            refusal_of("[::1]"),
            "rule \"private address\": ::1 is loopback"
        );
        assert_eq!(
            refusal_of("[0:0:0:0:0:0:0:1]"),
            "rule \"private address\": ::1 is loopback"
        );
        for name in ["localhost", "LOCALHOST", "localhost.", "a.localhost"] {
            assert!(refusal_of(name).ends_with("is loopback"), "{name}");
        }
    }

    #[test]
    #[rustfmt::skip]
    fn every_address_class_is_denied_by_name() {
        for (host, what) in [
            ("0.0.0.0", "unspecified (this network)"),
            ("10.255.0.1", "private"), ("172.31.255.255", "private"), ("192.168.0.1", "private"),
            ("100.64.0.1", "shared behind carriers (CGNAT)"),
            ("100.100.100.200", "shared behind carriers (CGNAT)"),
            ("169.254.169.254", "link-local (cloud metadata)"),
            ("168.63.129.16", "the Azure platform (cloud metadata)"),
            ("192.0.0.192", "for IETF protocols"),
            ("192.0.2.1", "for documentation"), ("198.51.100.1", "for documentation"),
            ("203.0.113.1", "for documentation"),
            ("198.19.0.1", "for benchmarks"),
            ("224.0.0.251", "multicast"), ("239.255.255.255", "multicast"),
            ("240.0.0.1", "reserved"), ("255.255.255.255", "the broadcast address"),
            ("[::]", "unspecified"),
            ("[::ffff:10.0.0.1]", "an IPv4-mapped address"),
            ("[::ffff:8.8.8.8]", "an IPv4-mapped address"),
            ("[0:0:0:0:0:ffff:7f00:1]", "an IPv4-mapped address"),
            ("[::127.0.0.1]", "an IPv4-compatible address"),
            ("[64:ff9b::a00:1]", "behind NAT64"),
            ("[64:ff9b:1::a00:1]", "behind local NAT64"),
            ("[100::1]", "discard-only"),
            ("[2001:0:7f00:1::]", "a Teredo tunnel"),
            ("[2001:2::1]", "for IETF protocols"),
            ("[2001:db8::1]", "for documentation"), ("[3fff::1]", "for documentation"),
            ("[2002:7f00:1::]", "a 6to4 tunnel"),
            ("[fd00:ec2::254]", "unique local (private)"),
            ("[fe80::1]", "link-local"), ("[fec0::1]", "site-local (private)"),
            ("[ff02::1]", "multicast"),
            ("[4000::1]", "not global unicast"), ("[::ffff:0:7f00:1]", "not global unicast"),
        ] {
            assert!(refusal_of(host).ends_with(&format!(" is {what}")), "{host}: {}", refusal_of(host));
        }
    }

    #[test]
    fn addresses_adjacent_to_denied_networks_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2606:4700::1111",
            "2a03:2880::1",
        ] {
            assert_eq!(
                not_public(address.parse().expect("an address")),
                None,
                "{address}"
            );
        }
    }
}
