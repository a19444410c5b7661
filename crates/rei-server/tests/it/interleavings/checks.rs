//! What must hold at rest, whatever happened before: the checks of the whole house.

use std::collections::{BTreeMap, BTreeSet};

use rei_app::BookError;
use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Money, Phase, Transfer, TransferKind, Wallet};
use rei_domain::money::Kopecks;
use rei_domain::order::{OrderState, support_number};
use rei_domain::payment::PaymentState;
use rei_sim::telegram::SimMessage;
use rei_sim::yookassa::PaymentStatus;
use rei_storage::orders::OrderRow;
use rei_storage::payments::{self as rows, PaymentRow};
use rei_storage::{inbox, ledger, orders};

use super::people::Person;
use super::play::Play;
use super::stage::GIFT;

/// One schedule has far fewer of anything.
const MANY: usize = 500;

/// What the book has of one customer.
struct Account {
    wallet: Wallet,
    transfers: Vec<Transfer>,
    orders: Vec<OrderRow>,
    payments: Vec<PaymentRow>,
}

impl Account {
    fn moved(&self, order: &OrderRow, phase: Phase) -> i64 {
        let his = self.transfers.iter().filter(|it| it.order == Some(order.id));
        his.filter(|it| it.phase == phase).map(|it| it.amount.minor()).sum()
    }
}

impl Play {
    /// Everything that does not hold.
    pub async fn complaints(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        self.check_book(&mut wrong).await;
        let mut credited = BTreeSet::new();
        for person in &self.stage.people {
            let account = self.account(person).await;
            check_wallet(person, &account, &mut wrong);
            for order in &account.orders {
                self.check_order(person, &account, order, &mut wrong);
            }
            self.check_words(person, &account, &mut wrong);
            credited.extend(self.check_payments(person, &account, &mut wrong));
        }
        for payment in self.stage.yookassa.payments() {
            if payment.status == PaymentStatus::Succeeded && !credited.contains(&payment.id) {
                wrong.push(format!("{} was paid and credited to nobody", payment.id));
            }
        }
        self.check_tasks(&mut wrong);
        self.check_presses(&mut wrong);
        self.check_manners(&mut wrong);
        wrong
    }

    /// What the schedule led to, for a comparison with the same schedule played again.
    pub async fn outcome(&self) -> Vec<String> {
        let mut outcome = Vec::new();
        for person in &self.stage.people {
            let account = self.account(person).await;
            outcome.push(format!("{} has {:?}", person.id, account.wallet));
            outcome.extend(account.orders.iter().map(|it| format!("{it:?}")));
            outcome.extend(account.payments.iter().map(|it| format!("{it:?}")));
            outcome.extend(account.transfers.iter().map(|it| format!("{it:?}")));
            let messages = person.user.messages();
            outcome.extend(messages.iter().map(|it| format!("{} {} {}", it.id, it.date, it.text)));
        }
        outcome.extend(self.stage.telegram.calls().iter().map(|it| it.method.clone()));
        outcome
    }

    /// How things ended, by name.
    pub async fn ends(&self) -> BTreeMap<String, u64> {
        let mut ends = BTreeMap::new();
        let mut count = |name: String| *ends.entry(name).or_insert(0) += 1;
        for person in &self.stage.people {
            let account = self.account(person).await;
            account.orders.iter().for_each(|it| count(format!("{} {}", it.kind, it.state)));
            account.payments.iter().for_each(|it| count(format!("payment {:?}", it.state)));
        }
        for _ in 0..self.deaths {
            count("death".to_owned());
        }
        ends
    }

    async fn account(&self, person: &Person) -> Account {
        let id = CustomerId(person.id);
        let read = self.stage.house.book.read(move |tx| {
            let mut transfers = Vec::new();
            let mut page = None;
            loop {
                let mut statement = ledger::statement(tx, id, page, MANY)?;
                transfers.append(&mut statement.transfers);
                page = statement.next;
                if page.is_none() {
                    break;
                }
            }
            let all = orders::recent(tx, i64::try_from(MANY).unwrap_or(i64::MAX))?;
            Ok::<_, BookError>(Account {
                wallet: ledger::balances(tx, id)?,
                transfers,
                orders: all.into_iter().filter(|order| order.customer == id).collect(),
                payments: rows::of_customer(tx, id, i64::try_from(MANY).unwrap_or(i64::MAX))?,
            })
        });
        read.await.expect("the book is readable")
    }

