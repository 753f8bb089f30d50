//! A real Xet storage in a process of its own, behind a relay that sees every byte; and one that says what it is told to.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A storage; it ends when this is dropped.
pub(crate) struct Storage {
    pub(crate) relay: Relay,
    /// The hash of each file.
    pub(crate) hashes: Vec<String>,
    child: Child,
}

impl Storage {
    /// A storage that has `whole` in so many parts of their own, so that it comes in as many steps.
    pub(crate) fn in_parts(whole: &[u8], parts: usize) -> Self {
        let mut files: Vec<&[u8]> = whole.chunks(whole.len().div_ceil(parts)).collect();
        files.push(whole);
        let mut storage = Self::with(&files);
        storage.hashes.drain(..parts);
        storage
    }

    /// A storage that has these files.
    pub(crate) fn with(files: &[&[u8]]) -> Self {
        // As tests/xet/run names it.
        let program = std::env::var_os("MODELPIN_XET_SERVER").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        for (number, bytes) in files.iter().enumerate() {
            let path = dir.path().join(number.to_string());
            std::fs::write(&path, bytes).unwrap();
            command.arg(path);
        }
        // It ends with its input.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let endpoint = lines.next().unwrap().unwrap();
        let hashes: Vec<String> = lines.by_ref().take(files.len()).map(Result::unwrap).collect();
        Self { relay: Relay::to(endpoint.strip_prefix("http://").unwrap()), hashes, child }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Passes connections on, and remembers what passed. The storage names itself as it was called, so that all of its
/// addresses lead here.
pub(crate) struct Relay {
    endpoint: String,
    seen: Arc<Seen>,
}

struct Seen {
    asked: Mutex<Vec<u8>>,
    served: AtomicUsize,
    most: AtomicUsize,
    /// Bytes a second of each connection.
    rate: AtomicUsize,
    refusals: Mutex<Vec<Refusal>>,
}

struct Refusal {
    path: &'static str,
    status: u16,
    /// Requests that are still answered.
    skip: usize,
    times: usize,
}

impl Seen {
    /// The status with which a request is refused, if it is.
    fn refused(&self, request: &[u8]) -> Option<u16> {
        let line = String::from_utf8_lossy(request.split(|byte| *byte == b'\r').next()?).into_owned();
        let mut refusals = self.refusals.lock().unwrap();
        let refusal = refusals.iter_mut().find(|refusal| refusal.times > 0 && line.contains(refusal.path))?;
        if refusal.skip > 0 {
            refusal.skip -= 1;
            return None;
        }
        refusal.times -= 1;
        Some(refusal.status)
    }
}

impl Relay {
    fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen {
            asked: Mutex::default(),
            served: AtomicUsize::new(0),
            most: AtomicUsize::new(usize::MAX),
            rate: AtomicUsize::new(usize::MAX),
            refusals: Mutex::default(),
        });
        let (address, passed) = (address.to_owned(), seen.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&address) else { continue };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let mut back = client.try_clone().unwrap();
                let seen = passed.clone();
                std::thread::spawn(move || {
                    pass(from, to, |bytes| {
                        seen.asked.lock().unwrap().extend(bytes);
                        let Some(status) = seen.refused(bytes) else { return true };
                        let answer = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                        let _ = back.write_all(format!("HTTP/1.1 {status} Refused{answer}").as_bytes());
                        false
                    });
                });
                let seen = passed.clone();
                std::thread::spawn(move || {
                    pass(server, client, |bytes| {
                        let before = seen.served.fetch_add(bytes.len(), Ordering::Relaxed);
                        let rate = seen.rate.load(Ordering::Relaxed);
                        std::thread::sleep(Duration::from_micros((bytes.len() * 1_000_000 / rate) as u64));
                        before + bytes.len() <= seen.most.load(Ordering::Relaxed)
                    });
                });
            }
        });
        Self { endpoint, seen }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// All requests so far, with their bodies.
    pub(crate) fn asked(&self) -> String {
        String::from_utf8_lossy(&self.seen.asked.lock().unwrap()).into_owned()
    }

    /// The bytes of all answers so far.
    pub(crate) fn served(&self) -> usize {
        self.seen.served.load(Ordering::Relaxed)
    }

    /// Serves no more than so many bytes, all connections together.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.seen.most.store(bytes, Ordering::Relaxed);
    }

    /// Serves so many bytes a second on each connection.
    pub(crate) fn slow(&self, rate: usize) {
        self.seen.rate.store(rate, Ordering::Relaxed);
    }

    /// Refuses requests whose first line contains `path`, after `skip` of them and so many times.
    pub(crate) fn refuse(&self, path: &'static str, status: u16, skip: usize, times: usize) {
        self.seen.refusals.lock().unwrap().push(Refusal { path, status, skip, times });
    }

    /// How many requests are still to be refused.
    pub(crate) fn to_refuse(&self) -> usize {
        self.seen.refusals.lock().unwrap().iter().map(|refusal| refusal.times).sum()
    }
}

/// Passes bytes on while they are let through.
fn pass(mut from: TcpStream, mut to: TcpStream, mut through: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read) = from.read(&mut buffer)
        && read > 0
        && through(&buffer[..read])
        && to.write_all(&buffer[..read]).is_ok()
    {}
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// A storage of lies: it answers what is asked of the file with `recipe`, in which `HERE` is its own address, and
/// everything else with `block`. Returns its address.
pub(crate) fn liar(recipe: &str, block: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let recipe = recipe.replace("HERE", &endpoint).into_bytes();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let mut request = vec![0; 64 << 10];
            let read = client.read(&mut request).unwrap_or(0);
            let asks_of_file = String::from_utf8_lossy(&request[..read]).contains("/reconstructions/");
            let body = if asks_of_file { &recipe } else { &block };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = client.write_all(head.as_bytes()).and_then(|()| client.write_all(body));
        }
    });
    endpoint
}
