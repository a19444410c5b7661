//! Promises about prices and switches: they count at once and everywhere, and nothing below cost by accident.

use super::*;
use crate::admin::maintenance;

impl Shop {
    fn price(&self, sku: &str, size: &str) -> i64 {
        price_in(&self.house.catalog.current(), sku, size)
    }

    /// What another process, with a catalogue of its own, sells at.
    fn price_elsewhere(&self, sku: &'static str, size: &'static str) -> i64 {
        self.write(move |tx, now| {
            let other = catalog();
            other.refresh_at(tx, now)?;
            Ok(price_in(&other.current(), sku, size))
        })
    }
}

fn price_in(catalog: &Catalog, sku: &str, size: &str) -> i64 {
    let model = catalog.model(sku).expect("the model is there");
    let mut choices = model.default_choices();
    size.clone_into(&mut choices.size);
    if model.seconds.contains(&5) {
        choices.seconds = 5;
    }
    catalog.price(model, &choices, None).expect("it has a price").sale.get()
}

#[test]
fn a_price_is_shown_with_its_margin_and_counts_everywhere_without_a_restart() {
    each_shop(|shop| {
        let offer = shop.offer();
        let preview = shop.says(BOSS, "/price nano-banana-pro 2k 60 дороже");
        assert!(html(&preview).contains("50 ₽ → 60 ₽, себестоимость 13,37 ₽, маржа 77 %"));
        assert_eq!(shop.price("nano-banana-pro", "2K"), 5_000);
        let done = shop.presses(BOSS, &data(&preview, "ok"));
        assert_eq!(shop.price("nano-banana-pro", "2K"), 6_000);
        assert_eq!(shop.price_elsewhere("nano-banana-pro", "2K"), 6_000);
        assert_eq!(shop.price("nano-banana-pro", "4K"), 9_000, "other rows stay");
        // An offer made before keeps its price.
        let house = shop.house.clone();
        let placed = shop
            .write(move |tx, now| place(tx, &house, &house.catalog.current(), ANNA, &offer, now));
        assert!(matches!(placed, PlaceOutcome::Placed { .. }), "{placed:?}");
        assert_eq!(shop.pockets(ANNA), [30_000, 0], "50 ₽ of bonus are on hold");
        shop.presses(BOSS, &data(&done, "undo"));
        assert_eq!(shop.price("nano-banana-pro", "2K"), 5_000);
        assert_eq!(shop.price_elsewhere("nano-banana-pro", "2K"), 5_000);
        let row = &shop.audit()[0].action;
        assert_eq!(row.subject, "price:nano-banana-pro:2K");
        assert!(flat(&row.was).contains("50 ₽") && flat(&row.became).contains("60 ₽"), "{row:?}");
    });
}

#[test]
fn a_price_below_cost_needs_to_be_meant() {
    each_shop(|shop| {
        let preview = shop.says(BOSS, "/price nano-banana-pro 2K 10");
        let doubt = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&doubt).contains("Ниже себестоимости"), "{}", html(&doubt));
        assert_eq!(shop.price("nano-banana-pro", "2K"), 5_000);
        assert_eq!(acts(&doubt), BTreeSet::from(["no".into(), "sure".into()]));
        shop.presses(BOSS, &data(&doubt, "sure"));
        assert_eq!(shop.price("nano-banana-pro", "2K"), 1_000);
    });
}

#[test]
fn a_price_can_wait_for_its_day() {
    each_shop(|shop| {
        let done = shop.does(BOSS, "/price nano-banana-pro 2K 60 с 2026-11-26 по плану");
        assert!(html(&done).contains("с 26.11.2026 00:00 UTC"), "{}", html(&done));
        assert_eq!(shop.price_elsewhere("nano-banana-pro", "2K"), 5_000);
        shop.does(BOSS, "/price nano-banana-pro 2K 55");
        assert_eq!(shop.price("nano-banana-pro", "2K"), 5_500);
        shop.advance(2 * 24 * 3600);
        assert_eq!(shop.price_elsewhere("nano-banana-pro", "2K"), 6_000);
        shop.presses(BOSS, &data(&done, "undo"));
        assert_eq!(shop.price_elsewhere("nano-banana-pro", "2K"), 5_500);
        for day in ["2020-01-01", "вчера", "2026-02-31"] {
            let words = format!("/price nano-banana-pro 2K 60 from {day}");
            assert!(html(&shop.says(BOSS, &words)).contains("не подходит"), "{words}");
        }
    });
}