    /// The book adds up, nothing waits, nothing is on hold, nothing was set aside.
    async fn check_book(&self, wrong: &mut Vec<String>) {
        let read = self.stage.house.book.read(|tx| {
            let far = Timestamp(i64::MAX);
            Ok::<_, BookError>((
                ledger::audit(tx)?,
                ledger::open_holds_older_than(tx, far, MANY)?,
                inbox::count_waiting(tx)?,
            ))
        });
        let (report, holds, waiting) = read.await.expect("the book is readable");
        if !report.is_sound() || !report.trial.is_zero() {
            wrong.push(format!("the audit found {:?}, {}", report.findings, report.trial));
        }
        if !holds.is_empty() {
            wrong.push(format!("on hold at rest: {holds:?}"));
        }
        if waiting != 0 {
            wrong.push(format!("{waiting} updates wait"));
        }
    }

    /// An order is delivered and charged once, or its money is back; nobody pays for nothing, nothing is given twice.
    fn check_order(
        &self,
        person: &Person,
        account: &Account,
        order: &OrderRow,
        wrong: &mut Vec<String>,
    ) {
        let held = account.moved(order, Phase::Hold);
        let captured = account.moved(order, Phase::Capture);
        let told = format!("order {} of {}, {}", order.number, person.id, order.state);
        if held != order.price.get() {
            wrong.push(format!("{told}: costs {} and {held} were held", order.price));
        }
        if captured != order.charged.unwrap_or_default().get() {
            wrong.push(format!("{told}: {captured} were captured, not {:?}", order.charged));
        }
        let files = files_of(person, order.number);
        let is_charged = match order.state {
            OrderState::Delivered => true,
            OrderState::Cancelled
            | OrderState::Refused
            | OrderState::Failed
            | OrderState::Expired
            | OrderState::Gifted => false,
            _ => return wrong.push(format!("{told}: not at its end")),
        };
        if is_charged != (captured > 0) {
            wrong.push(format!("{told}: {captured} were captured"));
        }
        let came = is_charged || order.state == OrderState::Gifted;
        if came && files.is_empty() {
            wrong.push(format!("{told}: nothing of it is in the chat"));
        }
        // What comes after an order was given up is a present, too.
        if !came && order.state != OrderState::Failed && !files.is_empty() {
            wrong.push(format!("{told}: its result is in the chat"));
        }
        // Each sender who died, or lost his lease, and each answer of Telegram's that was lost, may have cost one more.
        let lost = self.trace.iter().filter(|it| it.contains("CutAfter")).count();
        let again = self.send_deaths + lost + person.asked_again.get();
        for (name, count) in files.into_iter().filter(|(_, count)| *count > 1 + again) {
            wrong.push(format!("{told}: {name} came {count} times"));
        }
    }

    /// What the customer was told is what the ledger has.
    fn check_words(&self, person: &Person, account: &Account, wrong: &mut Vec<String>) {
        let messages = person.user.messages();
        let calls = self.stage.telegram.calls();
        let was_said = |words: &str| {
            // Another screen may have taken the message's place meanwhile; an answer that was lost is told by the chat.
            let his = calls.iter().filter(|it| it.chat_id == Some(person.id) && it.code == 200);
            let mut said = his.filter_map(|it| it.params.get("text")?.as_str());
            said.any(|text| text.contains(words))
                || messages.iter().any(|it| it.from_bot && it.text.contains(words))
        };
        let charged = account.orders.iter().filter(|it| it.state == OrderState::Delivered).count();
        let told = messages.iter().filter(|it| it.from_bot && is_result(it)).count();
        if told < charged {
            wrong.push(format!("{} was charged {charged} times and told {told}", person.id));
        }
        if charged == 0 && told > 0 {
            wrong.push(format!("{} was told of {told} charges that never were", person.id));
        }
        let back = account.orders.iter().filter(|it| {
            matches!(it.state, OrderState::Refused | OrderState::Failed | OrderState::Expired)
        });
        for order in back {
            let number = support_number(order.number, order.id);
            if !was_said(&number) {
                wrong.push(format!(
                    "{} was never told that order {} was given back",
                    person.id, order.number
                ));
            }
        }
    }

