//! A report alone, for callers who take gzip: what is stored goes out as it is, and only while it can be unpacked.

use std::io::Write;

use aws_sdk_dynamodb::types::AttributeValue;
use flate2::{Compression, GzBuilder};
use harness::edge::{Answer, Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{READER, Scene};

use crate::table;
use crate::worker::{deliver, delivery};

/// A verified run.
struct Verified {
    scene: Scene,
    edge: Edge,
    run: u64,
}

impl Verified {
    async fn new() -> Self {
        let scene = Scene::new(Scenario::Healthy).await;
        let run = scene.queued_run().await.header.id;
        assert_eq!(deliver(&scene.worker().await, [delivery(run, 1)]).await, [""; 0]);
        Self { edge: Edge::of(&scene), scene, run: run.get() }
    }

    /// What is answered about the report.
    async fn answer(&self, method: &str, headers: &[(&str, &str)]) -> Answer {
        let path = format!("/runs/{}/report", self.run);
        let call = Call::new(method, &path).by(READER);
        self.edge.send(headers.iter().fold(call, |call, (name, value)| call.with_header(name, value))).await
    }

    /// Stores other bytes in the place of the report's gzip.
    async fn store(&self, gzip: &[u8]) {
        let mut item = table::stored(&self.scene, "report").await.remove(0);
        item.insert("report".to_owned(), AttributeValue::B(gzip.into()));
        table::put(&self.scene, item).await;
    }
}

const TAKING: (&str, &str) = ("accept-encoding", "br, gzip");
const REFUSING: (&str, &str) = ("accept-encoding", "gzip;q=0, *");

#[tokio::test]
async fn a_report_goes_out_in_the_very_gzip_that_is_stored() {
    let verified = Verified::new().await;
    let plain = verified.answer("GET", &[]).await;
    // Nothing in the product would pack it like this again: the best, and with a name.
    let mut gzip = GzBuilder::new().filename("report.json").write(Vec::new(), Compression::best());
    gzip.write_all(plain.text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    verified.store(&gzip).await;

    let packed = verified.answer("GET", &[TAKING]).await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    assert_eq!(packed.header("etag"), format!("W/\"{}\"", verified.run));
    assert!(packed.body == gzip, "other bytes than the stored ones");
    assert_eq!(packed.text, plain.text);
    let head = verified.answer("HEAD", &[TAKING]).await;
    assert_eq!((head.status, &head.headers, head.body.len()), (200, &packed.headers, 0));

    let refused = verified.answer("GET", &[REFUSING]).await;
    assert_eq!((refused.status, &refused.headers, &refused.body), (200, &plain.headers, &plain.body));
    assert_eq!(refused.header("etag"), format!("\"{}\"", verified.run));
}

#[tokio::test]
async fn who_has_the_report_is_not_sent_its_gzip_again() {
    let verified = Verified::new().await;
    let weak = format!("W/\"{}\"", verified.run);
    for tag in [&weak[2..], &weak, "*"] {
        let same = verified.answer("GET", &[TAKING, ("if-none-match", tag)]).await;
        assert_eq!((same.status, same.body.len(), same.header("content-encoding")), (304, 0, ""), "{tag}");
    }
    let other = verified.answer("GET", &[TAKING, ("if-none-match", "\"another\"")]).await;
    assert_eq!((other.status, other.header("content-encoding")), (200, "gzip"));
}

#[tokio::test]
async fn bytes_that_cannot_be_unpacked_are_not_sent() {
    let verified = Verified::new().await;
    let sound = verified.answer("GET", &[TAKING]).await.body;
    let mut checksum = sound.clone();
    checksum[sound.len() - 8] ^= 1;
    for damaged in [&sound[..sound.len() / 2], &checksum, &[&sound[..], b"x"].concat()] {
        verified.store(damaged).await;
        for coding in [TAKING, REFUSING] {
            let answer = verified.answer("GET", &[coding]).await;
            assert_eq!((answer.status, answer.header("content-encoding")), (500, ""), "{coding:?}");
        }
    }
}
