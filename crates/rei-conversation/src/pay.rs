//! Topping up: sums, ways to pay, and the way from a sum to its payment over the terms and the address.

use rei_domain::ids::QuoteId;
use rei_domain::ledger::Rail;
use rei_domain::money::{Kopecks, ParseSumError};
use rei_domain::payment::RailRules;
use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Effect, Place, Screen};
use crate::question::{Question, TopUp};

const SUMS_IN_A_ROW: usize = 3;

impl Turn<'_> {
    /// `/pay`, its button and its words.
    pub(crate) fn pay(&mut self, place: Place) {
        match self.world.till.rails.first().copied() {
            Some(rules) => self.pay_menu(&rules, place),
            None => self.pay_off(place),
        }
    }

    /// The menu of one way to pay.
    pub(crate) fn pay_by(&mut self, rail: Rail, place: Place) {
        match self.world.till.rules(rail).copied() {
            Some(rules) => self.pay_menu(&rules, place),
            None => self.pay(place),
        }
    }

    fn pay_off(&mut self, place: Place) {
        let (support, id) = (self.contact(), self.world.customer.id.0);
        let html = MoneyText::PayOff { support, id }.html(self.lang());
        let rows = vec![vec![self.button(MoneyText::ButtonPromo {}, Action::Promo)]];
        self.show(Screen::with(html, rows), place, None);
    }

    fn pay_menu(&mut self, rules: &RailRules, place: Place) {
        if let Some(reason) = self.world.till.banned.clone() {
            return self.say_banned(reason, place);
        }
        let lang = self.lang();
        let mut lines = Vec::new();
        let mut rows = Vec::new();
        if let Some(debt) = self.debt() {
            lines.push(MoneyText::Frozen { debt }.html(lang));
            rows.extend(self.debt_rows(debt));
        }
        lines.push(
            MoneyText::PayMenu {
                balance: self.world.customer.free(),
                rail: rules.rail.as_str().to_owned(),
                unit: rules.unit.unwrap_or(Kopecks::ZERO),
            }
            .html(lang),
        );
        if let Some(open) = self.world.till.payable() {
            lines.push(MoneyText::PayOpen { number: open.number, sum: open.sum }.html(lang));
            rows.extend(self.payment_rows(open, true));
        }
        rows.extend(self.sum_rows(rules));
        rows.push(self.rail_row(rules.rail));
        rows.push(vec![
            self.button(MoneyText::ButtonPromo {}, Action::Promo),
            self.button(MoneyText::ButtonPayHelp {}, Action::PaySupport),
        ]);
        rows.extend(self.held_row());
        self.show(Screen::with(lines.join("\n\n"), rows), place, None);
    }

    /// A button for each sum that this way takes.
    fn sum_rows(&self, rules: &RailRules) -> Vec<Vec<Button>> {
        let mut sums: Vec<Kopecks> =
            self.world.till.amounts.iter().filter_map(|sum| rules.sum_for(*sum)).collect();
        sums.dedup();
        let buttons: Vec<Button> = sums
            .into_iter()
            .map(|sum| self.sum_button(rules, sum, Action::TopUp(rules.rail, sum.get())))
            .collect();
        buttons.chunks(SUMS_IN_A_ROW).map(<[Button]>::to_vec).collect()
    }

    pub(crate) fn sum_button(&self, rules: &RailRules, sum: Kopecks, action: Action) -> Button {
        let label = match rules.units(sum) {
            Some(stars) => MoneyText::ButtonSumStars { stars, sum },
            None => MoneyText::ButtonSum { sum },
        };
        self.button(label, action)
    }

    /// Another sum, and the other ways to pay.
    fn rail_row(&self, rail: Rail) -> Vec<Button> {
        let others = self.world.till.rails.iter().map(|rules| rules.rail);
        let others = others.filter(|other| *other != rail).map(|other| {
            let label = MoneyText::ButtonPayBy { rail: other.as_str().to_owned() };
            self.button(label, Action::PayBy(other))
        });
        let own = self.button(MoneyText::ButtonOtherSum {}, Action::OtherSum(rail));
        [own].into_iter().chain(others).collect()
    }

    /// Asks for a sum of the customer's own.
    pub(crate) fn ask_amount(&mut self, rail: Rail, held: Option<QuoteId>) {
        let Some(rules) = self.world.till.rules(rail).copied() else {
            return self.pay(Place::New);
        };
        let RailRules { min, max, .. } = rules;
        let text = match rules.unit {
            Some(unit) => MoneyText::PayAskStars { min, max, unit },
            None => MoneyText::PayAskSum { min, max },
        };
        let html = text.html(self.lang());
        self.ask_question(Question::Amount { rail, held }, html, Action::Pay);
    }

    /// A sum was typed: read strictly, with a clear word about what is wrong; the question stays open then.
    pub(crate) fn amount_typed(&mut self, words: &str, rail: Rail, held: Option<QuoteId>) {
        let Some(rules) = self.world.till.rules(rail).copied() else {
            return self.pay(Place::New);
        };
        let RailRules { min, max, .. } = rules;
        let wrong = match Kopecks::parse_rubles(words) {
            Ok(sum) if rules.takes(sum) => {
                return self.top_up(TopUp { sum, rail, held }, Place::New);
            }
            Ok(sum) if (min..=max).contains(&sum) => match rules.sum_for(sum) {
                Some(sum) => return self.ask_whole_sum(&rules, sum, held),
                None => MoneyText::PaySumLimits { min, max },
            },
            Ok(_) | Err(ParseSumError::TooLarge) => MoneyText::PaySumLimits { min, max },
            Err(ParseSumError::NotANumber) => MoneyText::PaySumNotNumber {},
            Err(ParseSumError::TooManyDecimals) => MoneyText::PaySumDecimals {},
            Err(ParseSumError::Zero) => MoneyText::PaySumZero {},
        };
        let html = wrong.html(self.lang());
        self.ask_question(Question::Amount { rail, held }, html, Action::Pay);
    }

    /// The sum has to be rounded up; the customer sees it before anything is opened.
    fn ask_whole_sum(&mut self, rules: &RailRules, sum: Kopecks, held: Option<QuoteId>) {
        self.session.question = Some(Question::Amount { rail: rules.rail, held });
        let rail = rules.rail.as_str().to_owned();
        let html = MoneyText::PaySumUnits { rail, sum }.html(self.lang());
        let action = match held {
            Some(id) => Action::PayHeldSum(id, rules.rail, sum.get()),
            None => Action::TopUp(rules.rail, sum.get()),
        };
        let rows = vec![
            vec![self.sum_button(rules, sum, action)],
            vec![self.button(Text::ButtonBack {}, Action::Pay)],
        ];
        self.show(Screen::with(html, rows), Place::New, None);
    }

    /// A sum was pressed.
    pub(crate) fn top_up_pressed(
        &mut self,
        rail: Rail,
        kopecks: i64,
        held: Option<QuoteId>,
        place: Place,
    ) {
        self.top_up(TopUp { sum: Kopecks::new(kopecks), rail, held }, place);
    }

    /// The way from a sum to its payment: what stands in the way is told or asked first.
    pub(crate) fn top_up(&mut self, top_up: TopUp, place: Place) {
        if let Some(reason) = self.world.till.banned.clone() {
            return self.say_banned(reason, place);
        }
        let Some(rules) = self.world.till.rules(top_up.rail).copied() else {
            return self.rail_off(place);
        };
        if !rules.takes(top_up.sum) {
            return self.bad_sum(rules.min, rules.max, place);
        }
        self.session.top_up = Some(top_up);
        match self.world.till.terms_accepted {
            true => self.top_up_accepted(top_up, place),
            false => self.ask_terms(place),
        }
    }

    /// The terms are accepted; the address for the receipt may still be missing.
    pub(crate) fn top_up_accepted(&mut self, top_up: TopUp, place: Place) {
        let till = &self.world.till;
        // Only the card's receipt goes to an address.
        let asks = till.email_needed && till.email.is_none() && top_up.rail == Rail::YooKassa;
        if asks {
            return self.ask_email();
        }
        self.open_payment(top_up, place);
    }

    pub(crate) fn open_payment(&mut self, top_up: TopUp, place: Place) {
        let TopUp { sum, rail, held } = top_up;
        self.effects.push(Effect::OpenPayment { sum, rail, held, place });
    }

    pub(crate) fn rail_off(&mut self, place: Place) {
        self.session.top_up = None;
        match self.world.till.rails.is_empty() {
            true => self.pay_off(place),
            false => {
                let rows = vec![vec![self.button(Text::LabelPay {}, Action::Pay)]];
                let html = MoneyText::PayRailOff {}.html(self.lang());
                self.show(Screen::with(html, rows), place, None);
            }
        }
    }

    pub(crate) fn bad_sum(&mut self, min: Kopecks, max: Kopecks, place: Place) {
        self.session.top_up = None;
        let rows = vec![vec![self.button(Text::LabelPay {}, Action::Pay)]];
        let html = MoneyText::PaySumLimits { min, max }.html(self.lang());
        self.show(Screen::with(html, rows), place, None);
    }

    /// The words for it, typed: the latest bill that may be paid.
    pub(crate) fn check_latest(&mut self) {
        match self.world.till.open.first().cloned() {
            Some(payment) => self.effects.push(Effect::CheckPayment { payment: payment.id }),
            None => {
                let rows = vec![vec![
                    self.button(Text::LabelPay {}, Action::Pay),
                    self.button(Text::ButtonBalance {}, Action::Balance),
                ]];
                let html = MoneyText::PayNoneOpen {}.html(self.lang());
                self.show(Screen::with(html, rows), Place::New, None);
            }
        }
    }

    /// `/paysupport`: what to name, with the latest bill.
    pub(crate) fn pay_support(&mut self) {
        let till = &self.world.till;
        let latest = till.named.as_ref().or_else(|| till.open.first());
        let payment = latest.map_or_else(|| "none".to_owned(), |it| it.number.to_string());
        let (support, id) = (self.contact(), self.world.customer.id.0);
        let html = MoneyText::PaySupport { support, id, payment }.html(self.lang());
        let rows = vec![vec![
            self.button(MoneyText::ButtonStatement {}, Action::Statement(0)),
            self.button(Text::ButtonHelp {}, Action::Help),
        ]];
        self.show(Screen::with(html, rows), Place::New, None);
    }

    /// How the owner can be reached, as the texts take it.
    pub(crate) fn contact(&self) -> String {
        self.world.till.support.clone().unwrap_or_else(|| "none".to_owned())
    }
}
