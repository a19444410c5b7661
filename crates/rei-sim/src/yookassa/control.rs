//! The levers under `/sim/`, for the demo page and for scripts. JSON in and out; a lever that cannot be pulled now is
//! 409 `{"error": "…"}`.
//!
//! `POST /sim/pay {id, method?}` · `POST /sim/decline {id, reason, may_retry?}` · `POST /sim/pay-late {id}` ·
//! `POST /sim/refund-by-hand {id, kopecks}` · `POST /sim/refund-mode {kind, reason?}` · `POST /sim/succeed-refund {id}` ·
//! `POST /sim/cancel-refund {id, reason}` · `POST /sim/foreign-payment {kopecks, metadata?}` ·
//! `POST /sim/other-shop-payment {kopecks}` ·
//! `POST /sim/set {id, kopecks?, currency?, test?, account_id?, receipt_registration?}` · `POST /sim/notify {url}` ·
//! `POST /sim/notices {flow?, copies?, …}` · `POST /sim/release {number?}` · `POST /sim/send-again {number}` ·
//! `POST /sim/faults {kind, …, on?, skip?, times?}` · `DELETE /sim/faults` · `POST /sim/confirmation-host {host}` ·
//! `POST /sim/receipts {demanded?, at_once?}` · `POST /sim/advance {ms}` ·
//! `GET /sim/payments` · `GET /sim/refunds` · `GET /sim/calls` · `GET /sim/sent` · `GET /sim/held` ·
//! `GET /sim/violations` · `GET /sim/state`

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::faults::Fault;
use super::levers::{Decline, SimError};
use super::notices::NoticeSettings;
use super::payments::{PayMethod, Registration};
use super::refunds::RefundMode;
use super::{SharedState, YooKassaSim};

type Sim = State<SharedState>;
type Answer = Result<Json<Value>, SimError>;

impl IntoResponse for SimError {
    fn into_response(self) -> Response {
        (StatusCode::CONFLICT, Json(json!({"error": self.to_string()}))).into_response()
    }
}

/// What most levers take; each looks at its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Pull {
    id: String,
    method: Option<PayMethod>,
    reason: Option<String>,
    may_retry: bool,
    kopecks: Option<i64>,
    metadata: Option<Map<String, Value>>,
    currency: Option<String>,
    test: Option<bool>,
    account_id: Option<String>,
    receipt_registration: Option<Registration>,
    number: Option<u64>,
    url: Option<String>,
    host: Option<String>,
    demanded: Option<bool>,
    at_once: Option<bool>,
    ms: u64,
}

pub(super) fn routes() -> Router<SharedState> {
    money().merge(arrangements()).merge(views())
}

fn money() -> Router<SharedState> {
    Router::new()
        .route("/sim/pay", post(pay))
        .route("/sim/decline", post(decline))
        .route("/sim/pay-late", post(pay_late))
        .route("/sim/refund-by-hand", post(refund_by_hand))
        .route("/sim/succeed-refund", post(succeed_refund))
        .route("/sim/cancel-refund", post(cancel_refund))
        .route("/sim/foreign-payment", post(foreign_payment))
        .route("/sim/other-shop-payment", post(other_shop_payment))
        .route("/sim/set", post(set))
}

fn arrangements() -> Router<SharedState> {
    Router::new()
        .route("/sim/refund-mode", post(refund_mode))
        .route("/sim/notify", post(notify))
        .route("/sim/notices", post(notices))
        .route("/sim/release", post(release))
        .route("/sim/send-again", post(send_again))
        .route("/sim/faults", post(add_fault).delete(clear_faults))
        .route("/sim/confirmation-host", post(confirmation_host))
        .route("/sim/receipts", post(receipts))
        .route("/sim/advance", post(advance))
}

fn views() -> Router<SharedState> {
    Router::new()
        .route("/sim/payments", get(async |State(state): Sim| Json(sim(state).payments())))
        .route("/sim/refunds", get(async |State(state): Sim| Json(sim(state).refunds())))
        .route("/sim/calls", get(async |State(state): Sim| Json(state.calls.all())))
        .route("/sim/sent", get(async |State(state): Sim| Json(state.sent.all())))
        .route("/sim/held", get(async |State(state): Sim| Json(sim(state).held())))
        .route("/sim/violations", get(async |State(state): Sim| Json(state.violations.all())))
        .route("/sim/state", get(async |State(state): Sim| show(state)))
}

fn sim(state: SharedState) -> YooKassaSim {
    YooKassaSim::around(state)
}

async fn pay(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    let sim = sim(state);
    let paid = match pull.method {
        Some(method) => sim.pay_by(&pull.id, method),
        None => sim.pay(&pull.id),
    };
    Ok(Json(json!(paid?)))
}

