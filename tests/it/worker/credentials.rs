//! Credentials: read once, kept for a while, and read again when Entra refuses one that was replaced meanwhile.

use harness::microsoft::Scenario;
use harness::scene::{Scene, stand_in};

use super::{deliver, delivery, report, stored};

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_rotated_is_read_again_when_entra_refuses_the_kept_one() {
    let scene = Scene::new(Scenario::Healthy).await;
    let app = scene.worker().await;
    scene.put_secret("the old secret").await;
    let first = scene.queued_run().await.header.id;
    deliver(&app, [delivery(first, 1)]).await;
    let refused = report(&stored(&scene, first).await);
    assert_eq!(refused["checks"][0]["reason_code"], "provider_credential_secret_invalid");

    // The worker asked the parameter store again and found the same secret, which it keeps until it is refused the next time.
    scene.put_secret(&scene.fixture.secret).await;
    let second = scene.queued_run().await.header.id;
    deliver(&app, [delivery(second, 1)]).await;
    assert_eq!(report(&stored(&scene, second).await)["summary"]["overall"], "ready");
    let tokens = stand_in().await.calls(&scene.fixture.entra_tenant_id);
    let tokens = tokens.iter().filter(|call| call.method == "POST").count();
    assert_eq!(tokens, 3, "refused, refused with the kept secret, accepted with the new one");
}
