//! What comes to the address of YooKassa's notifications, and what its API answers: the parts that decide without the book.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_yookassa::authenticity::{Mode, RelayKey, Senders, Signer, parse_network, sender};
use rei_yookassa::confirmation::{AllowedHosts, safe_confirmation};
use rei_yookassa::money;
use rei_yookassa::notice::Notice;
use rei_yookassa::objects::{Payment, Refund};
use secrecy::SecretString;

pub(crate) const WORDS: &[&str] = &[
    "t=1767225600,v1=",
    ",v1=c345980c879ef75529ce01606dc1d4f73ac80bc9ab965fc67271e30bf421a4b7",
    "/webhooks/yookassa/",
    "v1.",
    "185.71.76.1",
    "[::ffff:185.71.76.1]:443",
    "10.0.0.0/8",
    "https://yoomoney.ru/",
    "https://yoomoney.ru@evil.example/",
    "\"type\":\"notification\"",
    "\"event\":\"payment.succeeded\"",
    "\"event\":\"refund.succeeded\"",
    "\"payment_id\":\"30b1f0aa-000f-5000-8000-1f2e3d4c5b6a\"",
    "\"amount\":{\"value\":\"500.00\",\"currency\":\"RUB\"}",
    "\"metadata\":{\"sig\":\"v1.\"}",
    "999999999.99",
];

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const ORDER: &str = "6f1c2a52-6d0e-4c7e-9a55-2f0f5a1b7c11";
const SUM: Kopecks = Kopecks::new(50_000);

static RELAY: LazyLock<RelayKey> =
    LazyLock::new(|| RelayKey::new(&"relay-secret-0123456789abcdef".to_owned().into()));
static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    let root = SecretString::from("test-webhook-secret-0123456789abcdef".to_owned());
    Signer::new("100500", Mode::Live, &root, None).expect("the root is long enough")
});

/// The first line is what a stranger may put into a path, a header or a field; the rest is the body. Nothing passes for
/// ours but what we signed, to the byte.
pub fn notification(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (head, body) = (&input[..end], input.get(end + 1..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    check_relay(&head, body);
    check_signer(&head);
    check_sender(&head);
    if let Ok(url) = safe_confirmation(&head, &AllowedHosts::yookassa()) {
        let host = url.host_str().unwrap_or_default();
        let ours = ["yoomoney.ru", "yookassa.ru"];
        let is_ours = ours.iter().any(|name| {
            host.strip_suffix(name).is_some_and(|front| front.is_empty() || front.ends_with('.'))
        });
        assert!(url.scheme() == "https" && is_ours, "{head} is not a page of theirs");
    }
    check_body(body);
}

fn check_relay(header: &str, body: &[u8]) {
    if RELAY.check(header, body, NOW).is_ok() {
        let seconds = header.split(',').find_map(|part| part.trim().strip_prefix("t="));
        let seconds: i64 = seconds.and_then(|it| it.parse().ok()).expect("a time was read");
        let ours = RELAY.sign(body, Timestamp(seconds * 1_000));
        let (_, ours) = ours.split_once(",v1=").expect("a signature was made");
        assert!(header.to_lowercase().contains(ours), "{header} passed for a signature");
    }
    let genuine = RELAY.sign(body, NOW);
    assert_eq!(RELAY.check(&genuine, body, NOW), Ok(()));
    let mut forged = body.to_vec();
    match forged.last_mut() {
        Some(byte) => *byte ^= 1,
        None => forged.push(b' '),
    }
    assert!(RELAY.check(&genuine, &forged, NOW).is_err(), "another body passed");
}

fn check_signer(head: &str) {
    if let Some((kid, tag)) = head.rsplit_once('/') {
        let kid = kid.rsplit('/').next().unwrap_or_default();
        let ours = SIGNER.webhook_path();
        let is_ours = ours.ends_with(&format!("/{kid}/{tag}"));
        assert_eq!(SIGNER.check_path(kid, tag), is_ours, "{head}");
    }
    let genuine = SIGNER.sign_topup(ORDER, "42", SUM, "RUB");
    assert_eq!(SIGNER.check_topup(head, ORDER, "42", SUM, "RUB"), head == genuine, "{head}");
    assert!(!SIGNER.check_refund(head, ORDER, "42", SUM, "RUB") || head != genuine);
    // The same signature for anything that a stranger names instead is worth nothing.
    if head != ORDER {
        assert!(!SIGNER.check_topup(&genuine, head, "42", SUM, "RUB"), "{head}");
    }
    if head != "42" {
        assert!(!SIGNER.check_topup(&genuine, ORDER, head, SUM, "RUB"), "{head}");
    }
}

fn check_sender(head: &str) {
    let (stranger, proxy) = (Ipv4Addr::new(203, 0, 113, 9), Ipv4Addr::new(10, 0, 0, 1));
    let trusted = [(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8)];
    let told = sender(stranger.into(), &[head], &trusted);
    assert_eq!(told, Some(stranger.into()), "{head}: only a trusted proxy is believed");
    if let Some(ip) = sender(proxy.into(), &[head], &trusted) {
        let last = ip.to_string();
        assert!(last.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical() == ip), "{head}");
        let _ = Senders::yookassa().is_yookassa(ip);
    }
    if let Ok((ip, bits)) = parse_network(head) {
        assert!(bits <= if ip.is_ipv4() { 32 } else { 128 }, "{head}");
        assert!(Senders::of(vec![(ip, bits)]).is_yookassa(ip), "{head} does not hold itself");
    }
}

fn check_body(body: &[u8]) {
    if let Ok(notice) = Notice::parse(body) {
        assert!(!notice.object.is_empty());
        if notice.event.is_about_payment() {
            let payment = notice.payment.as_ref().map(|id| id.as_str());
            assert_eq!(payment, Some(notice.object.as_str()), "{notice:?}");
        }
    }
    if let Ok(payment) = serde_json::from_slice::<Payment>(body) {
        for sum in [Some(payment.amount), payment.refunded, payment.income].into_iter().flatten() {
            check_sum(sum);
        }
    }
    if let Ok(refund) = serde_json::from_slice::<Refund>(body) {
        check_sum(refund.amount);
    }
}

fn check_sum(sum: Kopecks) {
    let written = money::print(sum).expect("what is read can be written");
    assert_eq!(money::parse(&written), Ok(sum));
}
