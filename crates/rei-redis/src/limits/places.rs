//! Places: leases in a sorted set, each free at its end, when given back, or when its process is dead.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rei_domain::shared::{Known, Place};

use super::{millis, scripts};
use crate::Shared;
use crate::errands::Errand;

/// Numbers the leases of this process.
#[derive(Default)]
pub(crate) struct Leases(AtomicU64);

pub(super) async fn take(
    shared: Arc<Shared>,
    name: &str,
    places: u32,
    within: Duration,
) -> Known<Option<Place>> {
    let number = shared.leases.0.fetch_add(1, Ordering::Relaxed);
    let key = shared.names.places(name);
    let lease = format!("{}/{number}", shared.names.process());
    // Made before the question: a lease whose answer is lost is given back as well.
    let place = {
        let (shared, places, lease) = (Arc::clone(&shared), key.clone(), lease.clone());
        Place::new(move || shared.errands.leave(Errand::GiveBack { places, lease }))
    };
    let mut script = scripts::PLACE.prepare_invoke();
    script.key(key).key(shared.names.processes());
    script.arg(places).arg(millis(within)).arg(lease).arg(shared.names.process());
    script.arg(millis(scripts::ALIVE_FOR));
    if !shared.link.is_up() {
        // Nothing will be sent, so there is nothing to give back.
        place.forget();
        return Known::No;
    }
    match shared.link.run::<bool>(&script).await {
        Ok(true) => Known::Yes(Some(place)),
        Ok(false) => {
            place.forget();
            Known::Yes(None)
        }
        Err(_) => Known::No,
    }
}
