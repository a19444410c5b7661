//! The simulated bucket, through a real HTTP client that signs links itself.

use std::fmt::Write;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use rei_sim::common::client::client;
use rei_sim::common::clock::SimClock;
use rei_sim::s3::{S3Options, S3Sim, SimObject};
use reqwest::{Method, Response};
use sha2::{Digest, Sha256};

const DAY_S: i64 = 86_400;

/// The machine's time and day as links spell it.
struct Stamp {
    now_ms: i64,
    time: String,
}

impl Stamp {
    fn now() -> Self {
        let now_ms = SimClock::real().now_ms();
        let seconds = now_ms / 1_000;
        let (mut year, mut day) = (1970, seconds / DAY_S);
        let length = |year: i64| {
            if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 }
        };
        while day >= length(year) {
            day -= length(year);
            year += 1;
        }
        let february = length(year) - 337;
        let mut month = 0;
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        while day >= months[month] {
            day -= months[month];
            month += 1;
        }
        let (hour, minute) = (seconds % DAY_S / 3_600, seconds % 3_600 / 60);
        let (month, day, second) = (month + 1, day + 1, seconds % 60);
        let time = format!("{year}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
        Self { now_ms, time }
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A pre-signed link of a day.
fn link(sim: &S3Sim, method: &Method, key: &str, secret: &str) -> String {
    let stamp = Stamp::now().time;
    let scope = format!("{}/us-east-1/s3/aws4_request", &stamp[..8]);
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=simulated-access%2F{}\
         &X-Amz-Date={stamp}&X-Amz-Expires={DAY_S}&X-Amz-SignedHeaders=host",
        scope.replace('/', "%2F")
    );
    let path = format!("/{}/{key}", sim.bucket());
    let host = sim.base_url().replace("http://", "");
    let request = format!("{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let hash = hex(&Sha256::digest(request.as_bytes()));
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hash}");
    let parts = [&stamp[..8], "us-east-1", "s3", "aws4_request"];
    let key = parts.iter().fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
    format!("{}{path}?{query}&X-Amz-Signature={}", sim.base_url(), hex(&mac(&key, &text)))
}

async fn send(sim: &S3Sim, method: Method, key: &str, body: &'static [u8]) -> Response {
    let url = link(sim, &method, key, "simulated-secret");
    let request = client().request(method, url).header("content-type", "video/mp4");
    request.body(body).send().await.expect("an answer")
}

async fn start() -> (S3Sim, SimClock) {
    let clock = SimClock::manual(Stamp::now().now_ms);
    let options = S3Options { clock: clock.clone(), ..S3Options::default() };
    (S3Sim::start(options).await.expect("a free port"), clock)
}

#[tokio::test]
async fn what_is_put_can_be_got_and_deleted() {
    let (sim, _clock) = start().await;
    assert_eq!(send(&sim, Method::PUT, "in/a.mp4", b"video").await.status(), 200);
    assert_eq!(sim.objects(), [SimObject { key: "in/a.mp4".to_owned(), size_bytes: 5 }]);
    assert_eq!(sim.object("in/a.mp4").as_deref(), Some(&b"video"[..]));
    let got = send(&sim, Method::GET, "in/a.mp4", b"").await;
    assert_eq!(
        (got.status().as_u16(), &got.headers()["content-type"]),
        (200, &"video/mp4".parse().expect("a header"))
    );
    assert_eq!(got.bytes().await.expect("a body"), "video");
    assert_eq!(send(&sim, Method::DELETE, "in/a.mp4", b"").await.status(), 204);
    assert_eq!(send(&sim, Method::GET, "in/a.mp4", b"").await.status(), 404);
    assert_eq!((sim.objects(), sim.object("../x")), (vec![], None));
    let statuses: Vec<u16> = sim.requests().iter().map(|request| request.status).collect();
    assert_eq!((statuses, sim.requests_total()), (vec![200, 200, 204, 404], 4));
    assert!(sim.requests().iter().all(|request| request.by_link));
}

#[tokio::test]
async fn wrong_signatures_and_strangers_get_nothing() {
    let (sim, _clock) = start().await;
    send(&sim, Method::PUT, "a", b"x").await;
    let wrong = link(&sim, &Method::GET, "a", "other-secret");
    assert_eq!(client().get(wrong).send().await.expect("an answer").status(), 403);
    let plain = format!("{}/{}/a", sim.base_url(), sim.bucket());
    assert_eq!(client().get(plain).send().await.expect("an answer").status(), 403);
}

#[tokio::test]
async fn a_link_ends_when_the_clock_says_so() {
    let (sim, clock) = start().await;
    send(&sim, Method::PUT, "a", b"x").await;
    let url = link(&sim, &Method::GET, "a", "simulated-secret");
    let get = async || client().get(&url).send().await.expect("an answer");
    assert_eq!(get().await.status(), 200);
    clock.advance(Duration::from_secs(86_402));
    let answer = get().await;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.expect("a body").contains("Request has expired"));
}

#[tokio::test]
async fn it_can_be_down_slow_refusing_and_stopped() {
    let (sim, clock) = start().await;
    send(&sim, Method::PUT, "a", b"x").await;
    sim.refuse_links(1);
    assert_eq!(send(&sim, Method::GET, "a", b"").await.status(), 403);
    assert_eq!(send(&sim, Method::GET, "a", b"").await.status(), 200);
    sim.down(true);
    assert_eq!(send(&sim, Method::GET, "a", b"").await.status(), 503);
    sim.down(false);
    sim.slow(1_000);
    let (slow, ()) = tokio::join!(send(&sim, Method::GET, "a", b""), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        clock.advance(Duration::from_secs(1));
    });
    assert_eq!(slow.status(), 200);
    sim.slow(0);
    let url = link(&sim, &Method::GET, "a", "simulated-secret");
    sim.stop();
    assert!(client().get(url).send().await.is_err());
}
