//! Posts what waits: some at once to a host, each once.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{
    CallbackFault, PostedCallback,
    post::{self, PATIENCE, Post},
};
use crate::sandbox::responder::Responder;

/// So many are under way to a host at once.
const AT_ONCE: usize = 5;
/// Posts what waits, as long as the sandbox runs.
pub(in crate::sandbox) async fn deliver(responder: Arc<Responder>) {
    let mut hosts: HashMap<String, Arc<Semaphore>> = HashMap::new();
    loop {
        responder.something_is_to_be_posted().await;
        let waiting = responder.memory().state.callbacks.take_waiting();
        for (post, fault) in waiting {
            let host = post::host_of(&post.url).unwrap_or_default();
            let room = hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
            tokio::spawn(carry_out(post, fault, Arc::clone(room), Arc::clone(&responder)));
        }
    }
}

async fn carry_out(
    post: Post,
    fault: Option<(CallbackFault, Duration)>,
    room: Arc<Semaphore>,
    responder: Arc<Responder>,
) {
    let times = match fault {
        Some((CallbackFault::Lose, _)) => 0,
        Some((CallbackFault::Repeat, _)) => 2,
        Some((CallbackFault::Delay, delay)) => {
            tokio::time::sleep(delay).await;
            1
        }
        None => 1,
    };
    for _ in 0..times {
        let _place = room.acquire().await;
        let answer = tokio::time::timeout(PATIENCE, post::post(&post.url, &post.body)).await;
        let status = answer.ok().and_then(Result::ok).unwrap_or_default();
        let Post { url, body } = post.clone();
        responder.memory().state.callbacks.tell(PostedCallback { url, body: body.into(), status });
    }
}
