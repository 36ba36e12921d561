//! The registry of described calls, against a fake of our own: a server in this file that keeps an alias with an entity tag.

use crate::registry_bench::{Bench, Told, one_winner_each};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tollgate::config::registries::KindConfig;
use tollgate::registry::Target;
use tollgate::registry::http::Calls;

const DAY: &str = "2013-04-01T08:00:00Z";
const TOKEN: &str = "top-secret/+&token";

/// What the fake holds, and how it misbehaves.
#[derive(Default)]
struct State {
    moves: Vec<Value>,
    /// Requests, as `METHOD PATH`, with the condition.
    asked: Vec<String>,
    /// The next move is done, and its answer does not come.
    silent: bool,
    /// Instead of every answer.
    answer: Option<(u16, String)>,
    /// A folder that becomes a file when the next move is sent.
    gone: Option<PathBuf>,
}

/// A fake of a registry: ours, of no vendor's.
pub(crate) struct Fake {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub(crate) fn serving() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, shared) = (client.unwrap(), shared.clone());
                std::thread::spawn(move || served(client, &shared));
            }
        });
        Self { address, state }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    fn leads(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let to = state
            .moves
            .iter()
            .map(|m| m["to"].as_str().unwrap().to_owned());
        to.collect()
    }
}

fn served(mut client: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1 << 12];
    let (head, body) = loop {
        let read = client.read(&mut buffer).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_owned();
        let length = header(&head, "content-length").map_or(0, |l| l.parse().unwrap());
        if body.len() >= length {
            break (head, body.to_owned());
        }
    };
    let mut state = state.lock().unwrap();
    if let Some(folder) = state.gone.take_if(|_| head.starts_with("PUT")) {
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, "").unwrap();
    }
    let (status, tag, answer) = answered(&mut state, &head, &body);
    if head.starts_with("PUT") && std::mem::take(&mut state.silent) {
        return None;
    }
    let etag = tag.map_or_else(String::new, |t| format!("ETag: \"{t}\"\r\n"));
    let length = answer.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\n{etag}Content-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
    );
    client.write_all(text.as_bytes()).ok()
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

fn answered(state: &mut State, head: &str, body: &str) -> (u16, Option<usize>, String) {
    let first = head.lines().next().unwrap_or_default();
    let words: Vec<&str> = first.split(' ').collect();
    let condition = header(head, "if-match").or(header(head, "if-none-match"));
    let condition = condition.unwrap_or_default();
    state.asked.push(
        format!("{} {} {condition}", words[0], words[1])
            .trim()
            .to_owned(),
    );
    if let Some((status, text)) = state.answer.clone() {
        return (status, None, text);
    }
    if header(head, "authorization") != Some(format!("Bearer {TOKEN}")) {
        // Some servers repeat what they were sent.
        let sent = header(head, "authorization").unwrap_or_default();
        return (
            403,
            None,
            json!({"message": format!("no right for {sent}")}).to_string(),
        );
    }
    let count = state.moves.len();
    match (words[0], words[1]) {
        ("GET", "/models/late%20flights/aliases/champion") => match state.moves.last() {
            None => (404, None, "{}".to_owned()),
            Some(last) => (
                200,
                Some(count),
                json!({"data": {"version": last["to"], "last": last}}).to_string(),
            ),
        },
        ("PUT", "/models/late%20flights/aliases/champion") => {
            let tag = format!("\"{count}\"");
            let holds = condition == tag || (condition == "*" && count == 0);
            if !holds {
                return (412, None, String::new());
            }
            let sent: Value = serde_json::from_str(body).unwrap();
            assert_eq!(sent["version"], sent["move"]["to"]);
            state.moves.push(sent["move"].clone());
            (204, None, String::new())
        }
        ("GET", "/models/late%20flights/versions/7") => (404, None, String::new()),
        ("GET", path) if path.starts_with("/models/late%20flights/versions/") => {
            (200, None, "{}".to_owned())
        }
        ("GET", "/models/late%20flights/history") => {
            (200, None, json!({"moves": state.moves}).to_string())
        }
        _ => (404, None, "<html>".to_owned()),
    }
}

