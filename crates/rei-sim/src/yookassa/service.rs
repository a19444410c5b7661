//! The API over HTTP: the record, the key, the fault, then path and method.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::calls::{self, Caller, lists};
use super::faults::{CallKind, FaultKind};
use super::keys::{self, Made};
use super::payments::PayMethod;
use super::record::ApiCall;
use super::refusals::{Refusal, answer, gateway, raw};
use super::world::World;
use super::{Shared, SharedState, delivery};
use crate::common::server::Line;

const BODY_MAX_BYTES: usize = 1024 * 1024;
/// How long a creating call waits for the notifications that overtake it.
const OVERTAKING_MAX: Duration = Duration::from_secs(15);

/// What an answer carries, and which object it is about.
struct Done {
    json: Value,
    object_id: Option<String>,
}

/// A call whose way through the service is known.
struct Call<'a> {
    kind: CallKind,
    /// The id in the path.
    id: &'a str,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a Bytes,
}

/// Every request that is neither control nor a page.
pub(super) async fn serve(
    State(state): State<SharedState>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    if state.is_stopped() {
        line.cut();
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX_BYTES).await.unwrap_or_default();
    let segments: Vec<&str> = parts.uri.path().split('/').skip(1).collect();
    let (route, id) = match segments.as_slice() {
        ["v3", rest @ ..] => (route(&parts.method, rest), rest.get(1).copied().unwrap_or("")),
        _ => (Err(Refusal::not_found("path")), ""),
    };
    let kind = *route.as_ref().unwrap_or(&CallKind::Other);
    let number = state.calls.record(ApiCall {
        at_ms: state.clock.now_ms(),
        kind,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        body: body.clone(),
        idempotence_key: header_text(&parts.headers, keys::HEADER).map(str::to_owned),
        fault: None,
        object_id: None,
        status: None,
    });
    let call = Call { kind, id, uri: &parts.uri, headers: &parts.headers, body: &body };
    let shop = state.caller(&parts.headers);
    let fault = match (&shop, &route) {
        (Some(_), Ok(_)) => state.with(|world| world.faults.take(kind)),
        _ => None,
    };
    state.calls.amend(number, |record| record.fault.clone_from(&fault));
    let response = match (shop, route) {
        (None, _) => {
            let words = "Error in shopId or secret key. Check their validity.";
            let unknown = Refusal {
                parameter: Some("Authorization".to_owned()),
                ..Refusal::new(401, "invalid_credentials", words)
            };
            refuse(&state, &call, unknown)
        }
        (_, Err(refusal)) => refuse(&state, &call, refusal),
        (Some(caller), Ok(_)) => respond(&state, &line, &call, &caller, fault, number).await,
    };
    let status = response.status().as_u16();
    state.calls.amend(number, |record| {
        let is_cut = matches!(record.fault, Some(FaultKind::Reset { .. }));
        record.status = (!is_cut).then_some(status);
    });
    response
}

async fn respond(
    state: &SharedState,
    line: &Line,
    call: &Call<'_>,
    caller: &Caller<'_>,
    fault: Option<FaultKind>,
    number: u64,
) -> Response {
    if fault.as_ref().is_some_and(|fault| !fault.commits()) {
        return misbehave(state, line, fault, Value::Null).await;
    }
    let done = match state.with(|world| call.run(world, caller)) {
        Ok(done) => done,
        Err(refusal) => return refuse(state, call, refusal),
    };
    state.changed.notify_one();
    state.calls.amend(number, |record| record.object_id.clone_from(&done.object_id));
    if call.kind == CallKind::CreatePayment {
        overtake(state, done.object_id.as_deref().unwrap_or_default()).await;
    }
    misbehave(state, line, fault, done.json).await
}

