use dynamodb_items::TABLE;
use serde_json::{Value, json};

use super::document::{Template, listed, target};

#[test]
fn the_table_is_the_one_that_its_adapter_asks_for() {
    let template = Template::read();
    let table = template.properties("Items");
    let key = TABLE.partition_key;
    assert_eq!(table["AttributeDefinitions"], json!([{"AttributeName": key, "AttributeType": "S"}]));
    assert_eq!(table["KeySchema"], json!([{"AttributeName": key, "KeyType": "HASH"}]));
    assert_eq!(table["BillingMode"] == json!("PAY_PER_REQUEST"), TABLE.on_demand);
    let time_to_live = json!({"AttributeName": TABLE.time_to_live, "Enabled": true});
    assert_eq!(table["TimeToLiveSpecification"], time_to_live);
    let recovery = &table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
    assert_eq!(recovery, &json!(TABLE.point_in_time_recovery));
    for index in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        assert!(table[index].is_null(), "{index}");
    }
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(table["DeletionProtectionEnabled"], json!({"Fn::If": ["IsProd", true, false]}));
}

#[test]
fn the_bucket_is_shut_encrypted_and_spoken_with_over_tls_only() {
    let template = Template::read();
    let bucket = template.properties("Blobs");
    let block = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert_eq!((block.len(), block.values().all(|blocked| blocked == true)), (4, true));
    let rules = listed(&bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]);
    let [rule] = rules[..] else { panic!("one rule") };
    let by_default = &rule["ServerSideEncryptionByDefault"];
    assert_eq!((&by_default["SSEAlgorithm"], target(&by_default["KMSMasterKeyID"])), (&json!("aws:kms"), Some("Key")));
    assert_eq!(rule["BucketKeyEnabled"], true, "else each object is a call to KMS");
    let policy = template.properties("BlobsPolicy");
    assert_eq!(target(&policy["Bucket"]), Some("Blobs"));
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!((&statement["Effect"], &statement["Principal"]), (&json!("Deny"), &json!("*")));
    assert_eq!(statement["Condition"], json!({"Bool": {"aws:SecureTransport": false}}));
}

#[test]
fn an_event_outlives_its_message_and_what_a_record_points_to_is_never_removed_by_age() {
    let template = Template::read();
    let longest = ["InboundQueue", "InboundDead"]
        .map(|queue| template.properties(queue)["MessageRetentionPeriod"].as_u64().unwrap().div_ceil(86_400));
    let longest: u64 = longest.iter().sum();
    let mut prefixes = Vec::new();
    for rule in listed(&template.properties("Blobs")["LifecycleConfiguration"]["Rules"]) {
        if let Some(days) = rule["ExpirationInDays"].as_u64() {
            prefixes.push(rule["Prefix"].as_str().unwrap());
            assert!(days > longest, "{rule}: a message may be {longest} days old");
        }
    }
    // The webhook's keys begin with the name of the queue, and those of kept events with `raw/`.
    assert_eq!(prefixes, ["inbound/", "status/"]);
}

#[test]
fn no_secret_passes_through_the_template() {
    let template = Template::read();
    let secrets = template.of_type("AWS::SecretsManager::Secret");
    assert_eq!(secrets.len(), 5);
    for (name, secret) in secrets {
        assert!(secret["SecretString"].is_null() && secret["GenerateSecretString"].is_null(), "{name} has a value");
        assert_eq!(target(&secret["KmsKeyId"]), Some("Key"), "{name}");
    }
    for (name, parameter) in template.at("/Parameters").as_object().unwrap() {
        assert!(parameter["NoEcho"].is_null(), "{name} is a secret: it belongs into Secrets Manager");
    }
}

#[test]
fn what_cannot_be_made_again_stays_when_the_stack_goes() {
    let template = Template::read();
    let kinds = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret"];
    for kind in kinds {
        for name in template.of_type(kind).keys() {
            let policy = |which: &str| template.at(&format!("/Resources/{name}/{which}")).clone();
            assert_eq!(policy("DeletionPolicy"), "RetainExceptOnCreate", "{name}");
            assert_eq!(policy("UpdateReplacePolicy"), "Retain", "{name}");
        }
    }
}

#[test]
fn the_cache_answers_nobody_but_the_functions() {
    let template = Template::read();
    let cache = template.properties("Cache");
    assert_eq!(cache["SecurityGroupIds"], json!([{"Ref": "CacheSecurityGroup"}]));
    let group = template.properties("CacheSecurityGroup");
    let [ingress] = listed(&group["SecurityGroupIngress"])[..] else { panic!("one rule") };
    assert_eq!(target(&ingress["SourceSecurityGroupId"]), Some("FunctionSecurityGroup"));
    assert_eq!((&ingress["FromPort"], &ingress["ToPort"]), (&json!(6379), &json!(6379)));
    assert_eq!(ingress["CidrIp"], Value::Null);
    let url = template.at("/Resources/SendFunction/Properties/Environment/Variables/REDIS_URL");
    assert!(url["Fn::Sub"].as_str().unwrap().starts_with("rediss://${Cache.Endpoint.Address}"), "TLS only: {url}");
}
