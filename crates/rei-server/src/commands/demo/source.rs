//! What the demo's page shows of the product.

use std::sync::Arc;

use futures::future::BoxFuture;
use rei_app::House;
use rei_app::panel::panel;
use rei_domain::ids::CustomerId;
use rei_storage::{orders, payments};
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
                    name_kinds(&house, &mut panel).await;
                    panel["payments"] = payments_of(&house, CustomerId(customer)).await;
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

    fn resume_sales(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(self.0.resume_sales())
    }
}

/// Adds to each order what kind of thing it is.
async fn name_kinds(house: &House, panel: &mut Value) {
    let listed = panel["orders"].as_array().map_or(0, Vec::len);
    let limit = i64::try_from(listed).unwrap_or(i64::MAX);
    let Ok(latest) = house.book.read(move |tx| orders::recent(tx, limit)).await else { return };
    for order in panel["orders"].as_array_mut().into_iter().flatten() {
        let row = latest.iter().find(|row| order["number"] == row.number);
        order["kind"] = json!(row.map(|row| &row.kind));
    }
}

/// The customer's payments, newest first.
async fn payments_of(house: &House, customer: CustomerId) -> Value {
    const SHOWN: i64 = 12;
    let read = house.book.read(move |tx| payments::of_customer(tx, customer, SHOWN)).await;
    let shown = read.unwrap_or_default().into_iter().map(|row| {
        json!({
            "number": row.number,
            "sum": row.amount.get(),
            "rail": row.rail.as_str(),
            "state": row.state.as_str(),
        })
    });
    shown.collect()
}
