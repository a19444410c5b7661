//! Reports that YooKassa never sent, at the real door.

use rei_sim::yookassa::SimPayment;
use serde_json::{Value, json};

use super::bank::{Session, lock};
use super::draw::pick;
use crate::world::http;

impl Session {
    /// Somebody who knows the address, or does not, reports what is not so.
    pub async fn forges(&self, how: u64, which: u64) {
        let ours = self.ours();
        let Some(index) = pick(which, ours.len()) else { return };
        let payment = &ours[index];
        let other = &ours[pick(which / 7, ours.len()).unwrap_or(index)];
        let path = self.rail().webhook_path();
        let mut report = success_of(payment);
        let object = &mut report["object"];
        match how {
            // Success for one that is not paid, or a raised sum.
            0 => {}
            1 => object["amount"]["value"] = json!("100000.00"),
            // Without a signature, and with another's.
            2 => object["metadata"] = json!({}),
            3 => {
                let signature = other.metadata.as_ref().and_then(|it| it.get("sig").cloned());
                if other.id == payment.id {
                    return;
                }
                object["metadata"]["sig"] = signature.unwrap_or_default();
            }
            // With our signature and the name of another payment: unknown, another customer's, another site's.
            4 => object["id"] = json!("30b1f0aa-000f-5000-8000-1f2e3d4c5b6a"),
            5 => object["id"] = json!(other.id),
            6 => match lock(&self.strange).first() {
                Some(id) => object["id"] = json!(id),
                None => return,
            },
            // A refund that never was.
            7 => {
                report = json!({
                    "type": "notification",
                    "event": "refund.succeeded",
                    "object": {
                        "id": "30b1f0aa-0015-5000-8000-1f2e3d4c5b6a",
                        "payment_id": payment.id,
                        "status": "succeeded",
                        "amount": {"value": "100.00", "currency": "RUB"},
                    },
                });
            }
            _ => {}
        }
        let (path, wanted) = match how {
            8 => (format!("{}x", &path[..path.len() - 1]), 404),
            _ => (path, 200),
        };
        let head = "Content-Type: application/json\r\n";
        let (status, _) = http(&self.door(), "POST", &path, head, &report.to_string()).await;
        // Nobody answers while the process is dead, and too many strange reports are turned away.
        assert!([wanted, 0, 429].contains(&status), "the door answered {status} to {report}");
    }
}

fn success_of(payment: &SimPayment) -> Value {
    json!({
        "type": "notification",
        "event": "payment.succeeded",
        "object": {
            "id": payment.id,
            "status": "succeeded",
            "paid": true,
            "amount": {"value": "100.00", "currency": "RUB"},
            "metadata": payment.metadata,
        },
    })
}
