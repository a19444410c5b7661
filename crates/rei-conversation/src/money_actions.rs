//! Buttons about money: each is answered once and leads to its subject.

use rei_domain::payment::PaymentState;
use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Effect, Place};
use crate::event::Press;

impl Turn<'_> {
    pub(crate) fn money_action(&mut self, action: Action, press: &Press, place: Place) {
        match action {
            Action::CheckPayment(_) => return self.check_pressed(press),
            Action::AcceptTerms(version) => return self.accept_terms(version, press, place),
            Action::HeldRun(id) => return self.held_run(id, press, place),
            _ => self.toast(press, None),
        }
        match action {
            Action::PayBy(rail) => self.pay_by(rail, place),
            Action::TopUp(rail, kopecks) => self.top_up_pressed(rail, kopecks, None, place),
            Action::OtherSum(rail) => self.ask_amount(rail, None),
            Action::PayHeld(id, rail) => self.pay_held(id, rail, place),
            Action::PayHeldSum(id, rail, kopecks) => self.pay_held_sum(id, rail, kopecks, place),
            Action::PayHeldOther(id, rail) => self.pay_held_other(id, rail),
            Action::Held(id) => self.held_shown(id, place),
            Action::HeldDrop(id) => self.held_drop(id, place),
            Action::Email => self.email_page(),
            Action::EmailDelete => self.email_delete(place),
            Action::Terms => self.terms(),
            Action::Promo => self.ask_promo(),
            Action::Statement(page) => self.effects.push(Effect::ShowStatement { page, place }),
            Action::StatementFile => self.effects.push(Effect::SendStatementFile),
            Action::PaySupport => self.pay_support(),
            _ => self.pay(place),
        }
    }

    /// The customer wants to know whether a payment arrived.
    fn check_pressed(&mut self, press: &Press) {
        match self.world.till.named.clone() {
            // A payment that isn't this customer's is not among the facts.
            None => self.toast(press, Some(Text::StrangerButton {})),
            Some(payment) if payment.state == PaymentState::Paid => {
                self.toast_words(press, &MoneyText::PayToastPaid {});
            }
            Some(payment) => {
                self.toast_words(press, &MoneyText::PayToastChecking {});
                self.effects.push(Effect::CheckPayment { payment: payment.id });
            }
        }
    }
}
