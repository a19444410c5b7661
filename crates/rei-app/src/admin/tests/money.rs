//! Promises about money that admins move: M8, M10, M11, the second admin, and undo.

use super::*;

#[test]
fn a_credit_is_shown_first_and_moves_money_when_it_is_confirmed() {
    each_shop(|shop| {
        let preview = shop.says(BOSS, "/add 42 10,50 подарок");
        for words in ["+10,50 ₽", "42 (Анна)", "350 ₽ → 360,50 ₽", "подарок"] {
            assert!(html(&preview).contains(words), "{}", html(&preview));
        }
        assert_eq!(acts(&preview), BTreeSet::from(["ok".into(), "no".into()]));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        assert_eq!(shop.audit(), []);
        let done = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&done).contains("Зачислено 10,50 ₽ покупателю 42"), "{}", html(&done));
        assert_eq!(shop.pockets(ANNA), [31_050, 5_000]);
        assert!(shop.told().contains("Вам зачислено 10,50 ₽: подарок"));
        let audit = shop.audit();
        assert_eq!(audit.len(), 1);
        let row = &audit[0].action;
        assert_eq!((row.action.as_str(), row.subject.as_str(), row.actor), ("add", "42", BOSS));
        assert_eq!((flat(&row.was), flat(&row.became)), ("350 ₽".into(), "360,50 ₽".into()));
        assert_eq!((row.reason.as_str(), row.approved_by), ("подарок", None));
    });
}

#[test]
fn m10_junk_sums_are_refused_with_an_example() {
    each_shop(|shop| {
        let junk =
            ["1e9", "10,5,5", "٣", "-1", "0", "0,00", "9223372036854775807", "99999999999", "+5"];
        for sum in junk {
            for command in ["add", "sub"] {
                let reply = shop.says(BOSS, &format!("/{command} 42 {sum} подарок"));
                let words = html(&reply);
                assert!(words.contains(&format!("Сумма «{sum}» не подходит")), "{words}");
                assert!(words.contains("10,50"), "{words}");
            }
        }
        for sum in ["1e9", "10,5,5", "-٣", "-0", "--5", "+-5", "-9223372036854775808"] {
            let words = html(&shop.says(BOSS, &format!("/admin_adjust 42 {sum} сверка")));
            assert!(words.contains("не подходит") && words.contains("-10,50"), "{words}");
        }
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        for sum in ["10.50", "10,50"] {
            assert!(html(&shop.says(BOSS, &format!("/add 42 {sum} а"))).contains("+10,50 ₽"));
        }
    });
}

#[test]
fn a_command_that_lacks_something_says_what() {
    each_shop(|shop| {
        for (words, answer) in [
            ("/add", "Формат: /add"),
            ("/add 42", "Формат: /add"),
            ("/add кот 100 подарок", "Формат: /add"),
            ("/add -42 100 подарок", "Формат: /add"),
            ("/add 42 100", "Назовите причину"),
            ("/add 4242 100 подарок", "Покупателя 4242 нет в базе"),
            ("/add @nobody 100 подарок", "Покупателя @nobody нет в базе"),
            ("/dance", "Такой команды нет: /dance"),
        ] {
            let reply = shop.says(BOSS, words);
            assert!(html(&reply).contains(answer), "{words}: {}", html(&reply));
            assert_eq!(buttons(&reply), []);
        }
    });
}

#[test]
fn m11_a_message_brought_again_acts_once_and_with_other_words_not_at_all() {
    each_shop(|shop| {
        let words = "/add 42 100 подарок";
        let first = shop.brings(BOSS, 77, words);
        let again = shop.brings(BOSS, 77, words);
        assert_eq!(data(&first, "ok"), data(&again, "ok"), "the same question");
        shop.presses(BOSS, &data(&first, "ok"));
        let later = shop.brings(BOSS, 77, words);
        assert!(html(&later).contains("Эта команда уже выполнена"), "{}", html(&later));
        assert_eq!(buttons(&later), []);
        let other = shop.brings(BOSS, 77, "/add 42 200 подарок");
        assert!(
            html(&other).contains("уже было командой «add 42 100 подарок»"),
            "{}",
            html(&other)
        );
        assert_eq!(shop.pockets(ANNA), [40_000, 5_000]);
        // Another message with the same words is another wish, and so is another admin's with the same number.
        shop.does(BOSS, words);
        let partner = shop.brings(PARTNER, 77, words);
        shop.presses(PARTNER, &data(&partner, "ok"));
        assert_eq!(shop.pockets(ANNA), [60_000, 5_000]);
        assert_eq!(shop.audit().len(), 3);
    });
}

