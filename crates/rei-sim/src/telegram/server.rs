//! The HTTP side: who may call, what goes wrong on purpose, and how answers look on the wire.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use bytes::Bytes;
use serde_json::Value;

use super::calls::SimCall;
use super::error::ApiError;
use super::faults::FaultKind;
use super::files::contents;
use super::methods::{self, Method, Run};
use super::params::{self, Params};
use super::shared::Shared;
use super::state::World;
use super::{control, delivery};
use crate::common::server::Line;

/// How downloads are called in the log and by faults.
const DOWNLOAD: &str = "downloadFile";
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                           <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n\
                           </body>\r\n</html>\r\n";

/// All routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{bot}/{method}", any(call))
        .route("/file/{bot}/{*path}", get(download))
        .nest("/sim", control::router())
        .fallback(async || ApiError::new(404, "Not Found"))
        .layer(DefaultBodyLimit::disable())
        .with_state(shared)
}

/// What a call came to, before it is put on the wire.
enum Reply {
    Value(Value),
    /// JSON already.
    Json(String),
}

/// Where a call stands after its turn with the world.
enum Turn {
    Done(Result<Reply, ApiError>),
    /// It goes wrong; nothing was done yet.
    Fault(FaultKind),
    Poll,
}

async fn call(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((bot, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let read = match authorised(&shared, &bot).and_then(|()| known(&name)) {
        Ok(method) => params::read(request).await.map(|params| (method, params)),
        Err(refusal) => Err(refusal),
    };
    match read {
        Ok((method, params)) => answer(&shared, method, params, &line).await,
        Err(refusal) => {
            shared.with(|world| record(world, &name, None, refusal.code, Some(&refusal)));
            refusal.into_response()
        }
    }
}

fn authorised(shared: &Shared, bot: &str) -> Result<(), ApiError> {
    let Some(token) = bot.strip_prefix("bot") else {
        return Err(ApiError::new(404, "Not Found").into_bug());
    };
    if token == shared.token {
        return Ok(());
    }
    let formed = token.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && !secret.is_empty()
    });
    let words = if formed { "Unauthorized" } else { "Unauthorized: invalid token specified" };
    Err(ApiError::new(401, words).into_bug())
}

fn known(name: &str) -> Result<&'static Method, ApiError> {
    methods::find(name).ok_or_else(|| ApiError::new(404, "Not Found: method not found").into_bug())
}

async fn answer(shared: &Shared, method: &Method, mut params: Params, line: &Line) -> Response {
    let (prepared, turn) = shared.with(|world| {
        let mut prepared = world.log.prepare(method.name, &params);
        let turn = take_turn(world, method, &mut params);
        if let Turn::Done(result) = &turn {
            let (code, refusal) = ending(result);
            record(world, method.name, prepared.take(), code, refusal);
        }
        (prepared, turn)
    });
    let fault = match turn {
        Turn::Done(result) => return respond(result),
        Turn::Poll => None,
        Turn::Fault(kind) => Some(kind),
    };
    let note = |code, refusal: Option<&ApiError>| {
        shared.with(|world| record(world, method.name, prepared.clone(), code, refusal));
    };
    match fault {
        None => {
            let result = run(shared, method, &mut params).await;
            let (code, refusal) = ending(&result);
            note(code, refusal);
            respond(result)
        }
        Some(FaultKind::CutAfter) => {
            let result = run(shared, method, &mut params).await;
            note(0, ending(&result).1);
            cut(line)
        }
        Some(FaultKind::Slow { delay_ms }) => {
            let result = run(shared, method, &mut params).await;
            let (code, refusal) = ending(&result);
            note(code, refusal);
            pause(shared, Some(Duration::from_millis(delay_ms))).await;
            respond(result)
        }
        Some(fault) => {
            let (code, response) = break_off(shared, fault, line).await;
            note(code, None);
            response
        }
    }
}

fn take_turn(world: &mut World, method: &Method, params: &mut Params) -> Turn {
    if let Err(refusal) = method.check(params) {
        return Turn::Done(Err(refusal));
    }
    if world.logged_out && method.name != "logOut" {
        return Turn::Done(Err(ApiError::new(400, "Logged out")));
    }
    if let Some(kind) = world.faults.take(method.name, params.chat()) {
        return Turn::Fault(kind);
    }
    match method.run {
        Run::Now(run) => Turn::Done(run(world, params).map(Reply::Value)),
        Run::Poll => Turn::Poll,
    }
}

