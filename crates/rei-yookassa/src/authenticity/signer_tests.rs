//! The vectors of the facts sheet, and whatever a forger may change.

use proptest::prelude::*;

use super::*;

const ROOT: &str = "test-webhook-secret-0123456789abcdef";
const NEXT_ROOT: &str = "test-webhook-secret-of-next-year-0001";
const ORDER: &str = "6f1c2a52-6d0e-4c7e-9a55-2f0f5a1b7c11";
const URL_TAG: &str = "Mgt-dVkqCtvor7R0UbO0CHVxhAW7ggxCJ4zCYm3dVg4";
const META_SIG: &str = "v1.46a70489.grzOnIkg9HPR24FUCNSrOXmtrn2vTNCzrAUbgRSERI4";
const SUM: Kopecks = Kopecks::new(50_000);

fn signer(shop_id: &str, mode: Mode, root: &str, previous: Option<&str>) -> Signer {
    let secret = |root: &str| SecretString::from(root.to_owned());
    Signer::new(shop_id, mode, &secret(root), previous.map(secret).as_ref()).expect("a signer")
}

fn live() -> Signer {
    signer("100500", Mode::Live, ROOT, None)
}

#[test]
fn the_vectors_of_the_facts_sheet_are_signed() {
    assert_eq!(live().webhook_path(), format!("/webhooks/yookassa/46a70489/{URL_TAG}"));
    assert_eq!(live().sign_topup(ORDER, "42", SUM, "RUB"), META_SIG);
    assert!(live().check_path("46a70489", URL_TAG));
    assert!(live().check_topup(META_SIG, ORDER, "42", SUM, "RUB"));
}

#[test]
fn whatever_is_changed_the_signature_no_longer_fits() {
    let signer = live();
    let check =
        |sig, order, user, sum, currency| signer.check_topup(sig, order, user, sum, currency);
    assert!(!check(META_SIG, "6f1c2a52-6d0e-4c7e-9a55-2f0f5a1b7c12", "42", SUM, "RUB"));
    assert!(!check(META_SIG, ORDER, "43", SUM, "RUB"));
    assert!(!check(META_SIG, ORDER, "42", Kopecks::new(50_001), "RUB"));
    assert!(!check(META_SIG, ORDER, "42", SUM, "USD"));
    assert!(!signer.check_refund(META_SIG, ORDER, "42", SUM, "RUB"), "a top-up is no refund");
    let refund = signer.sign_refund(ORDER, "42", SUM, "RUB");
    assert!(signer.check_refund(&refund, ORDER, "42", SUM, "RUB"));
    assert!(!check(&refund, ORDER, "42", SUM, "RUB"), "a refund is no top-up");
}

#[test]
fn another_shop_mode_or_root_signs_otherwise() {
    for other in [
        signer("100501", Mode::Live, ROOT, None),
        signer("100500", Mode::Test, ROOT, None),
        signer("100500", Mode::Live, NEXT_ROOT, None),
    ] {
        assert!(!other.check_topup(META_SIG, ORDER, "42", SUM, "RUB"), "{other:?}");
    }
    assert!(!signer("100501", Mode::Live, ROOT, None).check_path("46a70489", URL_TAG));
    assert!(!signer("100500", Mode::Live, NEXT_ROOT, None).check_path("46a70489", URL_TAG));
}

#[test]
fn what_is_no_tag_is_refused() {
    let signer = live();
    let padded = format!("{URL_TAG}=");
    // The last letter has two bits to spare: the same bytes, another text.
    let other_text = format!("{}5", URL_TAG.strip_suffix('4').expect("its last letter"));
    let standard = URL_TAG.replace('-', "+");
    for tag in ["", "x", &URL_TAG[..42], &padded, &other_text, &standard, "ы", &"A".repeat(43)] {
        assert!(!signer.check_path("46a70489", tag), "{tag}");
    }
    for kid in ["", "46A70489", "46a7048", "46a70489 ", "00000000"] {
        assert!(!signer.check_path(kid, URL_TAG), "{kid}");
    }
    for signature in [
        "",
        "v1",
        "v1.",
        "v1..",
        "v1.46a70489",
        "v1.46a70489.",
        &META_SIG.replace("v1", "v2"),
        &META_SIG.replace("46a70489", "46a70488"),
        &format!("{META_SIG}."),
        &format!(" {META_SIG}"),
        &META_SIG[..META_SIG.len() - 1],
    ] {
        assert!(!signer.check_topup(signature, ORDER, "42", SUM, "RUB"), "{signature}");
    }
}

