//! Is a Kafka broker there: it answers an `ApiVersions` request (key 18, version 0; protocol guide of Kafka).
//! A port that merely accepts, or another protocol, is not a broker.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

const API_VERSIONS: i16 = 18;
const CORRELATION: i32 = 0x736d_6574;
const CLIENT: &str = "smartetl";
/// An answer lists some hundred request kinds of six bytes; more than this is no answer.
const LONGEST_ANSWER: i32 = 64 * 1024;

/// There when one of the brokers answers; otherwise the last broker's error.
pub async fn probe(brokers: &[String]) -> Result<(), String> {
    let mut last = "no broker is named".to_owned();
    for broker in brokers {
        match ask(broker).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                last = if brokers.len() == 1 {
                    error
                } else {
                    format!("{broker}: {error}")
                }
            }
        }
    }
    Err(last)
}

async fn ask(broker: &str) -> Result<(), String> {
    let mut stream = super::connect(broker).await?;
    let talk = async {
        stream.write_all(&request()).await?;
        let length = stream.read_i32().await?;
        if !(6..=LONGEST_ANSWER).contains(&length) {
            return Ok(None);
        }
        let correlation = stream.read_i32().await?;
        let error = stream.read_i16().await?;
        Ok(Some((correlation, error)))
    };
    match talk.await {
        Ok(Some((CORRELATION, 0))) => Ok(()),
        Ok(Some((CORRELATION, code))) => Err(format!("the broker answers with error {code}")),
        Ok(_) => Err("what answers there is no Kafka broker".to_owned()),
        Err(error) => Err(crate::errors::reason(&error)),
    }
}

/// Length, then key, version, correlation id and client id, all big-endian.
fn request() -> Vec<u8> {
    let mut body = Vec::with_capacity(32);
    body.extend(API_VERSIONS.to_be_bytes());
    body.extend(0_i16.to_be_bytes());
    body.extend(CORRELATION.to_be_bytes());
    body.extend((CLIENT.len() as i16).to_be_bytes());
    body.extend(CLIENT.as_bytes());
    let mut whole = (body.len() as i32).to_be_bytes().to_vec();
    whole.extend(body);
    whole
}
