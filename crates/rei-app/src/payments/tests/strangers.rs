//! P5: whoever asks about a payment that is not his makes nobody look at it.

use super::bank::*;
use crate::payments::*;

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
