//! Promises about screens: every command answers, every button leads somewhere, nothing is too long for Telegram.

use super::*;
use crate::admin::COMMANDS;

fn filled() -> Shop {
    let shop = Shop::open(EngineKind::Sqlite, |_| {});
    shop.buys(ANNA, Kopecks::from_rubles(50));
    shop.orders(ANNA);
    shop.does(BOSS, "/price nano-banana-pro 2K 60");
    shop.does(BOSS, "/ban 43 <b>спам</b> & ложь");
    shop.does(BOSS, "/flag kling-26 off");
    for number in 0..25 {
        shop.does(BOSS, &format!("/add 42 1 мелочь {number}"));
    }
    shop
}

#[test]
fn every_command_answers_everybody_within_telegram_s_limits() {
    let shop = filled();
    for role in Role::ALL {
        for name in COMMANDS {
            for args in ["", "42", "42 100 причина", "nano-banana-pro", "junk & <b>junk</b>"]
            {
                let words = format!("/{name} {args}");
                shop.messages.set(shop.messages.get() + 1);
                let (house, message) = (shop.house.clone(), MessageId(shop.messages.get()));
                let caller = Caller { id: BOSS, role, lang: Lang::En };
                let reply = shop.write(move |tx, now| {
                    command(tx, &house, &caller, name, args, message, None, now)
                });
                assert!(!reply.html.is_empty(), "{words}");
                check(&words, &reply);
            }
        }
    }
}

#[test]
fn every_button_of_every_screen_leads_somewhere() {
    let shop = filled();
    let mut waiting: Vec<String> = Vec::new();
    for words in
        ["/admin", "/admin_user 42", "/ledger 42", "/price", "/admin_jobs all", "/audit 42"]
    {
        waiting.extend(buttons(&shop.says(BOSS, words)).into_iter().map(|it| it.1));
    }
    let mut seen = BTreeSet::new();
    while let Some(data) = waiting.pop() {
        if !seen.insert(data.clone()) {
            continue;
        }
        assert!(seen.len() < 2_000, "screens lead to each other without an end");
        let reply = shop.presses(BOSS, &data);
        assert!(!reply.html.contains("устарела"), "{data}");
        assert_eq!(reply.toast, None, "{data}");
        check(&data, &reply);
        // Confirmations are new at each press; what they do is tested by itself.
        let further = buttons(&reply).into_iter().map(|it| it.1);
        waiting.extend(further.filter(|data| {
            !["ok", "no", "sure", "undo"].iter().any(|act| data.contains(&format!("adm-{act}:")))
        }));
    }
    let acts: BTreeSet<&str> = seen.iter().filter_map(|data| data.split(':').nth(1)).collect();
    for act in ["adm-users", "adm-user", "adm-ledger", "adm-jobs", "adm-versions", "adm-back"] {
        assert!(acts.contains(act), "{act} was never shown: {acts:?}");
    }
}

#[test]
fn junk_in_a_button_does_nothing() {
    let shop = filled();
    for data in [
        "v1:adm-dance:0",
        "v1:adm-ok:999999",
        "v1:adm-ok:-1",
        "v1:adm-ok:abc",
        "v1:adm-undo:0",
        "v1:adm-revive:abc",
        "v1:adm-model:0:dall-e",
        "v1:adm-versions:0:x.9",
        "v1:adm-back:0:x.9",
        "v1:adm-back:999",
        "v1:adm-provider:0:kling",
        "v1:adm-how:42:drop",
        "v1:adm-jobs:0:0.junk",
        "v1:adm-audit:0:99999999999999999999",
        "v1:adm-user:9223372036854775807",
    ] {
        let before = shop.audit().len();
        let reply = shop.presses(BOSS, data);
        assert!(!reply.html.is_empty() || reply.toast.is_some(), "{data}");
        assert_eq!(shop.audit().len(), before, "{data}");
    }
}

#[test]
fn the_ledger_and_the_audit_have_pages() {
    let shop = filled();
    let first = shop.says(BOSS, "/ledger 42");
    assert!(html(&first).contains("дебет adjust:admin, кредит cash"), "{}", html(&first));
    let second = shop.presses(BOSS, &data(&first, "ledger"));
    assert_ne!(first.html, second.html);
    let audit = shop.says(BOSS, "/audit");
    assert!(html(&audit).contains("мелочь 24"), "{}", html(&audit));
    assert_ne!(audit.html, shop.presses(BOSS, &data(&audit, "audit")).html);
    let of_boris = html(&shop.says(BOSS, "/audit 43"));
    assert!(of_boris.contains("ban") && !of_boris.contains("мелочь"), "{of_boris}");
    let trial = html(&shop.says(BOSS, "/trial"));
    assert!(trial.contains("adjust:admin") && trial.contains("разница 0"), "{trial}");
}

#[test]
fn the_settings_are_shown_without_secrets() {
    for engine in EngineKind::ALL {
        let mut shop = Shop::open(engine, |_| {});
        let secret = secrecy::SecretString::from("planted-secret".to_owned());
        shop.house.files = Arc::new(Files { callback_secret: Some(secret), ..Files::default() });
        let config = html(&shop.says(BOSS, "/config"));
        assert!(config.contains("KLING_WEBHOOK_SECRET</code>: ***"), "{config}");
        assert!(!config.contains("planted"), "{config}");
        let health = html(&shop.says(BOSS, "/health"));
        assert!(health.contains("сходится") && health.contains(env!("CARGO_PKG_VERSION")));
    }
}

fn check(what: &str, reply: &Reply) {
    assert!(reply.html.chars().count() <= 4096, "{what} is too long");
    assert!(!reply.html.contains("<b>junk"), "{what} lets markup through");
    assert_eq!(reply.html.matches("<b>").count(), reply.html.matches("</b>").count(), "{what}");
    assert!(reply.toast.as_deref().is_none_or(|it| it.chars().count() <= 200), "{what}");
    for (label, data) in buttons(reply) {
        assert!(data.len() <= 64 && data.is_ascii(), "{what}: {data}");
        assert!(!label.is_empty(), "{what}: {data}");
    }
}