/// Pays a new payment and lets its notifications be answered, if that is wanted.
async fn overtake(state: &SharedState, id: &str) {
    let now_ms = state.clock.now_ms();
    let is_paid = state.with(|world| {
        let is_new = world.payments.get(id).is_some_and(|payment| payment.is_pending());
        if !world.settings.notices.before_answer || !is_new {
            return false;
        }
        world.pay(id, PayMethod::BankCard, now_ms);
        true
    });
    if is_paid {
        state.changed.notify_one();
        // The answer goes out in any case.
        let _late = tokio::time::timeout(OVERTAKING_MAX, delivery::settled(state)).await;
    }
}

/// Answers as the fault wants it; without one, as usual.
async fn misbehave(
    state: &SharedState,
    line: &Line,
    fault: Option<FaultKind>,
    mut json: Value,
) -> Response {
    let error_id = state.error_id();
    match fault {
        None => {}
        Some(FaultKind::Reset { .. }) => {
            line.cut();
            return gateway(500);
        }
        Some(FaultKind::Hang { ms, committed }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            if !committed {
                return Refusal::internal().into_response(&error_id);
            }
        }
        Some(FaultKind::TooManyRequests { retry_after_ms }) => {
            return Refusal::too_many_requests(retry_after_ms).into_response(&error_id);
        }
        Some(FaultKind::Internal { .. }) => return Refusal::internal().into_response(&error_id),
        Some(FaultKind::Html { status, .. }) => return gateway(status),
        Some(FaultKind::Accepted { retry_after_ms, .. }) => {
            return answer(
                202,
                &json!({
                    "type": "processing", "description": "simulated work", "retry_after": retry_after_ms,
                }),
            );
        }
        Some(FaultKind::TruncatedJson) => {
            let text = json.to_string();
            return raw(200, "application/json", text.as_bytes()[..text.len() / 2].to_vec());
        }
        Some(FaultKind::UnknownWords) => with_items(&mut json, unknown_words),
        Some(FaultKind::UnknownStatus) => {
            with_items(&mut json, |object| object["status"] = "simulated_status".into());
        }
        Some(FaultKind::WrongId) => {
            let id = state.error_id();
            with_items(&mut json, |object| object["id"] = id.as_str().into());
        }
        Some(FaultKind::Error { status, code }) => {
            return Refusal::new(status, &code, "simulated error").into_response(&error_id);
        }
    }
    answer(200, &json)
}

/// Changes an object, or each one of a list.
fn with_items(json: &mut Value, change: impl Fn(&mut Value)) {
    match json["items"]
        .as_array_mut()
        .filter(|items| items.iter().all(|item| item["id"].is_string()))
    {
        Some(items) => items.iter_mut().for_each(change),
        None => change(json),
    }
}

fn unknown_words(object: &mut Value) {
    object["simulated_field"] = json!({"of": ["a", "later", "version"]});
    object["payment_method"] = json!({"type": "simulated_method", "id": "1", "saved": false});
    if object["status"] == "canceled" {
        object["cancellation_details"] =
            json!({"party": "simulated_party", "reason": "simulated_reason"});
    }
}

fn refuse(state: &Shared, call: &Call<'_>, refusal: Refusal) -> Response {
    // Not to find an object is an answer, not a mistake.
    if refusal.status != 404 || call.kind == CallKind::Other {
        let Refusal { status, code, description, parameter, .. } = &refusal;
        let parameter = parameter.as_deref().unwrap_or("-");
        let path = call.uri.path();
        state.violation(format!("{path}: {status} {code} {parameter}: {description}"));
    }
    refusal.into_response(&state.error_id())
}

fn route(method: &Method, segments: &[&str]) -> Result<CallKind, Refusal> {
    let (posts, gets) = match segments {
        ["payments"] => (Some(CallKind::CreatePayment), Some(CallKind::ListPayments)),
        ["payments", _] => (None, Some(CallKind::ReadPayment)),
        ["payments", _, "capture"] => (Some(CallKind::CapturePayment), None),
        ["payments", _, "cancel"] => (Some(CallKind::CancelPayment), None),
        ["refunds"] => (Some(CallKind::CreateRefund), Some(CallKind::ListRefunds)),
        ["refunds", _] => (None, Some(CallKind::ReadRefund)),
        ["receipts"] => (Some(CallKind::CreateReceipt), Some(CallKind::ListReceipts)),
        ["receipts", _] => (None, Some(CallKind::ReadReceipt)),
        ["me"] => (None, Some(CallKind::Me)),
        ["webhooks", ..] => {
            return Err(Refusal::forbidden("webhooks are for partners with an OAuth token"));
        }
        _ => return Err(Refusal::not_found("path")),
    };
    let kind = if method == Method::POST {
        posts
    } else if method == Method::GET {
        gets
    } else {
        None
    };
    kind.ok_or_else(|| Refusal::new(405, "method_not_allowed", "not by this method"))
}

