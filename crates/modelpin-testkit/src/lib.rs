//! A loopback Hugging Face Hub for tests, and for trying things by hand.
//!
//! [`Hub::start`] serves on two ports of 127.0.0.1: the Hub itself and, as the real one has, a CDN for large
//! files on another origin. Repos are made in memory with real git object ids ([`git`]); every request is
//! recorded; [`Fault`]s make the Hub misbehave in named ways. Everything stops when the [`Hub`] is dropped.
//!
//! - [`repo`]: repos, commits, files, as tests change them; `stored`: what of them is kept
//! - `routes`: the API and the content, as the real Hub answers them
//! - [`fault`]: what can be made to go wrong
//! - [`folder`]: a folder of repos on disk, for the `modelpin-testkit` program
//! - [`make`]: bytes of honest model files; [`sparse`]: files of many gigabytes
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test kit that cannot do its part must stop the test"
)]

pub mod corpus;
pub mod fault;
pub mod folder;
pub mod git;
pub mod make;
pub mod repo;
mod routes;
pub mod sparse;
mod state;
mod stored;

pub use fault::Fault;
pub use repo::{Content, Gate, Kind, Repo};
pub use sparse::Sparse;
pub use state::Recorded;

use sha2::{Digest as _, Sha256};
use state::State;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A running Hub.
pub struct Hub {
    state: Arc<Mutex<State>>,
    endpoint: String,
    cdn: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Hub {
    /// Starts a Hub on free ports.
    #[must_use]
    pub fn start() -> Self {
        Self::start_at(0, 0, None)
    }

    /// Starts a Hub on these ports (0 for free ones). With `cdn_url`, large files are redirected there
    /// instead of to the own CDN, to the path that each file has below the served folder.
    #[must_use]
    pub fn start_at(port: u16, cdn_port: u16, cdn_url: Option<String>) -> Self {
        let listen = |port| std::net::TcpListener::bind(("127.0.0.1", port)).expect("a free port on 127.0.0.1");
        let (hub, cdn) = (listen(port), listen(cdn_port));
        let address = |listener: &std::net::TcpListener| {
            format!("http://{}", listener.local_addr().expect("the listener's address"))
        };
        let (endpoint, cdn_endpoint) = (address(&hub), address(&cdn));
        let state = Arc::new(Mutex::new(State::new(endpoint.clone(), cdn_endpoint.clone(), cdn_url)));
        let (stop, stopped) = oneshot::channel();
        let served = state.clone();
        let thread = std::thread::spawn(move || routes::serve(hub, cdn, served, stopped));
        Self { state, endpoint, cdn: cdn_endpoint, stop: Some(stop), thread: Some(thread) }
    }

    /// The Hub's address, for `HF_ENDPOINT`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The CDN's address.
    #[must_use]
    pub fn cdn_endpoint(&self) -> &str {
        &self.cdn
    }

    /// The model repo `id`; made, if there is none.
    #[must_use]
    pub fn model(&self, id: &str) -> Repo {
        Repo::new(self.state.clone(), Kind::Model, id)
    }

    /// The dataset repo `id`; made, if there is none.
    #[must_use]
    pub fn dataset(&self, id: &str) -> Repo {
        Repo::new(self.state.clone(), Kind::Dataset, id)
    }

    /// The space repo `id`; made, if there is none.
    #[must_use]
    pub fn space(&self, id: &str) -> Repo {
        Repo::new(self.state.clone(), Kind::Space, id)
    }

    /// Makes the owner `name` an organization.
    pub fn organization(&self, name: &str, verified: bool) {
        state::lock(&self.state).organizations.insert(name.to_owned(), verified);
    }

    /// Makes `token` one that the Hub knows. While it knows none, it looks at none.
    pub fn know_token(&self, token: &str) {
        state::lock(&self.state).tokens.insert(token.to_owned());
    }

    /// Makes something go wrong from now on.
    pub fn fault(&self, fault: Fault) {
        state::lock(&self.state).faults.push(fault);
    }

    /// Makes everything go right again.
    pub fn heal(&self) {
        state::lock(&self.state).faults.clear();
    }

    /// Offers files through the Xet storage at `cas`: each by its content, with the hash that the storage has for it.
    pub fn offer_xet(&self, cas: &str, files: &[(&[u8], &str)]) {
        let hash = |(bytes, hash): &(&[u8], &str)| (hex::encode(Sha256::digest(bytes)), (*hash).to_owned());
        self.offer_hashes(cas, files.iter().map(hash).collect());
    }

    /// Offers files through the Xet storage at `cas`: each by its SHA-256, with the hash that the storage has for it.
    pub fn offer_hashes(&self, cas: &str, hashes: BTreeMap<String, String>) {
        state::lock(&self.state).xet = Some((cas.to_owned(), hashes));
    }

    /// How many entries a page of a listing has (1000).
    pub fn page_size(&self, entries: usize) {
        state::lock(&self.state).page = entries;
    }

    /// All requests so far, in order, to both listeners.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        state::lock(&self.state).requests.clone()
    }

    /// Forgets all requests so far.
    pub fn forget_requests(&self) {
        state::lock(&self.state).requests.clear();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
