//! Reads the settings about money from outside, and checks what concerns several of them at once.

use rei_domain::ledger::PocketOrder;
use rei_domain::money::Kopecks;
use rei_yookassa::bodies::{PaymentMode, ReceiptForm, ReceiptService};
use secrecy::{ExposeSecret, SecretString};

use super::assemble::{key_of, small};
use super::model::Web;
use super::notes::Note;
use super::parse;
use super::payments_model::*;
use super::problems::Fault;
use super::reader::Reader;

/// No sum above this is a setting by intent.
const RUBLES_MAX: u64 = 1_000_000;
/// The shop's key is the root of our signatures when there is no other, and no real one is shorter.
const SHOP_KEY_BYTES_MIN: usize = 16;

/// Everything about money from outside.
pub struct Money {
    pub payments: Option<Payments>,
    pub stars: Option<Stars>,
    pub stars_only: bool,
    pub top_ups: TopUps,
    pub wallet: WalletRules,
    pub house_rules: HouseRules,
}

/// Reads it.
pub fn read(read: &mut Reader) -> Money {
    let is_on = read.switch("ENABLE_PAYMENTS");
    let top_ups = top_ups(read);
    let wallet = wallet(read);
    let house_rules = house_rules(read);
    let is_starred = read.switch("STARS_ENABLED");
    let stars_only = read.switch("STARS_ONLY");
    if stars_only && !is_starred {
        read.refuse("STARS_ONLY", Fault::WorksWith { other: "STARS_ENABLED=1" });
    }
    // Where Stars alone are offered a shop is only needed for what was begun there.
    let has_shop = read.is_set("YOOKASSA_SHOP_ID") || read.is_set("YOOKASSA_SECRET_KEY");
    let payments = payments(read, is_on && (!stars_only || has_shop));
    let stars = stars(read, is_starred);
    Money { payments, stars, stars_only, top_ups, wallet, house_rules }
}

/// Remarks on what works and is probably not meant.
pub fn notes(payments: Option<&Payments>, web: &Web) -> Vec<Note> {
    let is_enforced = payments.is_some_and(|payments| payments.ip_check == IpCheck::Enforce);
    // Behind a proxy on this machine every sender looks like this machine until the proxy may speak for others.
    let all_are_us = web.bind.ip().is_loopback() && web.trusted_proxies.is_empty();
    if is_enforced && all_are_us { vec![Note::NobodyPasses] } else { Vec::new() }
}

fn top_ups(read: &mut Reader) -> TopUps {
    let whole = |text: &str| parse::whole_rubles(text, 1, RUBLES_MAX);
    let min = read.or_default("TOPUP_MIN", whole);
    let max = read.or_default("TOPUP_MAX", whole);
    let mut amounts = read.or_default("TOPUP_AMOUNTS", parse::whole_sums);
    let per_hour = read.or_default("TOPUPS_PER_HOUR", |text| small(text, 1, 1_000));
    if max < min {
        read.refuse("TOPUP_MAX", Fault::Below { other: "TOPUP_MIN" });
        return TopUps { min, max, amounts, per_hour };
    }
    let limits = min..=max;
    let outside = amounts.iter().find(|sum| !limits.contains(sum)).copied();
    match outside {
        Some(sum) if read.is_set("TOPUP_AMOUNTS") => {
            let item = (sum.get() / 100).to_string();
            read.refuse("TOPUP_AMOUNTS", Fault::OutsideLimits { item });
        }
        // The usual sums give way to the owner's limits.
        Some(_) => amounts.retain(|sum| limits.contains(sum)),
        None => {}
    }
    if amounts.is_empty() {
        amounts.push(min);
    }
    TopUps { min, max, amounts, per_hour }
}

fn wallet(read: &mut Reader) -> WalletRules {
    let percent: u8 = read.or_default("FIRST_TOPUP_BONUS_PERCENT", |text| small(text, 0, 100));
    let max = read.optional("FIRST_TOPUP_BONUS_MAX", parse::rubles);
    if percent > 0 && !read.is_set("FIRST_TOPUP_BONUS_MAX") {
        let by = "FIRST_TOPUP_BONUS_PERCENT".to_owned();
        read.refuse("FIRST_TOPUP_BONUS_MAX", Fault::Needed { by });
    }
    let orders = [("bonus_first", PocketOrder::BonusFirst), ("cash_first", PocketOrder::CashFirst)];
    WalletRules {
        welcome_gift: read.or_default("WELCOME_GIFT", parse::rubles_or_nothing),
        first_top_up: max.filter(|_| percent > 0).map(|max| FirstTopUp { percent, max }),
        pockets: read.or_default("WALLET_ORDER", |text| parse::choice(text, &orders)),
    }
}

fn house_rules(read: &mut Reader) -> HouseRules {
    HouseRules {
        support: read.optional("SUPPORT_CONTACT", parse::contact),
        terms_version: read.or_default("TERMS_VERSION", |text| small(text, 0, 1_000_000)),
        approval_limit: read.optional("ADMIN_APPROVAL_LIMIT", parse::rubles),
        usd_rate: read.optional("USD_RATE", parse::rubles),
    }
}

fn stars(read: &mut Reader, is_on: bool) -> Option<Stars> {
    let rate = read.optional("STARS_RATE", |text| parse::number(text, 1, 100_000));
    if is_on && !read.is_set("STARS_RATE") {
        read.refuse("STARS_RATE", Fault::Needed { by: "STARS_ENABLED=1".to_owned() });
    }
    let kopecks = i64::try_from(rate?).ok()?;
    is_on.then_some(Stars { rate: Kopecks::new(kopecks) })
}

