//! Turning the pages of a list.

use rei_texts::Text;

use super::talk::{Button, Talk, button};

/// The farthest page that a button leads to: beyond it one asks more precisely.
const PAGES_MAX: i64 = 200;

/// The buttons to the newer and the older page: `adm-<act>:<id>:<page>[.<filter>]`.
pub(super) fn turns(
    talk: &Talk<'_, '_>,
    act: &str,
    id: &str,
    page: i64,
    more: bool,
    filter: Option<&str>,
) -> Vec<Button> {
    let lang = talk.caller.lang;
    let to = |page: i64| match filter {
        Some(filter) => format!("{page}.{filter}"),
        None => page.to_string(),
    };
    let mut row = Vec::new();
    if page > 0 {
        row.push(button(&Text::ButtonNewer {}, lang, act, id, Some(&to(page - 1))));
    }
    if more && page < PAGES_MAX {
        row.push(button(&Text::ButtonOlder {}, lang, act, id, Some(&to(page + 1))));
    }
    row
}

/// Adds a button, five to a row.
pub(super) fn into_rows(rows: &mut Vec<Vec<Button>>, button: Button) {
    match rows.last_mut() {
        Some(row) if row.len() < 5 => row.push(button),
        _ => rows.push(vec![button]),
    }
}

/// Reads what [`turns`] writes: the page, and the filter after it.
pub(super) fn read(arg: Option<&str>) -> (i64, Option<&str>) {
    let arg = arg.unwrap_or("0");
    let (page, filter) = match arg.split_once('.') {
        Some((page, filter)) => (page, Some(filter)),
        None => (arg, None),
    };
    (page.parse().unwrap_or(0).clamp(0, PAGES_MAX), filter)
}