#[test]
fn old_prices_are_kept_and_can_be_rolled_back_to() {
    each_shop(|shop| {
        shop.does(BOSS, "/price nano-banana-pro 2K 60");
        shop.does(BOSS, "/price nano-banana-pro 2K 70");
        let versions = shop.says(BOSS, "/price nano-banana-pro 2K");
        for words in ["60 ₽", "70 ₽"] {
            assert!(html(&versions).contains(words), "{}", html(&versions));
        }
        let oldest = buttons(&versions).into_iter().filter(|it| it.1.contains("adm-back:"));
        let oldest = oldest.rev().nth(1).expect("a version has a button").1;
        let preview = shop.presses(BOSS, &oldest);
        assert!(html(&preview).contains("70 ₽ → 60 ₽"), "{}", html(&preview));
        shop.presses(BOSS, &data(&preview, "ok"));
        assert_eq!(shop.price("nano-banana-pro", "2K"), 6_000);
        let file = buttons(&versions).pop().expect("the last leads to the file").1;
        let preview = shop.presses(BOSS, &file);
        assert!(html(&preview).contains("60 ₽ → 50 ₽"), "{}", html(&preview));
        shop.presses(BOSS, &data(&preview, "ok"));
        assert_eq!(shop.price("nano-banana-pro", "2K"), 5_000);
        assert_eq!(shop.price_elsewhere("nano-banana-pro", "2K"), 5_000);
    });
}

#[test]
fn the_original_system_s_price_commands_move_everything_in_proportion() {
    each_shop(|shop| {
        shop.does(BOSS, "/price_nanobanana 75");
        assert_eq!(
            ["1K", "2K", "4K"].map(|it| shop.price("nano-banana-pro", it)),
            [4_500, 7_500, 13_500]
        );
        assert_eq!(shop.price("nano-banana-2", "2K"), 2_500, "another model is another price");
        let catalog = shop.house.catalog.current();
        let video = catalog.default_model(Kind::TextVideo).expect("videos are sold");
        let (sku, size) = (video.sku.clone(), video.default_size.clone());
        assert_eq!(shop.price(&sku, &size), 10_000);
        let done = shop.does(BOSS, "/price_kling 120");
        assert_eq!(shop.price(&sku, &size), 12_000);
        shop.presses(BOSS, &data(&done, "undo"));
        assert_eq!(shop.price(&sku, &size), 10_000);
        assert!(html(&shop.says(BOSS, "/price_kling 120,50")).contains("целое число рублей"));
        for words in ["/price_nanobanana 1e9", "/price nano-banana-pro 2K 0"] {
            assert!(html(&shop.says(BOSS, words)).contains("не подходит"), "{words}");
        }
        assert!(html(&shop.says(BOSS, "/price nano-banana-pro 8K 50")).contains("1K, 2K, 4K"));
        assert!(html(&shop.says(BOSS, "/price dall-e 2K 50")).contains("Модели «dall-e» нет"));
    });
}

#[test]
fn switches_take_models_providers_and_sides_off_sale_and_back() {
    each_shop(|shop| {
        let sold = |sku: &str| shop.house.catalog.current().model(sku).is_some_and(|it| it.enabled);
        let done = shop.does(BOSS, "/flag kling-26 off дорого");
        assert!(!sold("kling-26"));
        shop.presses(BOSS, &data(&done, "undo"));
        assert!(sold("kling-26"));
        shop.does(BOSS, "/flag videos off");
        assert!(!sold("kling-26") && sold("nano-banana-pro"));
        shop.does(BOSS, "/flag videos on");
        assert!(sold("kling-26"));
        shop.does(BOSS, "/provider kling pause нет денег");
        assert!(shop.house.catalog.paused().contains("kling"));
        let list = shop.says(BOSS, "/models");
        let resume = buttons(&list).into_iter().find(|it| it.1.ends_with("kling.on"));
        let preview = shop.presses(BOSS, &resume.expect("a button resumes").1);
        shop.presses(BOSS, &data(&preview, "ok"));
        assert!(!shop.house.catalog.paused().contains("kling"));
        assert!(html(&shop.says(BOSS, "/flag dance off")).contains("Переключателя «dance» нет"));
        assert!(html(&shop.says(BOSS, "/provider dall-e pause")).contains("gemini, kling"));
    });
}

#[test]
fn maintenance_stops_sales_with_the_owner_s_words() {
    each_shop(|shop| {
        let now_says = || shop.write(|tx, _| Ok(maintenance(tx)?));
        assert_eq!(now_says(), None);
        let done = shop.does(BOSS, "/maintenance on Вернёмся в 15:00");
        assert_eq!(now_says(), Some(Some("Вернёмся в 15:00".to_owned())));
        shop.does(BOSS, "/maintenance on");
        assert_eq!(now_says(), Some(None));
        shop.does(BOSS, "/maintenance off");
        assert_eq!(now_says(), None);
        shop.presses(BOSS, &data(&done, "undo"));
        assert_eq!(now_says(), None, "it was open before");
        // A command that turns every switch on doesn't close the shop.
        shop.write(|tx, now| Ok(rei_storage::admin::set_switch(tx, "maintenance", "on", "", now)?));
        assert_eq!(now_says(), None);
    });
}
