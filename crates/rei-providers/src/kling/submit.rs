//! Handing work over: one POST, and a look at the former task where the key was used before.

use bytes::Bytes;

use super::calls::Call;
use super::endpoint::Endpoint;
use super::reply::Reply;
use super::{Kling, NAME, body, errors, legacy, lost, media};
use crate::provider::{Found, Submission, SubmitRequest, TaskRef};
use crate::rejection::Rejection;
use crate::telemetry;

/// What was said about an exchange that went wrong, for the log alone.
type Said = String;

impl Kling {
    pub(super) async fn submit_once(&self, request: &SubmitRequest) -> Submission {
        let pass = match self.gate.enter().await {
            Ok(pass) => pass,
            Err(rejection) => return Submission::Rejected(rejection),
        };
        let (endpoint, call) = match self.prepared(request).await {
            Ok(prepared) => prepared,
            Err(rejection) => {
                // Nothing went out: the pass is dropped, since it says nothing about the provider.
                telemetry::rejected(NAME, request, &rejection, "the request cannot be written");
                return Submission::Rejected(rejection);
            }
        };
        let mut submission = match self.create(request, endpoint, &call).await {
            Ok(task) => Submission::Accepted { task },
            Err((rejection, said)) => {
                telemetry::rejected(NAME, request, &rejection, &said);
                Submission::Rejected(rejection)
            }
        };
        match &submission {
            Submission::Rejected(it) if errors::is_our_share(it) => pass.end_in_good_health(),
            _ => pass.end(&mut submission),
        }
        submission
    }

    async fn prepared(&self, request: &SubmitRequest) -> Result<(Endpoint, Call), Rejection> {
        let (endpoint, model) = Endpoint::of(&request.model)?;
        let url = if self.is_legacy() {
            self.url(&["v1", "videos", endpoint.legacy()])
        } else {
            self.url(&[endpoint.as_str(), model])
        };
        let write = if self.is_legacy() { legacy::body } else { body::body };
        let written = if media::on_disk(request) {
            let request = request.clone();
            let writing = tokio::task::spawn_blocking(move || write(&request, endpoint));
            writing.await.unwrap_or_else(|_| Err(Rejection::owner_fault("request-writer-panicked")))
        } else {
            write(request, endpoint)
        };
        Ok((endpoint, Call::Post(url, Bytes::from(written?))))
    }

    async fn create(
        &self,
        request: &SubmitRequest,
        endpoint: Endpoint,
        call: &Call,
    ) -> Result<TaskRef, (Rejection, Said)> {
        let reply = match self.call(call).await {
            Ok(reply) => reply,
            Err(error) => return Err((lost(&error), error.to_string())),
        };
        if let Some(task) = self.created(&reply, endpoint) {
            return Ok(task);
        }
        if reply.says_duplicate() {
            return self.former(request).await;
        }
        let said = self.said(&errors::said(&reply), Some(request));
        Err((errors::classify(&reply), format!("HTTP {}: {said}", reply.status)))
    }

    /// The new task's name; none when the answer holds none.
    fn created(&self, reply: &Reply, endpoint: Endpoint) -> Option<TaskRef> {
        let id = reply.created()?;
        Some(if self.is_legacy() { legacy::task_ref(endpoint, &id) } else { TaskRef(id) })
    }

    /// The task of an earlier try with the same key, whose answer got lost.
    async fn former(&self, request: &SubmitRequest) -> Result<TaskRef, (Rejection, Said)> {
        match self.find(&request.model, &request.key).await {
            Ok(Found::Task(task, _)) => Ok(task),
            // It exists by the provider's own word, so there is something to look for.
            Ok(Found::Nothing) | Err(_) => {
                let said = "a task of this key exists and was not found".to_owned();
                Err((Rejection::unknown("duplicate-unseen"), said))
            }
        }
    }
}
