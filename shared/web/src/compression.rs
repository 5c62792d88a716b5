//! Compressed answers, for callers who take them: an HTTP API of the gateway compresses nothing itself.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_http::Request;
use lambda_http::http::header::ACCEPT_ENCODING;

/// Below this the answer fits into a packet or two as it is.
const WORTH_IT: usize = 1024;

/// The body in gzip, if the caller takes it and it is worth it: as it is stored, else packed now.
pub(crate) fn gzip(request: &Request, body: &str, stored: Option<Vec<u8>>) -> Option<Vec<u8>> {
    if body.len() <= WORTH_IT || !accepts_gzip(request) {
        return None;
    }
    stored.or_else(|| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish()).ok()
    })
}

/// Whether the caller takes gzip (RFC 9110, section 12.5.3): it is named, or everything is, and not with the weight of nothing.
fn accepts_gzip(request: &Request) -> bool {
    let values = request.headers().get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut anything = false;
    for coding in values.flat_map(|value| value.split(',')) {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32));
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") => return !is_refused,
            "*" => anything = !is_refused,
            _ => {}
        }
    }
    anything
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::testing;

    #[test]
    fn whoever_takes_gzip_is_sent_it_where_it_is_worth_it() {
        let long = "x".repeat(WORTH_IT + 1);
        let packed = |value| gzip(&testing::with_header("accept-encoding", value), &long, None);
        for value in ["gzip", "br, GZIP;q=0.5", "*", "gzip;q=1, *;q=0"] {
            let packed = packed(value).unwrap_or_else(|| panic!("{value}"));
            let mut unpacked = String::new();
            flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).expect("gzip");
            assert_eq!(unpacked, long, "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip; q=0.0", "*;q=0", "gzip;q=0, *", "x-gzip"] {
            assert_eq!(packed(value), None, "{value}");
        }
        let (taking, stored) = (testing::with_header("accept-encoding", "gzip"), Some(vec![1, 2, 3]));
        assert_eq!(gzip(&taking, &long, stored.clone()), stored);
        assert_eq!((gzip(&taking, &long[1..], stored), gzip(&taking, &long[1..], None)), (None, None));
        assert_eq!(gzip(&testing::with_header("accept", "gzip"), &long, None), None);
    }
}
