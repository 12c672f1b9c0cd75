//! Who is told by alerts: each service in the form that it understands.

use super::shipped::alerting;

/// Slack and Mattermost refuse what Grafana posts to any address: they want `text`, Teams a card.
#[test]
fn urgent_alerts_are_posted_in_the_form_of_the_service() {
    let sheet = alerting("contact-points.yaml");
    let urgent = &sheet["contactPoints"][0]["receivers"][0];
    assert_eq!(urgent["type"], "$ALERT_WEBHOOK_TYPE");
    let settings = &urgent["settings"];
    // What Grafana's notifiers for webhook, slack and teams take of it.
    for key in ["url", "title", "message", "text"] {
        assert!(settings[key].is_string(), "{key}: {settings}");
    }
    // A name without a password would be one for the service's door.
    assert!(settings["username"].is_null(), "{settings}");
}
