//! The ways to pay, from the settings.

use std::sync::Arc;

use anyhow::Context;
use rei_app::payments::{
    PaymentRail, Payments, ReceiptRules, SenderCheck, StarsRail, YooKassaRail, YooKassaRules,
};
use rei_domain::clock::SharedClock;
use rei_domain::ledger::Rail;
use rei_domain::payment::RailRules;
use rei_domain::shared::SharedLimits;
use rei_telegram::Client;
use rei_yookassa::authenticity::{Mode, RelayKey, Signer};
use rei_yookassa::{ShopOptions, YooKassa};

use crate::settings::{self, IpCheck, Settings, WebhookAuth};

/// All ways to pay with the owner's rules.
///
/// # Errors
/// When the shop's settings can't be used.
pub(super) fn payments(
    settings: &Settings,
    telegram: &Arc<Client>,
    clock: &SharedClock,
    limits: &SharedLimits,
) -> anyhow::Result<Payments> {
    let yookassa = yookassa(settings, clock, limits)?.map(Arc::new);
    // In the order of the buttons.
    let mut rails: Vec<Arc<dyn PaymentRail>> = Vec::new();
    let mut closed_rails: Vec<Arc<dyn PaymentRail>> = Vec::new();
    if let Some(rail) = yookassa.clone() {
        if settings.stars_only { closed_rails.push(rail) } else { rails.push(rail) }
    }
    let stars = Arc::new(stars(settings, telegram, clock));
    // What was begun while they were on is still followed.
    if settings.stars.is_some() {
        rails.push(stars)
    } else {
        closed_rails.push(stars)
    }
    Ok(Payments {
        rails,
        closed_rails,
        wants_email: yookassa.is_some() && receipts(settings).is_some(),
        yookassa,
        amounts: settings.top_ups.amounts.clone(),
        new_per_hour: i64::from(settings.top_ups.per_hour),
        terms_version: settings.house_rules.terms_version,
        support: settings.house_rules.support.clone(),
    })
}

/// YooKassa as a way to pay, unless payments are off.
///
/// # Errors
/// When the shop's settings can't be used.
pub fn yookassa(
    settings: &Settings,
    clock: &SharedClock,
    limits: &SharedLimits,
) -> anyhow::Result<Option<YooKassaRail>> {
    let Some(payments) = &settings.payments else { return Ok(None) };
    let options = ShopOptions {
        base_url: payments.base_url.clone(),
        ..ShopOptions::new(payments.shop_id.clone(), payments.secret_key.clone())
    };
    let shop = YooKassa::new(options, clock.clone(), limits.clone())
        .context("YooKassa's client can't be made")?;
    let rules = YooKassaRules {
        limits: RailRules {
            rail: Rail::YooKassa,
            min: settings.top_ups.min,
            max: settings.top_ups.max,
            unit: None,
        },
        receipts: receipts(settings),
        return_url: payments.return_url.clone(),
        wants_address: payments.webhook_auth != WebhookAuth::Header,
        relay: match payments.webhook_auth {
            WebhookAuth::Url => None,
            WebhookAuth::Header | WebhookAuth::UrlAndHeader => {
                payments.relay_secret.as_ref().map(RelayKey::new)
            }
        },
        sender_check: match payments.ip_check {
            IpCheck::Enforce => SenderCheck::Enforce,
            IpCheck::Log => SenderCheck::Log,
            IpCheck::Off => SenderCheck::Off,
        },
        trusted_proxies: settings
            .web
            .trusted_proxies
            .iter()
            .map(|network| (network.address, network.prefix))
            .collect(),
    };
    let signer = signer(payments)?;
    Ok(Some(YooKassaRail::new(shop, signer, rules, payments.is_test)))
}

/// Telegram Stars as a way to pay. What is paid in them is credited at the owner's rate.
fn stars(settings: &Settings, telegram: &Arc<Client>, clock: &SharedClock) -> StarsRail {
    let rules = RailRules {
        rail: Rail::Stars,
        min: settings.top_ups.min,
        max: settings.top_ups.max,
        unit: settings.stars.as_ref().map(|stars| stars.rate),
    };
    StarsRail::new(Arc::clone(telegram), rules, false, clock.clone())
}

/// Signs our payments and the address of notifications.
///
/// # Errors
/// When the secret could be guessed.
pub fn signer(payments: &settings::Payments) -> anyhow::Result<Signer> {
    let (root, previous) = (payments.signing_root(), payments.webhook_secret_previous.as_ref());
    Signer::new(&payments.shop_id, Mode::of_shop(payments.is_test), root, previous)
        .context("YOOKASSA_WEBHOOK_SECRET can't be used")
}

fn receipts(settings: &Settings) -> Option<ReceiptRules> {
    let receipts = settings.payments.as_ref()?.receipts.as_ref()?;
    Some(ReceiptRules { form: receipts.form() })
}
