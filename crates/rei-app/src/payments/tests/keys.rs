//! P9: a payment system forgets a key after a day; from then on a repeated request would be a second payment.

use rei_domain::payment::PaymentState;

use super::bank::*;

#[test]
fn p9_when_its_key_is_dead_a_payment_is_only_searched_for() {
    on_each(async |bank| {
        let row = bank.asks(500).await;
        bank.later(23 * HOUR + MINUTE);
        bank.sweeps().await;
        assert_eq!(bank.rail.state().opened, 0, "no second payment is asked for");
        let row = bank.payment(row.number).await;
        assert_eq!(row.state, PaymentState::Cancelled);
        assert_eq!(row.reason.as_deref(), Some("unavailable"));
        bank
    });
}
