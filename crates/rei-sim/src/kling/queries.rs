//! Calls that ask how tasks or packs stand.

use axum::extract::Query;
use axum::http::Uri;
use axum::response::Response;
use serde_json::json;

use super::IDS_MAX;
use super::behaviour::Behaviour;
use super::record::Poll;
use super::refusals::{Refusal, answer};
use super::service::{Call, Handled};
use super::wire;

impl Call<'_> {
    pub(super) async fn query(&self, uri: &Uri) -> Handled {
        let state = self.state;
        let (ids, by_external_id) = read_ids(uri)?;
        let at_ms = state.clock.now_ms();
        let path = uri.path().to_owned();
        state.polls.record(Poll { at_ms, path, ids: ids.clone(), by_external_id });
        let behaviour = state.plan.take_poll();
        let mut found = Vec::new();
        if !matches!(behaviour, Behaviour::Hidden { .. }) {
            for id in &ids {
                let task = match by_external_id {
                    true => state.book.by_external_id(id),
                    false => state.book.by_id(id),
                };
                if let Some(task) = task.filter(|task| !task.is_legacy && !task.hides()) {
                    let seen = task.seen(at_ms).await;
                    found.push(wire::task(&task, &seen, state.base_url(), state.billing));
                }
            }
        }
        Ok(self.deliver(&behaviour, found.into()).await)
    }

    pub(super) async fn query_legacy(&self, path: &str, kind: &str, id: &str) -> Handled {
        let state = self.state;
        let at_ms = state.clock.now_ms();
        let (path, ids) = (path.to_owned(), vec![id.to_owned()]);
        state.polls.record(Poll { at_ms, path, ids, by_external_id: false });
        let behaviour = state.plan.take_poll();
        let task = state.book.by_id(id).or_else(|| state.book.by_external_id(id));
        let task = task.filter(|task| task.is_legacy && task.order.endpoint.legacy_path() == kind);
        let is_hidden = matches!(behaviour, Behaviour::Hidden { .. });
        let Some(task) = task.filter(|task| !is_hidden && !task.hides()) else {
            let refusal = Refusal::parameter("Task not found");
            return Ok(refusal.into_response(self.request_id));
        };
        let seen = task.seen(at_ms).await;
        let data = wire::task(&task, &seen, state.base_url(), state.billing);
        Ok(self.deliver(&behaviour, data).await)
    }

    /// `GET /account/costs`
    pub(super) fn costs(&self) -> Response {
        let packs = self.state.packs();
        let data = match packs.is_empty() {
            true => json!({"code": 0, "msg": "success"}),
            false => json!({"code": 0, "msg": "success", "resource_pack_subscribe_infos": packs}),
        };
        answer(200, &wire::envelope(self.request_id, data))
    }
}

/// The ids of `GET /tasks`, and whether they are external ones.
fn read_ids(uri: &Uri) -> Result<(Vec<String>, bool), Refusal> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let pairs = pairs.map_err(|_| Refusal::parameter("the query is malformed"))?.0;
    let [(name, list)] = pairs.as_slice() else {
        return Err(Refusal::parameter("either task_ids or external_task_ids is expected"));
    };
    let by_external_id = match name.as_str() {
        "task_ids" => false,
        "external_task_ids" => true,
        _ => return Err(Refusal::parameter(format!("unknown parameter {name}"))),
    };
    let ids: Vec<String> = list.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if ids.is_empty() || ids.len() > IDS_MAX {
        return Err(Refusal::parameter(format!("1 to {IDS_MAX} ids are expected")));
    }
    Ok((ids, by_external_id))
}