#[test]
fn m11_of_many_confirmations_at_once_one_acts() {
    each_shop(|shop| {
        let ok = data(&shop.says(BOSS, "/add 42 100 подарок"), "ok");
        let (caller, now) = (shop.caller(BOSS), shop.now());
        std::thread::scope(|scope| {
            for _ in 0..6 {
                let (house, ok) = (shop.house.clone(), ok.clone());
                scope.spawn(move || {
                    let inside = house.clone();
                    let pressed =
                        house.book.blocking_write(move |tx| press(tx, &inside, &caller, &ok, now));
                    pressed.expect("the book takes it");
                });
            }
        });
        assert_eq!(shop.pockets(ANNA), [40_000, 5_000]);
        assert_eq!(shop.audit().len(), 1);
    });
}

#[test]
fn nobody_else_confirms_cancels_or_revives_a_request() {
    each_shop(|shop| {
        shop.does(BOSS, "/grant_role 43 finance");
        let preview = shop.says(BOSS, "/add 42 100 подарок");
        for stranger in [PARTNER, BORIS] {
            for act in ["ok", "no"] {
                let words = toast(&shop.presses(stranger, &data(&preview, act)));
                assert!(words.contains("подтверждает другой админ"), "{words}");
            }
            // A button that was never shown approves nothing either.
            let forged = data(&preview, "ok").replace("adm-ok", "adm-yes");
            shop.presses(stranger, &forged);
        }
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        let cancelled = shop.presses(BOSS, &data(&preview, "no"));
        assert!(html(&cancelled).contains("ничего не сделано"));
        let late = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&late).contains("отменена или отклонена"), "{}", html(&late));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
    });
}

#[test]
fn a_preview_that_is_too_old_does_nothing() {
    each_shop(|shop| {
        let preview = shop.says(BOSS, "/add 42 100 подарок");
        shop.advance(15 * 60);
        let late = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&late).contains("Время подтверждения вышло"), "{}", html(&late));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
    });
}

#[test]
fn a_role_that_was_taken_away_confirms_nothing_any_more() {
    each_shop(|shop| {
        shop.does(BOSS, "/grant_role 43 finance");
        let preview = shop.says(BORIS, "/add 42 100 подарок");
        shop.does(BOSS, "/grant_role 43 viewer");
        let refused = shop.presses(BORIS, &data(&preview, "ok"));
        assert!(html(&refused).contains("Ваша роль (viewer) этого не позволяет"));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
    });
}

#[test]
fn a_debit_takes_own_money_before_bonus_and_never_more_than_there_is() {
    each_shop(|shop| {
        let refused = shop.says(BOSS, "/sub 42 350,01 ошибка");
        assert!(html(&refused).contains("свободно только 350 ₽"), "{}", html(&refused));
        shop.does(BOSS, "/sub 42 320 ошибка");
        assert_eq!(shop.pockets(ANNA), [0, 3_000]);
        assert!(shop.told().contains("С вашего баланса списано 320 ₽: ошибка"));
        // What was spent since the preview counts at the confirmation.
        let preview = shop.says(BOSS, "/sub 42 30 ошибка");
        shop.does(PARTNER, "/admin_adjust 42 -10 сверка");
        let refused = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&refused).contains("свободно только 20 ₽"), "{}", html(&refused));
        assert_eq!(shop.pockets(ANNA), [0, 2_000]);
        let again = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&again).contains("отменена или отклонена"), "{}", html(&again));
    });
}

#[test]
fn corrections_go_both_ways() {
    each_shop(|shop| {
        shop.does(BOSS, "/admin_adjust 42 +10,50 сверка");
        shop.does(BOSS, "/admin_adjust 42 -0,50 сверка");
        shop.does(BOSS, "/adjust 42 5 сверка");
        assert_eq!(shop.pockets(ANNA), [31_500, 5_000]);
        let words: Vec<String> = shop.audit().into_iter().map(|row| row.action.action).collect();
        assert_eq!(words, ["adjust"; 3]);
    });
}

#[test]
fn undo_is_the_mirror_of_what_was_done_and_works_once() {
    each_shop(|shop| {
        let done = shop.does(BOSS, "/sub 42 320 ошибка");
        assert_eq!(shop.pockets(ANNA), [0, 3_000]);
        let undo = data(&done, "undo");
        let undone = shop.presses(PARTNER, &undo);
        assert!(html(&undone).contains("Действие отменено"), "{}", html(&undone));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        shop.presses(BOSS, &undo);
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
        let words: Vec<String> = shop.audit().into_iter().map(|row| row.action.action).collect();
        assert_eq!(words, ["sub", "undo"]);
    });
}

#[test]
fn a_credit_that_was_spent_can_not_be_undone() {
    each_shop(|shop| {
        let done = shop.does(BOSS, "/add 42 100 подарок");
        shop.does(BOSS, "/sub 42 350 трата");
        let undo = data(&done, "undo");
        let refused = shop.presses(BOSS, &undo);
        assert!(html(&refused).contains("свободно только 50 ₽"), "{}", html(&refused));
        assert_eq!(shop.pockets(ANNA), [5_000, 5_000]);
        assert_eq!(shop.audit().len(), 2);
        // Once the money is there again, it can.
        shop.does(BOSS, "/add 42 50 ещё");
        shop.presses(BOSS, &undo);
        assert_eq!(shop.pockets(ANNA), [0, 5_000]);
    });
}

