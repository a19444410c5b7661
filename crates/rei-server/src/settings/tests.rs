//! Settings as an owner meets them: what is right, what is wrong and how it is told, and that no secret gets out.

use std::path::Path;
use std::time::Duration;

use rei_domain::ids::CustomerId;
use rei_domain::ledger::PocketOrder;
use rei_domain::money::Kopecks;
use secrecy::ExposeSecret;

use super::*;

const TOKEN: &str = "987654321:Planted-Token_Planted-Token_Planted";
const GEMINI_KEY: &str = "PlantedGeminiKey0123456789";

/// What an owner who sells pictures only must set.
pub(super) const PICTURES: &[(&str, &str)] = &[
    ("BOT_TOKEN", TOKEN),
    ("NANO_BANANA_API_KEY", GEMINI_KEY),
    ("ENABLE_VIDEOS", "0"),
    ("ENABLE_PAYMENTS", "no"),
];

/// Everything required, with all sections on.
pub(super) const FULL: &[(&str, &str)] = &[
    ("BOT_TOKEN", TOKEN),
    ("NANO_BANANA_API_KEY", GEMINI_KEY),
    ("KLING_API_KEY", "PlantedAccess0001:PlantedSecret0002"),
    ("YOOKASSA_SHOP_ID", "100500"),
    ("YOOKASSA_SECRET_KEY", "live_PlantedShopKey"),
];

pub(super) fn with(base: &[(&str, &str)], more: &[(&str, &str)]) -> Result<Settings, Problems> {
    let owned = |pair: &(&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
    load(base.iter().chain(more).map(owned).collect::<Vec<_>>().into_iter(), None)
}

/// The names refused, in order.
pub(super) fn refused(base: &[(&str, &str)], more: &[(&str, &str)]) -> Vec<String> {
    match with(base, more) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.problems.into_iter().map(|problem| problem.variable).collect(),
    }
}

#[test]
fn the_required_variables_suffice_and_everything_else_has_its_default() {
    let settings = with(FULL, &[]).expect("all that is required is set");
    assert_eq!(settings.telegram.base_url, "https://api.telegram.org");
    assert_eq!(settings.telegram.mode, TelegramMode::Polling);
    assert_eq!(settings.web.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.worker_concurrency, 8);
    assert_eq!(settings.queues, Queues { orders_per_customer: 5, waiting_max: Some(2_000) });
    assert_eq!(settings.retry.max_delay, Duration::from_secs(60));
    assert!(
        matches!(&settings.database, Database::Sqlite { path } if path == Path::new("rei-data/rei.db"))
    );
    assert!(
        settings.admins.is_empty() && settings.redis_url.is_none() && settings.files.s3.is_none()
    );
    let videos = settings.videos.expect("videos are on by default");
    assert_eq!(videos.base_url, "https://api-singapore.klingai.com");
    assert_eq!(videos.concurrency, 5);
    let payments = settings.payments.expect("payments are on by default");
    assert_eq!((payments.webhook_auth, payments.ip_check), (WebhookAuth::Url, IpCheck::Log));
    assert!(!payments.is_test && payments.receipts.is_none());
    assert!(settings.stars.is_none() && !settings.stars_only);
    let ten = Kopecks::from_rubles(10);
    let amounts = [100, 150, 200, 500, 1000].map(Kopecks::from_rubles).to_vec();
    let max = Kopecks::from_rubles(15_000);
    assert_eq!(settings.top_ups, TopUps { min: ten, max, amounts, per_hour: 10 });
    let wallet = &settings.wallet;
    assert_eq!((wallet.welcome_gift, wallet.first_top_up), (Kopecks::ZERO, None));
    assert_eq!(wallet.pockets, PocketOrder::BonusFirst);
    let rules = &settings.house_rules;
    assert_eq!((rules.terms_version, rules.approval_limit), (1, None));
    assert!(rules.usd_rate.is_none() && rules.support.is_none());
}

