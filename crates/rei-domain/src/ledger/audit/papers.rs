//! What the money was for: orders, payments and refunds, compared with what the ledger says about each.
//!
//! The ledger alone may be sound and still pay for something that nobody ordered, or credit what nobody paid.

use crate::ids::{CustomerId, OrderId};
use crate::ledger::{Account, Phase, Pocket, TransferKind};
use crate::order::OrderState;
use crate::payment::{PaymentState, RefundState};

/// One leg of a hold, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperLeg {
    /// Whose money it reserves.
    pub debit: Account,
    /// Why.
    pub kind: TransferKind,
    /// The order that it names.
    pub order: Option<OrderId>,
    /// The payment that it names.
    pub payment: Option<String>,
    /// What it reserves, in kopecks.
    pub amount: i64,
    /// What all legs together reserve.
    pub total: i64,
    /// How it ended and what that moved; none while it is open.
    pub end: Option<(Phase, i64)>,
}

impl PaperLeg {
    fn captured(&self) -> i64 {
        self.end.map_or(0, |(phase, moved)| if phase == Phase::Capture { moved } else { 0 })
    }
}

/// An order beside what the ledger says about its hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPaper {
    /// Its id.
    pub id: OrderId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Its price, in kopecks.
    pub price: i64,
    /// What was captured, by its own word.
    pub charged: Option<i64>,
    /// The provider's price, in millionths of a dollar.
    pub cost: i64,
    /// Where it stands.
    pub state: OrderState,
    /// The legs of the hold that it names.
    pub legs: Vec<PaperLeg>,
    /// What the ledger has as its cost.
    pub cost_booked: Option<i64>,
}

impl OrderPaper {
    /// What does not fit, if anything.
    pub fn problem(&self) -> Option<String> {
        if self.legs.is_empty() {
            return Some("has no hold in the ledger".to_owned());
        }
        let is_its = |leg: &PaperLeg| {
            leg.kind == TransferKind::Order
                && leg.order == Some(self.id)
                && leg.debit.customer() == Some(self.customer)
        };
        if !self.legs.iter().all(is_its) {
            return Some("names the hold of another order or customer".to_owned());
        }
        let held: i64 = self.legs.iter().map(|leg| leg.amount).sum();
        if held != self.price || self.legs.iter().any(|leg| leg.total != self.price) {
            return Some(format!("costs {} kopecks and held {held}", self.price));
        }
        self.money_problem().or_else(|| self.cost_problem())
    }

    fn money_problem(&self) -> Option<String> {
        let ended = self.legs.iter().filter(|leg| leg.end.is_some()).count();
        let captured: i64 = self.legs.iter().map(PaperLeg::captured).sum();
        let state = self.state;
        if state.holds_money() {
            return (ended > 0).then(|| format!("is {state}, but its hold has ended"));
        }
        if ended != self.legs.len() {
            return Some(format!("is {state}, but its hold is still open"));
        }
        let said = self.charged.unwrap_or(if self.is_charged() { self.price } else { 0 });
        let fits = captured == said && (self.is_charged() || said == 0);
        (!fits)
            .then(|| format!("is {state} and says {said} kopecks, the ledger charged {captured}"))
    }

    /// A whole price has the whole cost beside it, a part of it a part.
    fn cost_problem(&self) -> Option<String> {
        let booked = self.cost_booked.unwrap_or_default();
        let fits = match (self.is_charged(), self.charged == Some(self.price)) {
            (true, true) => booked == self.cost,
            (true, false) => booked <= self.cost,
            (false, _) => booked == 0,
        };
        (!fits).then(|| format!("cost {} µ$, the ledger has {booked}", self.cost))
    }

    const fn is_charged(&self) -> bool {
        matches!(self.state, OrderState::Ready | OrderState::Delivering | OrderState::Delivered)
    }
}

/// A payment beside what the ledger says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPaper {
    /// Its id, as transfers name it.
    pub id: String,
    /// Whose it is.
    pub customer: CustomerId,
    /// How much, in kopecks.
    pub amount: i64,
    /// Where it stands.
    pub state: PaymentState,
    /// What the payment system kept, by its own word.
    pub fee: Option<i64>,
    /// What went back, by its own word.
    pub refunded: i64,
    /// What its refunds that succeeded add up to.
    pub gone: i64,
    /// The credit under its name at the payment system.
    pub credit: Option<PaperCredit>,
    /// The fee under that name.
    pub fee_booked: Option<i64>,
}

/// A top-up as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperCredit {
    /// Who got it.
    pub to: Account,
    /// How much.
    pub amount: i64,
    /// The payment that it names; none when a person assigned the money.
    pub payment: Option<String>,
}

