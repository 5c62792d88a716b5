//! Stored credentials that were made to hurt whoever opens them: PKCS#12 files (RFC 7292) whose own numbers say what opening them costs,
//! in the JSON that was once taken, and PEM as large as a secret of Secrets Manager can be.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;

/// `[0]`, explicit.
const CONTENT: u8 = 0xa0;

/// `[0]`, implicit.
const ENCRYPTED_CONTENT: u8 = 0x80;

/// 1.2.840.113549.1.7.1 and .6
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];

/// 1.2.840.113549.1.5.13 and .12
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];

/// 1.2.840.113549.2.9
const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];

/// 1.3.6.1.4.1.11591.4.11 (RFC 7914)
const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];

/// 2.16.840.1.101.3.4.1.42
const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];

/// The names of the stored texts, and the texts.
#[must_use]
pub fn all() -> [(&'static str, String); 4] {
    [
        ("scrypt over a GiB", stored(&file(&[part(&scrypt())]))),
        ("many parts", stored(&file(&vec![part(&pbkdf2(100_000)); 24]))),
        ("a high iteration count", stored(&file(&[part(&pbkdf2(10_000_000))]))),
        ("64 KB of PEM", large_pem()),
    ]
}

fn stored(file: &[u8]) -> String {
    json!({ "pkcs12": STANDARD.encode(file), "password": "pass word" }).to_string()
}

fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut der = vec![tag];
    match u16::try_from(content.len()).expect("no part is that long") {
        length @ ..0x80 => der.extend(&length.to_be_bytes()[1..]),
        length @ ..0x100 => der.extend([0x81, length.to_be_bytes()[1]]),
        length => der.extend([&[0x82], length.to_be_bytes().as_slice()].concat()),
    }
    der.extend(content);
    der
}

fn integer(number: u32) -> Vec<u8> {
    let bytes = u64::from(number).to_be_bytes();
    // As few as there are, and a leading zero where the next bit would make it negative.
    let first = (0..7).find(|place| bytes[*place] != 0 || bytes[place + 1] >= 0x80).unwrap_or(7);
    tagged(INTEGER, &[&bytes[first..]])
}

fn algorithm(object: &[u8], parameters: &[&[u8]]) -> Vec<u8> {
    tagged(SEQUENCE, &[&tagged(OBJECT, &[object]), &tagged(SEQUENCE, parameters)])
}

/// N = 2^20 and r = 8: 128 * N * r bytes.
fn scrypt() -> Vec<u8> {
    algorithm(SCRYPT, &[&tagged(OCTET_STRING, &[&[7; 8]]), &integer(1 << 20), &integer(8), &integer(1)])
}

fn pbkdf2(iterations: u32) -> Vec<u8> {
    let pseudorandom = tagged(SEQUENCE, &[&tagged(OBJECT, &[HMAC_SHA256]), &[0x05, 0x00]]);
    algorithm(PBKDF2, &[&tagged(OCTET_STRING, &[&[7; 8]]), &integer(iterations), &pseudorandom])
}

/// One encrypted part, whose key is derived so.
fn part(derivation: &[u8]) -> Vec<u8> {
    let cipher = tagged(SEQUENCE, &[&tagged(OBJECT, &[AES_256_CBC]), &tagged(OCTET_STRING, &[&[9; 16]])]);
    let encryption = algorithm(PBES2, &[derivation, &cipher]);
    let info = [&tagged(OBJECT, &[DATA])[..], &encryption, &tagged(ENCRYPTED_CONTENT, &[&[5; 16]])];
    let encrypted = tagged(SEQUENCE, &[&integer(0), &tagged(SEQUENCE, &info)]);
    tagged(SEQUENCE, &[&tagged(OBJECT, &[ENCRYPTED_DATA]), &tagged(CONTENT, &[&encrypted])])
}

fn file(parts: &[Vec<u8>]) -> Vec<u8> {
    let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
    let safe = tagged(OCTET_STRING, &[&tagged(SEQUENCE, &parts)]);
    let data = tagged(SEQUENCE, &[&tagged(OBJECT, &[DATA]), &tagged(CONTENT, &[&safe])]);
    tagged(SEQUENCE, &[&tagged(INTEGER, &[&[3]]), &data])
}

/// A key and as many certificates of somebody else as fit.
fn large_pem() -> String {
    let mut pem = include_str!("fixtures/app.key").to_owned();
    let certificate = rcgen::generate_simple_self_signed(Vec::new()).expect("a certificate").cert.pem();
    while pem.len() + certificate.len() <= 64 * 1024 {
        write!(pem, "{certificate}").expect("memory takes it");
    }
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_small_and_say_what_they_cost() {
        assert!(file(&[part(&scrypt())]).len() < 256);
        assert!(file(&vec![part(&pbkdf2(100_000)); 24]).len() < 5 * 1024);
        // A file of the same make that costs little is well formed: only its password is wrong.
        let opened = p12_keystore::Pkcs12Archive::from_pkcs12(&file(&[part(&pbkdf2(1))]), "pass word");
        assert_eq!(opened.map(drop).expect_err("refused").to_string(), "PKCS#5 decryption failed");
    }
}
