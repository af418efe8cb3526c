//! A database that answers commits with the codes of a script, and holds no document.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use googleapis_tonic_google_firestore_v1::google::firestore::v1 as proto;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, StreamBody};
use prost::Message;
use tokio::net::TcpListener;
use tonic::Code;

/// What a call was: the method, and what it was sent with.
#[derive(Debug, Clone)]
pub struct Call {
    /// `Commit`, `BatchGetDocuments` and so on.
    pub method: String,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its message.
    pub message: Bytes,
}

/// The database.
#[derive(Clone)]
pub struct Script {
    host: Arc<str>,
    codes: Arc<Mutex<VecDeque<(&'static str, Code)>>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Script {
    /// A database that answers the next calls of these methods with these codes, and all others as it should.
    pub async fn start(codes: impl IntoIterator<Item = (&'static str, Code)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string().into();
        let codes = Arc::new(Mutex::new(codes.into_iter().collect()));
        let script = Self { host, codes, calls: Arc::default() };
        let router = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        script
    }

    /// Where it is.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The calls that it got.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Their methods.
    pub fn methods(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.method).collect()
    }

    fn code(&self, method: &str) -> Code {
        let mut codes = self.codes.lock().unwrap();
        match codes.front() {
            Some((named, code)) if *named == method => {
                let code = *code;
                codes.pop_front();
                code
            }
            _ => Code::Ok,
        }
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
    let headers = request.headers().clone();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    // A message comes after a byte of flags and four of its length.
    let message = body.slice(5..);
    script.calls.lock().unwrap().push(Call { method: method.clone(), headers, message: message.clone() });
    let code = script.code(&method);
    let messages = match method.as_str() {
        _ if code != Code::Ok => vec![],
        "Commit" => vec![proto::CommitResponse::default().encode_to_vec()],
        "BatchGetDocuments" => {
            proto::BatchGetDocumentsRequest::decode(message).unwrap().documents.into_iter().map(missing).collect()
        }
        method => panic!("{method} is not in the script"),
    };
    Response::builder().header("content-type", "application/grpc").body(Body::new(stream(messages, code))).unwrap()
}

fn missing(name: String) -> Vec<u8> {
    let result = Some(proto::batch_get_documents_response::Result::Missing(name));
    proto::BatchGetDocumentsResponse { result, ..Default::default() }.encode_to_vec()
}

/// The messages, and the code after them.
fn stream(messages: Vec<Vec<u8>>, code: Code) -> BoxBody<Bytes, std::convert::Infallible> {
    let frame = |message: Vec<u8>| {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        http_body::Frame::data([[0].as_slice(), &length, &message].concat().into())
    };
    let mut trailers = http::HeaderMap::new();
    trailers.insert("grpc-status", i32::from(code).into());
    let frames = messages.into_iter().map(frame).chain([http_body::Frame::trailers(trailers)]);
    StreamBody::new(futures::stream::iter(frames.map(Ok).collect::<Vec<_>>())).boxed()
}