async fn decline(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    let how = if pull.may_retry { Decline::MayRetry } else { Decline::Ends };
    let reason = pull.reason.as_deref().unwrap_or("general_decline");
    Ok(Json(json!(sim(state).decline(&pull.id, reason, how)?)))
}

async fn pay_late(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    Ok(Json(json!(sim(state).pay_late(&pull.id)?)))
}

async fn refund_by_hand(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    let id = sim(state).refund_by_hand(&pull.id, pull.kopecks.unwrap_or_default())?;
    Ok(Json(json!({"id": id})))
}

async fn succeed_refund(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    Ok(Json(json!(sim(state).succeed_refund(&pull.id)?)))
}

async fn cancel_refund(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    let reason = pull.reason.as_deref().unwrap_or("general_decline");
    Ok(Json(json!(sim(state).cancel_refund(&pull.id, reason)?)))
}

async fn foreign_payment(State(state): Sim, Json(pull): Json<Pull>) -> Json<Value> {
    let id = sim(state).foreign_payment(pull.kopecks.unwrap_or_default(), pull.metadata);
    Json(json!({"id": id}))
}

async fn other_shop_payment(State(state): Sim, Json(pull): Json<Pull>) -> Json<Value> {
    Json(json!({"id": sim(state).other_shop_payment(pull.kopecks.unwrap_or_default())}))
}

async fn set(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    let sim = sim(state);
    if let Some(registration) = pull.receipt_registration {
        sim.set_receipt_registration(&pull.id, registration)?;
    }
    if sim.payment(&pull.id).is_none() && pull.receipt_registration.is_some() {
        return Ok(Json(json!({"id": pull.id})));
    }
    let altered = sim.alter(&pull.id, |payment| {
        payment.amount.kopecks = pull.kopecks.unwrap_or(payment.amount.kopecks);
        payment.test = pull.test.unwrap_or(payment.test);
        if let Some(currency) = pull.currency {
            payment.amount.currency = currency;
        }
        if let Some(account_id) = pull.account_id {
            payment.account_id = account_id;
        }
        if pull.metadata.is_some() {
            payment.metadata = pull.metadata;
        }
    });
    Ok(Json(json!(altered?)))
}

async fn refund_mode(State(state): Sim, Json(mode): Json<RefundMode>) -> Json<Value> {
    sim(state.clone()).set_refund_mode(mode);
    show(state)
}

async fn notify(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    sim(state.clone()).set_notify_url(pull.url.as_deref())?;
    Ok(show(state))
}

async fn notices(State(state): Sim, Json(settings): Json<NoticeSettings>) -> Json<Value> {
    sim(state.clone()).set_notices(settings);
    show(state)
}

async fn release(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    let sim = sim(state);
    match pull.number {
        Some(number) if !sim.release(number) => return Err(SimError::new("it is not held")),
        Some(_) => {}
        None => sim.release_all(),
    }
    Ok(Json(json!(sim.held())))
}

async fn send_again(State(state): Sim, Json(pull): Json<Pull>) -> Answer {
    match sim(state.clone()).send_again(pull.number.unwrap_or_default()) {
        true => Ok(show(state)),
        false => Err(SimError::new("none with this number was sent")),
    }
}

async fn add_fault(State(state): Sim, Json(fault): Json<Fault>) -> Json<Value> {
    sim(state.clone()).fault(fault);
    show(state)
}

async fn clear_faults(State(state): Sim) -> Json<Value> {
    sim(state.clone()).clear_faults();
    show(state)
}

async fn confirmation_host(State(state): Sim, Json(pull): Json<Pull>) -> Json<Value> {
    sim(state.clone()).set_confirmation_host(pull.host.as_deref());
    show(state)
}

async fn receipts(State(state): Sim, Json(pull): Json<Pull>) -> Json<Value> {
    let handle = sim(state.clone());
    if let Some(on) = pull.demanded {
        handle.demand_receipts(on);
    }
    if let Some(on) = pull.at_once {
        handle.register_receipts_at_once(on);
    }
    show(state)
}

async fn advance(State(state): Sim, Json(pull): Json<Pull>) -> Json<Value> {
    sim(state.clone()).advance(Duration::from_millis(pull.ms)).await;
    show(state)
}

fn show(state: SharedState) -> Json<Value> {
    let sim = sim(state.clone());
    let settings = state.with(|world| world.settings.clone());
    Json(json!({
        "now_ms": state.clock.now_ms(),
        "shop_id": state.shop.shop_id,
        "test": state.shop.test,
        "totals": sim.totals(),
        "notify_url": settings.notify_url,
        "notices": settings.notices,
        "notices_waiting": state.with(|world| world.outbox.count()),
        "refund_mode": settings.refunds,
        "receipts_demanded": settings.receipts_demanded,
        "receipts_at_once": settings.receipts_at_once,
        "confirmation_host": settings.pages,
        "faults": sim.faults(),
        "calls": state.calls.total(),
        "violations": state.violations.total(),
    }))
}
