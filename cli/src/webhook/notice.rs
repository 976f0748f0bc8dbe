//! Turns a post (the alerts of Alertmanager and Grafana, or a text) into one text for people.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// The length at which a text is cut: a message could hold 50 KiB, but nobody reads that much of an alert.
const LONGEST: usize = 8_000;

/// The fields of a post, as Alertmanager names them. Grafana adds a text of its own; other programs post only a text.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Posted {
    status: String,
    #[serde(deserialize_with = "none_where_null")]
    alerts: Vec<Alert>,
    #[serde(deserialize_with = "none_where_null")]
    group_labels: BTreeMap<String, String>,
    truncated_alerts: u64,
    #[serde(rename = "externalURL")]
    external_url: String,
    title: String,
    message: String,
    text: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Alert {
    status: String,
    #[serde(deserialize_with = "none_where_null")]
    labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "none_where_null")]
    annotations: BTreeMap<String, String>,
}

/// Programs in Go write null for a list or a map without entries.
fn none_where_null<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(source: D) -> Result<T, D::Error> {
    Option::deserialize(source).map(Option::unwrap_or_default)
}

/// The text of a post, or the reason why it has none.
pub(super) fn text_of(body: &[u8]) -> Result<String, String> {
    let posted: Posted =
        serde_json::from_slice(body).map_err(|error| format!("the body is not the JSON of an alert: {error}"))?;
    let text = match &posted {
        Posted { message, .. } if !message.is_empty() => lines([&posted.title, message]),
        Posted { text, .. } if !text.is_empty() => lines([&posted.title, text]),
        Posted { alerts, .. } if !alerts.is_empty() => posted.in_words(),
        _ => return Err("the body has neither alerts nor a text".to_owned()),
    };
    Ok(shortened(text))
}

impl Posted {
    fn in_words(&self) -> String {
        let of_this_status = self.alerts.iter().filter(|alert| alert.status == self.status).count();
        let names: Vec<&str> = match self.group_labels.is_empty() {
            false => self.group_labels.values().map(String::as_str).collect(),
            true => self.alerts[0].labels.get("alertname").map(String::as_str).into_iter().collect(),
        };
        let mut text = format!("[{}:{of_this_status}] {}", self.status.to_uppercase(), names.join(" "));
        for alert in &self.alerts {
            let resolved = if alert.status != self.status { format!("{}: ", alert.status) } else { String::new() };
            text += &format!("\n- {resolved}{}", alert.in_words());
        }
        if self.truncated_alerts > 0 {
            text += &format!("\n- and {} more", self.truncated_alerts);
        }
        lines([&text, &self.external_url])
    }
}

impl Alert {
    /// The summary that was written for people; without one, the labels.
    fn in_words(&self) -> String {
        let written: Vec<&str> = ["summary", "message", "description"]
            .iter()
            .filter_map(|name| self.annotations.get(*name))
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        match written.is_empty() {
            false => written.join(": "),
            true => self.labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "),
        }
    }
}

/// The texts that are not empty, one below the other.
fn lines<const N: usize>(texts: [&String; N]) -> String {
    let texts: Vec<&str> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    texts.join("\n")
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(body: &serde_json::Value) -> String {
        text_of(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn alerts_of_a_group_are_one_text() {
        let alert = |status: &str, instance: &str, summary: &str| {
            json!({"status": status, "labels": {"alertname": "DiskFull", "instance": instance},
                "annotations": {"summary": summary, "description": "clean up"}, "generatorURL": "http://prom"})
        };
        let body = json!({"version": "4", "status": "firing", "receiver": "chat", "truncatedAlerts": 3,
            "groupLabels": {"alertname": "DiskFull", "team": "db"}, "externalURL": "http://alerts.example.com",
            "alerts": [alert("firing", "a", "97 % of a"), alert("firing", "b", "99 % of b"), alert("resolved", "c", "12 % of c")]});
        assert_eq!(
            said(&body),
            "[FIRING:2] DiskFull db\n- 97 % of a: clean up\n- 99 % of b: clean up\n- resolved: 12 % of c: clean up\n\
             - and 3 more\nhttp://alerts.example.com"
        );
    }

    #[test]
    fn an_alert_without_words_is_its_labels() {
        let body = json!({"status": "resolved", "alerts": [{"status": "resolved", "labels": {"alertname": "Up", "job": "im"}}]});
        assert_eq!(said(&body), "[RESOLVED:1] Up\n- alertname=Up job=im");
    }

    #[test]
    fn a_text_that_somebody_worded_is_taken_as_it_is() {
        let grafana = json!({"title": "[FIRING:1] CPU", "message": "**Firing**\nA=99", "state": "alerting", "status": "firing",
            "alerts": [{"status": "firing", "labels": {"alertname": "CPU"}}], "orgId": 1});
        assert_eq!(said(&grafana), "[FIRING:1] CPU\n**Firing**\nA=99");
        assert_eq!(said(&json!({"text": "build 7 failed 🔥"})), "build 7 failed 🔥");
    }

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        let text = said(&json!({"text": "火".repeat(20_000)}));
        assert_eq!(text.chars().count(), LONGEST + 1);
        assert!(text.ends_with("火…"));
    }

    #[test]
    fn what_says_nothing_is_refused_with_the_reason() {
        for (body, reason) in
            [("", "not the JSON"), ("[]", "neither"), ("{}", "neither"), (r#"{"text": 7}"#, "not the JSON")]
        {
            let refused = text_of(body.as_bytes()).unwrap_err();
            assert!(refused.contains(reason), "{body}: {refused}");
        }
    }
}
