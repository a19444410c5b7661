//! What of a request's headers is kept in the book: enough to find out who sent it, and nothing secret.

use axum::http::{HeaderMap, HeaderName};
use serde_json::{Value, json};

/// More lines than these are somebody's game.
const LINES_MAX: usize = 64;
const CHARS_MAX: usize = 512;
/// What stands in the place of a secret.
const MASK: &str = "***";
/// Words in the names of headers whose values prove who somebody is.
const SECRET_WORDS: [&str; 6] = ["authorization", "cookie", "signature", "token", "secret", "key"];

/// The lines as a JSON list of `[name, value]`; `secret` is masked wherever a proxy repeated it.
pub(crate) fn kept(headers: &HeaderMap, secret: &str) -> String {
    let lines: Vec<Value> = headers
        .iter()
        .take(LINES_MAX)
        .map(|(name, value)| {
            let text = match is_secret(name) {
                true => MASK.to_owned(),
                false => masked(&String::from_utf8_lossy(value.as_bytes()), secret),
            };
            json!([name.as_str(), text])
        })
        .collect();
    Value::from(lines).to_string()
}

fn is_secret(name: &HeaderName) -> bool {
    SECRET_WORDS.iter().any(|word| name.as_str().contains(word))
}

fn masked(text: &str, secret: &str) -> String {
    let text = if secret.is_empty() { text.to_owned() } else { text.replace(secret, MASK) };
    text.chars().take(CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const TAG: &str = "Mgt-dVkqCtvor7R0UbO0CHVxhAW7ggxCJ4zCYm3dVg4";

    #[test]
    fn nothing_secret_is_kept() {
        let mut headers = HeaderMap::new();
        for name in [
            "authorization",
            "proxy-authorization",
            "cookie",
            "x-webhook-signature",
            "signature",
            "x-api-key",
            "x-auth-token",
        ] {
            headers.insert(name, HeaderValue::from_static("PLANTED"));
        }
        let uri = format!("/webhooks/yookassa/46a70489/{TAG}");
        for name in ["x-original-uri", "referer"] {
            headers.insert(name, HeaderValue::from_str(&uri).expect("a text"));
        }
        headers.insert("x-forwarded-for", HeaderValue::from_static("185.71.76.1"));
        let kept = kept(&headers, TAG);
        assert!(!kept.contains("PLANTED") && !kept.contains(TAG), "{kept}");
        assert!(kept.contains(r#"["x-forwarded-for","185.71.76.1"]"#), "{kept}");
        assert!(kept.contains(r#"["x-original-uri","/webhooks/yookassa/46a70489/***"]"#), "{kept}");
    }

    #[test]
    fn what_is_kept_has_a_bound_and_is_text() {
        let mut headers = HeaderMap::new();
        headers.insert("x-odd", HeaderValue::from_bytes(b"\xff\xfe").expect("opaque"));
        for number in 0..100 {
            let value = HeaderValue::from_str(&number.to_string().repeat(600)).expect("a text");
            headers.append("x-many", value);
        }
        let lines: Vec<Value> = serde_json::from_str(&kept(&headers, "")).expect("json");
        assert_eq!(lines.len(), LINES_MAX);
        for line in lines {
            assert!(line[1].as_str().is_some_and(|text| text.chars().count() <= CHARS_MAX));
        }
    }
}
