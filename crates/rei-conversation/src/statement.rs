//! The buttons under the customer's transfers; the application writes the transfers themselves.

use rei_texts::{Lang, MoneyText, Text};

use crate::callback::Action;
use crate::effect::Button;

/// What stands under page `page` (from 0, newest first) of the statement; `more` when older transfers follow.
pub fn statement_buttons(lang: Lang, page: u32, more: bool) -> Vec<Vec<Button>> {
    let named = |label: String, action| Button::new(label, action);
    let newer = (page > 0).then(|| {
        named(Text::ButtonNewer {}.plain(lang), Action::Statement(page.saturating_sub(1)))
    });
    let older = more.then(|| {
        named(Text::ButtonOlder {}.plain(lang), Action::Statement(page.saturating_add(1)))
    });
    let turn: Vec<Button> = newer.into_iter().chain(older).collect();
    let last = vec![
        named(MoneyText::ButtonStatementFile {}.plain(lang), Action::StatementFile),
        named(Text::ButtonBalance {}.plain(lang), Action::Balance),
    ];
    [turn, last].into_iter().filter(|row| !row.is_empty()).collect()
}