    /// Each paid payment is credited once, no other ever; the names of those that were.
    fn check_payments(
        &self,
        person: &Person,
        account: &Account,
        wrong: &mut Vec<String>,
    ) -> BTreeSet<String> {
        let mut credits: BTreeMap<String, Vec<Money>> = BTreeMap::new();
        for topup in account.transfers.iter().filter(|it| it.kind == TransferKind::Topup) {
            let name = topup.key.split(':').nth(1).unwrap_or_default().to_owned();
            credits.entry(name).or_default().push(topup.amount);
        }
        for (name, sums) in &credits {
            let payment = self.stage.yookassa.payment(name);
            let paid = payment.filter(|it| it.status == PaymentStatus::Succeeded);
            let wanted = paid.map(|it| Money::Rub(Kopecks::new(it.amount.kopecks)));
            if sums.len() != 1 || wanted != Some(sums[0]) {
                wrong.push(format!("{}: {name} was credited {sums:?}, not {wanted:?}", person.id));
            }
        }
        let open = account.payments.iter().filter(|it| {
            it.state.is_open() || (it.state == PaymentState::Paid) != it.paid_at.is_some()
        });
        wrong.extend(open.map(|it| format!("{}: a payment is left open: {it:?}", person.id)));
        credits.into_keys().collect()
    }

    /// Kling was never asked twice for the same work, but where it said that nothing is being made.
    fn check_tasks(&self, wrong: &mut Vec<String>) {
        let mut made: BTreeMap<String, usize> = BTreeMap::new();
        for create in self.stage.kling.creates() {
            let Some(key) = create.external_id.filter(|_| create.task_id.is_some()) else {
                continue;
            };
            let order = key.rsplit_once('-').map_or(key.clone(), |(order, _)| order.to_owned());
            *made.entry(order).or_default() += 1;
        }
        for (order, count) in made.into_iter().filter(|(_, count)| *count > 1) {
            wrong.push(format!("kling made {count} tasks for the order {order}"));
        }
    }

    /// No press was answered twice: its update was served once, whoever brought it and however often.
    fn check_presses(&self, wrong: &mut Vec<String>) {
        let mut answers: BTreeMap<String, usize> = BTreeMap::new();
        for call in self.stage.telegram.calls() {
            // Telegram took the answer, or had no use for it any more.
            if call.method == "answerCallbackQuery" && [200, 400].contains(&call.code) {
                let press = call.params.get("callback_query_id").map(ToString::to_string);
                *answers.entry(press.unwrap_or_default()).or_default() += 1;
            }
        }
        let twice = answers.into_iter().filter(|(_, count)| *count > 1);
        wrong.extend(twice.map(|(press, count)| format!("{press} was answered {count} times")));
    }

    /// Nobody outside was asked what he should not be.
    fn check_manners(&self, wrong: &mut Vec<String>) {
        let stage = &self.stage;
        wrong.extend(stage.telegram.violations().iter().map(|it| format!("telegram: {it:?}")));
        wrong.extend(stage.gemini.violations().iter().map(|it| format!("gemini: {it}")));
        wrong.extend(stage.kling.violations().iter().map(|it| format!("kling: {it}")));
        wrong.extend(stage.yookassa.violations().iter().map(|it| format!("yookassa: {it}")));
    }
}

/// Nobody owes anything, nothing is on hold, and the wallet has what came in less what was charged.
fn check_wallet(person: &Person, account: &Account, wrong: &mut Vec<String>) {
    let wallet = &account.wallet;
    let (cash, bonus) = (wallet.cash.free.get(), wallet.bonus.free.get());
    let came: i64 = {
        let topups = account.transfers.iter().filter(|it| it.kind == TransferKind::Topup);
        topups.map(|it| it.amount.minor()).sum()
    };
    let charged: i64 = account.orders.iter().filter_map(|it| it.charged).map(|sum| sum.get()).sum();
    let due = GIFT.get() + came - charged;
    if cash < 0 || bonus < 0 || wallet.on_hold() != Kopecks::ZERO || cash + bonus != due {
        wrong.push(format!("{} should have {due} kopecks and has {wallet:?}", person.id));
    }
}

/// The files of an order in the chat, by name, each with how often it came.
fn files_of(person: &Person, number: i64) -> BTreeMap<String, usize> {
    let mut files = BTreeMap::new();
    for message in person.user.messages().iter().filter(|it| it.from_bot) {
        let document = message.document.as_ref().and_then(|it| it.file_name.clone());
        let video = message.video.as_ref().and_then(|it| it.file_name.clone());
        for name in document.into_iter().chain(video) {
            let stem = name.split(['.', '-']).nth(1).unwrap_or_default();
            if name.starts_with("rei-") && stem == number.to_string() {
                *files.entry(name).or_default() += 1;
            }
        }
    }
    files
}

/// In both languages, because customers press that button, too.
fn is_result(message: &SimMessage) -> bool {
    ["· списано ", "· charged ", " charged ·"].iter().any(|words| message.text.contains(words))
}
