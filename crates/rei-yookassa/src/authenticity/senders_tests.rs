//! YooKassa's addresses, and lists of hops that strangers begin.

use proptest::prelude::*;

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn networks(texts: &[&str]) -> Vec<Network> {
    texts.iter().map(|text| parse_network(text).expect("a network")).collect()
}

#[test]
fn yookassas_addresses_are_known_to_the_last_one() {
    let senders = Senders::yookassa();
    for known in [
        "185.71.76.0",
        "185.71.76.31",
        "185.71.77.31",
        "77.75.153.127",
        "77.75.154.128",
        "77.75.154.255",
        "77.75.156.11",
        "77.75.156.35",
        "2a02:5180:0:1509::1",
        "2a02:5180::",
        "::ffff:185.71.76.7",
    ] {
        assert!(senders.is_yookassa(ip(known)), "{known}");
    }
    for strange in [
        "185.71.76.32",
        "185.71.75.255",
        "77.75.153.128",
        "77.75.154.127",
        "77.75.156.12",
        "77.75.156.34",
        "2a02:5181::",
        "2a02:517f:ffff::",
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "::185.71.76.7",
        "::ffff:8.8.8.8",
    ] {
        assert!(!senders.is_yookassa(ip(strange)), "{strange}");
    }
}

#[test]
fn networks_are_read_as_people_write_them() {
    let read = |text| parse_network(text).ok();
    assert_eq!(read(" 10.0.0.0/8 "), Some((ip("10.0.0.0"), 8)));
    assert_eq!(read("10.1.2.3"), Some((ip("10.1.2.3"), 32)));
    assert_eq!(read("fd00::/8"), Some((ip("fd00::"), 8)));
    assert_eq!(read("::1"), Some((ip("::1"), 128)));
    for wrong in ["", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "::/129", "10.0.0/8", "host"]
    {
        assert_eq!(parse_network(wrong), Err(NetworkError), "{wrong}");
    }
}

#[test]
fn without_a_trusted_proxy_the_peer_is_the_sender() {
    let claim = ["185.71.76.1"];
    assert_eq!(sender(ip("203.0.113.9"), &claim, &[]), Some(ip("203.0.113.9")));
    let trusted = networks(&["10.0.0.0/8"]);
    assert_eq!(sender(ip("203.0.113.9"), &claim, &trusted), Some(ip("203.0.113.9")));
    assert_eq!(sender(ip("::ffff:203.0.113.9"), &[], &trusted), Some(ip("203.0.113.9")));
}

#[test]
fn the_list_of_hops_is_read_from_its_end() {
    let trusted = networks(&["10.0.0.0/8", "::1"]);
    let asked = |lines: &[&str]| sender(ip("10.0.0.1"), lines, &trusted);
    assert_eq!(asked(&["203.0.113.9"]), Some(ip("203.0.113.9")));
    assert_eq!(asked(&["185.71.76.1, 203.0.113.9"]), Some(ip("203.0.113.9")), "a forged start");
    assert_eq!(asked(&["185.71.76.1", "203.0.113.9"]), Some(ip("203.0.113.9")), "in two lines");
    assert_eq!(asked(&["203.0.113.9, 10.0.0.2,10.0.0.3"]), Some(ip("203.0.113.9")));
    assert_eq!(asked(&["203.0.113.9", "10.0.0.2, ::1"]), Some(ip("203.0.113.9")));
    assert_eq!(asked(&["::ffff:185.71.76.1"]), Some(ip("185.71.76.1")));
    assert_eq!(sender(ip("::ffff:10.0.0.1"), &["8.8.8.8"], &trusted), Some(ip("8.8.8.8")));
}

#[test]
fn ports_and_brackets_are_left_out() {
    let trusted = networks(&["10.0.0.0/8"]);
    let asked = |hop: &str| sender(ip("10.0.0.1"), &[hop], &trusted);
    assert_eq!(asked("203.0.113.9:4711"), Some(ip("203.0.113.9")));
    assert_eq!(asked("[2a02:5180::1]:4711"), Some(ip("2a02:5180::1")));
    assert_eq!(asked("[2a02:5180::1]"), Some(ip("2a02:5180::1")));
    assert_eq!(asked("2a02:5180::1"), Some(ip("2a02:5180::1")));
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    let trusted = networks(&["10.0.0.0/8"]);
    let asked = |lines: &[&str]| sender(ip("10.0.0.1"), lines, &trusted);
    assert_eq!(asked(&[]), None, "the proxy wrote nothing");
    assert_eq!(asked(&["10.0.0.2, 10.0.0.3"]), None, "all hops are trusted");
    for junk in [
        "",
        " ",
        "unknown",
        "_hidden",
        "185.71.76.1,",
        "203.0.113.9:x",
        "[::1",
        "[::1]x",
        "203.0.113.9:",
        "1.2.3",
        "185.71.76.1;10.0.0.2",
        "010.0.0.1",
    ] {
        assert_eq!(asked(&[junk]), None, "{junk:?}");
    }
    let long = ["185.71.76.1", &["10.0.0.2"; HOPS_MAX].join(",")].join(",");
    assert_eq!(asked(&[&long]), None, "too long a chain");
}

#[test]
fn a_network_in_the_longer_form_holds_the_shorter_one() {
    let trusted = networks(&["::ffff:10.0.0.0/104"]);
    assert_eq!(sender(ip("10.9.9.9"), &["8.8.8.8"], &trusted), Some(ip("8.8.8.8")));
    assert!(!Senders::of(vec![(ip("10.0.0.0"), 200)]).is_yookassa(ip("10.0.0.0")));
    assert!(Senders::of(vec![(ip("0.0.0.0"), 0)]).is_yookassa(ip("8.8.8.8")));
}

proptest! {
    #[test]
    fn a_stranger_cannot_choose_who_he_is(
        forged in proptest::collection::vec("\\PC{0,20}", 0..6), stranger: u32, hops in 0..4_usize,
    ) {
        let trusted = networks(&["10.0.0.0/8"]);
        let stranger = IpAddr::V4(Ipv4Addr::from_bits(stranger));
        prop_assume!(!holds(trusted[0], stranger));
        // Whatever he sends, the first proxy writes his address after it, and each further one its neighbour's.
        let mut line = forged.join(",");
        line.push_str(&format!(",{stranger}"));
        (0..hops).for_each(|hop| line.push_str(&format!(", 10.0.0.{hop}")));
        prop_assert_eq!(sender(ip("10.0.0.9"), &[&line], &trusted), Some(stranger));
    }

    #[test]
    fn a_network_holds_its_addresses_in_either_form(address: u32, bits in 0..=32_u8) {
        let v4 = Ipv4Addr::from_bits(address);
        prop_assert!(holds((IpAddr::V4(v4), bits), IpAddr::V6(v4.to_ipv6_mapped())));
        prop_assert!(holds((IpAddr::V6(v4.to_ipv6_mapped()), bits + 96), IpAddr::V4(v4)));
    }
}
