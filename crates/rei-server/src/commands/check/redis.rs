//! Whether Redis is there, lets us in and is new enough.

use rei_redis::Redis;

use super::Line;
use crate::settings::Settings;
use crate::wiring;

pub(super) async fn redis(settings: &Settings) -> Line {
    let what = "redis";
    let Some(url) = &settings.redis_url else {
        let says = "not set: processes find each other's work by looking".to_owned();
        return Line { what, works: true, says };
    };
    match Redis::connect(url, wiring::redis_options(settings)).await {
        Ok(redis) => {
            let version = redis.server_version();
            redis.leave().await;
            Line { what, works: true, says: format!("answers, version {version}") }
        }
        Err(error) => Line { what, works: false, says: error.to_string() },
    }
}
