//! P5: whoever asks about a payment that is not his makes nobody look at it.

use rei_domain::ledger::Rail;
use rei_storage::admins::{self, BanRow};

use super::bank::*;
use crate::payments::{look, *};

#[test]
fn p5_only_its_own_customer_has_a_payment_looked_at() {
    on_each(async |bank| {
        let row = bank.opens("p-1", 500).await;
        let asks = async |customer| {
            bank.write(move |tx, house, now| Ok(check(tx, house, customer, row.id, now)?)).await
        };
        assert_eq!(asks(BOSS).await, None);
        assert_eq!(bank.runs().await, [""; 0], "nobody looked");
        assert_eq!(asks(ANNA).await.map(|row| row.number), Some(row.number));
        assert_eq!(bank.runs().await, [LOOK_JOB]);
        bank
    });
}

#[test]
fn who_may_not_buy_opens_no_payment() {
    on_each(async |bank| {
        let opens = async || {
            bank.write(|tx, house, now| {
                let (amount, rail) = (rubles(500), Rail::YooKassa);
                let wish = Wish { amount, rail, quote: None, return_url: "https://t.me/bot" };
                open_payment(tx, house, ANNA, &wish, now)
            })
            .await
        };
        bank.write(|tx, _, now| {
            let reason = "spam".to_owned();
            let ban = BanRow { customer: ANNA, reason, until: None, banned_by: BOSS, at: now };
            Ok(admins::ban(tx, &ban)?)
        })
        .await;
        let refused = Opening::Refused(Refusal::Banned { reason: "spam".to_owned() });
        assert_eq!(opens().await, refused);
        bank.write(|tx, _, _| Ok(admins::unban(tx, ANNA)?)).await;
        assert!(matches!(opens().await, Opening::Stored(_)));
        bank
    });
}

#[test]
fn p4_each_delivery_of_a_report_is_looked_into_once() {
    on_each(async |bank| {
        let row = bank.opens("p-1", 500).await;
        // A look that is under way may have read before the news of the next delivery.
        for deliveries in [1, 2, 2, 3] {
            let row = row.clone();
            bank.write(move |tx, house, now| {
                Ok(look::hint(tx, house, &row, Some("p-1"), deliveries, now)?)
            })
            .await;
        }
        assert_eq!(bank.runs().await, [LOOK_JOB; 3]);
        bank
    });
}