async fn run(shared: &Shared, method: &Method, params: &mut Params) -> Result<Reply, ApiError> {
    match method.run {
        Run::Now(run) => shared.with(|world| run(world, params)).map(Reply::Value),
        Run::Poll => delivery::polling::poll(shared, params).await.map(Reply::Json),
    }
}

/// The faults that do nothing: status for the log and the answer.
async fn break_off(shared: &Shared, fault: FaultKind, line: &Line) -> (u16, Response) {
    match fault {
        FaultKind::TooManyRequests { retry_after } => {
            (429, ApiError::flood(retry_after).into_response())
        }
        FaultKind::Error { code, description } => {
            (code, ApiError::new(code, description).into_response())
        }
        FaultKind::Migrated { to_chat_id } => (400, ApiError::migrated(to_chat_id).into_response()),
        FaultKind::BadGateway => {
            let kind = [(header::CONTENT_TYPE, "text/html")];
            (502, (StatusCode::BAD_GATEWAY, kind, BAD_GATEWAY).into_response())
        }
        FaultKind::Hang => {
            pause(shared, None).await;
            (0, cut(line))
        }
        FaultKind::CutBefore | FaultKind::CutAfter | FaultKind::Slow { .. } => (0, cut(line)),
    }
}

/// Waits on the simulator's clock, or until it stops.
async fn pause(shared: &Shared, delay: Option<Duration>) {
    let mut stopping = shared.stopping.subscribe();
    let delay = async {
        match delay {
            Some(delay) => shared.clock.sleep(delay).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = delay => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
}

fn cut(line: &Line) -> Response {
    line.cut();
    StatusCode::OK.into_response()
}

fn ending(result: &Result<Reply, ApiError>) -> (u16, Option<&ApiError>) {
    match result {
        Ok(_) => (200, None),
        Err(refusal) => (refusal.code, Some(refusal)),
    }
}

fn record(
    world: &mut World,
    method: &str,
    prepared: Option<SimCall>,
    code: u16,
    refusal: Option<&ApiError>,
) {
    let now_ms = world.now_ms;
    world.log.record(method, prepared, code, now_ms);
    if let Some(refusal) = refusal.filter(|refusal| refusal.bug) {
        world.log.violate(method, &refusal.description, now_ms);
    }
}

fn respond(result: Result<Reply, ApiError>) -> Response {
    let result = match result {
        Ok(Reply::Value(value)) => value.to_string(),
        Ok(Reply::Json(json)) => json,
        Err(refusal) => return refusal.into_response(),
    };
    let body = format!("{{\"ok\":true,\"result\":{result}}}");
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn download(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((bot, path)): Path<(String, String)>,
) -> Response {
    let mut call = Params::default();
    call.values.insert("file_path".into(), path.as_str().into());
    let found = authorised(&shared, &bot).and_then(|()| {
        shared.with(|world| {
            let id = world.files.behind(&path, world.now_ms).map(str::to_owned);
            let file = id.as_deref().and_then(|id| world.files.find(id)).cloned();
            id.zip(file).ok_or_else(|| ApiError::new(404, "Not Found"))
        })
    });
    let (prepared, fault) = shared
        .with(|world| (world.log.prepare(DOWNLOAD, &call), world.faults.take(DOWNLOAD, None)));
    let (code, response) = match (fault, &found) {
        (Some(FaultKind::CutAfter), Ok((id, file))) => (0, half_of(&contents(file, id))),
        (Some(FaultKind::Slow { delay_ms }), Ok((id, file))) => {
            pause(&shared, Some(Duration::from_millis(delay_ms))).await;
            (200, whole(contents(file, id)))
        }
        (Some(fault), Ok(_)) => break_off(&shared, fault, &line).await,
        (None, Ok((id, file))) => (200, whole(contents(file, id))),
        (_, Err(refusal)) => (refusal.code, refusal.clone().into_response()),
    };
    shared.with(|world| record(world, DOWNLOAD, prepared, code, found.as_ref().err()));
    response
}

fn whole(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}

/// Promises all bytes, sends half of them and breaks off.
fn half_of(bytes: &Bytes) -> Response {
    let broken = std::io::Error::other("the simulator cut the line");
    let parts = [Ok(bytes.slice(..bytes.len() / 2)), Err(broken)];
    let body = Body::from_stream(futures::stream::iter(parts));
    ([(header::CONTENT_LENGTH, bytes.len().to_string())], body).into_response()
}
