//! What concerns several settings about money at once.

use rei_domain::money::Kopecks;
use secrecy::ExposeSecret;

use super::tests::{FULL, PICTURES, refused, with};
use super::*;

/// Everything but the shop.
const NO_SHOP: usize = 3;

const TEST_KEY: (&str, &str) = ("YOOKASSA_SECRET_KEY", "test_PlantedShopKey");
const PUBLIC: (&str, &str) = ("PUBLIC_BASE_URL", "https://bot.example.org");
const TEST_MODE: (&str, &str) = ("YOOKASSA_TEST_MODE", "1");

#[test]
fn start_up_refuses_play_money_that_was_not_asked_for() {
    assert_eq!(refused(FULL, &[TEST_KEY, PUBLIC]), ["YOOKASSA_SECRET_KEY"]);
    assert_eq!(refused(FULL, &[TEST_KEY]), ["YOOKASSA_SECRET_KEY"], "polling is no excuse");
    let settings = with(FULL, &[TEST_KEY, PUBLIC, TEST_MODE]).expect("a trial that is meant");
    assert!(settings.payments.expect("payments are on").is_test);
    let report = with(FULL, &[TEST_KEY, PUBLIC]).expect_err("refused").to_string();
    assert!(report.contains("YOOKASSA_TEST_MODE=1") && !report.contains("Planted"), "{report}");
}

#[test]
fn start_up_refuses_real_money_where_play_money_was_asked_for() {
    assert_eq!(refused(FULL, &[TEST_MODE]), ["YOOKASSA_TEST_MODE"]);
    assert_eq!(refused(PICTURES, &[TEST_MODE]), Vec::<String>::new(), "payments are off");
}

#[test]
fn a_simulator_on_this_machine_may_have_any_key() {
    let here = ("YOOKASSA_BASE_URL", "http://127.0.0.1:9/v3");
    assert!(with(FULL, &[TEST_KEY, here]).is_ok_and(|it| it.payments.is_some_and(|it| it.is_test)));
    assert!(with(FULL, &[here]).is_ok_and(|it| it.payments.is_some_and(|it| !it.is_test)));
}

#[test]
fn sums_on_buttons_fit_the_limits() {
    let amounts = |more: &[_]| with(FULL, more).expect("right").top_ups.amounts;
    let rubles =
        |sums: &[i64]| sums.iter().map(|sum| Kopecks::from_rubles(*sum)).collect::<Vec<_>>();
    assert_eq!(amounts(&[("TOPUP_AMOUNTS", "300, 50")]), rubles(&[300, 50]));
    assert_eq!(
        amounts(&[("TOPUP_MIN", "160")]),
        rubles(&[200, 500, 1000]),
        "the usual ones give way"
    );
    assert_eq!(amounts(&[("TOPUP_MIN", "5000")]), rubles(&[5000]));
    assert_eq!(refused(FULL, &[("TOPUP_MIN", "60"), ("TOPUP_AMOUNTS", "50")]), ["TOPUP_AMOUNTS"]);
    assert_eq!(refused(FULL, &[("TOPUP_MIN", "600"), ("TOPUP_MAX", "500")]), ["TOPUP_MAX"]);
}

#[test]
fn stars_need_a_rate_and_stars_alone_need_stars() {
    let (on, rate, only) = (("STARS_ENABLED", "1"), ("STARS_RATE", "130"), ("STARS_ONLY", "1"));
    assert_eq!(refused(PICTURES, &[on]), ["STARS_RATE"]);
    assert_eq!(refused(PICTURES, &[only]), ["STARS_ONLY"]);
    let settings = with(PICTURES, &[on, rate]).expect("Stars without YooKassa");
    assert_eq!(settings.stars, Some(Stars { rate: Kopecks::new(130) }));
    assert!(with(PICTURES, &[rate]).expect("right").stars.is_none(), "a rate alone sells nothing");
}

