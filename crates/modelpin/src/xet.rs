//! The client of Xet storages, as the verbs get it: made when the first file needs it.

use modelpin_ops::Hub;
use modelpin_ops::sources::{self, Offer, Pieces, SourceError, Unavailable};
use modelpin_xet::{Access, Config, Renew, Xet};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;

/// A client that may not be needed.
pub(crate) struct Client {
    config: Config,
    made: OnceLock<Result<Xet, String>>,
}

impl Client {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, made: OnceLock::new() }
    }
}

impl sources::Client for Client {
    fn open(&self, hub: &Hub, offer: &Offer<'_>, from: u64) -> Result<Pieces, Unavailable> {
        let runtime = Handle::current();
        let make = || Xet::new(self.config.clone(), runtime.clone()).map_err(|error| error.to_string());
        let client = self.made.get_or_init(make).as_ref().map_err(Unavailable::because)?;
        let hub = hub.clone();
        let source = offer.source.clone();
        let commit = *offer.commit;
        let renew: Renew = Arc::new(move || {
            let hub = hub.clone();
            let source = source.clone();
            Box::pin(async move {
                let access = hub.xet_access(&source, &commit).await.map_err(|error| error.to_string())?;
                Ok(Access { cas: access.cas, token: access.token, expires: access.expires })
            })
        });
        let open = async {
            let access = renew().await?;
            client.open(access, renew, offer.hash, offer.size, from).await.map_err(|error| error.to_string())
        };
        let mut stream = runtime.block_on(open).map_err(|why: String| Unavailable::because(why))?;
        let next = move || {
            let chunk = runtime.block_on(stream.chunk());
            chunk.map_err(|error| SourceError::from(Unavailable::because(error))).transpose()
        };
        Ok(Box::new(std::iter::from_fn(next)))
    }
}
