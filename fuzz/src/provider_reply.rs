//! What comes back from Gemini and Kling, or from whoever stands in between.

use std::time::Duration;

use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_providers::kling::callback;
use rei_providers::{
    NextStep, RawAnswer, Rejection, RetryPolicy, Submission, TaskState, gemini, kling, next_step,
};
use secrecy::SecretString;
use url::Url;

pub(crate) const WORDS: &[&str] = &[
    "200 ",
    "429 37\n",
    "503 99999999999999999999\n",
    "\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}",
    "\"candidates\":[",
    "\"promptFeedback\":{\"blockReason\":\"SAFETY\"}",
    "\"finishReason\":\"STOP\"",
    "\"retryDelay\":\"99999999999999999999.5s\"",
    "\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\"",
    "\"code\":0",
    "\"code\":1303",
    "\"status\":\"succeeded\"",
    "\"outputs\":[{\"type\":\"video\",\"url\":\"https://h/v.mp4\"}]",
    "file:///etc/passwd",
    "\\u0000",
];

/// The longest pause after any refusal: an hour that a provider asked for, a quarter more, and our own minute.
const PAUSE_MAX: Duration = Duration::from_secs(3_600 + 900 + 60);
const SECRET: &str = "whsec_cmVpLWJvdC10ZXN0LXdlYmhvb2stc2VjcmV0LTAwMDE=";
const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// The first line is a status and, after a blank, the header `Retry-After`; the rest is the body. No answer is a success
/// without a result, no refusal makes an order wait for ever, and a callback without our secret proves nothing.
pub fn provider_reply(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (head, body) = (&input[..end], input.get(end + 1..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let (status, retry_after) = match head.split_once(' ') {
        Some((status, retry_after)) => (status, Some(retry_after)),
        None => (&*head, None),
    };
    let answer = RawAnswer { status: status.parse().unwrap_or(200), retry_after, body };
    check_submission(answer, &gemini::read_answer(answer));
    check_submission(answer, &kling::read_created(answer));
    for (_, state) in kling::read_tasks(answer).into_iter().flatten() {
        check_state(&state);
    }
    let _ = callback::read(None, None, None, body, None, NOW);
    let secret = SecretString::from(SECRET.to_owned());
    let signed =
        callback::read(Some("evt"), Some("1790000000"), Some(&head), body, Some(&secret), NOW);
    assert!(signed.is_err(), "{head:?} passed for a signature");
}

fn check_submission(answer: RawAnswer<'_>, submission: &Submission) {
    let is_success = (200..300).contains(&answer.status);
    match submission {
        Submission::Done(done) => {
            assert!(is_success && !done.artifacts.is_empty(), "{}: {done:?}", answer.status);
            assert!(done.artifacts.iter().all(|it| !it.bytes.is_empty()), "{done:?}");
        }
        Submission::Accepted { task } => {
            assert!(is_success && !task.0.is_empty(), "{}: {task:?}", answer.status);
        }
        Submission::Rejected(rejection) => check_rejection(rejection),
    }
}

fn check_state(state: &TaskState) {
    match state {
        TaskState::Running => {}
        TaskState::Succeeded(files) => {
            assert!(!files.is_empty(), "a success without a file");
            for file in files {
                let url = Url::parse(&file.url).expect("an address that can be asked");
                assert!(matches!(url.scheme(), "http" | "https") && url.has_host(), "{url}");
            }
        }
        TaskState::Failed(rejection) => check_rejection(rejection),
    }
}

fn check_rejection(rejection: &Rejection) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte);
    let code = &rejection.code;
    assert!((1..=64).contains(&code.len()) && code.bytes().all(plain), "{code:?}");
    let policy = RetryPolicy::default();
    for same in [0, 1, 2, 50] {
        let step = next_step(rejection, same, same, &policy, &SeededChance::new(7));
        if let NextStep::Again { after, .. } = step {
            assert!(after <= PAUSE_MAX, "{rejection:?} waits for {after:?}");
        }
    }
}