pub(crate) fn bench(folder: &Path, address: &str, version: &str, history: &str) -> Bench {
    let base = format!("{address}/models/{{{{ model }}}}");
    let auth = "headers: {Authorization: 'Bearer {{ env.TOKEN }}'}";
    let registry = format!(
        "{{kind: http, model: late flights, environment: [TOKEN], etag: true, \
         look: {{url: '{base}/aliases/{{{{ alias }}}}', {auth}, version: /data/version, move: /data/last, none: [404]}}, \
         move: {{method: PUT, url: '{base}/aliases/{{{{ alias }}}}', {auth}, body: '{{\"version\": {{{{ to }}}}, \"move\": {{{{ move }}}}}}', expect: [204]}}, \
         find: {{url: '{base}/versions/{{{{ version }}}}', {auth}}}{history}}}"
    )
    .replace("BASE", &base)
    .replace("AUTH", auth);
    let promote = format!("{{registry: production, version: '{version}'}}");
    Bench::new(folder, &registry, &promote).with(&[("TOKEN", TOKEN)])
}

const HISTORY: &str = ", history: {url: 'BASE/history', AUTH, moves: /moves}";

fn expect(told: &Told, code: i32, words: &str) {
    assert_eq!(told.code, code, "{}", told.text);
    assert!(told.text.contains(words), "{}", told.text);
    for secret in [TOKEN, "top-secret"] {
        assert!(!told.text.contains(secret), "{}", told.text);
    }
}

#[test]
fn calls_move_an_alias_there_and_back() {
    let fake = Fake::serving();
    let folder = tempfile::tempdir().unwrap();
    let gated = |version: &str| {
        let bench = bench(folder.path(), &fake.address, version, HISTORY);
        bench.gate(DAY);
        bench
    };
    let first = gated("1");
    fake.asked();
    let dry = first.promote(DAY, &["--dry-run"]);
    expect(
        &dry,
        0,
        "PUT (If-None-Match: *, Authorization: Bearer ${TOKEN})",
    );
    assert!(
        dry.text.contains("{\"version\": \"1\", \"move\": {\"id\":"),
        "{}",
        dry.text
    );
    assert!(!fake.asked().iter().any(|a| a.starts_with("PUT")));
    expect(&first.promote(DAY, &[]), 0, "moved from none to 1");
    expect(&first.promote(DAY, &[]), 0, "already");
    let second = gated("2");
    fake.asked();
    expect(&second.promote(DAY, &[]), 0, "moved from 1 to 2");
    let put = "PUT /models/late%20flights/aliases/champion \"1\"".to_owned();
    assert!(fake.asked().contains(&put));
    expect(
        &second.told(&["rollback", "--now", DAY]),
        0,
        "moved from 2 to 1",
    );
    assert_eq!(fake.leads(), ["1", "2", "1"]);
    expect(&gated("7").promote(DAY, &[]), 5, "no version 7");
}

#[test]
fn who_comes_second_and_who_may_not_is_refused() {
    let fake = Fake::serving();
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &fake.address, "1", "");
    bench.gate(DAY);
    fake.state.lock().unwrap().moves.push(json!({"to": "9"}));
    expect(&bench.promote(DAY, &[]), 3, "no move of tollgate");
    fake.state.lock().unwrap().moves.clear();
    expect(&bench.promote(DAY, &[]), 0, "moved");
    expect(
        &bench.told(&["rollback", "--now", DAY]),
        5,
        "keeps no history",
    );
    let wrong = bench.with(&[("TOKEN", "top-secret-too")]);
    expect(&wrong.promote(DAY, &[]), 5, "no right for Bearer ${TOKEN}");
    fake.state.lock().unwrap().answer = Some((200, "<html>log in</html>".to_owned()));
    expect(&wrong.promote(DAY, &[]), 3, "a page (HTML)");
    fake.state.lock().unwrap().answer = Some((200, "{\"data\": {}}".to_owned()));
    expect(&wrong.promote(DAY, &[]), 3, "nothing at /data/version");
}

