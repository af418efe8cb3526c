//! All that the services of a deployment hold, for who looks for something in it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde_json::{Value, json};

use crate::place::Place;

impl Place {
    /// What is in each of them, as it is stored.
    pub async fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        let mut kept = BTreeMap::new();
        self.documents(&mut kept).await;
        self.items(&mut kept).await;
        self.objects(&mut kept).await;
        self.messages(&mut kept).await;
        let redis = self.keys();
        assert!(kept.len() > 20 && redis.starts_with(b"*"), "there is something to look at: {:?}", kept.keys());
        kept.insert("the keys of Redis".to_owned(), redis);
        kept
    }

    async fn documents(&self, kept: &mut BTreeMap<String, Vec<u8>>) {
        let (host, project) = (self.variable("FIRESTORE_EMULATOR_HOST"), self.variable("PORFIN_FIRESTORE_PROJECT"));
        let url = format!("http://{host}/v1/projects/{project}/databases/(default)/documents:runQuery");
        let everything = json!({"structuredQuery": {"from": [{"allDescendants": true}]}});
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.post(url).bearer_auth("owner").json(&everything).send().await.unwrap();
        let found: Vec<Value> = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        for document in found.iter().filter_map(|found| found.get("document")) {
            kept.insert(document["name"].as_str().unwrap().to_owned(), document.to_string().into_bytes());
        }
    }

    async fn items(&self, kept: &mut BTreeMap<String, Vec<u8>>) {
        let client = aws_sdk_dynamodb::Client::new(&self.aws());
        let found = client.scan().table_name(self.variable("PORFIN_ITEMS_TABLE")).send().await.unwrap();
        for item in found.items() {
            kept.insert(format!("item {:?}", item["key"]), format!("{item:?}").into_bytes());
        }
    }

    async fn objects(&self, kept: &mut BTreeMap<String, Vec<u8>>) {
        let config = aws_sdk_s3::config::Builder::from(&self.aws()).force_path_style(true).build();
        let (client, bucket) = (aws_sdk_s3::Client::from_conf(config), self.variable("PORFIN_BLOBS_BUCKET"));
        let found = client.list_objects_v2().bucket(bucket).send().await.unwrap();
        for key in found.contents().iter().filter_map(|object| object.key()) {
            let object = client.get_object().bucket(bucket).key(key).send().await.unwrap();
            kept.insert(format!("object {key}"), object.body.collect().await.unwrap().to_vec());
        }
    }

    /// What lies in the queues and is not in the middle of work, and their dead letters.
    async fn messages(&self, kept: &mut BTreeMap<String, Vec<u8>>) {
        let client = aws_sdk_sqs::Client::new(&self.aws());
        for queue in self.queues().into_iter().chain(self.queues_of_dead_letters()) {
            let call = client.receive_message().queue_url(&queue).max_number_of_messages(10);
            let call = call.message_system_attribute_names(MessageSystemAttributeName::All);
            let found = call.send().await.unwrap();
            kept.insert(queue, format!("{:?}", found.messages()).into_bytes());
        }
    }

    /// What Redis answers when it is asked for all keys; their values are times.
    fn keys(&self) -> Vec<u8> {
        let mut redis = TcpStream::connect(("127.0.0.1", self.redis.port())).unwrap();
        redis.write_all(b"KEYS *\r\nQUIT\r\n").unwrap();
        let mut answer = Vec::new();
        redis.read_to_end(&mut answer).unwrap();
        answer
    }
}
