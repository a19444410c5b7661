use super::*;

fn options() -> BucketOptions {
    BucketOptions {
        endpoint: Some("https://storage.example".to_owned()),
        region: "ru-1".to_owned(),
        bucket: "cats".to_owned(),
        access_key: "AKIA".into(),
        secret_key: "hush-hush".into(),
        path_style: false,
        presigned_url_expiry: Duration::from_secs(3600),
        proxy: None,
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    let check = |change: fn(&mut BucketOptions), words: &str| {
        let mut options = options();
        change(&mut options);
        let error = Bucket::new(options).expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
    };
    check(|o| o.endpoint = Some("storage.example".to_owned()), "the endpoint must be");
    check(|o| o.endpoint = Some("https://a:b@storage.example".to_owned()), "the endpoint must be");
    check(|o| o.endpoint = Some("https://storage.example/x".to_owned()), "the endpoint must be");
    check(|o| o.endpoint = Some("http://127.0.0.1:9000".to_owned()), "S3_PATH_STYLE");
    check(|o| o.bucket = "a/b".to_owned(), "the bucket's name");
    check(|o| o.region = String::new(), "the region");
    check(|o| o.access_key = " ".into(), "the access key");
    check(|o| o.secret_key = "".into(), "the secret key");
    check(|o| o.presigned_url_expiry = Duration::ZERO, "links must hold");
    check(|o| o.presigned_url_expiry = LINK_MAX * 2, "7 days");
    check(|o| o.proxy = Some("ftp://user:pass@proxy".into()), "the proxy must be");
}

#[tokio::test]
async fn a_bucket_is_addressed_by_its_host_or_by_its_path() {
    let link = |path_style, endpoint: &'static str| async move {
        let endpoint = Some(endpoint.to_owned()).filter(|endpoint| !endpoint.is_empty());
        let bucket = Bucket::new(BucketOptions { path_style, endpoint, ..options() });
        let signed =
            bucket.expect("a bucket").sign(reqwest::Method::GET, &"blobs/x".into(), LINK_MAX).await;
        let link = signed.expect("a link").to_string();
        link.split_once('?').expect("a signature").0.to_owned()
    };
    let endpoint = "https://storage.example";
    assert_eq!(link(true, endpoint).await, "https://storage.example/cats/blobs/x");
    assert_eq!(link(false, endpoint).await, "https://cats.storage.example/blobs/x");
    let with_name = "https://cats.storage.example:444/";
    assert_eq!(link(false, with_name).await, "https://cats.storage.example:444/blobs/x");
    assert_eq!(link(true, "http://[::1]:9/").await, "http://[::1]:9/cats/blobs/x");
    assert_eq!(link(true, "").await, "https://s3.ru-1.amazonaws.com/cats/blobs/x");
    assert_eq!(link(false, "").await, "https://cats.s3.ru-1.amazonaws.com/blobs/x");
}

#[test]
fn no_secret_is_printed() {
    let options = BucketOptions { proxy: Some("http://me:pass@proxy".into()), ..options() };
    let bucket = Bucket::new(options.clone()).expect("a bucket");
    let printed = format!("{options:?} {bucket:?}");
    for secret in ["AKIA", "hush", "pass"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