fn with_limit(engine: EngineKind) -> Shop {
    Shop::open(engine, |policy| policy.approval_limit = Some(Kopecks::from_rubles(1_000)))
}

/// Each engine with a limit of 1000 ₽ for one admin alone.
fn each_limited_shop(test: impl Fn(&Shop)) {
    for engine in EngineKind::ALL {
        let shop = with_limit(engine);
        test(&shop);
        shop.assert_sound();
    }
}

#[test]
fn above_the_limit_another_admin_says_the_second_yes() {
    each_limited_shop(|shop| {
        shop.does(BOSS, "/add 42 1000 до порога");
        assert_eq!(shop.pockets(ANNA), [130_000, 5_000]);
        let preview = shop.says(BOSS, "/add 42 1000,01 выше порога");
        assert!(html(&preview).contains("понадобится второй админ"), "{}", html(&preview));
        let waits = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&waits).contains("ждём второго админа"), "{}", html(&waits));
        assert_eq!(shop.pockets(ANNA), [130_000, 5_000]);
        assert!(shop.told().contains("Нужно ваше одобрение"), "{}", shop.told());
        let yes = data(&preview, "ok").replace("adm-ok", "adm-yes");
        // Neither who asked, nor a helper.
        assert!(toast(&shop.presses(BOSS, &yes)).contains("второй админ"));
        shop.does(BOSS, "/grant_role 43 support");
        assert!(toast(&shop.presses(BORIS, &yes)).contains("другой админ"));
        assert_eq!(shop.pockets(ANNA), [130_000, 5_000]);
        let done = shop.presses(PARTNER, &yes);
        assert!(html(&done).contains("Зачислено 1000,01 ₽"), "{}", html(&done));
        assert_eq!(shop.pockets(ANNA), [230_001, 5_000]);
        assert!(shop.told().contains("Одобрено админом 2 и выполнено"));
        shop.presses(PARTNER, &yes);
        assert_eq!(shop.pockets(ANNA), [230_001, 5_000]);
        let last = shop.audit().pop().expect("it was recorded").action;
        assert_eq!((last.actor, last.approved_by), (BOSS, Some(PARTNER)));
    });
}

#[test]
fn a_second_admin_may_decline_and_both_hear_it() {
    each_limited_shop(|shop| {
        let preview = shop.says(BOSS, "/add 42 5000 много");
        shop.presses(BOSS, &data(&preview, "ok"));
        let nay = data(&preview, "ok").replace("adm-ok", "adm-nay");
        let declined = shop.presses(PARTNER, &nay);
        assert!(html(&declined).contains("Отклонено админом 2"), "{}", html(&declined));
        assert!(shop.told().contains("Отклонено админом 2, ничего не сделано: add 42 5000 много"));
        let late = shop.presses(PARTNER, &nay.replace("adm-nay", "adm-yes"));
        assert!(html(&late).contains("отменена или отклонена"), "{}", html(&late));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
    });
}

#[test]
fn a_second_yes_comes_within_a_day_and_who_asked_must_still_be_allowed_to() {
    each_limited_shop(|shop| {
        shop.does(BOSS, "/grant_role 43 finance");
        let asks = || {
            let preview = shop.says(BORIS, "/add 42 5000 много");
            shop.presses(BORIS, &data(&preview, "ok"));
            data(&preview, "ok").replace("adm-ok", "adm-yes")
        };
        let yes = asks();
        shop.advance(24 * 3600);
        assert!(html(&shop.presses(BOSS, &yes)).contains("Время подтверждения вышло"));
        let yes = asks();
        shop.does(BOSS, "/grant_role 43 viewer");
        assert!(html(&shop.presses(BOSS, &yes)).contains("больше не вправе"));
        assert_eq!(shop.pockets(ANNA), [30_000, 5_000]);
    });
}

#[test]
fn with_nobody_to_approve_the_admin_is_told_so() {
    for engine in EngineKind::ALL {
        let shop = Shop::open(engine, |policy| {
            policy.admins = vec![BOSS];
            policy.approval_limit = Some(Kopecks::from_rubles(1_000));
        });
        let preview = shop.says(BOSS, "/add 42 5000 много");
        let refused = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&refused).contains("второго админа нет"), "{}", html(&refused));
        shop.does(BOSS, "/grant_role 43 finance");
        let waits = shop.presses(BOSS, &data(&preview, "ok"));
        assert!(html(&waits).contains("ждём второго админа"), "{}", html(&waits));
        shop.presses(BORIS, &data(&preview, "ok").replace("adm-ok", "adm-yes"));
        assert_eq!(shop.pockets(ANNA), [530_000, 5_000]);
        shop.assert_sound();
    }
}
