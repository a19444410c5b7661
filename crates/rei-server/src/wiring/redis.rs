//! The way to Redis, from the settings.

use std::sync::Arc;

use anyhow::Context;
use rei_redis::{Redis, RedisOptions};
use secrecy::ExposeSecret;

use crate::settings::Settings;
use crate::system::SystemChance;

/// The Redis that the processes of the house share; none when there is no `REDIS_URL`. One that is out of reach right
/// now is joined later, and the log says so.
///
/// # Errors
/// When it refuses us or is too old, or when the address is none: that does not mend itself.
pub async fn shared(settings: &Settings) -> anyhow::Result<Option<Arc<Redis>>> {
    let Some(url) = &settings.redis_url else { return Ok(None) };
    let redis = Redis::connect_or_later(url, options(settings));
    redis.await.map(|redis| Some(Arc::new(redis))).context("REDIS_URL can't be used")
}

/// What this process tells of itself. The bot's id keeps houses apart; it is the public part of the token.
pub fn options(settings: &Settings) -> RedisOptions {
    let token = settings.telegram.token.expose_secret();
    let id: String = token.chars().take_while(char::is_ascii_digit).collect();
    let namespace = if id.is_empty() { "rei".to_owned() } else { id };
    RedisOptions { namespace, chance: Arc::new(SystemChance) }
}