#[test]
fn every_required_variable_is_missed_by_name_and_its_switch_excuses_it() {
    for (name, _) in FULL {
        let rest: Vec<_> = FULL.iter().copied().filter(|pair| pair.0 != *name).collect();
        assert_eq!(refused(&rest, &[]), [*name]);
        assert_eq!(refused(&rest, &[(name, "  ")]), [*name], "blank counts as not set");
    }
    for (name, switch) in [
        ("NANO_BANANA_API_KEY", "ENABLE_IMAGES"),
        ("KLING_API_KEY", "ENABLE_VIDEOS"),
        ("YOOKASSA_SHOP_ID", "ENABLE_PAYMENTS"),
        ("YOOKASSA_SECRET_KEY", "ENABLE_PAYMENTS"),
    ] {
        let rest: Vec<_> = FULL.iter().copied().filter(|pair| pair.0 != name).collect();
        assert_eq!(
            refused(&rest, &[(switch, "0")]),
            Vec::<String>::new(),
            "{switch}=0 excuses {name}"
        );
        let report = with(&rest, &[]).expect_err("missing").to_string();
        assert!(report.contains(&format!("{switch}=0")), "{report}");
    }
}

/// A wrong value for every variable that can have one.
const WRONG: &[(&str, &[&str])] = &[
    (
        "BOT_TOKEN",
        &[
            "123",
            "abc:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
            "123:short",
            "1:has space in the middle of it",
        ],
    ),
    ("ADMIN_IDS", &["@anna", "1,two,3", "-5", "0", "12.5", "99999999999999999999"]),
    (
        "TELEGRAM_BASE_URL",
        &[
            "api.telegram.org",
            "ftp://x.org",
            "http://example.org",
            "https://u:p@x.org",
            "https://x.org?a=b",
        ],
    ),
    ("TELEGRAM_MODE", &["long", "1"]),
    ("ENABLE_WEBHOOKS", &["perhaps"]),
    ("TELEGRAM_WEBHOOK_SECRET", &["has space", "ключ", "a:b"]),
    ("PUBLIC_BASE_URL", &["bot.example.org", "http://bot.example.org", "https://"]),
    ("HTTP_BIND", &["8080", "127.0.0.1", "127.0.0.1:99999", "host:80"]),
    ("TRUSTED_PROXIES", &["10.0.0.0/64", "proxy"]),
    ("ENABLE_IMAGES", &["2", "maybe"]),
    ("NANO_BANANA_API_KEY", &["two words", "ключ"]),
    ("NANO_BANANA_BASE_URL", &["http://10.0.0.1", "https://x.org#part"]),
    ("NANO_BANANA_CONCURRENCY", &["0", "1001", "many"]),
    ("NANO_BANANA_PER_MINUTE", &["0", "100001", "1.5"]),
    ("IMAGE_GENERATION_PRICE", &["0", "-1", "1e9", "free", "10,505"]),
    ("IMAGE_EDIT_PRICE", &["0", "x"]),
    ("RATIO_MISMATCH_REFUND_PERCENT", &["101", "-1", "half"]),
    ("ENABLE_VIDEOS", &["да"]),
    ("KLING_API_KEY", &["a b"]),
    ("KLING_BASE_URL", &["x"]),
    ("KLING_WEBHOOK_SECRET", &["short"]),
    ("KLING_POLL_INTERVAL", &["0", "301", "ten"]),
    ("KLING_MAX_POLL_ATTEMPTS", &["0", "10001", "1.5"]),
    ("VIDEO_5SEC_PRICE", &["0"]),
    ("VIDEO_10SEC_MULTIPLIER", &["0.5", "11", "1.2345", "x2"]),
    ("ENABLE_PAYMENTS", &["-1"]),
    ("TOPUP_MIN", &["0", "10,50", "1e1", "-5"]),
    ("TOPUP_MAX", &["0", "1000001", "9", "many"]),
    (
        "TOPUP_AMOUNTS",
        &["100;200", "100,x", "100,100", "5,100", "20000", ",", "1,2,3,4,5,6,7,8,9,10,11,12,13"],
    ),
    ("TOPUPS_PER_HOUR", &["0", "1001"]),
    ("FIRST_TOPUP_BONUS_PERCENT", &["101", "-1", "ten"]),
    ("FIRST_TOPUP_BONUS_MAX", &["0", "much"]),
    ("WELCOME_GIFT", &["-1", "gift"]),
    ("WALLET_ORDER", &["cash"]),
    ("SUPPORT_CONTACT", &["me", "@ab", "http://example.org", "a b@c.d", "@имя_поддержки"]),
    ("TERMS_VERSION", &["-1", "1.1"]),
    ("ADMIN_APPROVAL_LIMIT", &["0", "1e5"]),
    ("USD_RATE", &["0", "92.505"]),
    ("STARS_RATE", &["0", "1.3", "100001"]),
    ("STARS_ONLY", &["only"]),
    ("STARS_ENABLED", &["y"]),
    ("TELEGRAM_PACING", &["fast"]),
    ("YOOKASSA_SHOP_ID", &["shop", "12a"]),
    ("YOOKASSA_SECRET_KEY", &["a b", "live_too_short", "test_PlantedShopKey"]),
    ("YOOKASSA_TEST_MODE", &["test", "1"]),
    ("YOOKASSA_BASE_URL", &["http://yookassa.ru"]),
    ("YOOKASSA_RETURN_URL", &["t.me/bot", "http://example.org"]),
    (
        "YOOKASSA_WEBHOOK_SECRET",
        &["only-31-bytes-aaaaaaaaaaaaaaaaa", "abababababababababababababababababab"],
    ),
    ("YOOKASSA_WEBHOOK_SECRET_PREVIOUS", &["short"]),
    ("YOOKASSA_WEBHOOK_AUTH", &["off", "none"]),
    ("YOOKASSA_RELAY_SECRET", &["short"]),
    ("YOOKASSA_IP_CHECK", &["on"]),
    ("RECEIPTS", &["1"]),
    ("RECEIPTS_VAT_CODE", &["0", "13"]),
    ("RECEIPTS_TAX_SYSTEM_CODE", &["7"]),
    ("RECEIPTS_SUBJECT", &["two words", "Service", "услуга"]),
    ("RECEIPTS_MEASURE", &["штука", "Piece"]),
    ("RECEIPTS_MODE", &["credit"]),
    (
        "DATABASE_URL",
        &[
            "rei.db",
            "sqlite://",
            "mysql://localhost/rei",
            "postgres://localhost",
            "postgres:///rei",
        ],
    ),
    ("DATABASE_CONNECTIONS", &["0", "65"]),
    ("REDIS_URL", &["localhost:6379", "http://localhost"]),
    ("REDIS_PORT", &["0", "65536", "abc"]),
    ("REDIS_DB", &["256", "-1"]),
    ("FILE_UPLOAD_METHOD", &["ftp"]),
    ("S3_ENDPOINT", &["http://storage.example.org", "storage"]),
    ("S3_REGION", &["a b"]),
    ("S3_BUCKET", &["a b"]),
    ("S3_ACCESS_KEY", &["a b"]),
    ("S3_SECRET_KEY", &["a b"]),
    ("S3_PRESIGNED_URL_EXPIRY", &["59", "604801"]),
    ("S3_PATH_STYLE", &["path"]),
    ("OUTBOUND_PROXY", &["proxy:1080", "ssh://proxy"]),
    ("WORKER_CONCURRENCY", &["0", "257", "many"]),
    ("KLING_CONCURRENCY", &["0", "1001", "all"]),
    ("ORDERS_PER_CUSTOMER", &["0", "101", "-1"]),
    ("QUEUE_MAX", &["-1", "1000001", "none"]),
    ("API_RETRY_ATTEMPTS", &["0", "11"]),
    ("API_RETRY_BASE_DELAY", &["0", "61", "1s"]),
    ("API_RETRY_MAX_DELAY", &["3601"]),
    ("RUST_LOG", &["rei=loud", "a=b=c"]),
    ("LOG_FORMAT", &["xml"]),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", &["collector:4318", "http://user:pw@collector:4318"]),
];

