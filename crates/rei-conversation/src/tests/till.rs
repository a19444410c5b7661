//! The till of the chat for tests: payments, promo codes, and money that comes.

use rei_domain::chance::SeededChance;
use rei_domain::ids::PaymentId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RailRules};

use super::chat::Chat;
use crate::{
    Action, AppAnswer, Effect, Event, Keyboard, Leads, PaymentBrief, PromoAnswer, Session, Till,
};

impl Chat {
    /// What is known about paying when this button is pressed.
    pub(super) fn till_at(&self, action: Option<&Action>) -> Till {
        let named = action.and_then(Action::payment);
        let payments = self.payments.iter().map(|(payment, _)| payment);
        let open = payments.clone().rev().filter(|payment| payment.state.is_open());
        Till {
            open: open.cloned().collect(),
            named: payments.clone().find(|payment| Some(payment.id) == named).cloned(),
            ..self.till.clone()
        }
    }

    /// What the application answers about money.
    pub(super) fn answer_about_money(&mut self, effect: &Effect) -> Option<AppAnswer> {
        match effect {
            Effect::OpenPayment { .. } | Effect::CheckPayment { .. } => self.pay(effect),
            Effect::SaveEmail { email } => {
                self.till.email.clone_from(email);
                None
            }
            Effect::AcceptTerms { version } => {
                self.till.terms_accepted = *version == self.till.terms_version;
                None
            }
            Effect::UsePromo { code } => {
                let answer = self.promos.get(code).cloned().unwrap_or(PromoAnswer::Unknown);
                if let PromoAnswer::Given { sum, .. } = answer {
                    self.customer.bonus = self.customer.bonus.checked_add(sum).expect("it fits");
                    let balance = self.customer.free();
                    return Some(AppAnswer::Promo(PromoAnswer::Given { sum, balance }));
                }
                Some(AppAnswer::Promo(answer))
            }
            _ => None,
        }
    }

    /// What the application answers about payments.
    fn pay(&mut self, effect: &Effect) -> Option<AppAnswer> {
        match effect {
            Effect::OpenPayment { sum, rail, held, place } => {
                if let Some(why) = self.no_payments.clone() {
                    return Some(AppAnswer::PaymentRefused { why, place: *place });
                }
                let rules = self.till.rails.iter().find(|rules| rules.rail == *rail);
                assert!(rules.is_some_and(|rules| rules.takes(*sum)), "{rail:?} takes no {sum}");
                assert!(self.till.terms_accepted, "nobody pays without the terms");
                let known = self.payments.iter_mut().find(|(payment, _)| {
                    payment.state.is_open() && payment.sum == *sum && payment.rail == *rail
                });
                let payment = match known {
                    Some((payment, of)) => {
                        *of = *held;
                        payment.clone()
                    }
                    None => {
                        let payment = self.new_payment(*sum, *rail);
                        self.payments.push((payment.clone(), *held));
                        payment
                    }
                };
                Some(AppAnswer::PaymentOpened { payment, place: *place, held: *held })
            }
            Effect::CheckPayment { payment } => {
                let mut payments = self.payments.iter().map(|(payment, _)| payment);
                let payment = payments.find(|brief| brief.id == *payment).cloned()?;
                Some(AppAnswer::PaymentChecking { payment })
            }
            _ => None,
        }
    }

    /// The chat starts anew.
    pub(super) fn session_forgets(&mut self) {
        self.kept = Session::default().to_json();
    }

    fn new_payment(&self, sum: Kopecks, rail: Rail) -> PaymentBrief {
        let number = 1 + i64::try_from(self.payments.len()).expect("a test pays little");
        let chance = SeededChance::new(u64::MAX / 2 + number.unsigned_abs());
        PaymentBrief {
            id: PaymentId::new(self.now, &chance),
            number,
            sum,
            rail,
            state: PaymentState::Waiting,
            link: self.links_at_once.then(|| format!("https://pay.example/{number}")),
            reason: None,
        }
    }

    /// The latest payment.
    pub(super) fn payment(&self) -> PaymentBrief {
        self.payments.last().expect("a payment was opened").0.clone()
    }

    /// The money of the latest payment is there.
    pub(super) fn pays(&mut self) -> &mut Self {
        self.pays_with_bonus(0)
    }

    /// The money of the latest payment is there, and something on top.
    pub(super) fn pays_with_bonus(&mut self, rubles: i64) -> &mut Self {
        let (payment, held) = self.payments.last_mut().expect("a payment was opened");
        payment.state = PaymentState::Paid;
        let (payment, held) = (payment.clone(), *held);
        let bonus = Kopecks::from_rubles(rubles);
        let customer = &mut self.customer;
        customer.cash = customer.cash.checked_add(payment.sum).expect("it fits");
        customer.bonus = customer.bonus.checked_add(bonus).expect("it fits");
        self.turn(Event::Paid { payment, bonus, held })
    }

    /// The latest payment is told as paid once more.
    pub(super) fn hears_again(&mut self) -> &mut Self {
        let (payment, held) = self.payments.last().cloned().expect("a payment was opened");
        self.turn(Event::Paid { payment, bonus: Kopecks::ZERO, held })
    }

    /// Labels and addresses of the buttons that open a page, thin spaces as plain ones.
    pub(super) fn links(&self) -> Vec<(String, String)> {
        let mut links = Vec::new();
        for screen in self.screens() {
            if let Keyboard::Inline(rows) = &screen.keyboard {
                for button in rows.iter().flatten() {
                    if let Leads::Open(address) = &button.leads {
                        links.push((button.label.replace('\u{202f}', " "), address.clone()));
                    }
                }
            }
        }
        links
    }
}

/// A till that takes cards.
pub(super) fn till() -> Till {
    let rubles = Kopecks::from_rubles;
    Till {
        rails: vec![card()],
        amounts: [100, 150, 200, 500, 1000].map(rubles).to_vec(),
        terms_version: 1,
        terms_accepted: true,
        support: Some("@owner".to_owned()),
        ..Till::default()
    }
}

/// The rules of cards.
pub(super) const fn card() -> RailRules {
    let (min, max) = (Kopecks::from_rubles(10), Kopecks::from_rubles(15_000));
    RailRules { rail: Rail::YooKassa, min, max, unit: None }
}

/// The rules of Stars: one is 1,80 ₽.
pub(super) const fn stars() -> RailRules {
    let (min, max) = (Kopecks::new(180), Kopecks::new(1_800_000));
    RailRules { rail: Rail::Stars, min, max, unit: Some(Kopecks::new(180)) }
}
