//! Promises about payments decided by hand and about promo codes, in a house that has no way to pay.

use rei_domain::ids::PaymentId;
use rei_domain::ledger::Rail;
use rei_storage::payments::{self, NewPayment, PaidWith};
use rei_storage::presents;

use super::*;

/// What the payment system calls the money that is nobody's.
const NOBODYS: &str = "2f1c9a3e-000f-5000-8000-1d2e3f4a5b6c";

impl Shop {
    /// 700 ₽ that are nobody's.
    fn finds(&self) {
        self.write(|tx, now| {
            payments::suspend(tx, Rail::YooKassa, NOBODYS, Kopecks::from_rubles(700), "x", now)?;
            let new = NewTransfer {
                kind: TransferKind::Unknown,
                debit: Account::Clearing(Rail::YooKassa),
                credit: Account::Suspense,
                amount: Money::Rub(Kopecks::from_rubles(700)),
                key: IdempotencyKey::new(format!("yookassa:{NOBODYS}:suspense"))?,
                order: None,
                payment: None,
                actor: Actor::System,
                memo: None,
                at: now,
            };
            ledger::post(tx, &new).map(|_| ())
        });
    }

    /// Anna's payment of 300 ₽, which is what [`Shop::open`] gave her.
    pub(super) fn paid(&self) -> i64 {
        let id = PaymentId::new(self.now(), self.house.chance.as_ref());
        self.write(move |tx, now| {
            let new = NewPayment {
                id,
                customer: ANNA,
                rail: Rail::YooKassa,
                amount: Kopecks::from_rubles(300),
                units: None,
                quote: None,
                key: id.to_string(),
                is_test: false,
            };
            payments::create(tx, &new, now)?;
            let with = PaidWith { provider_id: "p-1".to_owned(), fee: None, receipt: None };
            assert!(payments::paid(tx, id, &with, now)?);
            Ok(payments::find(tx, id)?.expect("it is stored").number)
        })
    }
}

#[test]
fn money_that_is_nobody_s_is_given_once_and_can_not_be_taken_back() {
    each_shop(|shop| {
        shop.finds();
        let list = html(&shop.says(BOSS, "/suspense"));
        assert!(list.contains("700 ₽") && list.contains("/assign"), "{list}");
        let preview = shop.says(BOSS, &format!("/assign {NOBODYS} 42 квитанция"));
        assert!(html(&preview).contains("Отменить это будет нельзя"), "{}", html(&preview));
        let other = shop.says(BOSS, &format!("/return {NOBODYS} чужое"));
        let done = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&done).contains("700 ₽ зачислено покупателю 42"), "{}", html(&done));
        assert!(!acts(&done).contains("undo"));
        assert_eq!(shop.pockets(ANNA), [100_000, 5_000]);
        let late = html(&shop.presses(BOSS, &data(&other, "ok")));
        assert!(late.contains("уже решили: они отданы покупателю"), "{late}");
        let row = &shop.audit()[0].action;
        assert_eq!((row.action.as_str(), row.subject.as_str()), ("assign", "42"));
        assert_eq!(shop.audit().len(), 1);
    });
}

