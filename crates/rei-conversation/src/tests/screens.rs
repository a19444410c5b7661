//! The screens as customers read them, kept as pages for whoever edits the texts.

use std::fmt::Write;
use std::time::Duration;

use rei_domain::catalog::Kind;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_texts::{Lang, Text};

use super::chat::{Chat, clip, measured_clip, photo};
use crate::{Action, FileProblem, Keyboard};

/// The latest screens of a chat under a title.
pub(super) fn show(page: &mut String, title: &str, chat: &Chat) {
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
    poor.down.insert("gemini".to_owned());
    show(&mut page, "service down", poor.says("/menu"));
    page
}

/// Photos, clips, videos and the settings.
fn files_page(lang: Lang) -> String {
    let mut page = String::new();
    let mut chat = Chat::new().with_balance(1_000);
    chat.customer.lang = lang;
    let (edit, film) = match lang {
        Lang::Ru => ("сделай небо розовым", "кот бежит по крыше"),
        Lang::En => ("make the sky pink", "a cat runs over a roof"),
    };
    show(&mut page, "/edit", chat.says("/edit"));
    show(&mut page, "words first", chat.says(edit));
    show(&mut page, "/video", chat.says("/video"));
    show(&mut page, "a photo", chat.says("/menu").sends(photo("a"), None));
    show(&mut page, "to edit it", chat.clone().presses("v1:wish:-:edit"));
    show(&mut page, "to draw after it", chat.clone().presses("v1:wish:-:draw"));
    show(&mut page, "to animate it", chat.clone().presses("v1:wish:-:animate"));
    show(&mut page, "with words", chat.clone().says(edit));
    show(&mut page, "a second photo", chat.sends(photo("b"), None));
    show(&mut page, "a video between them", chat.clone().presses("v1:wish:-:animate"));
    show(&mut page, "left for the menu", chat.says("/menu"));
    show(&mut page, "a photo with words", chat.sends(photo("a"), Some(edit)));
    show(&mut page, "and one more", chat.sends(photo("b"), None));
    show(&mut page, "a video from words", chat.says(&format!("/video {film}")));
    let tune = format!("v1:tune:{}", chat.quote().id.to_short());
    show(&mut page, "tune", chat.presses(&tune));
    for picker in ["models", "sizes", "lengths", "ratios"] {
        show(&mut page, picker, chat.presses(&format!("v1:{picker}:-")));
    }
    show(&mut page, "another model", chat.presses("v1:model:-:kling-3"));
    show(&mut page, "sounds", chat.presses("v1:sounds:-"));
    show(&mut page, "a clip", chat.says("/menu").sends(clip("clip"), None));
    show(&mut page, "to edit it", chat.clone().presses("v1:wish:-:clip"));
    show(&mut page, "to borrow its style", chat.clone().presses("v1:wish:-:style"));
    show(&mut page, "to take over its movement", chat.presses("v1:wish:-:motion"));
    show(&mut page, "by a photo", chat.sends(photo("a"), None));
    let again = format!("v1:change:{}", chat.quote().id.to_short());
    show(&mut page, "other words", chat.presses(&again));
    show(&mut page, "close", chat.presses("v1:close:-"));
    chat.files.insert("clip".to_owned(), Ok(measured_clip(2_000)));
    show(&mut page, "a clip that is too short", chat.sends(clip("clip"), Some(edit)));
    chat.says("/menu");
    chat.files.insert("heic".to_owned(), Err(FileProblem::Heic));
    show(&mut page, "a file that nothing reads", chat.sends(photo("heic"), None));
    show(&mut page, "/settings", chat.says("/settings"));
    show(&mut page, "of videos", chat.presses("v1:setup:text_video"));
    show(&mut page, "models of videos", chat.presses("v1:models:text_video"));
    show(&mut page, "quick mode", chat.presses("v1:quick:-"));
    show(&mut page, "up to 100", chat.presses("v1:quick:-:100"));
    show(&mut page, "ordered at once", chat.sends(photo("a"), Some(edit)));
    let mut order = chat.order(7, OrderState::Delivered, "");
    (order.kind, order.favourite) = (Kind::ImageVideo, true);
    chat.history = vec![order];
    show(&mut page, "/history", chat.says("/history"));
    show(&mut page, "favourites", chat.presses("v1:history:stars:0"));
    chat.history[0].choices.size = "4K".to_owned();
    let upscale = Action::Upscale(chat.history[0].id, 1).data();
    show(&mut page, "larger than the largest", chat.presses(&upscale));
    chat.down.insert("kling".to_owned());
    show(&mut page, "no videos", chat.says("/menu"));
    show(&mut page, "no video", chat.says(&format!("/video {film}")));
    page
}

/// What the application writes about an order, as it looks with real values.
fn outcomes(lang: Lang) -> String {
    let (price, balance) = (Kopecks::from_rubles(50), Kopecks::from_rubles(290));
    let support = || "J-1234-A7".to_owned();
    let number = 1234;
    let texts = [
        Text::Accepted { number, ahead: 3, price, wait: Text::wait(20, 40).plain(lang) },
        Text::Accepted { number, ahead: 0, price, wait: Text::wait(60, 300).plain(lang) },
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
fn the_screens_with_files_in_russian() {
    insta::assert_snapshot!("files_ru", files_page(Lang::Ru));
}

#[test]
fn the_screens_with_files_in_english() {
    insta::assert_snapshot!("files_en", files_page(Lang::En));
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
