//! The page on which the payer pays.

use rei_sim::yookassa::PaymentStatus;
use reqwest::redirect::Policy;

use super::*;

/// A browser that does not follow.
fn browser() -> reqwest::Client {
    client();
    reqwest::Client::builder().redirect(Policy::none()).build().expect("a client")
}

async fn url(sim: &YooKassaSim, id: &str) -> String {
    let payment = read(sim, id).await;
    payment["confirmation"]["confirmation_url"].as_str().expect("an address").to_owned()
}

async fn send(url: &str, form: &str) -> (u16, String) {
    let request = browser().post(url).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(form.to_owned()).send().await.expect("an answer");
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    (answer.status().as_u16(), location.unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_page_shows_what_is_paid_and_to_close_it_does_nothing() {
    let sim = start().await;
    let mut body = wanted();
    body["description"] = json!("<b>5 & 6</b>");
    let id = create(&sim, &body).await;
    let answer = browser().get(url(&sim, &id).await).send().await.expect("an answer");
    let page = answer.text().await.expect("a page");
    for words in [
        "500.00 RUB",
        "&lt;b&gt;5 &amp; 6",
        "no money moves",
        "Pay by card",
        "Pay by SBP",
        "Decline",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert_eq!(sim.payment(&id).map(|payment| payment.status), Some(PaymentStatus::Pending));
    let none = browser().get(format!("{}/checkout/none", sim.site_url())).send().await;
    assert_eq!(none.expect("an answer").status(), 404);
}

#[tokio::test]
async fn to_pay_leads_back_to_the_shop() {
    let sim = start().await;
    for method in ["bank_card", "sbp"] {
        let id = create(&sim, &wanted()).await;
        let page = url(&sim, &id).await;
        let answer = send(&format!("{page}/pay"), &format!("method={method}")).await;
        assert_eq!(answer, (303, "https://t.me/rei_bot?start=pay".to_owned()));
        assert_eq!(read(&sim, &id).await["payment_method"]["type"], method);
        // A second press finds it paid.
        assert_eq!(
            send(&format!("{page}/pay"), "method=sbp").await,
            (303, format!("/checkout/{id}"))
        );
        let after = browser().get(&page).send().await.expect("an answer");
        assert!(after.text().await.expect("a page").contains("This payment is succeeded."));
    }
}

#[tokio::test]
async fn to_decline_ends_the_payment_or_leads_back_to_the_page() {
    let sim = start().await;
    let id = create(&sim, &wanted()).await;
    let page = url(&sim, &id).await;
    let decline = format!("{page}/decline");
    let again = send(&decline, "reason=insufficient_funds&retry=yes").await;
    assert_eq!(again, (303, format!("/checkout/{id}")));
    let shown = browser().get(&page).send().await.expect("an answer");
    assert!(shown.text().await.expect("a page").contains("Declined: insufficient_funds."));
    let ended = send(&decline, "reason=card_expired").await;
    assert_eq!(ended, (303, "https://t.me/rei_bot?start=pay".to_owned()));
    assert_eq!(read(&sim, &id).await["cancellation_details"]["reason"], "card_expired");
}

#[tokio::test]
async fn a_hold_cannot_be_paid_by_sbp() {
    let sim = start().await;
    let mut body = wanted();
    body["capture"] = json!(false);
    let id = create(&sim, &body).await;
    let answer = browser().get(url(&sim, &id).await).send().await.expect("an answer");
    let page = answer.text().await.expect("a page");
    assert!(page.contains("Pay by card") && !page.contains("Pay by SBP"));
}
