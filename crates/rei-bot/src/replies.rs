//! The answers to owners' commands, in words.

use rei_app::admin::{AddOutcome, Stats};
use rei_domain::money::Kopecks;
use rei_texts::{Lang, Text};

/// The answer to `/add`.
pub(crate) fn added(outcome: AddOutcome) -> Text {
    match outcome {
        AddOutcome::Usage => Text::AdminAddUsage {},
        AddOutcome::BadSum(sum) => Text::AdminAddSum { sum },
        AddOutcome::NoReason { id, sum } => Text::AdminAddReason { id: id.0, sum },
        AddOutcome::UnknownCustomer(id) => Text::AdminAddUnknown { id: id.0 },
        AddOutcome::Added { id, sum, reason, balance } => {
            Text::AdminAddDone { sum, id: id.0, balance, reason }
        }
        AddOutcome::Repeated { id, sum } => Text::AdminAddRepeat { sum, id: id.0 },
    }
}

/// The answer to `/stats`.
pub(crate) fn stats(stats: &Stats) -> Text {
    let figures = stats.figures();
    Text::AdminStats {
        customers: stats.counts.customers,
        fresh: stats.counts.fresh,
        orders: stats.counts.orders,
        delivered: stats.counts.delivered,
        refunded: stats.counts.refunded,
        active: stats.counts.active,
        revenue: figures.revenue,
        wallets: figures.wallets,
        held: Kopecks::new(stats.counts.held),
        cost: figures.cost,
        queue: stats.queue,
        outbox: stats.outbox,
    }
}

/// The answer to `/trial`, as Telegram HTML.
pub(crate) fn trial(stats: &Stats, lang: Lang) -> String {
    let mut lines = vec![Text::AdminTrial {}.html(lang)];
    for (account, debits, credits) in stats.trial_lines() {
        lines.push(Text::AdminTrialLine { account, debits, credits }.html(lang));
    }
    lines.push(match stats.trial_difference() {
        None => Text::AdminTrialZero {}.html(lang),
        Some(difference) => Text::AdminTrialOff { difference }.html(lang),
    });
    lines.join("\n")
}
