//! Everything that can go wrong with a right request.

use std::time::Duration;

use rei_sim::yookassa::{CallKind, Fault, FaultKind};

use super::*;

fn on_create(how: FaultKind) -> Fault {
    Fault::next(how).on(CallKind::CreatePayment)
}

#[tokio::test]
async fn a_reset_gives_no_answer_and_the_payment_may_exist() {
    for (committed, made) in [(false, 0), (true, 1)] {
        let sim = start().await;
        sim.fault(on_create(FaultKind::Reset { committed }));
        assert!(posting(&sim, "/payments", "a", &wanted()).send().await.is_err());
        assert_eq!(sim.payments().len(), made);
        assert_eq!(sim.calls().creates()[0].status, None);
        // The repeat under the same key with the same bytes finds or makes the one payment.
        assert_eq!(post_as(&sim, "/payments", "a", &wanted()).await.0, 200);
        assert_eq!(sim.payments().len(), 1);
    }
}

#[tokio::test]
async fn a_hanging_call_is_answered_after_its_time() {
    for (committed, status) in [(false, 500), (true, 200)] {
        let sim = start().await;
        sim.fault(on_create(FaultKind::Hang { ms: 20, committed }));
        assert_eq!(post_as(&sim, "/payments", "a", &wanted()).await.0, status);
        sim.fault(on_create(FaultKind::Hang { ms: 60_000, committed: true }));
        let call = posting(&sim, "/payments", "b", &wanted()).timeout(Duration::from_millis(50));
        assert!(call.send().await.expect_err("no answer").is_timeout());
        assert_eq!(sim.payments().len(), 1 + usize::from(committed));
    }
}

#[tokio::test]
async fn errors_come_before_or_after_the_work() {
    let internal = |committed| FaultKind::Internal { committed };
    let html = |status, committed| FaultKind::Html { status, committed };
    for (how, status, made) in [
        (internal(false), 500, 0),
        (internal(true), 500, 1),
        (html(502, false), 502, 0),
        (html(504, true), 504, 1),
        (FaultKind::TooManyRequests { retry_after_ms: None }, 429, 0),
        (FaultKind::Accepted { retry_after_ms: 5, committed: false }, 202, 0),
        (FaultKind::Accepted { retry_after_ms: 5, committed: true }, 202, 1),
        (FaultKind::Error { status: 410, code: "gone".to_owned() }, 410, 0),
    ] {
        let sim = start().await;
        sim.fault(on_create(how.clone()));
        let answer = posting(&sim, "/payments", "a", &wanted()).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), sim.payments().len()), (status, made), "{how:?}");
        assert_eq!(sim.calls().creates()[0].fault, Some(how));
        assert!(sim.violations().is_empty());
    }
}

#[tokio::test]
async fn the_bodies_of_errors_say_what_they_have_to() {
    let sim = start().await;
    sim.fault(Fault::next(FaultKind::TooManyRequests { retry_after_ms: Some(1_800) }));
    let (_, body) = get(&sim, "/payments").await;
    assert_eq!((&body["code"], &body["retry_after"]), (&json!("too_many_requests"), &json!(1_800)));
    sim.fault(Fault::next(FaultKind::Accepted { retry_after_ms: 7, committed: true }));
    let (_, body) = post_new(&sim, "/payments", &wanted()).await;
    assert_eq!((&body["type"], &body["retry_after"]), (&json!("processing"), &json!(7)));
    sim.fault(Fault::next(FaultKind::Internal { committed: false }));
    assert_eq!(get(&sim, "/me").await.1["code"], "internal_server_error");
    sim.fault(Fault::next(FaultKind::Html { status: 502, committed: false }));
    let page = call_by(&sim, sim.shop(), Method::GET, "/me").send().await.expect("an answer");
    assert_eq!(page.headers()["content-type"], "text/html");
    assert!(page.text().await.expect("a page").contains("<html"));
}

#[tokio::test]
async fn answers_can_be_torn_strange_or_about_something_else() {
    let sim = start().await;
    sim.fault(on_create(FaultKind::TruncatedJson));
    let torn = posting(&sim, "/payments", "a", &wanted()).send().await.expect("an answer");
    assert_eq!(torn.status(), 200);
    assert!(torn.json::<Value>().await.is_err());
    let id = sim.payments()[0].id.clone();
    sim.pay(&id).expect("it is pending");
    sim.fault(Fault::next(FaultKind::UnknownWords));
    let strange = read(&sim, &id).await;
    assert_eq!(
        (&strange["status"], &strange["payment_method"]["type"]),
        (&json!("succeeded"), &json!("simulated_method"))
    );
    assert!(strange["simulated_field"].is_object());
    sim.fault(Fault::next(FaultKind::UnknownStatus));
    let (_, list) = get(&sim, "/payments").await;
    assert_eq!(list["items"][0]["status"], "simulated_status");
    sim.fault(Fault::next(FaultKind::WrongId));
    assert_ne!(read(&sim, &id).await["id"], json!(id));
    assert_eq!(read(&sim, &id).await["id"], json!(id));
}

#[tokio::test]
async fn faults_hit_the_kind_of_call_that_they_are_for_so_many_times() {
    let sim = start().await;
    let id = paid(&sim).await;
    let internal = || Fault::next(FaultKind::Internal { committed: false });
    sim.fault(internal().on(CallKind::ReadPayment).after(1).times(2));
    sim.fault(internal().on(CallKind::CreateRefund).always());
    let path = format!("/payments/{id}");
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&sim, &path).await.0);
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
    let refund = json!({"payment_id": id, "amount": rub("1.00")});
    for _ in 0..3 {
        assert_eq!(post_new(&sim, "/refunds", &refund).await.0, 500);
    }
    assert_eq!((get(&sim, "/refunds").await.0, sim.faults().len()), (200, 1));
    sim.clear_faults();
    assert_eq!(post_new(&sim, "/refunds", &refund).await.0, 200);
}

#[tokio::test]
async fn a_stopped_service_answers_nobody() {
    let sim = start().await;
    sim.stop();
    assert!(call_by(&sim, sim.shop(), Method::GET, "/me").send().await.is_err());
}
