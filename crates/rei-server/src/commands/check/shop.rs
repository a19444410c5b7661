//! Whether payments will come in: the shop, the address of its notifications, Stars.

use std::sync::Arc;

use rei_domain::clock::SharedClock;
use rei_domain::shared::{Alone, SharedLimits};
use rei_yookassa::CallError;
use rei_yookassa::objects::ShopProfile;

use super::Line;
use crate::settings::{Payments, ReceiptsBy, Settings, WebhookAuth};
use crate::system::SystemClock;
use crate::wiring;

/// Asks YooKassa who we are. Only refused credentials are a failure: plain shops may not ask, and take payments.
pub(super) async fn shop(settings: &Settings) -> Line {
    let what = "yookassa";
    let clock: SharedClock = Arc::new(SystemClock);
    let alone: SharedLimits = Arc::new(Alone);
    let (rail, payments) = match (wiring::yookassa(settings, &clock, &alone), &settings.payments) {
        (Ok(Some(rail)), Some(payments)) => (rail, payments),
        (Ok(_), _) => return Line { what, works: true, says: "payments are off".to_owned() },
        (Err(error), _) => return Line { what, works: false, says: format!("{error:#}") },
    };
    match rail.shop().me().await {
        Ok(profile) => Line { what, works: true, says: told(payments, &profile) },
        Err(error @ CallError::Credentials(_)) => {
            Line { what, works: false, says: error.to_string() }
        }
        Err(error) => {
            let says =
                format!("the shop could not be asked, payments may work all the same: {error}");
            Line { what, works: true, says }
        }
    }
}

/// What the shop says about itself, with everything that does not fit the settings.
fn told(payments: &Payments, profile: &ShopProfile) -> String {
    let kind = if payments.is_test { "test shop" } else { "shop" };
    let mut says = vec![format!("the key is taken, {kind} {}", payments.shop_id)];
    if profile.account_id != payments.shop_id {
        says.push(format!("but YooKassa says it is {}", profile.account_id));
    }
    if profile.test.is_some_and(|test| test != payments.is_test) {
        says.push("but YooKassa says the opposite about testing".to_owned());
    }
    if profile.status.as_deref().is_some_and(|status| status != "enabled") {
        says.push("but it is not enabled".to_owned());
    }
    let by_yookassa = profile.fiscalization.as_ref().map(|receipts| receipts.enabled);
    let by_us = payments.receipts.as_ref().map(|receipts| receipts.by);
    match (by_yookassa, by_us) {
        (Some(true), None) => {
            says.push(
                "but it makes receipts and RECEIPTS is off: payments will be refused".to_owned(),
            );
        }
        (Some(false), Some(ReceiptsBy::Yookassa | ReceiptsBy::Kassa)) => {
            says.push("but it makes no receipts and RECEIPTS is on".to_owned());
        }
        _ => {}
    }
    says.join("; ")
}

/// Where notifications come, without what makes the address unguessable.
pub(super) fn notices(settings: &Settings) -> Line {
    let what = "notices";
    let Some(payments) = &settings.payments else {
        return Line { what, works: true, says: "payments are off".to_owned() };
    };
    let Some(base) = &settings.web.public_base_url else {
        let says = "no PUBLIC_BASE_URL, so none come: a payment is found by asking, within a minute or more";
        return Line { what, works: true, says: says.to_owned() };
    };
    match wiring::signer(payments) {
        Ok(_) if payments.webhook_auth == WebhookAuth::Header => {
            let says = format!("come by the relay to {base}/webhooks/yookassa");
            Line { what, works: true, says }
        }
        Ok(signer) => {
            let path = signer.webhook_path_masked();
            let says = format!("come to {base}{path} (rei admin webhook-url tells the whole)");
            Line { what, works: true, says }
        }
        Err(error) => Line { what, works: false, says: format!("{error:#}") },
    }
}

pub(super) fn stars(settings: &Settings) -> Line {
    let says = match (&settings.stars, settings.stars_only) {
        (None, _) => "Telegram Stars are off".to_owned(),
        (Some(stars), false) => format!("a star is credited as {}", stars.rate),
        (Some(stars), true) => {
            format!("a star is credited as {}; nothing else is offered", stars.rate)
        }
    };
    Line { what: "stars", works: true, says }
}

#[cfg(test)]
mod tests {
    use rei_sim::yookassa::{CallKind, Fault, FaultKind, YooKassaOptions, YooKassaSim};

    use super::*;
    use crate::settings::Builder;

    const ROOT: (&str, &str) = ("YOOKASSA_WEBHOOK_SECRET", "test-webhook-secret-0123456789abcdef");

    async fn sim() -> YooKassaSim {
        YooKassaSim::start(YooKassaOptions::default()).await.expect("it starts")
    }

    fn settings(sim: &YooKassaSim, more: &[(&str, &str)]) -> Settings {
        let folder = std::path::Path::new("unused");
        let base = Settings::for_simulators("http://127.0.0.1:1", "http://127.0.0.1:1", folder)
            .with_payments(&sim.shop().shop_id, &sim.shop().secret_key, &sim.base_url());
        let set = |builder: Builder, pair: &(&str, &str)| builder.set(pair.0, pair.1);
        more.iter().fold(base, set).build().expect("right")
    }

    #[tokio::test]
    async fn a_shop_whose_key_is_taken_is_fine() {
        let sim = sim().await;
        let line = shop(&settings(&sim, &[])).await;
        assert!(line.works && line.says.contains("test shop 100500"), "{}", line.says);
    }

    #[tokio::test]
    async fn a_wrong_key_fails_and_a_shop_that_may_not_ask_does_not() {
        let sim = sim().await;
        let wrong = settings(&sim, &[("YOOKASSA_SECRET_KEY", "test_PLANTED-another-key")]);
        let line = shop(&wrong).await;
        assert!(!line.works && !line.says.contains("PLANTED"), "{}", line.says);
        let forbidden = FaultKind::Error { status: 403, code: "forbidden".to_owned() };
        sim.fault(Fault::next(forbidden).on(CallKind::Me));
        let line = shop(&settings(&sim, &[])).await;
        assert!(line.works && line.says.contains("may work"), "{}", line.says);
    }

    #[tokio::test]
    async fn the_address_is_shown_without_its_tag() {
        let sim = sim().await;
        let public = ("PUBLIC_BASE_URL", "https://bot.example.org");
        let line = notices(&settings(&sim, &[ROOT, public]));
        let shown = "https://bot.example.org/webhooks/yookassa/46a70489/… ";
        assert!(line.says.contains(shown), "{}", line.says);
        assert!(notices(&settings(&sim, &[])).says.contains("no PUBLIC_BASE_URL"));
    }
}