impl PaymentPaper {
    /// What does not fit, if anything.
    pub fn problem(&self) -> Option<String> {
        let credit = self.credit.as_ref().filter(|credit| credit.payment.is_some());
        match (self.state, credit) {
            (PaymentState::Paid, None) => return Some("is paid and was not credited".to_owned()),
            (PaymentState::Paid, Some(credit)) => {
                let wallet = Account::Customer(self.customer, Pocket::Cash);
                if credit.payment.as_ref() != Some(&self.id) || credit.to != wallet {
                    return Some("was credited to another customer or payment".to_owned());
                }
                if credit.amount != self.amount {
                    let (said, booked) = (self.amount, credit.amount);
                    return Some(format!("is of {said} kopecks, the ledger credited {booked}"));
                }
            }
            (state, Some(_)) => return Some(format!("is {} and was credited", state.as_str())),
            (_, None) => {}
        }
        let due = if self.state == PaymentState::Paid { self.fee.unwrap_or_default() } else { 0 };
        let fee = self.fee_booked.unwrap_or_default();
        if due.max(0) != fee {
            return Some(format!("has a fee of {due} kopecks, the ledger has {fee}"));
        }
        let gone = self.gone.min(self.amount);
        (self.refunded != gone).then(|| {
            format!("says that {} kopecks went back, its refunds say {gone}", self.refunded)
        })
    }
}

/// How a refund came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperOrigin {
    /// An admin asked for it: its sum was held first.
    Ours,
    /// It happened past us.
    PastUs,
}

/// A refund beside what the ledger says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundPaper {
    /// The payment whose money it is, as transfers name it.
    pub payment: String,
    /// Whose it is.
    pub customer: CustomerId,
    /// How much, in kopecks.
    pub amount: i64,
    /// Where it stands.
    pub state: RefundState,
    /// How it came about.
    pub origin: PaperOrigin,
    /// The hold that it names.
    pub leg: Option<PaperLeg>,
    /// What the ledger took from the wallet for one that happened past us.
    pub taken: Option<i64>,
}

impl RefundPaper {
    /// What does not fit, if anything.
    pub fn problem(&self) -> Option<String> {
        match self.origin {
            PaperOrigin::Ours => self.problem_of_ours(),
            PaperOrigin::PastUs => {
                let taken = self.taken.unwrap_or_default();
                let fits = self.state == RefundState::Succeeded && taken == self.amount;
                (!fits).then(|| format!("is of {} kopecks, the ledger took {taken}", self.amount))
            }
        }
    }

