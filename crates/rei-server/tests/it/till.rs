//! What a test does with the simulated YooKassa: top-ups in the chat, reports at the door, and what the book has.

use rei_app::{BookError, House};
use rei_domain::ledger::{Account, Expense, Rail};
use rei_domain::money::Kopecks;
use rei_server::commands::demo::StageOptions;
use rei_sim::yookassa::{Flow, NoticeSettings, SimPayment};
use rei_storage::payments::{self, PaymentRow};
use rei_storage::{Book, ledger};
use serde_json::{Value, json};

use crate::app::{Person, TestApp, flat};
use crate::shortcuts::quick;
use crate::world::http;

/// Nobody is given anything: every ruble was paid.
pub fn empty_wallets(options: &mut StageOptions) {
    quick(options);
    options.gift = Kopecks::ZERO;
}

/// The same, with other settings.
pub fn with(settings: &'static [(&'static str, &'static str)]) -> impl FnOnce(&mut StageOptions) {
    move |options| {
        empty_wallets(options);
        let more = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        options.settings.extend(more);
    }
}

/// Chooses a sum, accepts the terms if they are asked for, and waits for the button that pays; the payment at YooKassa.
pub async fn asks_to_pay(app: &TestApp, person: &Person, rubles: i64) -> SimPayment {
    person.says("/pay");
    person.sees("Пополнить баланс").await;
    let before = app.stage.yookassa.payments().len();
    taps_sum(person, rubles);
    pays_after_terms(app, person, before).await
}

/// Presses the button that says this sum and nothing else.
pub fn taps_sum(person: &Person, rubles: i64) {
    let wanted = format!("{rubles} ₽");
    let messages = person.user.messages();
    let mut newest_first = messages.iter().rev();
    let found = newest_first.find_map(|message| {
        let mut buttons = message.buttons.iter().flatten();
        let button = buttons.find(|button| flat(&button.text) == wanted)?;
        Some((message.id, button.value.clone()?))
    });
    let (message, data) = found.unwrap_or_else(|| panic!("no button `{wanted}`"));
    person.begin();
    person.user.taps_data(message, &data).expect("the press is taken");
}

/// A sum was chosen: accepts the terms if they are asked for, and waits until the payment can be made.
pub async fn pays_after_terms(app: &TestApp, person: &Person, before: usize) -> SimPayment {
    if needs_terms(app, person).await {
        person.taps("Принимаю, оплатить").await;
    }
    app.until("a payment at YooKassa", || async { app.stage.yookassa.payments().len() > before })
        .await;
    person.sees("Счёт №").await;
    newest(app)
}

async fn needs_terms(app: &TestApp, person: &Person) -> bool {
    let house = app.house().await;
    let (id, version) = (person.id, i64::from(house.payments.terms_version));
    let accepted = house.book.read(move |tx| payments::terms_accepted(tx, id, version)).await;
    version > 0 && !accepted.expect("the book is readable")
}

/// The newest payment at YooKassa.
pub fn newest(app: &TestApp) -> SimPayment {
    let payments = app.stage.yookassa.payments();
    payments.into_iter().max_by_key(|payment| payment.created_ms).expect("there is a payment")
}

/// Tops up and sees the money.
pub async fn tops_up(app: &TestApp, person: &Person, rubles: i64) -> SimPayment {
    let payment = asks_to_pay(app, person, rubles).await;
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    person.sees(&format!("Зачислено {rubles} ₽")).await;
    payment
}

/// YooKassa's reports never come.
pub fn silence(app: &TestApp) {
    let flow = Flow::Dropped;
    app.stage.yookassa.set_notices(NoticeSettings { flow, ..NoticeSettings::default() });
}

/// Has the lists swept until something is found: a sweep that runs already may have read them before.
pub async fn sweeps_until<F: Future<Output = bool>>(
    app: &TestApp,
    what: &str,
    found: impl Fn() -> F,
) {
    let house = app.house().await;
    app.until(what, || async {
        rei_app::payments::enqueue_sweep(&house).await.expect("the sweep is asked for");
        found().await
    })
    .await;
}

/// The customer's payments in the book, the newest first.
pub async fn rows_of(house: &House, person: &Person) -> Vec<PaymentRow> {
    let id = person.id;
    let rows = house.book.read(move |tx| payments::of_customer(tx, id, 100)).await;
    rows.expect("the book is readable")
}

/// What the payment system holds for us, by the book.
pub async fn clearing(house: &House, rail: Rail) -> Kopecks {
    let balance =
        house.book.read(move |tx| ledger::account_balance(tx, &Account::Clearing(rail))).await;
    Kopecks::new(balance.expect("the book is readable").minor())
}

/// What the book has of YooKassa's money: what lies there, and what was paid there in fees; in kopecks.
pub async fn in_the_book(book: &Book) -> i64 {
    let accounts = [Account::Clearing(Rail::YooKassa), Account::Expense(Expense::Fees)];
    let sum = book.read(move |tx| {
        accounts.iter().try_fold(0, |sum, account| {
            Ok::<_, BookError>(sum + ledger::account_balance(tx, account)?.minor())
        })
    });
    sum.await.expect("the book is readable")
}

/// What came and is nobody's yet, by the book.
pub async fn suspense(house: &House) -> Kopecks {
    let balance = house.book.read(|tx| ledger::account_balance(tx, &Account::Suspense)).await;
    Kopecks::new(-balance.expect("the book is readable").minor())
}

/// The way of the notification address.
pub async fn notice_path(app: &TestApp) -> String {
    let house = app.house().await;
    house.payments.yookassa.as_ref().expect("YooKassa is on").webhook_path()
}

/// Brings a report to the door; the status that it answers.
pub async fn reports(app: &TestApp, path: &str, head: &str, body: &Value) -> u16 {
    let address = app.stage.product().await.address.expect("the web door is open").to_string();
    let head = format!("Content-Type: application/json\r\n{head}");
    http(&address, "POST", path, &head, &body.to_string()).await.0
}

/// A report as YooKassa sends it about a payment as it stands there, but for what is said otherwise.
pub fn report_of(payment: &SimPayment, event: &str, status: &str) -> Value {
    json!({
        "type": "notification",
        "event": event,
        "object": {
            "id": payment.id,
            "status": status,
            "paid": status == "succeeded",
            "amount": {"value": "500.00", "currency": "RUB"},
            "metadata": payment.metadata,
        },
    })
}
