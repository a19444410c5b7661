//! Promises about people: bans, roles, and finding customers.

use super::*;
use crate::admin::{Permission, ban_of};

impl Shop {
    fn ban(&self, customer: CustomerId) -> Option<crate::admin::BanNotice> {
        self.write(move |tx, now| Ok(ban_of(tx, customer, now)?))
    }
}

#[test]
fn a_banned_customer_is_told_once_with_the_reason_and_what_becomes_of_the_money() {
    each_shop(|shop| {
        let preview = shop.says(BOSS, "/ban 42 7d спам");
        assert!(html(&preview).contains("На балансе 350 ₽"), "{}", html(&preview));
        assert_eq!(shop.ban(ANNA), None);
        shop.presses(BOSS, &data(&preview, "ok"));
        let ban = shop.ban(ANNA).expect("she is banned");
        assert_eq!(
            (ban.reason.as_str(), ban.until.map(|it| it.millis())),
            ("спам", Some(shop.now().millis() + 7 * 24 * 3_600_000))
        );
        let told = shop.told();
        assert_eq!(told.matches("Ваш доступ к заказам закрыт").count(), 1);
        for words in ["Причина: спам", "350 ₽", "/paysupport"] {
            assert!(told.contains(words), "{told}");
        }
        shop.advance(7 * 24 * 3600);
        assert_eq!(shop.ban(ANNA), None, "its time is over");
    });
}

#[test]
fn a_ban_can_be_lifted_and_taken_back() {
    each_shop(|shop| {
        let done = shop.does(BOSS, "/ban 42 спам и грубость");
        assert_eq!(shop.ban(ANNA).expect("she is banned").until, None);
        shop.presses(BOSS, &data(&done, "undo"));
        assert_eq!(shop.ban(ANNA), None);
        shop.does(BOSS, "/ban 42 спам");
        let list = shop.says(BOSS, "/bans");
        assert!(html(&list).contains("42 (Анна), бессрочно: спам"), "{}", html(&list));
        let preview = shop.presses(BOSS, &data(&list, "unban"));
        let done = shop.presses(BOSS, &data(&preview, "ok"));
        assert_eq!(shop.ban(ANNA), None);
        shop.presses(BOSS, &data(&done, "undo"));
        assert_eq!(shop.ban(ANNA).expect("she is banned again").reason, "спам");
        shop.does(BOSS, "/unban 42 ошибка");
        assert!(html(&shop.says(BOSS, "/unban 42")).contains("не заблокирован"));
        let words: Vec<String> = shop.audit().into_iter().map(|row| row.action.action).collect();
        assert_eq!(words, ["ban", "undo", "ban", "unban", "undo", "unban"]);
    });
}

#[test]
fn owners_and_other_admins_can_not_be_banned() {
    each_shop(|shop| {
        shop.does(BOSS, "/grant_role 43 support");
        for words in ["/ban 2 7d спам", "/ban 43 спам", "/ban 1 спам"] {
            assert!(html(&shop.says(BOSS, words)).contains("его нельзя заблокировать"), "{words}");
        }
        // Somebody who became an admin between the preview and the confirmation isn't either.
        let preview = shop.says(BOSS, "/ban 42 спам");
        shop.does(BOSS, "/grant_role 42 viewer");
        shop.presses(BOSS, &data(&preview, "ok"));
        assert_eq!(shop.ban(ANNA), None);
    });
}

#[test]
fn a_banned_customer_can_not_buy() {
    each_shop(|shop| {
        shop.does(BOSS, "/ban 42 спам");
        let (quote, house) = (shop.offer(), shop.house.clone());
        let outcome = shop
            .write(move |tx, now| place(tx, &house, &house.catalog.current(), ANNA, &quote, now));
        assert_eq!(outcome, PlaceOutcome::Banned { reason: "спам".to_owned() });
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
    });
}

