//! `muster history`: files out and in again, what it all costs, and whether it is sound.

use std::{fs, path::Path, process::Output};

use serde_json::Value;

use crate::process::{Server, eventually, fails, muster, token};

#[tokio::test]
async fn history_goes_out_and_comes_in_again() {
    let directory = tempfile::tempdir().unwrap();
    let (data, files) = (directory.path().join("data"), directory.path());
    record(&data).await;

    // No server runs: each command runs one inside itself.
    for (format, name) in [("csv", "history.csv"), ("prometheus", "history.prom")] {
        let file = files.join(name);
        let exported = json(&data, &["export", "--format", format, "--file", file.to_str().unwrap()]);
        assert_eq!(exported["bytes"], fs::metadata(&file).unwrap().len());
        let imported = json(&data, &["import", file.to_str().unwrap()]);
        let samples = imported["samples"].as_u64().unwrap();
        assert!(samples > 0);
        assert_eq!((&imported["covered"], &imported["written"]), (&Value::from(samples), &Value::from(0)));
    }
    let left: Vec<_> = fs::read_dir(files).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "no half files: {left:?}");

    let to_stdout = history(&data, &["export", "--metrics", "memory"]);
    let text = String::from_utf8(to_stdout.stdout).unwrap();
    assert!(text.starts_with("time,resource,name,metric,value,"), "{text}");
    assert!(text.lines().skip(1).all(|line| line.contains(",memory,")), "{text}");
    assert!(to_stdout.stderr.is_empty(), "no progress where nobody watches");
}

#[tokio::test]
async fn what_history_costs_is_said() {
    let directory = tempfile::tempdir().unwrap();
    record(directory.path()).await;
    let stats = json(directory.path(), &["stats"]);
    assert!(stats["series"].as_u64().unwrap() > 0);
    assert_eq!(stats["retention"]["rawSeconds"], 7 * 86_400);
    let tried = json(directory.path(), &["stats", "--raw", "14d"]);
    assert_eq!(tried["proposal"]["retention"]["rawSeconds"], 14 * 86_400);
    let text = String::from_utf8(history(directory.path(), &["stats", "--raw", "14d"]).stdout).unwrap();
    assert!(text.contains("No series is sampled now"), "no server runs, so nothing goes on: {text}");
    for (option, length, limits) in [("--raw", "1h", "from 1d to 3650d"), ("--ten-minutes", "soon", "from 1d to 7300d")]
    {
        let (code, said) = fails(&mut command(directory.path(), &["stats", option, length]));
        assert_eq!(code, 2);
        assert!(said.contains(&format!("`{option}`")) && said.contains(limits), "{said}");
    }
    let checked = json(directory.path(), &["verify"]);
    assert_eq!((&checked["type"], &checked["damaged"]), (&Value::from("result"), &Value::from(Vec::<Value>::new())));
}

#[tokio::test]
async fn what_cannot_be_imported_is_explained() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    record(&data).await;
    let refused = |name: &str, content: &str, extra: &[&str]| {
        let file = directory.path().join(name);
        fs::write(&file, content).unwrap();
        fails(command(&data, &["import", file.to_str().unwrap()]).args(extra))
    };
    let (code, said) = refused("bad.prom", "# a comment\nmuster_cpu_percent 1 5\n", &[]);
    assert_eq!(code, 1);
    assert!(said.contains("line 2") && said.contains("no resource is named"), "{said}");
    assert!(said.contains("`--resource`") && !said.contains('?'), "the command line's own word: {said}");
    for (name, content) in [("empty.csv", ""), ("header.csv", "time,metric,value\n"), ("comments.prom", "# nothing\n")]
    {
        let (code, said) = refused(name, content, &[]);
        assert_eq!(code, 1);
        assert!(said.contains("nothing to import") && said.contains(name), "{said}");
    }
    let id = exported_id(&data);
    let (code, said) = refused("odd.prom", "muster_cpu_percent 500 5000\n", &["--resource", &id]);
    assert_eq!(code, 1);
    assert!(said.contains("1 line of ") && said.contains("left out"), "{said}");
    let (code, said) = fails(&mut command(&data, &["export", "--resources", "agent-00000000000000aa"]));
    assert_eq!(code, 1);
    assert!(said.contains("agent-00000000000000aa"), "{said}");
    let nothing = history(&data, &["export", "--resources", &id, "--metrics", "smart_temp"]);
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing was exported"));
    let (code, said) = refused("history.dat", "", &[]);
    assert_eq!(code, 2);
    assert!(said.contains("--format"), "{said}");
    let (code, said) = fails(&mut command(&data, &["import", "/nonexistent/file.csv"]));
    assert_eq!(code, 1);
    assert!(said.contains("/nonexistent/file.csv"), "{said}");
    let (code, _) = fails(muster().args(["history", "stats", "--url", "http://127.0.0.1:1", "--token", "mst_x"]));
    assert_eq!(code, 3);
}

/// The id of a resource that has history.
fn exported_id(data: &Path) -> String {
    let text = String::from_utf8(history(data, &["export", "--metrics", "memory"]).stdout).expect("exports are text");
    let line = text.lines().nth(1).expect("the machine's memory was recorded");
    line.split(',').nth(1).expect("the second column is the resource").to_owned()
}

/// Runs a server until this machine has some history.
async fn record(data: &Path) {
    let server = Server::start(data);
    let viewer = token(data, "viewer");
    let recorded = |system: &Value| system["history"]["samples"].as_u64().is_some_and(|samples| samples > 0);
    eventually(&server, &viewer, "/api/system", recorded).await;
    assert!(server.stop().success());
}

fn command(data: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = muster();
    command.arg("history").args(arguments).arg("--data-dir").arg(data);
    command
}

fn history(data: &Path, arguments: &[&str]) -> Output {
    let output = command(data, arguments).output().expect("the command starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn json(data: &Path, arguments: &[&str]) -> Value {
    let output = history(data, &[arguments, &["--output", "json"]].concat());
    serde_json::from_slice(&output.stdout).expect("results are JSON")
}
