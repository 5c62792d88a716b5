//! Certificate credentials as people store them, whole and broken.

use super::*;

/// A file of the test data.
fn file(name: &str) -> String {
    let path = format!("{}/src/testdata/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a text of the test data")
}

fn pem(names: &[&str]) -> String {
    names.iter().map(|name| file(name)).collect::<Vec<_>>().join("\n")
}

fn parse(text: &str) -> Result<Certificate, InvalidCertificate> {
    Certificate::parse(&text.into())
}

fn refused(text: &str) -> InvalidCertificate {
    parse(text).expect_err("refused")
}

/// The key and certificate of this name.
pub(crate) fn certificate(name: &str) -> Certificate {
    let text = pem(&[&format!("{name}.key"), &format!("{name}.crt")]);
    Certificate::parse(&text.into()).expect("a certificate")
}

/// The public key of this name.
pub(crate) fn public_key(name: &str) -> Vec<u8> {
    certificate(name).key.public().as_ref().to_vec()
}

#[test]
fn every_stored_form_of_a_key_and_certificate_is_the_same_credential() {
    let expected = certificate("rsa2048");
    for text in [
        pem(&["rsa2048.crt", "rsa2048.key"]),
        pem(&["rsa2048.pkcs1.key", "rsa2048.crt"]),
        pem(&["rsa4096.crt", "p256.crt", "rsa2048.key", "rsa2048.crt"]),
        pem(&["rsa2048.key", "rsa2048.crt"]).replace('\n', "\r\n"),
    ] {
        let read = parse(&text).expect("a certificate");
        assert_eq!(read.sha256, expected.sha256);
        assert_eq!(read.expires_at(), expected.expires_at());
    }
}

#[test]
fn the_thumbprint_and_the_end_are_the_certificates() {
    let read = certificate("rsa2048");
    assert_eq!(read.expires_at().to_string(), "2036-11-20T10:10:03.000Z");
    assert_eq!(read.thumbprint(CertificateAlgorithm::Ps256), "UgzctRqqZ4-zAvo40crXQWfITB5RnP501GJScBOHTAQ");
    assert_eq!(read.thumbprint(CertificateAlgorithm::Rs256), "9uRWq8qybyUSK4hmmkobqI4J7os");
}

#[test]
fn whatever_is_wrong_has_its_own_reason() {
    let garbled = file("rsa2048.crt").replace("MII", "AII");
    for (text, expected) in [
        (String::new(), InvalidCertificate::Unreadable),
        ("very-secret".to_owned(), InvalidCertificate::Unreadable),
        ("-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----".to_owned(), InvalidCertificate::Unreadable),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".to_owned(), InvalidCertificate::Unreadable),
        (pem(&["rsa2048.crt"]), InvalidCertificate::NoKey),
        (pem(&["rsa2048.key"]), InvalidCertificate::NoCertificate),
        (pem(&["rsa2048.key", "rsa4096.key", "rsa2048.crt"]), InvalidCertificate::SeveralKeys),
        (pem(&["rsa2048.encrypted.key", "rsa2048.crt"]), InvalidCertificate::EncryptedKey),
        (pem(&["p256.key", "p256.crt"]), InvalidCertificate::EllipticCurveKey),
        (pem(&["p256.sec1.key", "p256.crt"]), InvalidCertificate::EllipticCurveKey),
        (pem(&["ed25519.key", "ed25519.crt"]), InvalidCertificate::Ed25519Key),
        (pem(&["rsa1024.key", "rsa1024.crt"]), InvalidCertificate::RsaKey),
        (pem(&["rsa2048.key", "rsa4096.crt"]), InvalidCertificate::Mismatch),
        (pem(&["rsa2048.key"]) + &garbled, InvalidCertificate::Certificate),
        (r#"{"pkcs12":"very-secret","password":"very-secret"}"#.to_owned(), InvalidCertificate::Pkcs12),
    ] {
        assert_eq!(refused(&text), expected);
    }
}

#[test]
fn nothing_of_the_key_is_shown() {
    let shown = format!("{:?}", certificate("rsa2048"));
    let key = file("rsa2048.key");
    let second_line = key.lines().nth(1).expect("a line");
    assert!(!shown.contains(second_line) && shown.len() < 3_000, "{shown}");
    let parts = Parts::read(&pem(&["rsa2048.key", "rsa2048.crt"])).expect("parts");
    assert!(format!("{:?}", parts.key).contains("REDACTED"));
}
