//! `rei admin webhook-url`: where YooKassa is to send its notifications.

use std::process::ExitCode;

use anyhow::{Context, bail};
use url::Url;

use crate::settings::{Settings, WebhookAuth};
use crate::wiring;

/// The ports that YooKassa calls.
const PORTS: [u16; 2] = [443, 8443];
/// What the merchant's profile asks to choose.
const EVENTS: &str = "payment.succeeded, payment.canceled, refund.succeeded";

/// The address goes to standard output alone, so that a script can take it; what to do with it goes beside.
pub(super) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let (url, advice) = address(settings)?;
    println!("{url}");
    eprintln!("{advice}");
    Ok(ExitCode::SUCCESS)
}

/// The address and what to do with it.
fn address(settings: &Settings) -> anyhow::Result<(String, String)> {
    let payments = settings.payments.as_ref().context("payments are off: ENABLE_PAYMENTS=0")?;
    let base = settings.web.public_base_url.as_ref().context(
        "PUBLIC_BASE_URL is not set: the address has to begin with how the internet reaches this server",
    )?;
    let parsed = Url::parse(base).context("PUBLIC_BASE_URL is no address")?;
    let calls = parsed.scheme() == "https"
        && parsed.port_or_known_default().is_some_and(|port| PORTS.contains(&port));
    if !calls {
        bail!("PUBLIC_BASE_URL is {base}, and YooKassa calls only https on the ports 443 and 8443");
    }
    if payments.webhook_auth == WebhookAuth::Header {
        let advice = format!(
            "Your relay brings notifications here, each with the header X-Webhook-Signature (docs/payments.md).\n\
             At YooKassa register the relay's own address for {EVENTS}."
        );
        return Ok((format!("{base}/webhooks/yookassa"), advice));
    }
    let url = format!("{base}{}", wiring::signer(payments)?.webhook_path());
    let mut advice = format!(
        "Register it in YooKassa's merchant profile under Integration, HTTP notifications, for {EVENTS}.\n\
         Whoever knows it passes the first of five checks: treat it like a password, and keep your proxy from logging it."
    );
    if payments.webhook_secret_previous.is_some() {
        advice += "\nThe address of the previous secret still works. Take it away when the new one is registered.";
    }
    Ok((url, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: (&str, &str) = ("PUBLIC_BASE_URL", "https://bot.example.org");
    const ROOT: (&str, &str) = ("YOOKASSA_WEBHOOK_SECRET", "test-webhook-secret-0123456789abcdef");

    fn told(more: &[(&str, &str)]) -> anyhow::Result<(String, String)> {
        let folder = std::path::Path::new("unused");
        let base = Settings::for_simulators("http://127.0.0.1:1", "http://127.0.0.1:1", folder)
            .with_payments("100500", "test_simulated-secret-key", "http://127.0.0.1:1/v3");
        let builder = more.iter().fold(base, |builder, (name, value)| builder.set(name, value));
        address(&builder.build().expect("right"))
    }

    #[test]
    fn the_address_is_that_of_the_facts_sheet() {
        let (url, advice) = told(&[PUBLIC, ROOT]).expect("an address");
        let tag = "Mgt-dVkqCtvor7R0UbO0CHVxhAW7ggxCJ4zCYm3dVg4";
        assert_eq!(url, format!("https://bot.example.org/webhooks/yookassa/46a70489/{tag}"));
        assert!(advice.contains("payment.succeeded") && !advice.contains(tag), "{advice}");
    }

    #[test]
    fn an_address_that_yookassa_could_not_call_is_refused() {
        for (base, wants) in [
            (None, "PUBLIC_BASE_URL is not set"),
            (Some("https://bot.example.org:9000"), "443 and 8443"),
            (Some("http://127.0.0.1:8080"), "443 and 8443"),
        ] {
            let set: Vec<_> = base.map(|base| ("PUBLIC_BASE_URL", base)).into_iter().collect();
            let error = format!("{:#}", told(&set).expect_err("refused"));
            assert!(error.contains(wants), "{error}");
        }
        assert!(told(&[PUBLIC, ("ENABLE_PAYMENTS", "0")]).is_err());
    }

    #[test]
    fn a_relay_is_told_its_own_address() {
        let relay = [
            PUBLIC,
            ("YOOKASSA_WEBHOOK_AUTH", "header"),
            ("YOOKASSA_RELAY_SECRET", "a-simulated-relay-secret"),
        ];
        let (url, advice) = told(&relay).expect("an address");
        assert_eq!(url, "https://bot.example.org/webhooks/yookassa");
        assert!(advice.contains("X-Webhook-Signature"), "{advice}");
    }
}
