//! The JSON of answers and callbacks.

use serde_json::{Value, json};

use super::tasks::{Seen, Stage, Task};
use super::work::Made;

/// One unit of a prepaid pack, in micro-dollars.
const UNIT_MICRO_USD: u64 = 140_000;

/// How finished tasks are paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Billing {
    /// From a prepaid pack: `amount` counts units.
    #[default]
    Units,
    /// From the balance: `amount` is in dollars.
    Cash,
}

/// What a call is answered when all is well.
pub(super) fn envelope(request_id: &str, data: Value) -> Value {
    json!({"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})
}

/// A task that was just created; nothing has happened to it yet.
pub(super) fn created(task: &Task) -> Value {
    let at_ms = task.created_ms;
    if task.is_legacy {
        return json!({
            "task_id": task.id, "task_status": "submitted", "task_info": task_info(task),
            "created_at": at_ms, "updated_at": at_ms,
        });
    }
    let mut data = json!({
        "id": task.id, "status": "submitted", "create_time": at_ms, "update_time": at_ms,
    });
    if let Some(external_id) = &task.external_id {
        data["external_id"] = external_id.as_str().into();
    }
    data
}

/// A task as it stands, in the words of its generation.
pub(super) fn task(task: &Task, seen: &Seen, base_url: &str, billing: Billing) -> Value {
    if task.is_legacy { older(task, seen, base_url) } else { newer(task, seen, base_url, billing) }
}

fn newer(task: &Task, seen: &Seen, base_url: &str, billing: Billing) -> Value {
    let mut data = created(task);
    data["update_time"] = seen.since_ms.into();
    data["message"] = "".into();
    match &seen.stage {
        Stage::Submitted => {}
        Stage::Processing => data["status"] = "processing".into(),
        Stage::Failed(reason) => {
            data["status"] = "failed".into();
            data["message"] = reason.as_str().into();
            data["outputs"] = json!([]);
        }
        Stage::Succeeded(made) => {
            data["status"] = "succeeded".into();
            let mut output = video(task, made, base_url);
            output["type"] = "video".into();
            data["outputs"] = json!([output]);
            data["billing"] = json!([bill(made, billing)]);
        }
    }
    data
}

fn older(task: &Task, seen: &Seen, base_url: &str) -> Value {
    let mut data = created(task);
    data["updated_at"] = seen.since_ms.into();
    data["task_status_msg"] = "".into();
    match &seen.stage {
        Stage::Submitted => {}
        Stage::Processing => data["task_status"] = "processing".into(),
        Stage::Failed(reason) => {
            data["task_status"] = "failed".into();
            data["task_status_msg"] = reason.as_str().into();
        }
        Stage::Succeeded(made) => {
            data["task_status"] = "succeed".into();
            data["task_result"] = json!({"videos": [video(task, made, base_url)]});
            data["final_unit_deduction"] = decimal(made.cost_micro_usd, UNIT_MICRO_USD).into();
        }
    }
    data
}

fn task_info(task: &Task) -> Value {
    task.external_id.as_ref().map_or(json!({}), |id| json!({"external_task_id": id}))
}

fn video(task: &Task, made: &Made, base_url: &str) -> Value {
    let file = |mark: &str| format!("{base_url}/files/{}{mark}.mp4", task.id);
    let watermark = if task.order.has_watermark { file("-watermark") } else { String::new() };
    json!({
        "id": format!("video-{}", task.id),
        "url": file(""),
        "watermark_url": watermark,
        "duration": format!("{}.{:03}", made.length_ms / 1_000, made.length_ms % 1_000),
    })
}

fn bill(made: &Made, billing: Billing) -> Value {
    match billing {
        Billing::Units => json!({
            "charge_type": "unit",
            "package_type": "video",
            "amount": decimal(made.cost_micro_usd, UNIT_MICRO_USD),
        }),
        Billing::Cash => json!({
            "charge_type": "cash",
            "cash_type": "balance",
            "currency": "USD",
            "amount": decimal(made.cost_micro_usd, 1_000_000),
            "list_price": decimal(made.cost_micro_usd, 1_000_000),
        }),
    }
}

/// `amount` in parts of `one`, with at least one and at most three decimals.
fn decimal(amount: u64, one: u64) -> String {
    let thousandths = (amount * 1_000 + one / 2) / one;
    let mut text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    while text.ends_with('0') && !text.ends_with(".0") {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimals_in_texts() {
        for (amount, one, text) in [
            (560_000, UNIT_MICRO_USD, "4.0"),
            (420_000, UNIT_MICRO_USD, "3.0"),
            (210_000, UNIT_MICRO_USD, "1.5"),
            (336_000, 1_000_000, "0.336"),
            (0, 1_000_000, "0.0"),
        ] {
            assert_eq!(decimal(amount, one), text);
        }
    }
}
