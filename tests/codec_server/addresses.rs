//! Addresses of hosts and networks.

use model::Type;
use proptest::prelude::any;

use super::{Judge, some, themselves};

pub fn judge_addresses(judge: &mut Judge<'_>) {
    let v4 = some(200, (any::<[u8; 4]>(), 0..33_u8));
    let v4 = v4.iter().map(|(a, bits)| format!("{}/{bits}", std::net::Ipv4Addr::from(*a)));
    let v6 = some(200, (any::<[u16; 8]>(), any::<u8>(), 0..129_u8));
    // Groups of zeros in all places, so that every way to leave them out is met.
    let v6 = v6.iter().map(|(groups, zeros, bits)| {
        let group = |(i, g): (usize, &u16)| if zeros >> i & 1 == 1 { 0 } else { *g };
        let groups: Vec<u16> = groups.iter().enumerate().map(group).collect();
        let address: [u16; 8] = groups.try_into().unwrap();
        format!("{}/{bits}", std::net::Ipv6Addr::from(address))
    });
    let addresses: Vec<String> = v4.chain(v6).collect();
    let mut addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    addresses.extend(["1.2.3.4", "::", "::1", "1::", "::ffff:1.2.3.4", "::1.2.3.4", "FE80::A"]);
    addresses.extend(["64:ff9b::192.0.2.33", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "0:0::0:0"]);
    judge.hear_usual(Type::Inet, &themselves(&addresses));
    let networks = ["10.0.0.0/8", "0.0.0.0/0", "1.2.3.4", "::/0", "fe80::/10", "::1", "1.0.0.0"];
    judge.hear_usual(Type::Cidr, &themselves(&networks));
}
