//! What Telegram demands of a message, for tests and fuzz targets: a screen that it refuses is one that the customer
//! never sees.

use crate::{Action, CALLBACK_BYTES_MAX, Keyboard, Leads, Screen};

const MESSAGE_CHARS_MAX: usize = 4_096;
const LABEL_CHARS_MAX: usize = 64;
const BUTTONS_MAX: usize = 100;

/// Panics for a screen that would be refused, and for a button that leads nowhere.
pub fn check_screen(screen: &Screen) {
    let html = &screen.html;
    assert!(!html.trim().is_empty(), "an empty screen");
    assert!(html.chars().count() < MESSAGE_CHARS_MAX, "{} characters", html.chars().count());
    check_tags(html);
    let labels: Vec<&str> = match &screen.keyboard {
        Keyboard::None => Vec::new(),
        Keyboard::Main(rows) => rows.iter().flatten().map(String::as_str).collect(),
        Keyboard::Inline(rows) => {
            assert!(rows.iter().all(|row| (1..=8).contains(&row.len())), "{rows:?}");
            rows.iter().flatten().for_each(|button| check_lead(&button.leads));
            rows.iter().flatten().map(|button| button.label.as_str()).collect()
        }
    };
    assert!(labels.len() <= BUTTONS_MAX, "{} buttons", labels.len());
    for label in labels {
        assert!(!label.trim().is_empty() && label.chars().count() <= LABEL_CHARS_MAX, "{label:?}");
    }
}

fn check_lead(leads: &Leads) {
    match leads {
        Leads::Do(action) => {
            let data = action.data();
            assert!(data.len() <= CALLBACK_BYTES_MAX, "{data}");
            assert_eq!(Action::parse(&data).as_ref(), Some(action), "{data} leads elsewhere");
        }
        Leads::Open(address) => assert!(address.starts_with("https://"), "{address}"),
    }
}

/// Every tag is one of ours and closed in its turn; every other special character is an entity.
fn check_tags(html: &str) {
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&']) {
        let special = &rest[at..];
        if let Some(entity) = special.strip_prefix('&') {
            let known = ["amp;", "lt;", "gt;", "quot;"];
            assert!(known.iter().any(|name| entity.starts_with(name)), "a bare & in {html}");
            rest = entity;
            continue;
        }
        let end = special.find('>').unwrap_or_else(|| panic!("an unclosed tag in {html}"));
        match &special[1..end] {
            name @ ("b" | "i" | "code") => open.push(name),
            closing => {
                assert_eq!(open.pop(), closing.strip_prefix('/'), "tags out of turn in {html}");
            }
        }
        rest = &special[end + 1..];
    }
    assert!(open.is_empty(), "tags left open in {html}");
}