    fn problem_of_ours(&self) -> Option<String> {
        let Some(leg) = &self.leg else { return Some("has no hold in the ledger".to_owned()) };
        let is_its = leg.kind == TransferKind::Refund
            && leg.payment.as_ref() == Some(&self.payment)
            && leg.debit.customer() == Some(self.customer);
        if !is_its {
            return Some("names the hold of another payment or customer".to_owned());
        }
        if leg.amount != self.amount {
            return Some(format!("is of {} kopecks and held {}", self.amount, leg.amount));
        }
        let fits = match (self.state, leg.end) {
            (RefundState::Asked, None) => true,
            (RefundState::Succeeded, Some((Phase::Capture, moved))) => moved == self.amount,
            (RefundState::Cancelled, Some((Phase::Void | Phase::Expire, _))) => true,
            _ => false,
        };
        let ended = leg.end.map_or("is open", |(phase, _)| phase.as_str());
        (!fits).then(|| format!("is {}, the end of its hold: {ended}", self.state.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TransferId;

    const ANNA: CustomerId = CustomerId(7);

    fn order_id() -> OrderId {
        let id = TransferId::from_slice(&[1; 16]).expect("16 bytes");
        OrderId::from_slice(id.as_bytes()).expect("16 bytes")
    }

    fn leg(amount: i64, end: Option<(Phase, i64)>) -> PaperLeg {
        PaperLeg {
            debit: Account::cash(ANNA),
            kind: TransferKind::Order,
            order: Some(order_id()),
            payment: None,
            amount,
            total: 50,
            end,
        }
    }

    /// 50 kopecks from two pockets, delivered whole.
    fn delivered() -> OrderPaper {
        OrderPaper {
            id: order_id(),
            customer: ANNA,
            price: 50,
            charged: Some(50),
            cost: 9,
            state: OrderState::Delivered,
            legs: vec![leg(20, Some((Phase::Capture, 20))), leg(30, Some((Phase::Capture, 30)))],
            cost_booked: Some(9),
        }
    }

    fn check_order(change: impl Fn(&mut OrderPaper), expected: &str) {
        let mut paper = delivered();
        assert_eq!(paper.problem(), None);
        change(&mut paper);
        assert_eq!(paper.problem().as_deref(), Some(expected));
    }

    #[test]
    fn an_order_must_say_what_its_hold_says() {
        check_order(|it| it.legs.clear(), "has no hold in the ledger");
        check_order(|it| it.price = 51, "costs 51 kopecks and held 50");
        check_order(|it| it.legs[0].total = 51, "costs 50 kopecks and held 50");
        check_order(
            |it| it.customer = CustomerId(8),
            "names the hold of another order or customer",
        );
        check_order(|it| it.legs[1].order = None, "names the hold of another order or customer");
        check_order(
            |it| it.charged = Some(49),
            "is delivered and says 49 kopecks, the ledger charged 50",
        );
        check_order(
            |it| it.state = OrderState::Failed,
            "is failed and says 50 kopecks, the ledger charged 50",
        );
        check_order(|it| it.state = OrderState::Running, "is running, but its hold has ended");
        check_order(|it| it.legs[1].end = None, "is delivered, but its hold is still open");
        check_order(|it| it.cost_booked = None, "cost 9 µ$, the ledger has 0");
    }

    #[test]
    fn an_order_at_work_or_given_back_fits_too() {
        let mut paper = delivered();
        (paper.charged, paper.cost_booked) = (Some(30), Some(5));
        paper.legs = vec![leg(20, Some((Phase::Capture, 20))), leg(30, Some((Phase::Capture, 10)))];
        assert_eq!(paper.problem(), None, "a part came");
        (paper.charged, paper.cost_booked) = (None, None);
        paper.legs = vec![leg(50, Some((Phase::Void, 50)))];
        paper.state = OrderState::Gifted;
        assert_eq!(paper.problem(), None, "it came late");
        paper.legs = vec![leg(50, None)];
        paper.state = OrderState::Fetching;
        assert_eq!(paper.problem(), None, "it is at work");
    }

    fn paid() -> PaymentPaper {
        let credit =
            PaperCredit { to: Account::cash(ANNA), amount: 100, payment: Some("p".to_owned()) };
        PaymentPaper {
            id: "p".to_owned(),
            customer: ANNA,
            amount: 100,
            state: PaymentState::Paid,
            fee: Some(3),
            refunded: 40,
            gone: 40,
            credit: Some(credit),
            fee_booked: Some(3),
        }
    }

    fn check_payment(change: impl Fn(&mut PaymentPaper), expected: &str) {
        let mut paper = paid();
        assert_eq!(paper.problem(), None);
        change(&mut paper);
        assert_eq!(paper.problem().as_deref(), Some(expected));
    }

    #[test]
    fn a_payment_must_say_what_was_credited() {
        check_payment(|it| it.credit = None, "is paid and was not credited");
        check_payment(|it| it.amount = 99, "is of 99 kopecks, the ledger credited 100");
        check_payment(
            |it| it.customer = CustomerId(8),
            "was credited to another customer or payment",
        );
        check_payment(|it| it.state = PaymentState::Waiting, "is waiting and was credited");
        check_payment(|it| it.fee = None, "has a fee of 0 kopecks, the ledger has 3");
        check_payment(|it| it.refunded = 0, "says that 0 kopecks went back, its refunds say 40");
    }

    #[test]
    fn a_refund_must_say_how_its_hold_ended() {
        let hold = PaperLeg {
            kind: TransferKind::Refund,
            payment: Some("p".to_owned()),
            order: None,
            ..leg(40, Some((Phase::Capture, 40)))
        };
        let ours = RefundPaper {
            payment: "p".to_owned(),
            customer: ANNA,
            amount: 40,
            state: RefundState::Succeeded,
            origin: PaperOrigin::Ours,
            leg: Some(hold),
            taken: None,
        };
        assert_eq!(ours.problem(), None);
        let asked = RefundPaper { state: RefundState::Asked, ..ours.clone() };
        assert_eq!(asked.problem().as_deref(), Some("is asked, the end of its hold: capture"));
        let more = RefundPaper { amount: 41, ..ours.clone() };
        assert_eq!(more.problem().as_deref(), Some("is of 41 kopecks and held 40"));
        let other = RefundPaper { payment: "q".to_owned(), ..ours.clone() };
        assert!(other.problem().is_some());
        let past = RefundPaper { origin: PaperOrigin::PastUs, taken: Some(40), leg: None, ..ours };
        assert_eq!(past.problem(), None);
        let nothing = RefundPaper { taken: None, ..past };
        assert_eq!(nothing.problem().as_deref(), Some("is of 40 kopecks, the ledger took 0"));
    }
}
