//! The site over real simulators and a product that only counts.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use rei_sim::common::client::client;
use rei_sim::gemini::GeminiOptions;
use rei_sim::kling::KlingOptions;
use rei_sim::telegram::TelegramOptions;
use rei_sim::yookassa::YooKassaOptions;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

const ANNA: i64 = 42;

#[derive(Default)]
struct Product {
    killed: AtomicBool,
    resumed: AtomicBool,
}

impl PanelSource for Product {
    fn panel(&self, customer: i64) -> BoxFuture<'_, Value> {
        let worker = if self.killed.load(Ordering::SeqCst) { "killed" } else { "running" };
        Box::pin(async move { json!({"wallet": {"cash": customer}, "worker": worker}) })
    }

    fn set_worker(&self, running: bool) -> BoxFuture<'_, anyhow::Result<()>> {
        self.killed.store(!running, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }

    fn resume_sales(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        self.resumed.store(true, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }
}

struct Served {
    base: String,
    telegram: TelegramSim,
    gemini: GeminiSim,
    kling: KlingSim,
    yookassa: YooKassaSim,
    product: Arc<Product>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Served {
    async fn start() -> Self {
        let telegram = TelegramSim::start(TelegramOptions::default()).await.expect("a free port");
        let gemini = GeminiSim::start(GeminiOptions::default()).await.expect("a free port");
        let kling = KlingSim::start(KlingOptions::default()).await.expect("a free port");
        let product = Arc::new(Product::default());
        let yookassa = YooKassaSim::start(YooKassaOptions::default()).await.expect("a free port");
        let outside = Outside {
            telegram: telegram.clone(),
            gemini: gemini.clone(),
            kling: kling.clone(),
            yookassa: yookassa.clone(),
        };
        let site = Site::new(outside, product.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(site.serve(listener, async move {
            let _told = stopped.await;
        }));
        Self { base, telegram, gemini, kling, yookassa, product, stop, task }
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let sent = client().post(format!("{}/api/{path}", self.base)).json(&body).send().await;
        let answer = sent.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Sends a form: fields, then a file where there is one, with its type and its bytes.
    async fn form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, Bytes)>,
    ) -> (u16, Value) {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("content-disposition: form-data; name=\"{name}\"\r\n\r\n{value}");
            body.extend_from_slice(format!("--x\r\n{part}\r\n").as_bytes());
        }
        if let Some((mime, bytes)) = file {
            let name = "content-disposition: form-data; name=\"file\"; filename=\"a\"";
            let head = format!("--x\r\n{name}\r\ncontent-type: {mime}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        let request = client()
            .post(format!("{}/api/{path}", self.base))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Reads Anna's events until one contains all of these words.
    async fn hears(&self, words: &[&str]) -> String {
        let sent = client().get(format!("{}/api/events?customer={ANNA}", self.base)).send().await;
        let mut stream = sent.expect("an answer");
        let mut heard = String::new();
        let reading = async {
            while !words.iter().all(|word| heard.contains(word)) {
                let chunk = stream.chunk().await.expect("bytes").expect("more");
                heard.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        let read = tokio::time::timeout(Duration::from_secs(10), reading).await;
        assert!(read.is_ok(), "{words:?} did not come, only {heard}");
        heard
    }

    async fn bot_sends(&self, text: &str) {
        let url = format!("{}/bot{}/sendMessage", self.telegram.base_url(), self.telegram.token());
        let keyboard = json!({"inline_keyboard": [[{"text": "ok", "callback_data": "v1:ok"}]]});
        let body = json!({"chat_id": ANNA, "text": text, "reply_markup": keyboard});
        let sent = client().post(url).json(&body).send().await.expect("an answer");
        assert_eq!(sent.status(), 200);
    }
}

#[tokio::test]
async fn words_reach_the_bot_and_its_answer_comes_as_an_event() {
    let served = Served::start().await;
    let (status, _) = served.post("say", json!({"customer": ANNA, "text": "кот"})).await;
    assert_eq!(status, 200);
    served.bot_sends("Цена: 50 ₽").await;
    let heard =
        served.hears(&["event: messages", "event: panel", "Цена: 50 ₽", "\"cash\":42"]).await;
    assert!(heard.contains("\"out\":true") && heard.contains("v1:ok"), "{heard}");
    let (_, tapped) =
        served.post("tap", json!({"customer": ANNA, "message_id": 2, "data": "v1:ok"})).await;
    assert!(tapped["query_id"].is_string(), "{tapped}");
    let (status, _) =
        served.post("reply", json!({"customer": ANNA, "message_id": 2, "text": "да"})).await;
    assert_eq!(status, 200);
    let (status, _) =
        served.post("edit", json!({"customer": ANNA, "message_id": 1, "text": "пёс"})).await;
    assert_eq!(status, 200);
    let told =
        served.post("edit", json!({"customer": ANNA, "message_id": 2, "text": "чужое"})).await;
    assert!(told.0 == 409 && told.1["error"].is_string(), "{told:?}");
    assert_eq!(served.telegram.pending_updates(), 4);
}

#[tokio::test]
async fn every_kind_of_message_can_be_sent() {
    let served = Served::start().await;
    for kind in ["voice", "sticker", "location", "contact", "dice", "poll", "block", "unblock"] {
        let (status, told) = served.post("special", json!({"customer": ANNA, "kind": kind})).await;
        assert_eq!(status, 200, "{kind}: {told}");
    }
    assert_eq!(served.post("special", json!({"customer": ANNA, "kind": "gift"})).await.0, 409);
    assert_eq!(served.post("special", json!({"customer": 1, "kind": "voice"})).await.0, 409);
    let anna = ANNA.to_string();
    let who = ("customer", anna.as_str());
    let drawn = served.form("media", &[who, ("caption", "лес")], None).await;
    assert_eq!(drawn.0, 200, "{}", drawn.1);
    let junk = Bytes::from_static(b"junk");
    assert_eq!(served.form("media", &[who], Some(("image/png", junk))).await.0, 409);
    let user = served.telegram.known_user(ANNA).expect("she wrote");
    let photo = user.messages().pop().expect("the photo");
    assert_eq!(photo.text, "лес");
    let file = photo.photo.expect("a photo");
    let url = format!("{}/api/file/{file}?name=%D0%BB%D0%B5%D1%81.jpg", served.base);
    let answer = client().get(url).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename*=UTF-8''%D0%BB%D0%B5%D1%81.jpg"
    );
}

#[tokio::test]
async fn albums_files_and_clips_are_sent_and_played_from_any_place() {
    let served = Served::start().await;
    let anna = ANNA.to_string();
    let who = ("customer", anna.as_str());
    let (_, album) =
        served.form("media", &[who, ("drawn", "3"), ("caption", "вместе")], None).await;
    assert_eq!(album["message_ids"].as_array().map(Vec::len), Some(3), "{album}");
    assert_eq!(served.form("document", &[who], None).await.0, 200);
    assert_eq!(served.form("clip", &[who, ("drawn", "1")], None).await.0, 200);
    let own = Bytes::from_static(b"\0\0\0\x10ftypisom\0\0\0\0");
    assert_eq!(served.form("media", &[who], Some(("video/mp4", own))).await.0, 200);
    assert_eq!(served.form("clip", &[("customer", "nobody")], None).await.0, 409);
    let messages = served.telegram.known_user(ANNA).expect("she wrote").messages();
    let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["вместе", "", "", "", "", ""]);
    assert!(messages[..3].iter().all(|part| part.media_group_id.is_some()));
    assert!(messages[3].document.is_some() && messages[5].video.is_some());
    let clip = messages[4].video.as_ref().expect("a clip");
    assert_eq!((clip.width, clip.duration_s), (1280, 1));
    served.hears(&["\"duration\":1"]).await;
    let url = format!("{}/api/file/{}", served.base, clip.file_id);
    let part = client().get(url).header("range", "bytes=4-7").send().await.expect("an answer");
    assert_eq!(part.status(), 206);
    assert_eq!(
        part.headers()["content-range"].to_str().expect("text"),
        format!("bytes 4-7/{}", clip.size_bytes)
    );
    assert_eq!(part.bytes().await.expect("a body").as_ref(), b"ftyp");
}

#[tokio::test]
async fn the_owner_gives_money_in_his_own_chat() {
    let served = Served::start().await;
    assert_eq!(served.post("gift", json!({"customer": ANNA})).await.0, 200);
    let owner = served.telegram.known_user(super::super::ADMIN).expect("he wrote");
    assert_eq!(owner.messages().pop().expect("his command").text, "/add 42 1000 demo");
    assert_eq!(served.post("gift", json!({"customer": 1})).await.0, 409);
}

#[tokio::test]
async fn the_page_knows_payment_pages_and_where_a_payer_comes_back_to() {
    let served = Served::start().await;
    let told: Value = client()
        .get(format!("{}/api/customers", served.base))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("json");
    assert_eq!(told["checkout"], format!("{}/checkout/", served.yookassa.site_url()));
    let back = client().get(format!("{}/{RETURN_PAGE}", served.base)).send().await;
    let back = back.expect("an answer");
    assert_eq!(back.status(), 200);
    let policy = back.headers()["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("frame-src 'self' http://127.0.0.1:*"), "{policy}");
}

#[tokio::test]
async fn faults_stand_until_they_are_switched_off() {
    let served = Served::start().await;
    let turn = async |name: &str, args: &[&str]| {
        served.post("fault", json!({"name": name, "args": args})).await.0
    };
    for name in [
        "gemini-slow",
        "gemini-429",
        "gemini-503",
        "gemini-drop",
        "gemini-refuse",
        "kling-slow",
        "kling-refuse",
        "kling-busy",
        "kling-lost",
        "kling-down",
        "kling-broke",
        "yookassa-slow",
        "yookassa-down",
        "yookassa-lost",
        "notices-twice",
        "notices-lost",
        "telegram-429",
        "kill-worker",
    ] {
        assert_eq!(turn(name, &["on"]).await, 200, "{name}");
    }
    assert_eq!(turn("gravity", &["off"]).await, 409);
    for unknown in ["kling-tired", "yookassa-tired", "notices-tired"] {
        assert_eq!(turn(unknown, &["on"]).await, 409, "{unknown}");
    }
    served
        .hears(&[
            "\"gemini\":\"gemini-refuse\"",
            "\"kling\":\"kling-broke\"",
            "\"yookassa\":\"yookassa-lost\"",
            "\"notices\":\"notices-lost\"",
            "\"telegram\":\"telegram-429\"",
            "\"worker\":\"killed\"",
        ])
        .await;
    assert_eq!(served.telegram.faults().len(), 1);
    let state = client()
        .get(format!("{}/sim/state", served.gemini.base_url()))
        .send()
        .await
        .expect("an answer");
    assert!(state.text().await.expect("a body").contains("IMAGE_SAFETY"));
    let state = client().get(format!("{}/sim/state", served.kling.base_url())).send().await;
    let state: Value = state.expect("an answer").json().await.expect("its state");
    assert!(state["arranged"].to_string().contains("1102") && state["down"] == false, "{state}");
    assert_eq!(served.yookassa.faults().len(), 1, "one at a time");
    assert_eq!(served.yookassa.notices().flow, rei_sim::yookassa::Flow::Dropped);
    assert_eq!(turn("restore", &[]).await, 200);
    assert!(served.yookassa.faults().is_empty());
    assert_eq!(served.yookassa.notices(), rei_sim::yookassa::NoticeSettings::default());
    served
        .hears(&[
            "\"gemini\":null",
            "\"kling\":null",
            "\"yookassa\":null",
            "\"notices\":null",
            "\"telegram\":null",
            "\"worker\":\"running\"",
        ])
        .await;
    assert!(served.product.resumed.load(Ordering::SeqCst));
    assert!(!served.product.killed.load(Ordering::SeqCst) && served.telegram.faults().is_empty());
}

#[tokio::test]
async fn the_page_is_protected_and_whole() {
    let served = Served::start().await;
    let page = client().get(&served.base).send().await.expect("an answer");
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text().await.expect("a page");
    assert!(!html.contains("style=") && !html.contains("onclick="));
    for name in [
        "app.js",
        "api.js",
        "chat.js",
        "checkout.js",
        "composer.js",
        "dom.js",
        "panel.js",
        "returned.html",
        "text.js",
        "words.js",
        "style.css",
        "favicon.svg",
    ] {
        let file = client().get(format!("{}/{name}", served.base)).send().await.expect("an answer");
        assert_eq!(file.status(), 200, "{name}");
        let text = file.text().await.expect("a text");
        let outside = text.lines().find(|line| line.contains("https://") && !line.contains("${"));
        assert_eq!(outside, None, "{name} loads from elsewhere");
    }
    let foreign = client()
        .post(format!("{}/api/say", served.base))
        .header("origin", "http://elsewhere.example");
    let refused =
        foreign.json(&json!({"customer": ANNA, "text": "x"})).send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn the_site_stops_although_somebody_listens() {
    let served = Served::start().await;
    let sent = client().get(format!("{}/api/events?customer={ANNA}", served.base)).send().await;
    let _listening = sent.expect("an answer");
    served.stop.send(()).expect("it runs");
    let ended = tokio::time::timeout(Duration::from_secs(2), served.task).await;
    ended.expect("in time").expect("no panic").expect("no error");
    assert_eq!(Arc::strong_count(&served.product), 1);
}

#[test]
fn both_languages_of_the_page_have_the_same_words() {
    let words = include_str!("../page/words.js");
    let (russian, english) = words.split_once("  en: {").expect("two languages");
    let english = english.split("\n};").next().expect("an end");
    let key =
        regex::Regex::new(r#"(?m)[{,\n]\s*"([a-z0-9_-]+)": ["\[]"#).expect("a constant pattern");
    let keys = |text: &str| {
        key.captures_iter(text).map(|found| found[1].to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(keys(russian), keys(english));
    assert!(keys(russian).len() > 80);
    let used = regex::Regex::new(r#"\bt\("([a-z0-9_-]+)""#).expect("a constant pattern");
    let html = regex::Regex::new(r#"data-(?:t|label|placeholder)="([a-z0-9_-]+)""#)
        .expect("a constant pattern");
    let scripts = [
        include_str!("../page/app.js"),
        include_str!("../page/chat.js"),
        include_str!("../page/checkout.js"),
        include_str!("../page/composer.js"),
        include_str!("../page/panel.js"),
        include_str!("../page/text.js"),
    ];
    let page = include_str!("../page/index.html");
    let all =
        scripts.iter().flat_map(|text| used.captures_iter(text)).chain(html.captures_iter(page));
    for found in all {
        assert!(keys(russian).contains(&found[1]), "{} has no words", &found[1]);
    }
}
