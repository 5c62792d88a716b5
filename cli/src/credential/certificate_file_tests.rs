//! Certificate files as people have them, whole and broken.

use std::cell::Cell;
use std::path::Path;

use super::*;

/// A file of the test data, which is where the worker's is, or beside this.
fn file(name: &str) -> Vec<u8> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [here.join("src/credential/testdata"), here.join("../shared/microsoft/src/testdata")];
    places.iter().find_map(|place| std::fs::read(place.join(name)).ok()).expect("a file of the test data")
}

fn pem(names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| file(name)).collect()
}

fn read(bytes: &[u8], password: &str) -> Result<CertificateFile, InvalidFile> {
    CertificateFile::read(bytes, || Ok(password.into()))
}

#[test]
fn every_form_of_a_key_and_certificate_is_stored_as_the_same_pem() {
    let expected = String::from_utf8(pem(&["rsa2048.key", "rsa2048.crt"])).expect("text");
    let expected: Vec<_> = expected.lines().collect();
    for (bytes, password) in [
        (pem(&["rsa2048.key", "rsa2048.crt"]), ""),
        (pem(&["rsa4096.crt", "rsa2048.key", "p256.crt", "rsa2048.crt"]), ""),
        (pem(&["rsa2048.encrypted.key", "rsa2048.crt"]), "pass word"),
        (file("rsa2048.p12"), "pass word"),
        (file("rsa2048.legacy.p12"), "pass word"),
    ] {
        let stored = read(&bytes, password).expect("a credential");
        assert_eq!(stored.pem.expose_secret().lines().collect::<Vec<_>>(), expected);
        let again = Certificate::parse(&stored.pem).expect("what the worker reads");
        assert_eq!(again.sha1_hex(), "F6E456ABCAB26F25122B88669A4A1BA88E09EE8B");
    }
    let pkcs1 = read(&pem(&["rsa2048.crt", "rsa2048.pkcs1.key"]), "").expect("a credential");
    assert!(pkcs1.pem.expose_secret().contains("-----BEGIN RSA PRIVATE KEY-----"));
}

#[test]
fn what_entra_would_not_take_is_refused_in_words() {
    for (bytes, password, told) in [
        (Vec::new(), "", "it is neither PEM nor a PKCS#12 file"),
        (b"a secret".to_vec(), "", "it is neither PEM nor a PKCS#12 file"),
        (vec![0x30, 0x80, 0xff], "", "it cannot be opened with this password"),
        (file("rsa2048.p12"), "another", "it cannot be opened with this password"),
        (pem(&["rsa2048.encrypted.key", "rsa2048.crt"]), "another", "it cannot be opened with this password"),
        (
            b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n".to_vec(),
            "",
            "its private key is encrypted in an old way; `openssl pkcs8 -topk8` writes it anew",
        ),
        (file("p256.p12"), "pass word", "its key is an elliptic curve key; Microsoft Entra takes only RSA keys"),
        (
            pem(&["p256.sec1.key", "p256.crt"]),
            "",
            "its key is an elliptic curve key; Microsoft Entra takes only RSA keys",
        ),
        (pem(&["rsa2048.key", "rsa4096.crt"]), "", "none of its certificates belongs to its private key"),
        (pem(&["rsa2048.crt"]), "", "it holds no private key"),
        (
            pem(&["rsa1024.key", "rsa1024.crt"]),
            "",
            "its RSA key cannot be used; it must have 2048 to 4096 bits and an exponent of 65537 or more",
        ),
    ] {
        assert_eq!(read(&bytes, password).expect_err("refused").to_string(), told);
    }
}

#[test]
fn a_password_is_asked_for_only_where_one_is_needed() {
    for (bytes, needed) in [
        (pem(&["rsa2048.key", "rsa2048.crt"]), false),
        (pem(&["rsa2048.encrypted.key", "rsa2048.crt"]), true),
        (file("rsa2048.p12"), true),
        (b"neither".to_vec(), false),
    ] {
        let asked = Cell::new(false);
        let answer = || {
            asked.set(true);
            Ok("pass word".into())
        };
        drop(CertificateFile::read(&bytes, answer));
        assert_eq!(asked.get(), needed);
    }
}
