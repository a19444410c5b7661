//! What the demo's page shows of the product.

use std::sync::Arc;

use futures::future::BoxFuture;
use rei_app::panel::panel;
use rei_domain::ids::CustomerId;
use serde_json::{Value, json};

use super::Stage;
use super::site::PanelSource;

/// The product on the stage.
pub(super) struct StagePanel(pub(super) Arc<Stage>);

impl PanelSource for StagePanel {
    fn panel(&self, customer: i64) -> BoxFuture<'_, Value> {
        Box::pin(async move {
            let (house, worker) = {
                let product = self.0.product().await;
                (product.house.clone(), if product.has_worker() { "running" } else { "killed" })
            };
            match panel(&house, CustomerId(customer)).await {
                Ok(mut panel) => {
                    panel["worker"] = json!(worker);
                    panel
                }
                Err(error) => {
                    tracing::warn!(%error, "the panel can't be read");
                    json!({ "worker": worker })
                }
            }
        })
    }

    fn set_worker(&self, running: bool) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let mut product = self.0.product().await;
            if running {
                product.start_worker();
            } else {
                product.kill_worker();
            }
            Ok(())
        })
    }
}
