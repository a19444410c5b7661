//! The screens of a payment: opened, ready to be paid, waiting, failed.

use rei_domain::ids::QuoteId;
use rei_domain::ledger::Rail;
use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Place, Screen};
use crate::till::{PaymentBrief, PaymentRefusal};

impl Turn<'_> {
    /// The payment stands; its link is there or follows.
    pub(crate) fn payment_opened(
        &mut self,
        payment: &PaymentBrief,
        place: Place,
        held: Option<QuoteId>,
    ) {
        self.session.top_up = None;
        if let Some(its) = self.session.held.as_mut().filter(|its| held == Some(its.id)) {
            its.payment = Some(payment.id);
        }
        let screen = match payment.link {
            Some(_) => self.payment_screen(payment, held.is_some()),
            None => Screen::bare(MoneyText::PayPreparing { sum: payment.sum }.html(self.lang())),
        };
        self.show(screen, place, None);
    }

    pub(crate) fn payment_refused(&mut self, why: PaymentRefusal, place: Place) {
        let top_up = self.session.top_up.take();
        match why {
            PaymentRefusal::EmailNeeded => {
                self.session.top_up = top_up;
                self.ask_email();
            }
            PaymentRefusal::Off => self.rail_off(place),
            PaymentRefusal::BadSum { min, max } => self.bad_sum(min, max, place),
            PaymentRefusal::Banned { reason } => self.say_banned(reason, place),
            PaymentRefusal::TooMany { retry_minutes } => {
                let lang = self.lang();
                let mut lines = vec![MoneyText::PayTooMany { minutes: retry_minutes }.html(lang)];
                let mut rows = Vec::new();
                if let Some(open) = self.world.till.payable() {
                    let text = MoneyText::PayOpen { number: open.number, sum: open.sum };
                    lines.push(text.html(lang));
                    rows.extend(self.payment_rows(open, true));
                }
                rows.push(vec![self.button(Text::ButtonMenu {}, Action::Menu)]);
                self.show(Screen::with(lines.join("\n"), rows), place, None);
            }
        }
    }

    /// Its link is there.
    pub(crate) fn payment_ready(&mut self, payment: &PaymentBrief) {
        let screen = self.payment_screen(payment, self.held_of(payment.id).is_some());
        self.show(screen, Place::New, None);
    }

    /// The customer asked, and it is not paid yet.
    pub(crate) fn payment_pending(&mut self, payment: &PaymentBrief) {
        let text = MoneyText::PayPending { number: payment.number, sum: payment.sum };
        let rows = self.payment_rows(payment, false);
        self.show(Screen::with(text.html(self.lang()), rows), Place::New, None);
    }

    /// It was closed without money, or the payment system is out of reach.
    pub(crate) fn payment_failed(&mut self, payment: &PaymentBrief, will_retry: bool) {
        let lang = self.lang();
        let PaymentBrief { number, sum, rail, .. } = *payment;
        if will_retry {
            return self.say(MoneyText::PayRetry { number, sum });
        }
        let reason = MoneyText::PayReason { reason: reason_key(payment.reason.as_deref()) };
        let html = MoneyText::PayFailed { number, sum, reason: reason.plain(lang) }.html(lang);
        let action = match self.held_of(payment.id) {
            Some(id) => Action::PayHeldSum(id, rail, sum.get()),
            None => Action::TopUp(rail, sum.get()),
        };
        let again = self.button(MoneyText::ButtonTryPay { sum }, action);
        let mut rows = self.held_row();
        rows.insert(0, vec![again]);
        rows.push(vec![
            self.button(MoneyText::ButtonPayHelp {}, Action::PaySupport),
            self.button(Text::ButtonMenu {}, Action::Menu),
        ]);
        self.show(Screen::with(html, rows), Place::New, None);
    }

    fn payment_screen(&self, payment: &PaymentBrief, for_held: bool) -> Screen {
        let lang = self.lang();
        let text = MoneyText::PayWait { number: payment.number, sum: payment.sum };
        let mut lines = vec![text.html(lang)];
        if for_held {
            lines.push(MoneyText::HeldKept {}.html(lang));
        }
        Screen::with(lines.join("\n"), self.payment_rows(payment, false))
    }

    /// The button that opens the payment page, and the one that asks about the payment; `numbered` where other sums
    /// stand around.
    pub(crate) fn payment_rows(&self, payment: &PaymentBrief, numbered: bool) -> Vec<Vec<Button>> {
        let PaymentBrief { number, sum, rail, .. } = *payment;
        let label = match rail {
            _ if numbered => MoneyText::ButtonPayOpen { number, sum },
            Rail::Stars => MoneyText::ButtonPayStars { sum },
            Rail::YooKassa => MoneyText::ButtonPay { sum },
        };
        let open =
            payment.link.clone().map(|link| vec![Button::link(label.plain(self.lang()), link)]);
        let check = self.button(MoneyText::ButtonCheckPayment {}, Action::CheckPayment(payment.id));
        let menu = (!numbered).then(|| self.button(Text::ButtonMenu {}, Action::Menu));
        open.into_iter().chain([[check].into_iter().chain(menu).collect()]).collect()
    }
}

/// The payment system's word as the texts know it; their keys can't begin with a digit.
fn reason_key(reason: Option<&str>) -> String {
    match reason {
        Some("3d_secure_failed") => "secure_failed".to_owned(),
        Some(reason) => reason.to_owned(),
        None => "other".to_owned(),
    }
}
