//! Promises about orders: refunds into the pockets they came from, and ends and new tries by hand.

use rei_domain::ids::PaymentId;
use rei_storage::payments::{self, NewPayment, PaidWith};
use rei_storage::{jobs, orders};

use super::*;

#[test]
fn m7_a_refund_goes_back_into_the_pockets_it_came_from() {
    each_shop(|shop| {
        // 50 ₽ of bonus pay the first; the second is paid in cash.
        let (_, first) = shop.buys(ANNA, Kopecks::from_rubles(50));
        let (_, second) = shop.buys(ANNA, Kopecks::from_rubles(50));
        assert_eq!(shop.pockets(ANNA), [25_000, 0]);
        shop.does(BOSS, &format!("/admin_refund {first} брак"));
        assert_eq!(shop.pockets(ANNA), [25_000, 5_000]);
        shop.does(BOSS, &format!("/admin_refund {second} 20,50 брак"));
        assert_eq!(shop.pockets(ANNA), [27_050, 5_000]);
        assert!(shop.told().contains(&format!("Вам вернули 20,50 ₽ за заказ №{second}: брак")));
    });
}

#[test]
fn a_part_of_a_price_from_both_pockets_comes_back_as_own_money_first() {
    for engine in EngineKind::ALL {
        let shop = Shop::open(engine, |_| {});
        shop.does(BOSS, "/sub 42 300 всё");
        shop.does(BOSS, "/sub 42 20 часть бонуса");
        shop.does(BOSS, "/add 42 100 деньги");
        assert_eq!(shop.pockets(ANNA), [10_000, 3_000]);
        let (_, number) = shop.buys(ANNA, Kopecks::from_rubles(50));
        assert_eq!(shop.pockets(ANNA), [8_000, 0]);
        shop.does(BOSS, &format!("/admin_refund {number} 25 часть"));
        assert_eq!(shop.pockets(ANNA), [10_000, 500]);
        shop.does(BOSS, &format!("/admin_refund {number} остальное"));
        assert_eq!(shop.pockets(ANNA), [10_000, 3_000]);
        shop.assert_sound();
    }
}

#[test]
fn never_more_is_refunded_than_was_charged() {
    each_shop(|shop| {
        let (_, number) = shop.buys(ANNA, Kopecks::from_rubles(40));
        assert_eq!(shop.pockets(ANNA), [30_000, 1_000]);
        let refused = shop.says(BOSS, &format!("/admin_refund {number} 40,01 брак"));
        assert!(html(&refused).contains("осталось невозвращённым 40 ₽"), "{}", html(&refused));
        // Two admins ask for all of it at once: one gets it.
        let words = format!("/admin_refund {number} брак");
        let (one, other) = (shop.says(BOSS, &words), shop.says(PARTNER, &words));
        shop.presses(BOSS, &data(&one, "ok"));
        let refused = shop.presses(PARTNER, &data(&other, "ok"));
        assert!(html(&refused).contains("осталось невозвращённым 0 ₽"), "{}", html(&refused));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        assert_eq!(shop.audit().len(), 1);
    });
}

#[test]
fn what_was_not_charged_is_not_refunded() {
    each_shop(|shop| {
        let (_, number) = shop.orders(ANNA);
        let held = shop.says(BOSS, &format!("/admin_refund {number} брак"));
        assert!(html(&held).contains("/admin_cancel_job"), "{}", html(&held));
        shop.does(BOSS, &format!("/admin_cancel_job {number}"));
        let over = shop.says(BOSS, &format!("/admin_refund {number} брак"));
        assert!(html(&over).contains("возвращать нечего"), "{}", html(&over));
        for (words, answer) in [
            ("/admin_refund 999 брак", "Заказа №999 нет"),
            ("/admin_refund P999 брак", "Платежа №999 нет"),
            ("/admin_refund кот брак", "Формат: /admin_refund"),
            ("/admin_refund 1 1e9 брак", "Сумма «1e9» не подходит"),
            ("/admin_refund 1 -5 брак", "Сумма «-5» не подходит"),
            ("/admin_refund 1", "Назовите причину"),
        ] {
            assert!(html(&shop.says(BOSS, words)).contains(answer), "{words}");
        }
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
    });
}

#[test]
fn a_payment_is_refunded_by_its_rail_or_the_admin_is_told_why_not() {
    each_shop(|shop| {
        for paid in [false, true] {
            let id = PaymentId::new(shop.now(), shop.house.chance.as_ref());
            shop.write(move |tx, now| {
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
                if paid {
                    let provider_id = "p-1".to_owned();
                    let with = PaidWith { provider_id, fee: None, receipt: None };
                    assert!(payments::paid(tx, id, &with, now)?);
                }
                Ok(())
            });
        }
        let waits = shop.says(BOSS, "/admin_refund P1 просьба");
        assert!(html(&waits).contains("не зачислен"), "{}", html(&waits));
        let preview = shop.says(BOSS, "/admin_refund P2 100,50 просьба");
        assert!(html(&preview).contains("платежа №2</b>: 100,50 ₽"), "{}", html(&preview));
        let refused = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&refused).contains("вернуть нельзя"), "no rail is open: {}", html(&refused));
        assert_eq!(shop.audit(), []);
        let over = shop.says(BOSS, "/admin_refund P2 300,01 просьба");
        assert!(html(&over).contains("осталось невозвращённым 300 ₽"), "{}", html(&over));
    });
}

