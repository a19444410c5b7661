//! The screens as customers read them, kept as pages for whoever edits the texts.

use std::fmt::Write;
use std::time::Duration;

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_texts::{Lang, Text};

use super::chat::Chat;
use crate::Keyboard;

/// The latest screens of a chat under a title.
fn show(page: &mut String, title: &str, chat: &Chat) {
    writeln!(page, "=== {title}").expect("a string takes everything");
    if let Some(toast) = chat.toast() {
        writeln!(page, "({toast})").expect("a string takes everything");
    }
    for screen in chat.screens() {
        writeln!(page, "{}", screen.html).expect("a string takes everything");
        let rows: Vec<Vec<&String>> = match &screen.keyboard {
            Keyboard::None => Vec::new(),
            Keyboard::Main(rows) => rows.iter().map(|row| row.iter().collect()).collect(),
            Keyboard::Inline(rows) => {
                rows.iter().map(|row| row.iter().map(|button| &button.label).collect()).collect()
            }
        };
        for row in rows {
            let labels: Vec<String> = row.iter().map(|label| format!("[{label}]")).collect();
            writeln!(page, "{}", labels.join(" ")).expect("a string takes everything");
        }
    }
    page.push('\n');
}

fn page(lang: Lang) -> String {
    let mut page = String::new();
    let mut chat = Chat::new();
    chat.customer.lang = lang;
    let prompt = match lang {
        Lang::Ru => "кот в скафандре на Луне",
        Lang::En => "a cat in a spacesuit on the Moon",
    };
    for command in ["/start", "/menu", "/help", "/balance", "/prices", "/settings", "/image"] {
        show(&mut page, command, chat.says(command));
    }
    show(&mut page, "ratios", chat.presses("v1:ratios:-"));
    show(&mut page, "sizes", chat.presses("v1:sizes:-"));
    show(&mut page, "ideas", chat.presses("v1:idea:-:0"));
    show(&mut page, "quote", chat.says(prompt));
    let quote = chat.quote().id.to_short();
    show(&mut page, "tune", chat.presses(&format!("v1:tune:{quote}")));
    show(&mut page, "left for the menu", chat.clone().says("/menu"));
    show(&mut page, "accepted", chat.presses(&format!("v1:create:{quote}")));
    show(&mut page, "pressed again", chat.presses(&format!("v1:create:{quote}")));
    show(&mut page, "the same again", chat.says(prompt));
    show(&mut page, "cancel a form", chat.says("/cancel"));
    show(&mut page, "cancel a job", chat.says("/cancel"));
    show(&mut page, "jobs", chat.says("/jobs"));
    let order = chat.active[0].id.to_short();
    show(&mut page, "cancelled", chat.presses(&format!("v1:cancel:{order}")));
    chat.history = vec![chat.order(1234, OrderState::Delivered, prompt)];
    show(&mut page, "history", chat.says("/history"));
    show(&mut page, "support", chat.says("/support"));
    show(&mut page, "top up", chat.says("/pay"));
    show(&mut page, "too long", chat.says(&"x".repeat(8_001)));
    let mut poor = chat.with_balance(40);
    poor.waits(Duration::from_secs(3));
    show(&mut page, "quote with too little money", poor.says(prompt));
    let quote = poor.quote().id.to_short();
    show(&mut page, "need more", poor.presses(&format!("v1:create:{quote}")));
    poor.active_max = 0;
    poor.active = vec![poor.order(1235, OrderState::Running, prompt)];
    show(&mut page, "too many", poor.presses(&format!("v1:create:{quote}")));
    poor.provider_down = true;
    show(&mut page, "service down", poor.says("/menu"));
    page
}

/// What the application writes about an order, as it looks with real values.
fn outcomes(lang: Lang) -> String {
    let (price, balance) = (Kopecks::from_rubles(50), Kopecks::from_rubles(290));
    let support = || "J-1234-A7".to_owned();
    let number = 1234;
    let texts = [
        Text::Accepted { number, ahead: 3, price, from_seconds: 20, to_seconds: 40 },
        Text::Working { number, from_seconds: 20, to_seconds: 40 },
        Text::WaitingAgain { number },
        Text::Checking { number },
        Text::DoneStatus { number },
        Text::Result { seconds: 31, price, balance, count: 5 },
        Text::Result { seconds: 31, price, balance, count: 0 },
        Text::ResultOriginal { number },
        Text::ResultLate { number },
        Text::Refused { price, balance, support: support() },
        Text::RefusedSimilar { price, balance, support: support() },
        Text::RefusedLanguage { price, balance, support: support() },
        Text::RefusedWords { price, balance, support: support() },
        Text::RefusedInput { price, balance, support: support() },
        Text::Failed { price, balance, support: support() },
        Text::FailedOurs { price, balance, support: support() },
        Text::Expired { price, balance, support: support() },
    ];
    let words: Vec<String> = texts.iter().map(|text| text.html(lang)).collect();
    words.join("\n\n")
}

#[test]
fn the_screens_in_russian() {
    insta::assert_snapshot!("screens_ru", page(Lang::Ru));
}

#[test]
fn the_screens_in_english() {
    insta::assert_snapshot!("screens_en", page(Lang::En));
}

#[test]
fn the_outcomes_in_russian() {
    insta::assert_snapshot!("outcomes_ru", outcomes(Lang::Ru));
}

#[test]
fn the_outcomes_in_english() {
    insta::assert_snapshot!("outcomes_en", outcomes(Lang::En));
}

#[test]
fn phrases_that_the_product_promises_stand_as_written() {
    let pages = format!("{}{}", page(Lang::Ru), outcomes(Lang::Ru)).replace('\u{202f}', " ");
    for phrase in [
        "Деньги спишутся только за готовый результат",
        "Не хватает 10 ₽",
        "Проверьте заказ",
        "Готово за 31 с · списано 50 ₽ · баланс 290 ₽ (хватит ещё на ≈5 изображений)",
        "Сервис отклонил запрос по правилам безопасности",
        "Деньги возвращены: 50 ₽",
        "Результат пришёл с опозданием. Он ваш бесплатно",
        "в очереди, перед вами 3",
        "Что можно сделать: уберите имена реальных людей, насилие, откровенные сцены.",
        "Не получилось: сервис перегружен. 50 ₽ уже вернулись на баланс (290 ₽).",
    ] {
        assert!(pages.contains(phrase), "{phrase}");
    }
}