#[test]
fn every_wrong_value_is_refused_by_the_name_of_its_variable() {
    for (name, values) in WRONG {
        let rest: Vec<_> = FULL.iter().copied().filter(|pair| pair.0 != *name).collect();
        for value in *values {
            assert_eq!(refused(&rest, &[(name, value)]), [*name], "{name}={value:?}");
        }
    }
}

#[test]
fn a_queue_without_a_limit_is_said_by_zero() {
    let settings = with(FULL, &[("QUEUE_MAX", "0")]).expect("it is right");
    assert_eq!(settings.queues.waiting_max, None);
}

#[test]
fn the_table_of_wrong_values_covers_every_variable() {
    // Any text is a folder or a file; whether it can be used shows only when it is.
    let free = ["DATA_DIR", "CATALOG_PATH"];
    for name in table::all().keys().filter(|name| !free.contains(&name.as_str())) {
        assert!(WRONG.iter().any(|(wrong, _)| wrong == name), "{name} has no wrong value");
    }
}

#[test]
fn an_unchanged_example_is_no_secret() {
    for (name, variable) in table::all() {
        if variable.secret {
            let rest: Vec<_> = FULL.iter().copied().filter(|pair| pair.0 != name).collect();
            assert_eq!(refused(&rest, &[(name, &variable.example)]), [name.as_str()]);
        }
    }
}

