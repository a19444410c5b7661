//! A provider behind the turnstile: a call is a step of its own, before which and after which its caller may die.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use rei_providers::{
    AskError, Availability, Found, Provider, Rejection, RemoteFile, Submission, SubmitRequest,
    TaskRef, TaskState,
};
use rei_storage::testing::Turnstile;

use super::hall::Door;

/// The provider as one actor reaches it.
pub struct Behind {
    pub provider: Arc<dyn Provider>,
    pub door: Door,
}

impl Behind {
    async fn through<T>(&self, what: &'static str, call: BoxFuture<'_, T>) -> T {
        self.door.enter(what).await;
        let answer = call.await;
        self.door.leave().await;
        answer
    }
}

impl Provider for Behind {
    fn name(&self) -> &str {
        self.provider.name()
    }

    fn submit<'a>(&'a self, request: &'a SubmitRequest) -> BoxFuture<'a, Submission> {
        Box::pin(self.through("submit", self.provider.submit(request)))
    }

    fn availability(&self) -> Availability {
        self.provider.availability()
    }

    fn has_tasks(&self) -> bool {
        self.provider.has_tasks()
    }

    fn poll<'a>(
        &'a self,
        tasks: &'a [TaskRef],
    ) -> BoxFuture<'a, Result<BTreeMap<TaskRef, TaskState>, AskError>> {
        Box::pin(self.through("poll", self.provider.poll(tasks)))
    }

    fn lookup<'a>(
        &'a self,
        model: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Found, AskError>> {
        Box::pin(self.through("lookup", self.provider.lookup(model, key)))
    }

    fn fetch<'a>(
        &'a self,
        file: &'a RemoteFile,
    ) -> BoxFuture<'a, Result<BoxStream<'static, Result<Bytes, Rejection>>, AskError>> {
        Box::pin(self.through("fetch", self.provider.fetch(file)))
    }
}