#[test]
fn a_new_admin_is_announced_to_the_owners() {
    each_shop(|shop| {
        let done = shop.does(BOSS, "/grant_role 43 finance помощник");
        assert_eq!(shop.caller(BORIS).role, Role::Finance);
        let told = shop.told();
        assert_eq!(told.matches("Роль 43 (Boris) теперь finance").count(), 2, "{told}");
        let list = html(&shop.says(BOSS, "/roles"));
        assert!(list.contains("43 (Boris): finance") && list.contains("1 (Boss): owner"), "{list}");
        shop.presses(BOSS, &data(&done, "undo"));
        let house = shop.house.clone();
        assert_eq!(shop.write(move |tx, _| Ok(role_of(tx, &house, BORIS)?)), None);
        let row = &shop.audit()[0].action;
        assert_eq!((row.was.as_str(), row.became.as_str()), ("none", "finance"));
    });
}

#[test]
fn the_owners_of_the_settings_stay_owners() {
    each_shop(|shop| {
        assert!(html(&shop.says(BOSS, "/grant_role 2 viewer")).contains("владелец из настроек"));
        shop.write(|tx, now| Ok(admins::set_role(tx, PARTNER, "viewer", BOSS, now)?));
        assert_eq!(shop.caller(PARTNER).role, Role::Owner);
    });
}

/// Every changing command, with the permission that it needs.
const CHANGES: [(&str, Permission); 18] = [
    ("/add 42 100 подарок", Permission::MoveMoney),
    ("/sub 42 100 ошибка", Permission::MoveMoney),
    ("/admin_adjust 42 -1 сверка", Permission::MoveMoney),
    ("/admin_refund 1 брак", Permission::RefundOrders),
    ("/ban 42 спам", Permission::Ban),
    ("/unban 42", Permission::Ban),
    ("/price nano-banana-pro 2K 60", Permission::SetPrices),
    ("/price_nanobanana 60", Permission::SetPrices),
    ("/flag kling-26 off", Permission::TurnSwitches),
    ("/provider kling pause", Permission::TurnSwitches),
    ("/maintenance on", Permission::TurnSwitches),
    ("/grant_role 42 viewer", Permission::GrantRoles),
    ("/assign p-1 42 квитанция", Permission::ResolvePayments),
    ("/return p-1 чужое", Permission::ResolvePayments),
    ("/chargeback 1 письмо банка", Permission::ResolvePayments),
    ("/recheck 1", Permission::ResolvePayments),
    ("/promo_new SUMMER 50", Permission::SetPromos),
    ("/promo_off SUMMER", Permission::SetPromos),
];

#[test]
fn a_role_asks_for_what_it_may_do_and_for_nothing_else() {
    each_shop(|shop| {
        for role in [Role::Finance, Role::Support, Role::Viewer] {
            shop.write(move |tx, now| Ok(admins::set_role(tx, BORIS, role.as_str(), BOSS, now)?));
            for (words, needed) in CHANGES {
                let answer = html(&shop.says(BORIS, words));
                let refused = answer.contains("этого не позволяет");
                assert_eq!(refused, !role.may(needed), "{role:?} says {words}: {answer}");
            }
        }
        assert_eq!(shop.audit(), []);
    });
}

#[test]
fn customers_are_found_by_number_by_name_and_in_lists() {
    each_shop(|shop| {
        shop.write(|tx, _| Ok(admins::note_username(tx, ANNA, Some("Anna_K"))?));
        let card = html(&shop.says(BOSS, "/admin_user @anna_k"));
        for words in ["Анна @anna_k", "Свои 300 ₽ · бонусы 50 ₽", "Язык ru"]
        {
            assert!(card.contains(words), "{card}");
        }
        let list = shop.says(BOSS, "/users Bor");
        assert!(html(&list).contains("Boris") && !html(&list).contains("Анна"));
        let card = shop.presses(BOSS, &data(&list, "user"));
        assert!(html(&card).contains("Boris"));
        let how = shop.presses(BOSS, &data(&card, "how"));
        assert!(html(&how).contains("/add 43"), "{}", html(&how));
        assert!(html(&shop.says(BOSS, "/users banned")).contains("Никого не нашлось"));
        shop.does(BOSS, "/ban 42 спам");
        assert!(html(&shop.says(BOSS, "/users banned")).contains("Анна"));
        assert!(html(&shop.says(BOSS, "/users 42")).contains("заблокирован, бессрочно: спам"));
    });
}
