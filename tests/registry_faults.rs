//! Two promoters behind a proxy that drops, delays, doubles, truncates and turns away, by a seed: never two winners, never a
//! lost move, and whoever asks again afterwards learns what became of it.
//!
//! Against the fake of `registry_http`, which is ours, and against moto.

use crate::registry_aws::Servers;
use crate::registry_aws_given::request;
use crate::registry_bench::{made, promotion, raced};
use crate::registry_http::Fake;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tollgate::promote::drive::Ended;
use tollgate::registry::s3::{Objects, Store};
use tollgate::registry::{Answer, Registry, Target};

/// Seeds that are tried at once: most of the time they wait.
const AT_ONCE: usize = 64;

/// What happens to a request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The request is not passed on.
    Unsent,
    /// It is, and the answer is not.
    Unanswered,
    /// The answer ends in the middle.
    Truncated,
    /// It is passed on, and the answer is that the server is busy.
    Busy,
    /// The answer comes late.
    Late,
    /// It is passed on twice, and the second answer comes.
    Twice,
}

/// A proxy, and the faults that it makes while it is on.
struct Proxy {
    address: String,
    on: Arc<AtomicBool>,
    made: Arc<AtomicUsize>,
}

/// The fault of the `count`th request of a seed: none in two of three.
fn fault(seed: u64, count: u64) -> Fault {
    let mut x =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ count.wrapping_mul(0xd1b5_4a32_d192_ed03);
    for shift in [30, 27, 31] {
        x = (x ^ (x >> shift)).wrapping_mul(0x94d0_49bb_1331_11eb);
    }
    match x % 18 {
        0 => Fault::Unsent,
        1 => Fault::Unanswered,
        2 => Fault::Truncated,
        3 => Fault::Busy,
        4 => Fault::Late,
        5 => Fault::Twice,
        _ => Fault::None,
    }
}

fn asked(target: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut server = TcpStream::connect(target).ok()?;
    server.write_all(bytes).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    Some(answer)
}

fn passed(mut client: TcpStream, target: &str, fault: Fault) -> Option<()> {
    let bytes = request(&mut client)?;
    if fault == Fault::Unsent {
        return None;
    }
    let mut answer = asked(target, &bytes)?;
    match fault {
        Fault::Unanswered => return None,
        Fault::Truncated => answer.truncate(answer.len() / 2),
        Fault::Busy => {
            answer = b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: 0\r\nConnection: close\r\n\r\n".to_vec();
        }
        Fault::Late => std::thread::sleep(Duration::from_millis(30)),
        Fault::Twice => answer = asked(target, &bytes)?,
        Fault::None | Fault::Unsent => {}
    }
    client.write_all(&answer).ok()
}

impl Proxy {
    fn before(endpoint: &str, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let target = endpoint.strip_prefix("http://").unwrap().to_owned();
        let (on, count) = (Arc::new(AtomicBool::new(true)), AtomicU64::new(0));
        let made = Arc::<AtomicUsize>::default();
        let (switch, counted) = (on.clone(), made.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let fault = if switch.load(Ordering::SeqCst) {
                    fault(seed, count.fetch_add(1, Ordering::SeqCst))
                } else {
                    Fault::None
                };
                if fault != Fault::None {
                    counted.fetch_add(1, Ordering::SeqCst);
                }
                let (client, target) = (client.unwrap(), target.clone());
                std::thread::spawn(move || passed(client, &target, fault));
            }
        });
        Self { address, on, made }
    }
}

/// Races two promoters from nowhere, and asks again when all is well; returns how many knew how it ended at once.
fn tried<R: Registry + Sync>(registries: [&R; 2], proxy: &Proxy, seed: u64) -> usize {
    let changes = [
        promotion(None, "a", "one", None),
        promotion(None, "b", "two", None),
    ];
    let ended: [Answer<Ended>; 2] = raced(registries, [&changes[0], &changes[1]]);
    proxy.on.store(false, Ordering::SeqCst);
    let won: Vec<usize> = (0..2).filter(|p| ended[*p] == Ok(Ended::Moved)).collect();
    assert!(won.len() < 2, "seed {seed}: {ended:?}");
    for (place, one) in ended.iter().enumerate() {
        if let Ok(Ended::Lost(seen)) = one {
            let other = &changes[1 - place].id;
            assert_eq!(
                seen.by.as_ref().map(|m| &m.id),
                Some(other),
                "seed {seed}: {ended:?}"
            );
        }
    }
    // Whoever does not know asks again: with the first that does, one of both has won, and no other ever.
    let again = [0, 1].map(|place| made(registries[place], &changes[place]));
    let past = registries[0].past().unwrap();
    assert_eq!(past.len(), 1, "seed {seed}: {ended:?}, {again:?}");
    let winner = changes.iter().position(|c| c.id == past[0].id).unwrap();
    assert!(won.iter().all(|w| *w == winner), "seed {seed}: {ended:?}");
    assert!(
        matches!(again[winner], Ok(Ended::Already(_) | Ended::Moved)),
        "seed {seed}: {again:?}"
    );
    assert!(
        matches!(again[1 - winner], Ok(Ended::Lost(_))),
        "seed {seed}: {again:?}"
    );
    ended.iter().filter(|e| e.is_ok()).count()
}

/// Tries seeds, several at once; faults were made, and most promoters learnt at once how it ended.
fn all(seeds: u64, one: impl Fn(u64) -> (usize, usize) + Sync) {
    let next = AtomicU64::new(0);
    let (known, faults) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds {
                        return;
                    }
                    let (told, made) = one(seed);
                    known.fetch_add(told, Ordering::SeqCst);
                    faults.fetch_add(made, Ordering::SeqCst);
                }
            });
        }
    });
    let seeds = usize::try_from(seeds).unwrap();
    assert!(
        known.load(Ordering::SeqCst) > seeds,
        "{known:?} of {}",
        2 * seeds
    );
    assert!(faults.load(Ordering::SeqCst) > seeds, "{faults:?}");
}

#[test]
fn described_calls_through_a_thousand_seeds_of_faults() {
    all(1000, |seed| {
        let fake = Fake::serving();
        let proxy = Proxy::before(&fake.address, seed);
        let open = || crate::registry_http::calls(&proxy.address);
        let known = tried([&open(), &open()], &proxy, seed);
        (known, proxy.made.load(Ordering::SeqCst))
    });
}

#[test]
fn objects_through_two_hundred_seeds_of_faults() {
    let Some(servers) = Servers::serving() else {
        return;
    };
    let (endpoint, [id, secret]) = (servers.endpoint.clone(), servers.writer.clone());
    let target = Target {
        model: "late".to_owned(),
        alias: "champion".to_owned(),
    };
    all(200, |seed| {
        let proxy = Proxy::before(&endpoint, seed);
        let open = || {
            let keys = (id.as_str(), secret.as_str());
            let store = Store::with_keys("registry", &format!("s{seed}"), &proxy.address, keys);
            Objects::new(store.unwrap(), target.clone())
        };
        let known = tried([&open(), &open()], &proxy, seed);
        (known, proxy.made.load(Ordering::SeqCst))
    });
}
