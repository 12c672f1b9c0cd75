//! Flags of the commands that use Kafka.

use super::Context;

/// Where brokers and topics are; what is left out is in the configuration.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Kafka")]
pub struct Servers {
    /// Brokers, like host:9092,other:9092; also `KAFKA_BOOTSTRAP_SERVERS`
    #[arg(long, value_name = "SERVERS")]
    bootstrap_servers: Option<String>,
    /// The topic of rows of log
    #[arg(long, value_name = "TOPIC")]
    topic_log: Option<String>,
    /// The topic of rows of logerreur and of rejects
    #[arg(long, value_name = "TOPIC")]
    topic_error: Option<String>,
    /// The topic of messages that cannot become rows
    #[arg(long, value_name = "TOPIC")]
    topic_dead: Option<String>,
}

impl Servers {
    /// The context with these flags in the place of settings.
    pub fn applied(&self, context: &Context) -> Context {
        let mut context = context.clone();
        let kafka = &mut context.settings.kafka;
        for (given, setting) in [
            (&self.bootstrap_servers, &mut kafka.bootstrap_servers),
            (&self.topic_log, &mut kafka.topic_log),
            (&self.topic_error, &mut kafka.topic_error),
            (&self.topic_dead, &mut kafka.topic_dead),
        ] {
            if let Some(given) = given {
                setting.clone_from(given);
            }
        }
        context
    }
}