#[test]
fn stars_alone_need_no_shop_but_keep_one() {
    let stars = [("STARS_ENABLED", "1"), ("STARS_RATE", "130"), ("STARS_ONLY", "1")];
    let without = with(&FULL[..NO_SHOP], &stars).expect("no shop is needed");
    assert!(without.payments.is_none() && without.stars_only);
    assert!(with(FULL, &stars).expect("right").payments.is_some(), "what was begun there goes on");
    let half = [stars.as_slice(), &[("YOOKASSA_SHOP_ID", "100500")]].concat();
    assert_eq!(refused(&FULL[..NO_SHOP], &half), ["YOOKASSA_SECRET_KEY"]);
}

#[test]
fn a_gift_has_a_bound() {
    let percent = ("FIRST_TOPUP_BONUS_PERCENT", "10");
    assert_eq!(refused(FULL, &[percent]), ["FIRST_TOPUP_BONUS_MAX"]);
    let settings = with(FULL, &[percent, ("FIRST_TOPUP_BONUS_MAX", "500")]).expect("right");
    let max = Kopecks::from_rubles(500);
    assert_eq!(settings.wallet.first_top_up, Some(FirstTopUp { percent: 10, max }));
    let alone = with(FULL, &[("FIRST_TOPUP_BONUS_MAX", "500")]).expect("right");
    assert_eq!(alone.wallet.first_top_up, None);
}

#[test]
fn what_is_said_about_receipts_is_what_their_maker_takes() {
    let receipts = |more: &[_]| {
        let base = [("RECEIPTS", "kassa"), ("RECEIPTS_VAT_CODE", "12")];
        let settings = with(FULL, &[base.as_slice(), more].concat()).expect("right");
        settings.payments.and_then(|payments| payments.receipts).expect("receipts are on")
    };
    assert_eq!(receipts(&[]).form().check(), Ok(()));
    assert_eq!(receipts(&[("RECEIPTS_MODE", "advance")]).form().check(), Ok(()));
    let whole = receipts(&[("RECEIPTS_MEASURE", "hour"), ("RECEIPTS_TAX_SYSTEM_CODE", "6")]);
    let form = whole.form();
    assert_eq!(form.check(), Ok(()));
    assert_eq!((form.measure.as_str(), form.tax_system_code, form.vat_code), ("hour", Some(6), 12));
}

#[test]
fn a_check_of_senders_that_nobody_passes_is_remarked_on() {
    let enforced = ("YOOKASSA_IP_CHECK", "enforce");
    let notes = |more: &[_]| with(FULL, more).expect("right").notes().to_vec();
    assert_eq!(notes(&[enforced]), [Note::NobodyPasses]);
    assert_eq!(notes(&[enforced, ("TRUSTED_PROXIES", "127.0.0.1")]), []);
    assert_eq!(notes(&[enforced, ("HTTP_BIND", "0.0.0.0:8080")]), []);
    for language in Language::BOTH {
        assert!(Note::NobodyPasses.text(language).contains("TRUSTED_PROXIES"));
    }
}

#[test]
fn p14_the_shops_key_and_the_tags_of_our_address_are_secrets() {
    let tags = |more: &[_]| {
        let secrets = with(FULL, more).expect("right").secrets();
        let all = secrets.iter().map(|secret| secret.expose_secret().to_owned());
        all.filter(|secret| secret.len() == 43).collect::<Vec<_>>()
    };
    // The vector of the facts sheet.
    let vector = "Mgt-dVkqCtvor7R0UbO0CHVxhAW7ggxCJ4zCYm3dVg4";
    assert_eq!(
        tags(&[("YOOKASSA_WEBHOOK_SECRET", "test-webhook-secret-0123456789abcdef")]),
        [vector]
    );
    let both = tags(&[
        ("YOOKASSA_WEBHOOK_SECRET", "another-webhook-secret-0123456789abc"),
        ("YOOKASSA_WEBHOOK_SECRET_PREVIOUS", "test-webhook-secret-0123456789abcdef"),
    ]);
    assert!(both.len() == 2 && both[1] == vector, "{both:?}");
    assert_eq!(tags(&[]).len(), 1, "the shop's key signs when nothing else does");
    let secrets = with(FULL, &[]).expect("right").secrets();
    assert!(secrets.iter().any(|secret| secret.expose_secret() == "live_PlantedShopKey"));
}
