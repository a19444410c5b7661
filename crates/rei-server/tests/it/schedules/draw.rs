//! What a seed decides: who does what, and when.

use std::fmt;
use std::time::Duration;

use rei_domain::chance::{Chance, SeededChance};

/// Choices of one seed, one after the other.
pub struct Draws(SeededChance);

impl Draws {
    pub fn of(seed: u64) -> Self {
        // Neighbours would otherwise begin alike.
        Self(SeededChance::new(seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1)))
    }

    pub fn below(&self, bound: u64) -> u64 {
        let chance: &dyn Chance = &self.0;
        chance.below(bound)
    }

    /// Whether something happens that happens so often in a hundred.
    pub fn percent(&self, often: u64) -> bool {
        self.below(100) < often
    }

    pub fn one_of<T: Clone>(&self, all: &[T]) -> T {
        all[pick(self.below(1 << 32), all.len()).expect("there is something to choose from")]
            .clone()
    }
}

/// The one of so many things that a number means.
pub fn pick(number: u64, of: usize) -> Option<usize> {
    let of = u64::try_from(of).ok().filter(|of| *of > 0)?;
    usize::try_from(number % of).ok()
}

/// A whole schedule.
pub struct Plan {
    pub seed: u64,
    pub customers: u64,
    /// How many in a hundred claims end because their process dies.
    pub cuts: u64,
    pub steps: Vec<Step>,
    /// Whether reports that are held back at the end come after all.
    pub releases: bool,
}

/// What happens at the same moment, and how long nothing happens afterwards.
#[derive(Debug)]
pub struct Step {
    pub deeds: Vec<Deed>,
    pub pause: Duration,
}

/// Something that somebody does. Numbers stand for one of whatever is there at that moment.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A customer wants to pay.
    Wish {
        customer: u64,
        rubles: i64,
    },
    /// Workers do whatever is due.
    Work,
    /// A payer pays, is refused for good or for now, or pays after the end.
    Pay(u64),
    Decline {
        which: u64,
        ends: bool,
    },
    PayLate(u64),
    /// The payment system says another sum than ours.
    Alter(u64),
    /// Another site of the shop is paid; sometimes it uses an order's id.
    Foreign {
        rubles: i64,
        claims: Option<u64>,
    },
    /// How reports are sent from now on.
    Reports {
        flow: u64,
        copies: u32,
        is_stale: bool,
        before_answer: bool,
        is_chunked: bool,
    },
    /// Reports that are held come, in any order.
    Release(u64),
    /// A report that came comes again.
    SendAgain(u64),
    /// Somebody else reports.
    Forge {
        how: u64,
        which: u64,
    },
    /// A customer presses “Check the payment”.
    Check(u64),
    /// The lists are compared.
    Sweep,
    /// Four settle the same payment at the same time.
    Settle(u64),
    /// An admin gives money back: all that is left or a part; sometimes two do at the same time.
    Refund {
        which: u64,
        rubles: Option<i64>,
        twice: bool,
    },
    /// Somebody gives money back in the merchant's profile.
    RefundByHand {
        which: u64,
        is_whole: bool,
    },
    /// How refunds go from now on, and what becomes of one that waits.
    RefundMode(u64),
    EndRefund {
        which: u64,
        succeeds: bool,
    },
    /// A customer spends some of his money.
    Spend {
        customer: u64,
        rubles: i64,
    },
    /// Calls go wrong.
    Fault {
        how: u64,
        on: u64,
        skip: u64,
        times: u64,
    },
    /// And go well again.
    NoFaults,
    /// The process dies, and another begins before the next step.
    Die,
}

impl Plan {
    pub fn of(seed: u64) -> Self {
        let draws = Draws::of(seed);
        let customers = 1 + draws.below(2);
        let cuts = draws.one_of(&[0, 10, 25, 45]);
        let mut steps = Vec::new();
        if draws.percent(70) {
            steps.push(Step { deeds: vec![reports(&draws)], pause: Duration::ZERO });
        }
        let wishes = 1 + draws.below(3);
        let first: Vec<Deed> = (0..wishes).map(|_| wish(&draws, customers)).collect();
        let mut first = Step { deeds: first, pause: Duration::ZERO };
        if draws.percent(50) {
            first.deeds.push(fault(&draws));
        }
        steps.push(first);
        steps.push(Step { deeds: vec![Deed::Work], pause: pause(&draws) });
        for _ in 0..(4 + draws.below(9)) {
            let deeds = (0..=draws.below(4)).map(|_| deed(&draws, customers)).collect();
            steps.push(Step { deeds, pause: pause(&draws) });
        }
        Self { seed, customers, cuts, steps, releases: draws.percent(50) }
    }
}

fn pause(draws: &Draws) -> Duration {
    if draws.percent(2) {
        return Duration::from_secs(24 * 3600);
    }
    let seconds = [0, 0, 0, 1, 3, 12, 30, 60, 300, 1_200, 3_900];
    Duration::from_secs(draws.one_of(&seconds))
}

fn wish(draws: &Draws, customers: u64) -> Deed {
    let customer = draws.below(customers);
    Deed::Wish { customer, rubles: draws.one_of(&[100, 100, 500, 1_000]) }
}

fn reports(draws: &Draws) -> Deed {
    Deed::Reports {
        flow: draws.below(5),
        copies: u32::try_from(1 + draws.below(3)).unwrap_or(1),
        is_stale: draws.percent(20),
        before_answer: draws.percent(25),
        is_chunked: draws.percent(20),
    }
}

fn fault(draws: &Draws) -> Deed {
    let how = draws.below(10);
    Deed::Fault { how, on: draws.below(8), skip: draws.below(2), times: 1 + draws.below(4) }
}

fn deed(draws: &Draws, customers: u64) -> Deed {
    let which = draws.below(1 << 32);
    match draws.below(100) {
        0..=21 => Deed::Work,
        22..=35 => Deed::Pay(which),
        36..=38 => Deed::Decline { which, ends: draws.percent(60) },
        39..=41 => Deed::PayLate(which),
        42 => Deed::Alter(which),
        43..=45 => Deed::Foreign {
            rubles: draws.one_of(&[100, 500]),
            claims: draws.percent(60).then_some(which),
        },
        46..=49 => reports(draws),
        50..=52 => Deed::Release(which),
        53..=54 => Deed::SendAgain(which),
        55..=60 => Deed::Forge { how: draws.below(9), which },
        61..=64 => Deed::Check(which),
        65..=67 => Deed::Sweep,
        68..=71 => Deed::Settle(which),
        72..=78 => Deed::Refund {
            which,
            rubles: draws.percent(60).then(|| draws.one_of(&[30, 50, 100])),
            twice: draws.percent(30),
        },
        79..=82 => Deed::RefundByHand { which, is_whole: draws.percent(40) },
        83..=84 => Deed::RefundMode(draws.below(3)),
        85..=86 => Deed::EndRefund { which, succeeds: draws.percent(60) },
        87..=88 => {
            Deed::Spend { customer: draws.below(customers), rubles: draws.one_of(&[40, 100, 450]) }
        }
        89..=93 => fault(draws),
        94 => Deed::NoFaults,
        95..=96 => Deed::Die,
        _ => wish(draws, customers),
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} customers, of 100 claims {} die:", self.customers, self.cuts)?;
        for step in &self.steps {
            writeln!(f, "  {:?}, then {:?}", step.deeds, step.pause)?;
        }
        write!(f, "  held reports come in the end: {}", self.releases)
    }
}
