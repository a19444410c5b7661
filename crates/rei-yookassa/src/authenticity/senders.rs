//! Who sent a request: the socket's peer, or, behind trusted proxies, what they wrote down about theirs.
//!
//! Only what a trusted proxy wrote counts, so the list is read from its end, where the nearest one writes. Its
//! beginning is anybody's. A provider of proxies serves strangers too, so this layer never stands alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and how many of its leading bits matter.
pub type Network = (IpAddr, u8);

/// The longest chain of proxies that is followed.
const HOPS_MAX: usize = 32;

/// Not an address with an optional length, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network such as 10.0.0.0/8")]
pub struct NetworkError;

/// The addresses that YooKassa sends from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Senders(Vec<Network>);

impl Senders {
    /// The addresses that YooKassa documents.
    pub fn yookassa() -> Self {
        let v4 = |a, b, c, d, bits| (IpAddr::V4(Ipv4Addr::new(a, b, c, d)), bits);
        Self(vec![
            v4(185, 71, 76, 0, 27),
            v4(185, 71, 77, 0, 27),
            v4(77, 75, 153, 0, 25),
            v4(77, 75, 154, 128, 25),
            v4(77, 75, 156, 11, 32),
            v4(77, 75, 156, 35, 32),
            (IpAddr::V6(Ipv6Addr::new(0x2a02, 0x5180, 0, 0, 0, 0, 0, 0)), 32),
        ])
    }

    /// Other addresses, from the settings.
    pub fn of(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether an address is one of them.
    pub fn is_yookassa(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| holds(*network, ip))
    }
}

/// Reads an address or a network.
///
/// # Errors
/// [`NetworkError`] for anything else, lengths beyond the address included.
pub fn parse_network(text: &str) -> Result<Network, NetworkError> {
    let text = text.trim();
    let (address, bits) = match text.split_once('/') {
        None => (text, None),
        Some((address, bits)) => {
            let is_number = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
            let bits = bits.parse::<u8>().ok().filter(|_| is_number);
            (address, Some(bits.ok_or(NetworkError)?))
        }
    };
    let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(longest);
    if bits > longest { Err(NetworkError) } else { Ok((address, bits)) }
}

/// Who sent a request, as far as trusted proxies can tell.
///
/// `x_forwarded_for`: the header's values in the order of their lines. Read only when `peer` is trusted itself.
///
/// None when it cannot be told: a trusted proxy wrote nothing readable, or all hops are trusted.
pub fn sender(peer: IpAddr, x_forwarded_for: &[&str], trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |ip| trusted.iter().any(|network| holds(*network, ip));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return Some(peer);
    }
    let hops = x_forwarded_for.iter().rev().flat_map(|line| line.rsplit(','));
    for hop in hops.take(HOPS_MAX) {
        let ip = parse_hop(hop)?;
        if !is_trusted(ip) {
            return Some(ip);
        }
    }
    None
}

/// An address as proxies write it: bare, with a port, in brackets.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let port = |port: &str| port.parse::<u16>().ok();
    let ip: IpAddr = if let Some(rest) = text.strip_prefix('[') {
        let (ip, after) = rest.split_once(']')?;
        if !after.is_empty() {
            port(after.strip_prefix(':')?)?;
        }
        IpAddr::V6(ip.parse().ok()?)
    } else if let Some((ip, after)) = text.split_once(':').filter(|(ip, _)| ip.contains('.')) {
        port(after)?;
        IpAddr::V4(ip.parse().ok()?)
    } else {
        text.parse().ok()?
    };
    Some(ip.to_canonical())
}

/// Whether a network holds an address; addresses of version 4 are the same in either form.
fn holds((network, bits): Network, ip: IpAddr) -> bool {
    let (network, bits) = match (network, network.to_canonical()) {
        (IpAddr::V6(_), IpAddr::V4(mapped)) if bits >= 96 => (IpAddr::V4(mapped), bits - 96),
        (network, _) => (network, bits),
    };
    match (network, ip.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(ip)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            (network.to_bits() ^ ip.to_bits()) & mask == 0
        }
        (IpAddr::V6(network), IpAddr::V6(ip)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            (network.to_bits() ^ ip.to_bits()) & mask == 0
        }
        _ => false,
    }
}

#[cfg(test)]
#[path = "senders_tests.rs"]
mod tests;
