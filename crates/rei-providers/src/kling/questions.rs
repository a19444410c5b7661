//! Questions about tasks: how they stand, and whether one exists at all. They cost nothing and may be repeated.

use std::collections::BTreeMap;

use reqwest::Url;

use super::calls::unanswered;
use super::endpoint::Endpoint;
use super::reply::Reply;
use super::task::Task;
use super::{Kling, NAME, legacy};
use crate::provider::{AskError, Found, TaskRef, TaskState};
use crate::rejection::Rejection;
use crate::telemetry;

/// The most tasks that the API tells about at once.
const TASKS_PER_CALL: usize = 20;

type States = BTreeMap<TaskRef, TaskState>;

impl Kling {
    pub(super) async fn states(&self, tasks: &[TaskRef]) -> Result<States, AskError> {
        let mut states = States::new();
        let (older, newer): (Vec<_>, Vec<_>) =
            tasks.iter().partition(|task| legacy::parts(task).is_some());
        if self.is_legacy() {
            // Created with a key of the other kind, so this one may not ask. The order's deadline ends them.
            states.extend(newer.into_iter().map(|task| (task.clone(), TaskState::Running)));
        } else {
            for batch in newer.chunks(TASKS_PER_CALL) {
                self.states_of_batch(batch, &mut states).await?;
            }
        }
        for (task, (endpoint, id)) in older.iter().filter_map(|it| Some((it, legacy::parts(it)?))) {
            let reply = self.ask("poll", self.legacy_task(endpoint, id)).await?;
            note(&reply, &[*task], &mut states)?;
            // Asked by its name and answered with something else: odd, but not a sign that it is not there.
            if !states.contains_key(*task) && !reply.says_missing() {
                return Err(unreadable("poll"));
            }
        }
        Ok(states)
    }

    pub(super) async fn find(&self, model: &str, key: &str) -> Result<Found, AskError> {
        let (url, endpoint) = if self.is_legacy() {
            let (endpoint, _model) = Endpoint::of(model).map_err(AskError::Rejected)?;
            (self.legacy_task(endpoint, key), Some(endpoint))
        } else {
            (self.tasks_url("external_task_ids", &[key]), None)
        };
        let reply = self.ask("lookup", url).await?;
        if reply.says_missing() {
            return Ok(Found::Nothing);
        }
        let tasks = reply.tasks().ok_or_else(|| unreadable("lookup"))?;
        if tasks.is_empty() {
            return Ok(Found::Nothing);
        }
        // A task of another key means that the question was misunderstood, not that there is no task.
        let ours = |task: &Task| task.external_id.as_deref().is_none_or(|id| id == key);
        let task = tasks.into_iter().find(ours).ok_or_else(|| unreadable("lookup"))?;
        let id = task.id.clone().ok_or_else(|| unreadable("lookup"))?;
        let name = match endpoint {
            Some(endpoint) => legacy::task_ref(endpoint, &id),
            None => TaskRef(id),
        };
        Ok(Found::Task(name, task.state()))
    }

    async fn states_of_batch(
        &self,
        batch: &[&TaskRef],
        states: &mut States,
    ) -> Result<(), AskError> {
        let ask = async |tasks: &[&TaskRef]| {
            let ids: Vec<&str> = tasks.iter().map(|task| task.0.as_str()).collect();
            self.ask("poll", self.tasks_url("task_ids", &ids)).await
        };
        let reply = ask(batch).await?;
        if reply.says_missing() && batch.len() > 1 {
            // One stranger must not hide the others.
            for task in batch {
                note(&ask(&[task]).await?, &[task], states)?;
            }
            return Ok(());
        }
        note(&reply, batch, states)
    }

    fn tasks_url(&self, name: &str, ids: &[&str]) -> Url {
        let ids: Vec<String> = ids.iter().map(|id| encoded(id)).collect();
        let mut url = self.url(&["tasks"]);
        url.set_query(Some(&format!("{name}={}", ids.join(","))));
        url
    }

    fn legacy_task(&self, endpoint: Endpoint, id: &str) -> Url {
        self.url(&["v1", "videos", endpoint.legacy(), id])
    }
}

/// Takes the states of the tasks that were asked for out of an answer.
fn note(reply: &Reply, asked: &[&TaskRef], states: &mut States) -> Result<(), AskError> {
    if reply.says_missing() {
        return Ok(());
    }
    for task in reply.tasks().ok_or_else(|| unreadable("poll"))? {
        let is_it = |name: &&&TaskRef| {
            let id = legacy::parts(name).map_or(name.0.as_str(), |(_, id)| id);
            task.id.as_deref() == Some(id)
        };
        let Some(name) = asked.iter().find(is_it) else { continue };
        let state = task.state();
        if let TaskState::Failed(rejection) = &state {
            telemetry::task_failed(NAME, &name.0, rejection);
        }
        states.insert(TaskRef::clone(name), state);
    }
    Ok(())
}

fn unreadable(question: &'static str) -> AskError {
    let rejection = Rejection::unknown("answer-unreadable");
    unanswered(question, &rejection, "the answer holds no tasks")
}

/// An id inside a query; the comma between ids stays a comma.
fn encoded(id: &str) -> String {
    let mut text = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_the_query() {
        assert_eq!(encoded("o1:a-2_b.c"), "o1:a-2_b.c");
        assert_eq!(encoded("a,b&task_ids=я "), "a%2Cb%26task_ids%3D%D1%8F%20");
    }
}