#[test]
fn while_the_root_is_replaced_both_are_taken_and_the_new_one_signs() {
    let both = signer("100500", Mode::Live, NEXT_ROOT, Some(ROOT));
    assert!(both.check_path("46a70489", URL_TAG));
    assert!(both.check_topup(META_SIG, ORDER, "42", SUM, "RUB"));
    let new = signer("100500", Mode::Live, NEXT_ROOT, None);
    assert_eq!(both.webhook_path(), new.webhook_path());
    assert!(new.check_topup(&both.sign_topup(ORDER, "42", SUM, "RUB"), ORDER, "42", SUM, "RUB"));
}

#[test]
fn a_line_break_cannot_make_another_claim() {
    let signer = live();
    let signed = signer.sign_topup("a", "b", SUM, "RUB");
    assert!(signer.check_topup(&signed, "a", "b", SUM, "RUB"));
    assert!(!signer.check_topup(&signed, "a\nb", "", SUM, "RUB"));
    assert!(!signer.check_topup(META_SIG, "x\ny", "42", SUM, "RUB"));
}

#[test]
#[should_panic(expected = "no control characters")]
fn an_id_with_a_line_break_is_not_signed() {
    live().sign_topup("a\nb", "42", SUM, "RUB");
}

#[test]
fn a_root_that_could_be_guessed_is_refused() {
    let new = |root: &str, previous: Option<&str>| {
        let secret = |root: &str| SecretString::from(root.to_owned());
        Signer::new("1", Mode::Live, &secret(root), previous.map(secret).as_ref()).err()
    };
    assert_eq!(new("", None), Some(KeyError));
    assert_eq!(new("fifteen-bytes-x", None), Some(KeyError));
    assert_eq!(new(ROOT, Some("")), Some(KeyError));
    assert_eq!(new("sixteen-bytes-xy", None), None);
}

#[test]
fn nothing_that_is_printed_for_the_log_opens_the_door() {
    let shown = format!("{:?} {}", live(), live().webhook_path_masked());
    assert!(shown.contains("46a70489") && !shown.contains("Mgt-") && !shown.contains("secret"));
}

proptest! {
    #[test]
    fn whatever_is_signed_is_accepted_as_it_was_and_not_otherwise(
        order in "[0-9a-z-]{1,40}", other in "[0-9a-z-]{1,40}",
        user in "[0-9]{1,15}", kopecks in 0..=i64::MAX, more in 1..1_000_i64,
    ) {
        let (signer, sum) = (live(), Kopecks::new(kopecks));
        let signature = signer.sign_topup(&order, &user, sum, "RUB");
        prop_assert!(signer.check_topup(&signature, &order, &user, sum, "RUB"));
        prop_assert_eq!(signer.check_topup(&signature, &other, &user, sum, "RUB"), order == other);
        let larger = Kopecks::new(kopecks.wrapping_add(more));
        prop_assert!(!signer.check_topup(&signature, &order, &user, larger, "RUB"));
    }

    #[test]
    fn no_other_text_passes_for_a_tag(tag in "\\PC{0,60}", kid in "\\PC{0,12}") {
        prop_assert!(!live().check_path(&kid, &tag) || (kid == "46a70489" && tag == URL_TAG));
        let signature = format!("v1.{kid}.{tag}");
        prop_assert!(!live().check_topup(&signature, ORDER, "42", SUM, "RUB") || signature == META_SIG);
    }

    #[test]
    fn one_changed_letter_spoils_a_tag(at in 0..43_usize, letter in "[A-Za-z0-9_-]") {
        let mut tag = URL_TAG.to_owned();
        tag.replace_range(at..=at, &letter);
        prop_assert_eq!(live().check_path("46a70489", &tag), tag == URL_TAG);
    }
}
