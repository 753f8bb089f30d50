//! A real Xet content store for tests: `modelpin-xet-server FILE…` serves the files until its input ends.
//!
//! It prints its address, and then the Xet hash of each file, a line each. Files that share content share chunks.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use xet_client::cas_client::LocalTestServerBuilder;
use xet_data::processing::configurations::TranslatorConfig;
use xet_data::processing::data_client::clean_file;
use xet_data::processing::{FileUploadSession, Sha256Policy};
use xet_runtime::config::XetConfig;
use xet_runtime::core::XetContext;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = LocalTestServerBuilder::new().with_ephemeral_disk().start().await;
    let endpoint = server.http_endpoint();
    let mut config = XetConfig::default();
    config.telemetry.enabled = false;
    let context = XetContext::from_external(tokio::runtime::Handle::current(), config);
    let folder = std::env::temp_dir().join(format!("modelpin-xet-server-{}", std::process::id()));
    let upload =
        FileUploadSession::new(Arc::new(TranslatorConfig::test_server_config(&context, &endpoint, &folder)?)).await?;
    let mut said = vec![endpoint.to_owned()];
    for file in std::env::args_os().skip(1) {
        let (info, _) = clean_file(upload.clone(), &file, Sha256Policy::Skip).await?;
        said.push(info.hash().to_owned());
        // Only chunks that are stored are shared with the next file.
        upload.checkpoint().await?;
    }
    upload.finalize().await?;
    let _ = std::fs::remove_dir_all(&folder);
    let mut out = std::io::stdout();
    writeln!(out, "{}", said.join("\n"))?;
    out.flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