#[test]
fn an_answer_that_does_not_come_is_looked_up() {
    let fake = Fake::serving();
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), &fake.address, "1", "");
    bench.gate(DAY);
    fake.asked();
    fake.state.lock().unwrap().silent = true;
    expect(&bench.promote(DAY, &[]), 0, "moved from none to 1");
    let puts = fake.asked().iter().filter(|a| a.starts_with("PUT")).count();
    assert_eq!((puts, fake.leads()), (1, vec!["1".to_owned()]));
}

/// The registry at an address, without the binary.
pub(crate) fn calls(address: &str) -> Calls {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path(), address, "1", HISTORY);
    let path = bench.folder.join("tollgate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("{{ env.TOKEN }}", TOKEN);
    std::fs::write(&path, text.replace("environment: [TOKEN], ", "")).unwrap();
    let config = tollgate::config::load(&path).unwrap();
    let KindConfig::Http(http) = &config.registries[0].kind else {
        panic!("{:?}", config.registries[0].kind);
    };
    let target = Target {
        model: "late flights".to_owned(),
        alias: "champion".to_owned(),
    };
    Calls::new(http, target).unwrap()
}

#[test]
fn two_promoters_race_and_one_wins_each_round() {
    let fake = Fake::serving();
    let (one, two) = (calls(&fake.address), calls(&fake.address));
    one_winner_each([&one, &two], 50, |round| {
        [format!("a{round}"), format!("b{round}")].map(|v| (v, None))
    });
}

#[test]
fn mistakes_are_told_with_their_place_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let registry = "{kind: http, look: {url: 'ftp://h/{{ model }}', version: version, headers: {'a b': x}}, \
                    move: {method: MOVE, url: 'http://h/{{ env.TOKEN }}', body: '{% if to %}', expect: [404]}}";
    let bench = Bench::new(folder.path(), registry, "{registry: production}");
    let told = bench.told(&["run", "tollgate.yaml"]);
    for words in [
        "`url` is no http or https address",
        "a JSON pointer",
        "`a b` is no header",
        "`method` cannot be `MOVE`",
        "a name in it is not known",
        "`{%` is not allowed",
        "statuses from 200 to 299",
    ] {
        expect(&told, 2, words);
    }
    let registry = "{kind: http, environment: [TOKEN], look: {url: 'http://h/x', version: /v}, move: {url: 'http://h/x'}}";
    let bench = Bench::new(folder.path(), registry, "{registry: production}");
    expect(
        &bench.told(&["run", "tollgate.yaml"]),
        0,
        "`TOKEN` of the environment is not set",
    );
}

/// The alias was moved, and nothing can be written of it: whoever is to be told is told.
#[test]
fn a_record_that_cannot_be_written_hides_no_move() {
    let fake = Fake::serving();
    let folder = tempfile::tempdir().unwrap();
    let bench = |version: &str| {
        let bench = bench(folder.path(), &fake.address, version, HISTORY);
        let path = folder.path().join("tollgate.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text + "notify: {a: {kind: slack, url_from: HOOK}}\n").unwrap();
        bench.with(&[("HOOK", &format!("{}/hook", fake.address))])
    };
    let told = |of: &Bench, more: &[&str]| {
        fake.asked();
        let told = of.promote(DAY, &[&["--output", "more/promotion.json"], more].concat());
        (told, fake.asked().contains(&"POST /hook".to_owned()))
    };
    let more = folder.path().join("more");
    let first = bench("1");
    first.gate(DAY);
    fake.state.lock().unwrap().gone = Some(more.clone());
    let (said, notified) = told(&first, &[]);
    expect(&said, 3, "promotion.json");
    assert_eq!(fake.leads(), ["1"]);
    assert!(notified, "{}", said.text);
    // Nor does a signature that cannot be written.
    std::fs::remove_file(&more).unwrap();
    std::fs::create_dir_all(more.join("promotion.intoto.json/in")).unwrap();
    assert_eq!(first.told(&["key", "new", "--output", "gate.pem"]).code, 0);
    let second = bench("2");
    second.gate(DAY);
    let (said, notified) = told(&second, &["--promotion-key", "gate.pem"]);
    expect(&said, 3, "promotion.intoto.json");
    assert_eq!(fake.leads(), ["1", "2"]);
    assert!(notified, "{}", said.text);
}
