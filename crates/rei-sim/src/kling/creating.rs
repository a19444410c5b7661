//! Calls that create a task.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use super::behaviour::Behaviour;
use super::fields::Reader;
use super::matrix::{self, Endpoint, Model};
use super::order::{self, Order};
use super::record::Create;
use super::refusals::Refusal;
use super::service::{Call, Handled};
use super::tasks::Task;
use super::{callbacks, legacy, wire, work};

/// Of which generation an order is, and for whom.
struct Place<'a> {
    path: &'a str,
    endpoint: Endpoint,
    model: &'static Model,
    body: Value,
    is_legacy: bool,
}

impl Call<'_> {
    pub(super) async fn create_new(
        &self,
        path: &str,
        endpoint: &str,
        id: &str,
        headers: &HeaderMap,
        bytes: &Bytes,
    ) -> Handled {
        let unknown = || Refusal::new(1203, format!("there is no model {id} here"));
        let (endpoint, model) = matrix::find(endpoint, id).ok_or_else(unknown)?;
        let body = read_json(headers, bytes)?;
        self.create(Place { path, endpoint, model, body, is_legacy: false }).await
    }

    pub(super) async fn create_legacy(
        &self,
        path: &str,
        kind: &str,
        headers: &HeaderMap,
        bytes: &Bytes,
    ) -> Handled {
        let body = read_json(headers, bytes)?;
        let Some(name) = body["model_name"].as_str() else {
            return Err(Refusal::parameter("model_name is required: the default is retired"));
        };
        let Some((endpoint, model)) = matrix::find_legacy(kind, name) else {
            return Err(Refusal::new(1203, format!("there is no model {name} here")));
        };
        self.create(Place { path, endpoint, model, body, is_legacy: true }).await
    }

    async fn create(&self, place: Place<'_>) -> Handled {
        let state = self.state;
        let name = place.body["model_name"].as_str().unwrap_or(place.model.id);
        let record = Create::new(state.clock.now_ms(), place.path, name, &place.body);
        let number = state.creates.record(record);
        let mut reader = Reader::default();
        let read = if place.is_legacy { legacy::read } else { order::read };
        let order = read(place.endpoint, place.model, &place.body, &mut reader);
        state.creates.amend(number, |record| record.read(&order));
        for unknown in &reader.unknown {
            state.violation(format!("POST {}: {unknown}", place.path));
        }
        let handled = if reader.wrong.is_empty() {
            Ok(self.take_on(order, place.is_legacy, number).await)
        } else {
            Err(Refusal::parameter(reader.wrong.join("; ")))
        };
        let status = match &handled {
            Ok(response) => response.status().as_u16(),
            Err(_) => 400,
        };
        state.creates.amend(number, |record| {
            let is_cut = matches!(record.behaviour, Some(Behaviour::Cut { .. }));
            record.status = (!is_cut).then_some(status);
        });
        handled
    }

    /// An order in which nothing is wrong.
    async fn take_on(&self, order: Order, is_legacy: bool, number: u64) -> Response {
        let state = self.state;
        let taken = order.external_id.as_ref().filter(|id| state.book.by_external_id(id).is_some());
        if let Some(id) = taken {
            return Refusal::exists(id).into_response(self.request_id);
        }
        let behaviour = state.plan.take(&order.prompt);
        state.creates.amend(number, |record| record.behaviour = Some(behaviour.clone()));
        let mut data = Value::Null;
        let external_id = order.external_id.clone().unwrap_or_default();
        if behaviour.creates() {
            let Some(task) = self.begin(order, is_legacy, &behaviour) else {
                return Refusal::exists(&external_id).into_response(self.request_id);
            };
            state.creates.amend(number, |record| record.task_id = Some(task.id.clone()));
            data = wire::created(&task);
        }
        if behaviour == Behaviour::DuplicateId {
            return Refusal::exists(&external_id).into_response(self.request_id);
        }
        self.deliver(&behaviour, data).await
    }

    /// Puts a task into the book and starts its work; none: the external id was taken in between.
    fn begin(&self, whole: Order, is_legacy: bool, behaviour: &Behaviour) -> Option<Arc<Task>> {
        let state = self.state;
        let number = state.tasks_made.fetch_add(1, Ordering::Relaxed) + 1;
        let latency = state.latency();
        let created_ms = state.clock.now_ms();
        let processing_ms = created_ms + latency.submitted.pick(number);
        let ends_ms = processing_ms + latency.processing.pick(number);
        let (sender, receiver) = watch::channel(None);
        // The files are needed for the work alone, while tasks are kept for long.
        let order = Order { inputs: Vec::new(), ..whole.clone() };
        let task = Arc::new(Task {
            // As long as those of the live service.
            id: (893_000_000_000_000_000 + number).to_string(),
            external_id: order.external_id.clone(),
            order,
            is_legacy,
            created_ms,
            processing_ms,
            ends_ms: match behaviour {
                Behaviour::Stuck { ms } => {
                    ms.map(|ms| ends_ms.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX)))
                }
                _ => Some(ends_ms),
            },
            fails: match behaviour {
                Behaviour::Fail { reason } => Some(reason.clone()),
                _ => None,
            },
            result_fault: match behaviour {
                Behaviour::Result { fault } => Some(*fault),
                _ => None,
            },
            callback_fault: match behaviour {
                Behaviour::Callbacks { fault } => Some(*fault),
                _ => None,
            },
            hidden: AtomicU32::new(match behaviour {
                Behaviour::Hidden { polls } => *polls,
                _ => 0,
            }),
            downloads: AtomicU32::new(0),
            work: receiver,
            ended: Mutex::default(),
            rung: Notify::new(),
        });
        if !state.book.add(&task) {
            return None;
        }
        let work_state = Arc::clone(state);
        tokio::spawn(async move { sender.send(Some(work::run(&work_state, &whole).await)) });
        if task.order.callback_url.is_some() {
            tokio::spawn(callbacks::follow(Arc::clone(state), Arc::clone(&task)));
        }
        Some(task)
    }
}

fn read_json(headers: &HeaderMap, bytes: &Bytes) -> Result<Value, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::parameter("Content-Type must be application/json"));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Refusal::parameter(format!("the body is no JSON: {error}")))
}
