//! The page on which the payer pays, `/checkout/{id}`. To close it does nothing.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::levers::Decline;
use super::payments::{PayMethod, PaymentStatus, SimPayment};
use super::{SharedState, YooKassaSim, amount};

/// Reasons that the page offers.
const REASONS: [&str; 5] = [
    "insufficient_funds",
    "general_decline",
    "3d_secure_failed",
    "card_expired",
    "payment_method_limit_exceeded",
];
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;\
                     padding:0 1rem}h1{font-size:2rem;margin:.5rem 0}button,select{font:inherit;\
                     padding:.6rem 1rem;margin:.25rem 0;width:100%;box-sizing:border-box}\
                     form{margin:1rem 0}small{color:#666}";

#[derive(Deserialize)]
struct Pay {
    method: PayMethod,
}

#[derive(Deserialize)]
struct Refuse {
    reason: String,
    /// Set: the payer may try again.
    retry: Option<String>,
}

pub(super) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/checkout/{id}", get(show))
        .route("/checkout/{id}/pay", post(pay))
        .route("/checkout/{id}/decline", post(decline))
}

async fn show(State(state): State<SharedState>, Path(id): Path<String>) -> Response {
    match YooKassaSim::around(state).payment(&id) {
        Some(payment) => Html(page(&payment)).into_response(),
        None => (StatusCode::NOT_FOUND, Html("<h1>No such payment</h1>")).into_response(),
    }
}

async fn pay(
    State(state): State<SharedState>,
    Path(id): Path<String>,
    Form(form): Form<Pay>,
) -> Response {
    let sim = YooKassaSim::around(state);
    // A payment that cannot be paid any more is shown as it is.
    match sim.pay_by(&id, form.method) {
        Ok(payment) => back(&payment),
        Err(_) => redirect(&format!("/checkout/{id}")),
    }
}

async fn decline(
    State(state): State<SharedState>,
    Path(id): Path<String>,
    Form(form): Form<Refuse>,
) -> Response {
    let sim = YooKassaSim::around(state);
    let how = if form.retry.is_some() { Decline::MayRetry } else { Decline::Ends };
    match sim.decline(&id, &form.reason, how) {
        Ok(payment) if how == Decline::Ends => back(&payment),
        Ok(_) | Err(_) => redirect(&format!("/checkout/{id}")),
    }
}

/// To the shop; without an address, to the page.
fn back(payment: &SimPayment) -> Response {
    let page = format!("/checkout/{}", payment.id);
    redirect(payment.return_url().unwrap_or(&page))
}

fn redirect(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

fn page(payment: &SimPayment) -> String {
    let sum = format!("{} {}", amount::text(payment.amount.kopecks), payment.amount.currency);
    let description = escaped(payment.description.as_deref().unwrap_or(""));
    let body = match payment.status {
        PaymentStatus::Pending => form(payment),
        status => {
            let link = payment.return_url().map_or(String::new(), |url| {
                format!("<p><a href=\"{}\">Back to the shop</a></p>", escaped(url))
            });
            format!("<p id=\"status\">This payment is {}.</p>{link}", status.word())
        }
    };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>YooKassa simulator</title><style>{STYLE}</style></head><body>\
         <small>YooKassa simulator: no money moves</small>\
         <h1 id=\"sum\">{sum}</h1><p id=\"description\">{description}</p>{body}</body></html>"
    )
}

fn form(payment: &SimPayment) -> String {
    let id = &payment.id;
    let button = |method: PayMethod, words: &str| {
        let word = method.word();
        format!("<button id=\"pay-{word}\" name=\"method\" value=\"{word}\">{words}</button>")
    };
    let mut buttons = String::new();
    for (method, words) in [(PayMethod::BankCard, "Pay by card"), (PayMethod::Sbp, "Pay by SBP")] {
        if super::levers::takes(payment, method).is_ok() {
            buttons += &button(method, words);
        }
    }
    if buttons.is_empty() {
        buttons = button(payment.method.unwrap_or(PayMethod::BankCard), "Pay");
    }
    let reasons: String =
        REASONS.iter().map(|reason| format!("<option>{reason}</option>")).collect();
    let declined = payment.declines.last().map_or(String::new(), |reason| {
        format!("<p id=\"declined\">Declined: {}. Try again.</p>", escaped(reason))
    });
    format!(
        "{declined}<form method=\"post\" action=\"/checkout/{id}/pay\">{buttons}</form>\
         <form method=\"post\" action=\"/checkout/{id}/decline\">\
         <select name=\"reason\">{reasons}</select>\
         <label><input type=\"checkbox\" name=\"retry\" value=\"yes\"> the payer may try again</label>\
         <button id=\"decline\">Decline</button></form>\
         <p><small>To close this page does nothing: the payment waits for an hour.</small></p>"
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