#[test]
fn what_is_wrong_with_a_decision_is_said_in_words() {
    each_shop(|shop| {
        shop.finds();
        let number = shop.paid();
        for (words, answer) in [
            ("/assign".to_owned(), "Формат: /assign"),
            (format!("/assign {NOBODYS}"), "Формат: /assign"),
            (format!("/assign {NOBODYS} 42"), "Назовите причину"),
            (format!("/assign {NOBODYS} 99 квитанция"), "Покупателя 99 нет"),
            ("/assign p-1 42 квитанция".to_owned(), "Денег без хозяина с номером «p-1» нет"),
            (format!("/return {NOBODYS}"), "Назовите причину"),
            ("/chargeback".to_owned(), "Формат: /chargeback"),
            (format!("/chargeback {number}"), "Назовите причину"),
            ("/chargeback 99 письмо".to_owned(), "Платежа №99 нет"),
            ("/payment junk".to_owned(), "Формат: /payment"),
            ("/payment 99".to_owned(), "Платежа №99 нет"),
            ("/recheck".to_owned(), "Формат: /recheck"),
            ("/reconcile".to_owned(), "Сверять не с чем"),
            ("/reconcile 2099-01-01".to_owned(), "Дата «2099-01-01» не подходит"),
            ("/reconcile вчера".to_owned(), "Дата «вчера» не подходит"),
            ("/promo_new SUMMER".to_owned(), "Формат: /promo_new"),
            ("/promo_new SUMMER 1e9".to_owned(), "Сумма «1e9» не подходит"),
            ("/promo_off".to_owned(), "Формат: /promo_off"),
            ("/promo_off SUMMER".to_owned(), "Промокода SUMMER нет"),
            ("/promo_off лето".to_owned(), "Код «лето» не подходит"),
        ] {
            let said = html(&shop.says(BOSS, &words));
            assert!(said.contains(answer), "{words}: {said}");
        }
        assert_eq!(shop.audit(), []);
    });
}

#[test]
fn a_refund_that_can_not_be_asked_for_says_why_in_the_reader_s_language() {
    each_shop(|shop| {
        let number = shop.paid();
        let said = html(&shop.does(BOSS, &format!("/admin_refund P{number} просьба")));
        assert!(said.contains("этот способ оплаты отключён"), "{said}");
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        assert_eq!(shop.audit(), []);
    });
}

#[test]
fn the_refund_button_of_a_payment_asks_before_anything_goes_back() {
    each_shop(|shop| {
        let number = shop.paid();
        let list = shop.says(BOSS, "/payments");
        let card = shop.presses(BOSS, &data(&list, "pay"));
        assert!(html(&card).contains(&format!("Платёж №{number}")), "{}", html(&card));
        let preview = shop.presses(BOSS, &data(&card, "payback"));
        assert!(html(&preview).contains("300 ₽, туда, откуда платили"), "{}", html(&preview));
        assert!(acts(&preview).contains("ok"));
        assert_eq!(shop.audit(), []);
    });
}

#[test]
fn a_chargeback_takes_what_is_not_there_and_freezes_once() {
    each_shop(|shop| {
        let number = shop.paid();
        shop.does(BOSS, "/sub 42 200 ошибка");
        let words = format!("/chargeback {number} письмо банка");
        let preview = shop.says(BOSS, &words);
        assert!(html(&preview).contains("Свои деньги: 100 ₽ → −200 ₽"), "{}", html(&preview));
        let done = html(&shop.presses(BOSS, &data(&preview, "ok")));
        assert!(done.contains("Его долг 200 ₽"), "{done}");
        assert!(html(&shop.says(BOSS, &words)).contains("уже проведён"));
        assert!(html(&shop.says(BOSS, "/admin_user 42")).contains("кошелёк заморожен"));
    });
}

#[test]
fn m11_a_promo_code_is_made_with_one_row_of_the_audit_and_can_be_taken_back() {
    each_shop(|shop| {
        let preview = shop.says(BOSS, "/promo_new summer 50 x100 new");
        assert!(html(&preview).contains("0 из 100"), "{}", html(&preview));
        assert_eq!(shop.write(|tx, _| Ok(presents::find(tx, "SUMMER")?)), None);
        let done = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&done).contains("Промокод SUMMER создан"), "{}", html(&done));
        assert!(html(&shop.says(BOSS, "/promo_new SUMMER 500")).contains("уже есть"));
        shop.presses(BOSS, &data(&done, "undo"));
        let row = shop.write(|tx, _| Ok(presents::find(tx, "SUMMER")?)).expect("it is kept");
        assert!(!row.is_on);
        shop.does(BOSS, "/promo_new WINTER 10");
        let off = shop.does(BOSS, "/promo_off winter хватит");
        assert!(html(&off).contains("Промокод WINTER выключен"), "{}", html(&off));
        let words: Vec<String> = shop.audit().into_iter().map(|row| row.action.action).collect();
        assert_eq!(words, ["promo_new", "undo", "promo_new", "promo_off"]);
    });
}
