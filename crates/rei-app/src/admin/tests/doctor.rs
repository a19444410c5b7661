//! What `/doctor` finds, one trouble after the other, and that it is silent when there is none.

use rei_domain::ids::{JobId, UpdateId};
use rei_queue::SCHEDULER_ROLE;
use rei_storage::jobs::{self, NewJob};
use rei_storage::{inbox, payments};

use super::*;

/// Longer than anything in these tests takes.
const LONG: Duration = Duration::from_secs(24 * 3600);
const HEALTHY: &str = "Всё в порядке";

impl Shop {
    /// Somebody runs the periodic tasks.
    fn is_watched(&self) {
        self.write(|tx, now| {
            let fence = jobs::take_lease(tx, SCHEDULER_ROLE, "worker-1", LONG, now)?;
            assert!(fence.is_some());
            Ok(())
        });
    }

    fn doctor(&self) -> String {
        html(&self.says(BOSS, "/doctor"))
    }

    fn job(&self) -> NewJob {
        let id = JobId::new(self.now(), self.house.chance.as_ref());
        NewJob::new(id, "providers", "draw", String::new())
    }
}

#[test]
fn a_house_in_order_is_told_so() {
    each_shop(|shop| {
        shop.is_watched();
        let said = shop.doctor();
        assert!(said.contains(HEALTHY), "{said}");
    });
}

#[test]
fn a_book_that_was_written_in_by_hand_is_named_and_does_not_end_the_look() {
    for engine in EngineKind::ALL {
        let shop = Shop::open(engine, |_| {});
        let by_hand = "delete from ledger_mark where name = 'checkpoint'";
        shop.write(move |tx, _| Ok(tx.execute_text(by_hand)?));
        let said = shop.doctor();
        assert!(said.contains("Книга не сходится"), "{said}");
        assert!(said.contains("никто не выполняет"), "{said}");
    }
}

#[test]
fn periodic_tasks_that_nobody_runs_are_named() {
    each_shop(|shop| {
        assert!(shop.doctor().contains("никто не выполняет"), "{}", shop.doctor());
        shop.is_watched();
        assert!(shop.doctor().contains(HEALTHY));
        shop.clock.advance(LONG * 2);
        assert!(shop.doctor().contains("никто не выполняет"), "its process died");
    });
}

#[test]
fn a_queue_that_nobody_takes_from_is_named_with_its_age_and_a_paused_one_as_paused() {
    each_shop(|shop| {
        shop.is_watched();
        let job = shop.job();
        shop.write(move |tx, now| Ok(jobs::enqueue(tx, &job, now).map(drop)?));
        shop.advance(9 * 60);
        assert!(shop.doctor().contains(HEALTHY), "it may still be taken");
        shop.advance(2 * 60);
        let said = shop.doctor();
        assert!(said.contains("Очередь providers: ждут 1, старшее задание 11 мин"), "{said}");
        assert!(said.contains("Никто её не берёт"), "{said}");
        let another = shop.job();
        shop.write(move |tx, now| {
            jobs::enqueue(tx, &another, now)?;
            let claims = jobs::claim(tx, "worker-1", "providers", 1, now, now.plus(LONG))?;
            assert_eq!(claims.len(), 1);
            Ok(())
        });
        shop.advance(11 * 60);
        let said = shop.doctor();
        assert!(said.contains("Работы больше, чем рук"), "{said}");
        shop.write(|tx, _| Ok(jobs::pause(tx, "providers", true)?));
        let said = shop.doctor();
        assert!(said.contains("Остановлены очереди: providers"), "{said}");
        assert!(!said.contains("старшее задание"), "{said}");
    });
}

#[test]
fn a_model_whose_places_are_all_taken_is_busy_and_not_left_alone() {
    for places in [0, 5] {
        let shop = Shop::open(EngineKind::Sqlite, |policy| policy.queues.places = places);
        shop.is_watched();
        let job = NewJob { queue: "providers/kling-3.0".to_owned(), ..shop.job() };
        shop.write(move |tx, now| Ok(jobs::enqueue(tx, &job, now).map(drop)?));
        shop.advance(11 * 60);
        let said = shop.doctor();
        assert_eq!(said.contains("Работы больше, чем рук"), places == 0, "{said}");
        assert_eq!(said.contains("Никто её не берёт"), places > 0, "{said}");
    }
}

#[test]
fn dead_jobs_stuck_orders_and_overdue_holds_lead_to_what_is_stuck() {
    each_shop(|shop| {
        shop.is_watched();
        let job = shop.job();
        shop.write(move |tx, now| {
            jobs::enqueue(tx, &job, now)?;
            for claim in jobs::claim(tx, "worker-1", "providers", 9, now, now.plus(LONG))? {
                jobs::poison(tx, &claim, "it can't be", now)?;
            }
            Ok(())
        });
        let said = shop.doctor();
        assert!(said.contains("Мёртвых заданий: 1"), "{said}");
        let (_, number) = shop.orders(ANNA);
        assert!(!shop.doctor().contains("Застряло"), "order {number} has just come");
        shop.clock.advance(LONG * 3);
        shop.is_watched();
        let said = shop.doctor();
        assert!(said.contains("Застряло заказов: 1, просроченных удержаний: 1"), "{said}");
    });
}

#[test]
fn money_that_waits_for_a_person_is_named() {
    each_shop(|shop| {
        shop.is_watched();
        shop.write(|tx, now| {
            let sum = Kopecks::from_rubles(700);
            payments::suspend(tx, Rail::YooKassa, "nobody's", sum, "x", now)?;
            Ok(())
        });
        let said = shop.doctor();
        assert!(said.contains("Поступлений без хозяина: 1"), "{said}");
        assert!(!said.contains("ждут решения"), "{said}");
        shop.paid();
        let waits = "update payment set state = 'review'";
        shop.write(move |tx, _| Ok(tx.execute_text(waits)?));
        assert!(shop.doctor().contains("Платежей ждут решения: 1"), "{}", shop.doctor());
    });
}

#[test]
fn a_closed_shop_and_a_halted_provider_are_named() {
    each_shop(|shop| {
        shop.is_watched();
        shop.does(BOSS, "/provider kling pause нет денег");
        let halted = "Провайдер kling остановлен. Продолжить: /provider kling resume";
        assert!(shop.doctor().contains(halted), "{}", shop.doctor());
        shop.does(BOSS, "/provider kling resume деньги есть");
        assert!(shop.doctor().contains(HEALTHY), "{}", shop.doctor());
        shop.does(BOSS, "/maintenance on ремонт");
        assert!(shop.doctor().contains("Продажа закрыта"), "{}", shop.doctor());
    });
}

#[test]
fn updates_that_nobody_handles_are_named() {
    let shop = Shop::open(EngineKind::Sqlite, |_| {});
    shop.is_watched();
    shop.write(|tx, now| {
        for id in 0..1_001 {
            inbox::store(tx, UpdateId(id), 42, "{}", now)?;
        }
        Ok(())
    });
    assert!(shop.doctor().contains("Необработанных сообщений: 1001"), "{}", shop.doctor());
}