impl Call<'_> {
    fn run(&self, world: &mut World, caller: &Caller<'_>) -> Result<Done, Refusal> {
        world.catch_up(caller.now_ms);
        match self.kind {
            CallKind::ReadPayment => {
                calls::payments::find(world, caller, self.id)?;
                Ok(done(world, &Made::Payment(self.id.to_owned())))
            }
            CallKind::ReadRefund => {
                calls::refunds::find(world, caller, self.id)?;
                Ok(done(world, &Made::Refund(self.id.to_owned())))
            }
            CallKind::ReadReceipt => {
                calls::receipts::find(world, caller, self.id)?;
                Ok(done(world, &Made::Receipt(self.id.to_owned())))
            }
            CallKind::ListPayments => lists::payments(world, caller, self.uri).map(listed),
            CallKind::ListRefunds => lists::refunds(world, caller, self.uri).map(listed),
            CallKind::ListReceipts => lists::receipts(world, caller, self.uri).map(listed),
            CallKind::Me => Ok(listed(calls::me(caller, world.settings.receipts_demanded))),
            CallKind::Other => Err(Refusal::not_found("path")),
            CallKind::CreatePayment
            | CallKind::CapturePayment
            | CallKind::CancelPayment
            | CallKind::CreateRefund
            | CallKind::CreateReceipt => self.post(world, caller),
        }
    }

    /// A call that changes something: once for each key.
    fn post(&self, world: &mut World, caller: &Caller<'_>) -> Result<Done, Refusal> {
        let kind = header_text(self.headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/json") {
            let words = "Content-Type must be application/json";
            return Err(Refusal::new(415, "unsupported_media_type", words));
        }
        let key = keys::check(header_text(self.headers, keys::HEADER))?;
        let (shop_id, path, now_ms) = (caller.shop_id, self.uri.path(), caller.now_ms);
        if let Some(made) = world.keys.find(shop_id, key, path, self.body, now_ms)? {
            return Ok(done(world, &made));
        }
        let body = match self.body.is_empty() {
            true => json!({}),
            false => serde_json::from_slice(self.body).unwrap_or_default(),
        };
        if !body.is_object() {
            return Err(Refusal::invalid("body", "a JSON object is expected"));
        }
        let made = match self.kind {
            CallKind::CreateRefund => Made::Refund(calls::refunds::create(world, caller, &body)?),
            CallKind::CreateReceipt => {
                Made::Receipt(calls::receipts::create(world, caller, &body)?)
            }
            CallKind::CapturePayment => {
                calls::payments::capture(world, caller, self.id, &body)?;
                Made::Payment(self.id.to_owned())
            }
            CallKind::CancelPayment => {
                calls::payments::cancel(world, caller, self.id)?;
                Made::Payment(self.id.to_owned())
            }
            _ => Made::Payment(calls::payments::create(world, caller, &body)?),
        };
        world.keys.keep(shop_id, key, path, self.body, now_ms, made.clone());
        Ok(done(world, &made))
    }
}

fn done(world: &World, made: &Made) -> Done {
    let (Made::Payment(id) | Made::Refund(id) | Made::Receipt(id)) = made;
    Done { json: world.show(made), object_id: Some(id.clone()) }
}

fn listed(json: Value) -> Done {
    Done { json, object_id: None }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// User and password of Basic authentication.
pub(super) fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let basic = header_text(headers, header::AUTHORIZATION.as_str())?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