#[test]
fn every_other_example_is_a_right_value() {
    for (name, variable) in table::all() {
        if !variable.secret {
            let companions = [("RECEIPTS_VAT_CODE", "1"), ("FIRST_TOPUP_BONUS_MAX", "500")];
            let more =
                [companions.as_slice(), &[(name.as_str(), variable.example.as_str())]].concat();
            let rest: Vec<_> = FULL.iter().copied().filter(|pair| pair.0 != name).collect();
            assert_eq!(refused(&rest, &more), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn all_problems_are_told_at_once_in_both_languages() {
    let wrong = [
        ("ADMIN_IDS", "1,@anna"),
        ("HTTP_BIND", "8080"),
        ("DATABASE_URL", "mysql://x/y"),
        ("BOT_TOKE", "x"),
    ];
    let report = with(&[("ENABLE_VIDEOS", "0"), ("ENABLE_PAYMENTS", "0")], &wrong)
        .expect_err("much is wrong");
    insta::assert_snapshot!(report.to_string());
}

#[test]
fn what_concerns_several_variables_is_checked_together() {
    let hook = ("TELEGRAM_MODE", "webhook");
    assert_eq!(refused(FULL, &[hook]), ["PUBLIC_BASE_URL"]);
    assert_eq!(
        refused(FULL, &[hook, ("PUBLIC_BASE_URL", "https://x.org:8080")]),
        ["PUBLIC_BASE_URL"]
    );
    let own = ("TELEGRAM_BASE_URL", "http://127.0.0.1:8081");
    assert!(with(FULL, &[hook, own, ("PUBLIC_BASE_URL", "https://x.org:8080")]).is_ok());
    assert!(with(FULL, &[hook, ("PUBLIC_BASE_URL", "https://x.org:8443")]).is_ok());
    assert_eq!(
        refused(FULL, &[("YOOKASSA_WEBHOOK_AUTH", "url+header")]),
        ["YOOKASSA_RELAY_SECRET"]
    );
    assert_eq!(refused(FULL, &[("RECEIPTS", "yookassa")]), ["RECEIPTS_VAT_CODE"]);
    let advance =
        [("RECEIPTS", "yookassa"), ("RECEIPTS_VAT_CODE", "1"), ("RECEIPTS_MODE", "advance")];
    assert_eq!(refused(FULL, &advance), ["RECEIPTS_MODE"]);
    assert_eq!(
        refused(FULL, &[("FILE_UPLOAD_METHOD", "s3")]),
        ["S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"]
    );
    let delays = [("API_RETRY_BASE_DELAY", "30"), ("API_RETRY_MAX_DELAY", "5")];
    assert_eq!(refused(FULL, &delays), ["API_RETRY_MAX_DELAY"]);
}

#[test]
fn older_names_are_read_and_noted() {
    let old = [
        ("DATABASE_PATH", "data/bot.db"),
        ("REDIS_HOST", "redis.local"),
        ("REDIS_DB", "2"),
        ("ENABLE_WEBHOOKS", "true"),
        ("PUBLIC_BASE_URL", "https://bot.example.org"),
        ("IMAGE_GENERATION_PRICE", "49,90"),
        ("VIDEO_10SEC_MULTIPLIER", "1.8"),
    ];
    let settings = with(FULL, &old).expect("the original's names are valid");
    assert!(
        matches!(&settings.database, Database::Sqlite { path } if path == Path::new("data/bot.db"))
    );
    let redis = settings.redis_url.as_ref().expect("a host was given");
    assert_eq!(redis.expose_secret(), "redis://redis.local:6379/2");
    assert_eq!(settings.telegram.mode, TelegramMode::Webhook);
    let price = settings.images.as_ref().and_then(|images| images.generation_price);
    assert_eq!(price, Some(Kopecks::new(4990)));
    let factor = settings.videos.as_ref().and_then(|videos| videos.ten_seconds_factor_thousandths);
    assert_eq!(factor, Some(1800));
    let notes: Vec<String> =
        settings.notes().iter().map(|note| note.text(Language::English)).collect();
    assert!(
        notes.contains(
            &"DATABASE_PATH was read as DATABASE_URL; better set DATABASE_URL.".to_owned()
        ),
        "{notes:?}"
    );
    assert!(
        notes.iter().any(|note| note.starts_with("REDIS_HOST was read as REDIS_URL")),
        "{notes:?}"
    );
}

#[test]
fn a_newer_name_wins_over_its_older_one() {
    let both = [("DATABASE_PATH", "old.db"), ("DATABASE_URL", "sqlite://new.db")];
    let settings = with(PICTURES, &both).expect("both may be set");
    assert!(matches!(&settings.database, Database::Sqlite { path } if path == Path::new("new.db")));
    let ignored = Note::AliasIgnored { alias: "DATABASE_PATH".into(), name: "DATABASE_URL".into() };
    assert_eq!(settings.notes(), [ignored]);
}

#[test]
fn unknown_names_of_our_kind_are_remarked_on_and_foreign_ones_are_not() {
    let odd = [
        ("KLING_MODEL", "x"),
        ("ADMIN_ID", "5"),
        ("PATH", "/bin"),
        ("HTTP_PROXY", "http://x"),
        ("LC_ALL", "C"),
    ];
    let settings = with(PICTURES, &odd).expect("unknown names do no harm");
    let unknown = Note::Unknown { name: "KLING_MODEL".into(), nearest: None };
    let typo = Note::Unknown { name: "ADMIN_ID".into(), nearest: Some("ADMIN_IDS".into()) };
    assert_eq!(settings.notes(), [typo, unknown]);
}

#[test]
fn settings_that_are_all_in_effect_need_no_remark() {
    assert!(with(PICTURES, &[]).expect("right").notes().is_empty());
    let s3 = [
        ("FILE_UPLOAD_METHOD", "s3"),
        ("S3_REGION", "r"),
        ("S3_BUCKET", "b"),
        ("S3_ACCESS_KEY", "PlantedS3Access"),
        ("S3_SECRET_KEY", "PlantedS3Secret"),
        ("REDIS_URL", "redis://:PlantedRedis@localhost/0"),
    ];
    assert_eq!(with(FULL, &s3).expect("right").notes(), []);
}

#[test]
fn the_environment_wins_over_dotenv_and_dotenv_over_the_default() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(".env");
    let text = format!(
        "\u{feff}# comment\nBOT_TOKEN={TOKEN}\nexport ADMIN_IDS=7, 8\nADMIN_IDS='7, 8'\nWORKER_CONCURRENCY=3\n\
         ENABLE_VIDEOS=0\nENABLE_PAYMENTS=0\nLOG_FORMAT=json\nNANO_BANANA_API_KEY=\"{GEMINI_KEY}\"\n"
    );
    std::fs::write(&file, text.replace("export ADMIN_IDS=7, 8\n", "")).expect("written");
    let env = [("WORKER_CONCURRENCY", "5"), ("LOG_FORMAT", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = load(env.into_iter(), Some(&file)).expect("right");
    assert_eq!(settings.admins, [CustomerId(7), CustomerId(8)]);
    assert_eq!(settings.worker_concurrency, 5);
    assert_eq!(settings.log.format, LogFormat::Json, "an empty variable counts as not set");
    let origin = |name: &str| {
        settings.describe().iter().find(|row| row.name == name).and_then(|row| row.origin)
    };
    assert_eq!(origin("WORKER_CONCURRENCY"), Some(Origin::Environment));
    assert_eq!(origin("LOG_FORMAT"), Some(Origin::Dotenv));
    assert_eq!(origin("HTTP_BIND"), Some(Origin::Default));
    assert_eq!(origin("S3_BUCKET"), None);
}

#[test]
fn a_broken_line_of_dotenv_is_told_by_number_and_not_quoted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(".env");
    std::fs::write(&file, format!("ENABLE_VIDEOS=0\n\nBOT_TOKEN={TOKEN} and more\n"))
        .expect("written");
    let report = load(std::iter::empty(), Some(&file)).expect_err("a broken line").to_string();
    assert!(report.contains("line 3 cannot be read"), "{report}");
    assert!(!report.contains("Planted"), "{report}");
    assert!(load(std::iter::empty(), Some(folder.path())).is_err(), "a folder is not a file");
}

#[test]
fn the_webhook_secret_is_derived_from_the_token_and_stays_the_same() {
    let secret = |more: &[_]| {
        with(PICTURES, more).expect("right").telegram.webhook_secret.expose_secret().to_owned()
    };
    assert_eq!(secret(&[]), secret(&[]));
    assert_eq!(secret(&[]).len(), 64);
    assert_ne!(
        secret(&[]),
        secret(&[("BOT_TOKEN", "987654321:Planted-Other_Planted-Other_Planted")])
    );
    assert_eq!(secret(&[("TELEGRAM_WEBHOOK_SECRET", "own_secret")]), "own_secret");
}

#[test]
fn p14_no_secret_is_in_any_report() {
    let planted = [
        ("DATABASE_URL", "postgres://rei:PlantedDb@db.local/rei"),
        ("REDIS_URL", "redis://:PlantedRedis@redis.local:6379/0"),
        ("OUTBOUND_PROXY", "socks5h://user:PlantedProxy@proxy.local:1080"),
        ("TELEGRAM_WEBHOOK_SECRET", "PlantedHookSecret"),
        ("KLING_WEBHOOK_SECRET", "whsec_PlantedKlingSecretOfNoValueAAAA"),
        ("YOOKASSA_WEBHOOK_SECRET", "PlantedRootPlantedRootPlantedRoot1"),
        ("YOOKASSA_WEBHOOK_SECRET_PREVIOUS", "PlantedRootPlantedRootPlantedRoot2"),
        ("YOOKASSA_RELAY_SECRET", "PlantedRelaySecret"),
        ("FILE_UPLOAD_METHOD", "s3"),
        ("S3_REGION", "r"),
        ("S3_BUCKET", "b"),
        ("S3_ACCESS_KEY", "PlantedS3Access"),
        ("S3_SECRET_KEY", "PlantedS3Secret"),
    ];
    let settings = with(FULL, &planted).expect("right");
    let mut shown = format!("{settings:?}");
    for row in settings.describe() {
        let (value, origin) = row.texts(Language::Russian);
        shown += &format!("{} {value} {origin}\n", row.name);
    }
    for note in settings.notes() {
        shown += &note.text(Language::Russian);
    }
    // The same secrets in places where they are wrong: by mistake, or misspelled.
    for name in table::all().keys() {
        for secret in [TOKEN, GEMINI_KEY, "PlantedS3Secret"] {
            if let Err(problems) = with(FULL, &[planted.as_slice(), &[(name, secret)]].concat()) {
                shown += &problems.to_string();
                shown += &format!("{problems:?}");
            }
        }
    }
    assert!(!shown.contains("Planted"), "{shown}");
    let secrets = settings.secrets();
    for part in
        ["PlantedDb", "PlantedRedis", "PlantedProxy", "PlantedSecret0002", "PlantedRelaySecret"]
    {
        assert!(
            secrets.iter().any(|secret| secret.expose_secret() == part),
            "{part} is not given to the redactor"
        );
    }
}

#[test]
fn settings_for_simulators_pass_the_same_rules() {
    let build = |url: &str| {
        Settings::for_simulators(url, "http://127.0.0.1:2", Path::new("/tmp/demo")).build()
    };
    let settings = build("http://127.0.0.1:1").expect("right");
    assert!(
        settings.videos.is_none() && settings.payments.is_none() && settings.notes().is_empty()
    );
    assert_eq!(settings.files.data_dir, Path::new("/tmp/demo"));
    assert!(build("http://example.org").is_err());
}
