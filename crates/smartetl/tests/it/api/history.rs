//! A job night by night.

use super::client::Api;

#[test]
fn a_job_is_told_night_by_night() {
    let api = Api::of_a_company();
    let nights = api.items("/nights?environment=PROD");
    let newest = nights[0]["business_day"].as_str().expect("a day");
    let map = api.json("/heatmap?environment=PROD&days=400");
    let jobs = map["jobs"].as_array().expect("jobs");
    let mut seen = 0;
    for job in jobs.iter().take(8) {
        let part = |field: &str| job[field].as_str().unwrap_or("-").to_owned();
        let target = format!("/jobs/PROD/{}/{}/history", part("project"), part("job"));
        let items = api.items_once(&format!("{target}?days=400"));
        let days: Vec<&str> = items
            .iter()
            .filter_map(|one| one["business_day"].as_str())
            .collect();
        assert!(
            days.is_sorted() && days.last().is_some_and(|last| *last <= newest),
            "{days:?}"
        );
        // It says of each night what the map says.
        for cell in job["days"].as_array().expect("cells") {
            let night = items
                .iter()
                .find(|one| one["business_day"] == cell["business_day"]);
            let Some(night) = night else {
                panic!("{target}: no night {cell}");
            };
            assert_eq!(night["verdict"], cell["verdict"], "{target}: {night}");
            assert_eq!(night["late_ms"], cell["late_ms"], "{target}: {night}");
            seen += 1;
        }
        // What it says of its last run is what the run says.
        let last = items.last().expect("a night");
        let run = &api.json(&format!(
            "/runs/{}",
            last["run_key"].as_str().expect("a key")
        ))["run"];
        for field in [
            "outcome",
            "duration_ms",
            "rows_in",
            "rows_out",
            "job_version",
            "business_day",
            "started_at",
        ] {
            assert_eq!(last[field], run[field], "{target}: {field}");
        }
        // The usual one is that of the good nights of the same kind before it.
        for (place, night) in items.iter().enumerate() {
            let alike = items[..place].iter().rev().filter(|one| {
                one["day_kind"] == night["day_kind"]
                    && one["outcome"]
                        .as_str()
                        .is_some_and(|word| word.starts_with("success"))
                    && one["duration_ms"].is_i64()
            });
            let alike: Vec<i64> = alike
                .filter_map(|one| one["duration_ms"].as_i64())
                .collect();
            let (least, most) = (alike.iter().min(), alike.iter().max());
            if let Some(usual) = night["usual_duration_ms"].as_i64() {
                let p95 = night["usual_p95_ms"].as_i64().expect("both");
                assert!(usual <= p95, "{night}");
                assert!(
                    least.is_some_and(|least| *least <= usual),
                    "{target}: {night}"
                );
                assert!(most.is_some_and(|most| p95 <= *most), "{target}: {night}");
            }
        }
        let three = api.items_once(&format!("{target}?days=3"));
        assert!(three.len() <= 3 && items.ends_with(&three), "{target}");
        let file = api.get(&format!("{target}?days=400&format=csv"));
        assert_eq!(file.text().lines().count(), items.len() + 1, "{target}");
    }
    assert!(seen > 40, "{seen}");
    assert_eq!(api.get("/jobs/PROD/-/nobody/history").status, 404);
    assert_eq!(api.get("/jobs/PROD/-/nobody/history?days=401").status, 400);
    api.up.stop();
}