#[test]
fn the_number_for_support_names_an_order_too() {
    each_shop(|shop| {
        let (order, number) = shop.buys(ANNA, Kopecks::from_rubles(50));
        let support = rei_domain::order::support_number(number, order);
        shop.does(BOSS, &format!("/admin_refund {support} брак"));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        let page = html(&shop.says(BOSS, &format!("/admin_job №{number}")));
        for words in [support.as_str(), "capture 50 ₽", "refund 50 ₽", "hold 50 ₽"] {
            assert!(page.contains(words), "{page}");
        }
    });
}

#[test]
fn an_order_that_waits_is_cancelled_and_its_money_is_back() {
    each_shop(|shop| {
        let (order, number) = shop.orders(ANNA);
        assert_eq!(shop.pockets(ANNA), [30_000, 0]);
        let list = shop.says(BOSS, "/admin_jobs");
        let page = shop.presses(BOSS, &data(&list, "job"));
        let preview = shop.presses(BOSS, &data(&page, "cancel"));
        let ok = data(&preview, "ok");
        shop.presses(BOSS, &ok);
        shop.presses(BOSS, &ok);
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        let row = shop.write(move |tx, _| Ok(orders::find(tx, order)?)).expect("it is there");
        assert_eq!(row.state, OrderState::Cancelled);
        let told = shop.told();
        assert!(told.contains(&format!("№{number}")), "{told}");
        assert!(
            html(&shop.says(BOSS, &format!("/admin_cancel_job {number}"))).contains("завершён")
        );
    });
}

#[test]
fn an_order_at_the_provider_is_given_back_and_what_comes_is_a_present() {
    each_shop(|shop| {
        let (order, number) = shop.orders(ANNA);
        shop.write(move |tx, now| {
            use OrderState::{Queued, Running, Submitting};
            orders::move_state(tx, order, Queued, Submitting, None, now)?;
            Ok(orders::move_state(tx, order, Submitting, Running, None, now)?)
        });
        shop.does(BOSS, &format!("/admin_cancel_job {number} завис"));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        let row = shop.write(move |tx, _| Ok(orders::find(tx, order)?)).expect("it is there");
        assert_eq!(row.state, OrderState::Expired, "a late result can still be given");
    });
}

#[test]
fn a_dead_job_and_a_waiting_one_get_another_try() {
    each_shop(|shop| {
        let (order, number) = shop.orders(ANNA);
        let job = shop.write(move |tx, _| Ok(orders::find(tx, order)?)).expect("placed").job;
        let ready = shop.says(BOSS, &format!("/requeue {number}"));
        assert!(html(&ready).contains("Повторять нечего"), "{}", html(&ready));
        let state = move |shop: &Shop| {
            shop.write(move |tx, _| Ok(jobs::show(tx, job)?)).map(|it| (it.state, it.due_at))
        };
        let kill = |shop: &Shop| {
            shop.write(|tx, now| {
                Ok(tx.execute_text(&format!(
                    "update job set state = 'dead', finished_at = {}, last_error = 'boom'",
                    now.millis()
                ))?)
            });
        };
        kill(shop);
        shop.does(BOSS, &format!("/requeue {number}"));
        assert_eq!(state(shop).expect("the job").0, "ready");
        kill(shop);
        let stuck = shop.says(BOSS, "/stuck");
        assert!(html(&stuck).contains("boom"), "{}", html(&stuck));
        let preview = shop.presses(BOSS, &data(&stuck, "revive"));
        shop.presses(BOSS, &data(&preview, "ok"));
        assert_eq!(state(shop).expect("the job").0, "ready");
        shop.write(|tx, now| {
            let later = now.millis() + 600_000;
            let text = format!("update job set state = 'scheduled', due_at = {later}");
            Ok(tx.execute_text(&text)?)
        });
        shop.does(BOSS, &format!("/requeue {number}"));
        assert_eq!(state(shop).expect("the job").1, shop.now());
    });
}

#[test]
fn what_does_not_move_is_listed() {
    each_shop(|shop| {
        assert!(html(&shop.says(BOSS, "/stuck")).contains("Ничего не застряло"));
        let (_, number) = shop.orders(ANNA);
        shop.advance(16 * 60);
        let stuck = html(&shop.says(BOSS, "/stuck"));
        assert!(stuck.contains(&format!("заказ №{number} (42): queued уже 16 мин")), "{stuck}");
    });
}
