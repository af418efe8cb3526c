use serde_json::Value;

use crate::{Error, http};

/// Asks a service of AWS that speaks JSON, at a port of this machine where nobody checks signatures. `operation` is such as
/// `AmazonSQS.CreateQueue`; `service` is its name in a signature, such as `sqs`.
pub(crate) fn call(port: u16, region: &str, service: &str, operation: &str, input: &Value) -> Result<Value, Error> {
    let head = format!(
        "content-type: application/x-amz-json-1.1\r\nx-amz-target: {operation}\r\n{}",
        authorization(region, service)
    );
    let body = ask(port, operation, "POST", "/", &head, &input.to_string())?;
    serde_json::from_str(if body.is_empty() { "null" } else { &body })
        .map_err(|_| Error::Refused { doing: operation.to_owned(), answer: body })
}

/// Makes a bucket, for which S3 has no JSON.
pub(crate) fn create_bucket(port: u16, region: &str, name: &str) -> Result<(), Error> {
    let place = format!(
        "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    );
    // The region in which S3 began must not be named.
    let place = if region == "us-east-1" { String::new() } else { place };
    ask(port, "CreateBucket", "PUT", &format!("/{name}"), &authorization(region, "s3"), &place).map(drop)
}

fn ask(port: u16, doing: &str, method: &str, path: &str, head: &str, body: &str) -> Result<String, Error> {
    let answer = http::call(port, method, path, head, body).map_err(Error::machine(doing))?;
    if answer.status != 200 {
        return Err(Error::Refused { doing: doing.to_owned(), answer: answer.body });
    }
    Ok(answer.body)
}

/// Says for which region and which service a call is meant.
fn authorization(region: &str, service: &str) -> String {
    let credential = format!("test/20260101/{region}/{service}/aws4_request");
    format!("authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n")
}
