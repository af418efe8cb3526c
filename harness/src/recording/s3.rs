use http::request::Parts;

use super::Call;

/// The actions of a request to S3, addressed by path: `/bucket/key`. (To be told that an object is not there needs the right
/// to list as well: else S3 says that it must not be read.)
pub(super) fn actions(parts: &Parts) -> Vec<Call> {
    let path = parts.uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let of = |action: &str| Call::new(format!("s3:{action}"), bucket);
    let query = parts.uri.query().unwrap_or_default();
    let asks = |name: &str| url::form_urlencoded::parse(query.as_bytes()).any(|(known, _)| known == name);
    let is_object = !key.is_empty();
    match parts.method.as_str() {
        "GET" | "HEAD" if is_object => vec![of("GetObject")],
        "GET" | "HEAD" => vec![of("ListBucket")],
        "PUT" if is_object => vec![of("PutObject")],
        "POST" if is_object => vec![of("PutObject")],
        "POST" if asks("delete") => vec![of("DeleteObject")],
        "DELETE" if asks("uploadId") => vec![of("AbortMultipartUpload")],
        "DELETE" if is_object => vec![of("DeleteObject")],
        method => vec![of(&format!("{method} {key}?{query}"))],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use http::Request;

    use super::*;

    fn check(method: &str, path: &str, expected: &[&str]) {
        let (parts, ()) = Request::builder().method(method).uri(path).body(()).unwrap().into_parts();
        let found = actions(&parts);
        assert!(found.iter().all(|call| call.resource == "blobs"));
        let found: Vec<_> = found.iter().map(|call| call.action.as_str()).collect();
        assert_eq!(found, expected, "{method} {path}");
    }

    #[test]
    fn objects_are_read_written_and_deleted() {
        check("GET", "/blobs/a/b?x-id=GetObject", &["s3:GetObject"]);
        check("PUT", "/blobs/a", &["s3:PutObject"]);
        check("POST", "/blobs/a?uploads", &["s3:PutObject"]);
        check("DELETE", "/blobs/a", &["s3:DeleteObject"]);
        check("DELETE", "/blobs/a?uploadId=1", &["s3:AbortMultipartUpload"]);
        check("POST", "/blobs?delete", &["s3:DeleteObject"]);
    }

    #[test]
    fn buckets_are_listed() {
        check("GET", "/blobs?list-type=2", &["s3:ListBucket"]);
        check("HEAD", "/blobs", &["s3:ListBucket"]);
    }
}