fn payments(read: &mut Reader, is_on: bool) -> Option<Payments> {
    let switch = "ENABLE_PAYMENTS=0";
    let shop_id = if is_on {
        read.required("YOOKASSA_SHOP_ID", Fault::MissingUnless { switch }, parse::digit_text)
    } else {
        read.optional("YOOKASSA_SHOP_ID", parse::digit_text).unwrap_or_default()
    };
    let auths = [
        ("url", WebhookAuth::Url),
        ("header", WebhookAuth::Header),
        ("url+header", WebhookAuth::UrlAndHeader),
    ];
    let webhook_auth = read.or_default("YOOKASSA_WEBHOOK_AUTH", |text| parse::choice(text, &auths));
    let relay_secret = read.optional("YOOKASSA_RELAY_SECRET", |text| parse::own_secret(text, 16));
    if is_on && webhook_auth != WebhookAuth::Url && !read.is_set("YOOKASSA_RELAY_SECRET") {
        let by = "YOOKASSA_WEBHOOK_AUTH=header".to_owned();
        read.refuse("YOOKASSA_RELAY_SECRET", Fault::Needed { by });
    }
    let secret_key = key_of(read, "YOOKASSA_SECRET_KEY", is_on, switch);
    let base_url = read.or_default("YOOKASSA_BASE_URL", parse::base_url);
    let test_mode = read.switch("YOOKASSA_TEST_MODE");
    if is_on && !secret_key.expose_secret().is_empty() {
        check_key(read, &secret_key, &base_url, test_mode);
    }
    let checks = [("enforce", IpCheck::Enforce), ("log", IpCheck::Log), ("off", IpCheck::Off)];
    let payments = Payments {
        shop_id,
        is_test: rei_yookassa::is_test_key(&secret_key),
        secret_key,
        base_url,
        return_url: read.optional("YOOKASSA_RETURN_URL", parse::page_url),
        webhook_secret: read.optional("YOOKASSA_WEBHOOK_SECRET", parse::root_secret),
        webhook_secret_previous: read
            .optional("YOOKASSA_WEBHOOK_SECRET_PREVIOUS", parse::root_secret),
        webhook_auth,
        relay_secret,
        ip_check: read.or_default("YOOKASSA_IP_CHECK", |text| parse::choice(text, &checks)),
        receipts: receipts(read),
    };
    is_on.then_some(payments)
}

/// Play money must be meant, and real money as well. A simulator on this machine moves neither.
fn check_key(read: &mut Reader, key: &SecretString, base_url: &str, test_mode: bool) {
    let is_test = rei_yookassa::is_test_key(key);
    if key.expose_secret().len() < SHOP_KEY_BYTES_MIN {
        read.refuse("YOOKASSA_SECRET_KEY", Fault::TooShort { min: SHOP_KEY_BYTES_MIN });
    } else if is_test && !test_mode && !parse::is_on_this_machine(base_url) {
        read.refuse("YOOKASSA_SECRET_KEY", Fault::TestKey);
    } else if !is_test && test_mode {
        read.refuse("YOOKASSA_TEST_MODE", Fault::LiveKey);
    }
}

fn receipts(read: &mut Reader) -> Option<Receipts> {
    let makers = [
        ("off", None),
        ("yookassa", Some(ReceiptsBy::Yookassa)),
        ("kassa", Some(ReceiptsBy::Kassa)),
    ];
    let by = read.or_default("RECEIPTS", |text| parse::choice(text, &makers));
    let vat_code = read.optional("RECEIPTS_VAT_CODE", |text| small(text, 1, 12));
    let tax_system_code = read.optional("RECEIPTS_TAX_SYSTEM_CODE", |text| small(text, 1, 6));
    let subject = read.or_default("RECEIPTS_SUBJECT", parse::word_of_yookassa);
    let measure = read.or_default("RECEIPTS_MEASURE", parse::word_of_yookassa);
    let modes = [
        ("full_payment", ReceiptMode::FullPayment),
        ("full_prepayment", ReceiptMode::FullPrepayment),
        ("advance", ReceiptMode::Advance),
    ];
    let mode = read.or_default("RECEIPTS_MODE", |text| parse::choice(text, &modes));
    let by = by?;
    if !read.is_set("RECEIPTS_VAT_CODE") {
        read.refuse("RECEIPTS_VAT_CODE", Fault::Needed { by: "RECEIPTS".to_owned() });
    }
    if mode == ReceiptMode::Advance && by == ReceiptsBy::Yookassa {
        read.refuse("RECEIPTS_MODE", Fault::AdvanceNeedsKassa);
    }
    let vat_code = vat_code.unwrap_or(1);
    let receipts = Receipts { by, vat_code, tax_system_code, subject, measure, mode };
    debug_assert!(
        mode == ReceiptMode::Advance || receipts.form().check().is_ok(),
        "what passes here passes where receipts are made"
    );
    Some(receipts)
}

impl Receipts {
    /// The same in the words of YooKassa's client.
    pub fn form(&self) -> ReceiptForm {
        ReceiptForm {
            service: match self.by {
                ReceiptsBy::Yookassa => ReceiptService::YooKassa,
                ReceiptsBy::Kassa => ReceiptService::Kassa,
            },
            vat_code: self.vat_code,
            subject: self.subject.clone(),
            mode: match self.mode {
                ReceiptMode::FullPayment => PaymentMode::FullPayment,
                ReceiptMode::FullPrepayment => PaymentMode::FullPrepayment,
                ReceiptMode::Advance => PaymentMode::Advance,
            },
            measure: self.measure.clone(),
            tax_system_code: self.tax_system_code,
        }
    }
}
