//! A token goes to the origins that a person named for it, and is shown to nobody.

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::{Hub, Recorded};

const SECRET: &str = "hf_s3cr3t";

/// A project of which models.toml names the endpoint, and a person with a token in the usual file.
fn clone(endpoint: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.chat();
    let endpoint = endpoint.replace("PORT", port(&sandbox.hub));
    sandbox.write("models.toml", format!("[hub]\nendpoint = \"{endpoint}\"\n\n[models]\nchat = \"acme/chat\"\n"));
    let folder = sandbox.root().join("home/.cache/huggingface");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("token"), SECRET).unwrap();
    sandbox
}

fn port(hub: &Hub) -> &str {
    hub.endpoint().rsplit(':').next().unwrap()
}

/// Runs without `HF_ENDPOINT`, unless it is among the variables.
fn run(sandbox: &Sandbox, variables: &[(&str, &str)], words: &str) -> Output {
    sandbox.finish(sandbox.command(words).env_remove("HF_ENDPOINT").envs(variables.iter().copied()))
}

/// What the Hub was sent as a token, by all requests so far; the CDN must get none.
fn sent(requests: &[Recorded]) -> Vec<&str> {
    let mut sent: Vec<&str> =
        requests.iter().filter_map(|request| request.headers.get("authorization")).map(String::as_str).collect();
    sent.dedup();
    assert!(requests.iter().all(|request| !request.cdn || !request.headers.contains_key("authorization")));
    sent
}

#[test]
fn an_endpoint_that_only_the_clone_names_gets_no_token() {
    for endpoint in [
        "http://127.0.0.1:PORT",
        "http://127.0.0.1:PORT/",
        "HTTP://127.0.0.1:PORT",
        "http://localhost:PORT",
        "http://LOCALHOST:PORT",
        "http://127.1:PORT",
        "http://0x7f.1:PORT//",
    ] {
        let sandbox = clone(endpoint);
        // What is named beside it is another origin.
        sandbox.grant(&format!("hubs.\"{}\" = {{}}", sandbox.hub.cdn_endpoint()));
        sandbox.grant("hubs.\"https://127.0.0.1\" = {}");
        for words in ["lock", "sync", "outdated", "update", "vendor copies"] {
            let output = run(&sandbox, &[("HF_TOKEN", SECRET)], words);
            assert!(!output.stderr.contains(SECRET) && output.code == 0, "{output}");
            if output.requests > 0 {
                output.says("asked without a token").says("`HF_ENDPOINT=").says("hubs.\"");
                assert_eq!(output.stderr.matches("without a token").count(), 1, "{output}");
            }
        }
        assert!(!sandbox.hub.requests().is_empty());
        assert_eq!(sent(&sandbox.hub.requests()), [""; 0], "{endpoint}");
        let warm = run(&sandbox, &[("HF_TOKEN", SECRET)], "sync --locked");
        assert!(warm.requests == 0 && !warm.ok().stderr.contains("without a token"), "{warm}");
    }
}

#[test]
fn an_endpoint_that_the_person_names_gets_the_token_that_is_for_it() {
    let sandbox = clone("http://LOCALHOST:PORT/");
    let place = format!("http://localhost:{}", port(&sandbox.hub));
    std::fs::write(sandbox.root().join("home/corp"), "corp_file\n").unwrap();
    let config = sandbox.root().join("home/.config/modelpin/config.toml");
    sandbox.run("lock").ok();
    for (line, variables, token) in [
        (format!("hubs.\"{place}\" = {{}}"), &[][..], SECRET),
        (format!("hubs.\"{place}/other/path\" = {{}}"), &[("HF_TOKEN", "hf_env")], "hf_env"),
        (
            format!("hubs.\"{place}\" = {{ token-variable = \"CORP\" }}"),
            &[("HF_TOKEN", "hf_env"), ("CORP", "corp")],
            "corp",
        ),
        (format!("hubs.\"{place}\".token-file = \"~/corp\""), &[("HF_TOKEN", "hf_env")], "corp_file"),
        (format!("hubs.\"{place}\".token-file = \"$HOME/corp\""), &[("HF_ENDPOINT", place.as_str())], "corp_file"),
        (String::new(), &[("HF_ENDPOINT", place.as_str())], SECRET),
    ] {
        let _ = std::fs::remove_file(&config);
        sandbox.grant(&line);
        sandbox.hub.forget_requests();
        let output = run(&sandbox, variables, "update");
        assert!(!output.ok().stderr.contains("without a token"), "{output}");
        assert_eq!(sent(&sandbox.hub.requests()), [format!("Bearer {token}")], "{line}");
        sandbox.hub.forget_requests();
        let switched: Vec<_> = variables.iter().copied().chain([("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]).collect();
        run(&sandbox, &switched, "update").ok();
        assert_eq!(sent(&sandbox.hub.requests()), [""; 0], "{line}");
    }
    let _ = std::fs::remove_file(&config);
    sandbox.grant(&format!("hubs.\"{place}\".token-variable = \"CORP\""));
    run(&sandbox, &[("HF_TOKEN", "hf_env")], "update").refused(2).says("`CORP`").says("it is not there");
}

#[test]
fn what_could_be_no_token_is_refused_where_it_would_be_sent() {
    let sandbox = clone("http://127.0.0.1:PORT");
    let endpoint = sandbox.hub.endpoint().to_owned();
    let file = sandbox.root().join("home/.cache/huggingface/token");
    let long = "s3cr3t".repeat(1000);
    for text in [
        "hf s3cr3t",
        "Bearer s3cr3t",
        "\"s3cr3t\"",
        "'s3cr3t'",
        "s3cr3tü",
        "s3cr3t\u{7f}",
        "a\ns3cr3t",
        long.as_str(),
        "Bearer:s3cr3t",
        "HF_TOKEN=s3cr3t",
        "${s3cr3t}",
        "<s3cr3t>",
        "a,s3cr3t",
        "s3cr3t\\n",
        "s3cr3t;",
    ] {
        for variable in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
            let before = sandbox.hub.requests().len();
            let output = run(&sandbox, &[(variable, text), ("HF_ENDPOINT", &endpoint)], "lock -v");
            output.refused(2).says(&format!("the token in the variable `{variable}` cannot be used: "));
            assert!(!output.stderr.contains("s3cr3t") && sandbox.hub.requests().len() == before, "{output}");
        }
        std::fs::write(&file, text).unwrap();
        let output = run(&sandbox, &[("HF_ENDPOINT", &endpoint)], "lock");
        output.refused(2).says("huggingface/token`");
        assert!(!output.stderr.contains("s3cr3t"), "{output}");
    }
    // It is for nobody who is asked here.
    run(&sandbox, &[("HF_TOKEN", "a b")], "sync").ok();
    for words in ["sync --locked", "sync --offline", "verify", "check"] {
        run(&sandbox, &[("HF_TOKEN", "a b"), ("HF_ENDPOINT", &endpoint)], words).ok();
    }
    std::fs::write(&file, " \n").unwrap();
    for blank in ["", "  ", "\r\n"] {
        sandbox.hub.forget_requests();
        run(&sandbox, &[("HF_TOKEN", blank), ("HF_ENDPOINT", &endpoint)], "update").ok();
        assert_eq!(sent(&sandbox.hub.requests()), [""; 0]);
    }
}

#[test]
fn a_token_is_not_sent_where_anyone_on_the_way_could_read_it() {
    let sandbox = clone("http://hub.invalid");
    let proxy = sandbox.hub.endpoint();
    sandbox.run("lock").ok();
    sandbox.hub.forget_requests();
    for variables in [
        &[("HF_ENDPOINT", "http://hub.invalid"), ("HTTP_PROXY", proxy)][..],
        &[("HF_ENDPOINT", "http://hub.invalid:8080/sub"), ("ALL_PROXY", proxy)],
        &[("http_proxy", proxy)],
    ] {
        let all: Vec<_> = variables.iter().copied().chain([("HF_TOKEN", SECRET)]).collect();
        let output = run(&sandbox, &all, "update");
        assert!(output.requests > 0, "{output}");
        output.says(if variables.len() > 1 { "no token is sent to `http://hub.invalid" } else { "without a token" });
    }
    sandbox.grant("hubs.\"http://hub.invalid\" = {}");
    run(&sandbox, &[("HTTP_PROXY", proxy)], "update").says("no token is sent to `http://hub.invalid`");
    assert_eq!(sent(&sandbox.hub.requests()), [""; 0]);
    // What may be said on this machine alone is not handed to a proxy.
    let (other, endpoint) = (Hub::start(), sandbox.hub.endpoint());
    std::fs::remove_file(sandbox.path("models.lock")).unwrap();
    let elsewhere = other.endpoint();
    let variables =
        [("HF_ENDPOINT", endpoint), ("HTTP_PROXY", elsewhere), ("ALL_PROXY", elsewhere), ("HF_TOKEN", SECRET)];
    sandbox.hub.forget_requests();
    run(&sandbox, &variables, "sync").ok();
    assert_eq!(sent(&sandbox.hub.requests()), [format!("Bearer {SECRET}")]);
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_password_in_an_address_is_never_shown() {
    let sandbox = clone("http://127.0.0.1:PORT");
    let host = sandbox.hub.endpoint().trim_start_matches("http://").to_owned();
    let spellings = [
        format!("http://jo:s3cr3t@{host}"),
        format!("http://s3cr3t@{host}/"),
        format!(" http://jo:s3@cr3t@{host}"),
        format!("http://jo:s3cr3t@{host} x"),
        format!("jo:s3cr3t@{host}"),
        format!("http://{host}?password=s3cr3t"),
        format!("http://jo:s3#cr3t@{host}"),
        format!("http://jo:s3?cr3t@{host}"),
        format!("http://jo:s3/cr3t@{host}"),
        format!("http://{host}/s3cr3t@hub.invalid"),
        "http://jo:1/s3cr3t@hub.invalid".to_owned(),
        "hf_s3cr3t".to_owned(),
        "https://hf_s3cr3t".to_owned(),
    ];
    let hidden = |output: &Output| {
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains("cr3t"), "{output}");
    };
    for spelling in &spellings {
        for words in ["lock", "-v lock", "sync --format json"] {
            let output = run(&sandbox, &[("HF_ENDPOINT", spelling)], words);
            hidden(output.refused(2));
            assert_eq!(output.requests, 0, "{output}");
        }
        sandbox.write("models.toml", format!("[hub]\nendpoint = \"{spelling}\"\n[models]\nchat = \"acme/chat\"\n"));
        hidden(run(&sandbox, &[], "lock").refused(2));
        sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
        sandbox.grant(&format!("hubs.\"{spelling}\" = {{}}"));
        hidden(run(&sandbox, &[("HF_ENDPOINT", sandbox.hub.endpoint())], "lock").exits(2));
        std::fs::remove_file(sandbox.root().join("home/.config/modelpin/config.toml")).unwrap();
    }
    for line in [
        "hubs.\"https://h\".token = \"hf_s3cr3t\"",
        "hubs.\"https://h\" = \"hf_s3cr3t\"",
        "hubs.\"https://h\".token-variable = \"Bearer hf_s3cr3t\"",
        "hubs.\"https://h\".token-variable = \"hf_s3cr3t\"",
        "hubs.\"https://h\".token-variable = \"$HF_s3cr3t\"",
        "hubs.\"https://h\".token-variable = hf_s3cr3t",
        "hf_s3cr3t",
        "hf_s3cr3t = 1",
        "hubs = 1 # hf_s3cr3t",
        "projects.s3cr3t.target = \"x\"",
    ] {
        sandbox.grant(line);
        hidden(run(&sandbox, &[], "lock").exits(2).says("[DIR]/home/.config/modelpin/config.toml:1"));
        std::fs::remove_file(sandbox.root().join("home/.config/modelpin/config.toml")).unwrap();
    }
    for line in [
        "endpont = \"https://jo:s3cr3t@h\"",
        "endpoint = \"https://jo:s3cr3t@h\" x",
        "endpoint = [\"https://jo:s3cr3t@h\"]",
    ] {
        sandbox.write("models.toml", format!("[hub]\n{line}\n"));
        hidden(run(&sandbox, &[], "check").exits(2));
    }
    sandbox.write("models.toml", "hub = \"https://jo:s3cr3t@h\"\n");
    hidden(run(&sandbox, &[], "check --format json").exits(2));
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
    for proxy in ["http://jo:s3cr3t@127.0.0.1:9", "socks5://jo:s3cr3t@127.0.0.1:9", "http://jo:s3cr3t@"] {
        let variables = [("HF_ENDPOINT", "http://hub.invalid"), ("ALL_PROXY", proxy)];
        hidden(run(&sandbox, &variables, "-v lock").exits(7));
    }
}

/// A server that answers every request with this text, in which `SAID` is what it was sent as a token.
fn parrot(answer: &'static str) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut asked, mut buffer) = (stream.unwrap(), Vec::new(), [0; 4096]);
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(length) if length > 0 => asked.extend_from_slice(&buffer[..length]),
                    _ => break,
                }
            }
            let asked = String::from_utf8_lossy(&asked).into_owned();
            let said = asked.lines().find_map(|line| line.split_once("Bearer ")).map_or("", |(_, said)| said.trim());
            let _ = stream.write_all(answer.replace("SAID", said).as_bytes());
        }
    });
    address
}

#[test]
fn a_token_that_is_said_back_is_not_shown() {
    let sandbox = clone("http://127.0.0.1:PORT");
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
    for answer in [
        "HTTP/1.1 403 No\r\nX-Error-Message: no: Bearer SAID\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 403 No\r\nX-Error-Code: GatedRepo\r\nX-Error-Message: SAIDSAID\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 418 No\r\nX-Request-Id: SAID\r\nX-Error-Code: SAID\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 400 No\r\nConnection: close\r\n\r\n{\"error\": \"SAID is bad\"}",
        "HTTP/1.1 400 No\r\nConnection: close\r\n\r\n{\"errors\": [], \"message\": \"Bearer SAID\"}",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"id\": \"SAID\", \"sha\": \"SAID\"}",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"id\": \"acme/chat\", \"sha\": \"SAID\"}",
        "HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/SAID/x\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 No\r\nLocation: http://SAID@127.0.0.1:1/x\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 No\r\nLocation: http://SAID.invalid/\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/?t=SAID\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 No\r\nLocation: ftp://SAID/\r\nConnection: close\r\n\r\n",
    ] {
        let address = parrot(answer);
        for words in ["lock", "-v lock", "outdated --format json"] {
            let output = run(&sandbox, &[("HF_TOKEN", SECRET), ("HF_ENDPOINT", &address)], words);
            let all = format!("{}{}", output.stdout, output.stderr).to_lowercase();
            assert!(output.code != 0 && !all.contains("cr3t"), "{answer}\n{output}");
        }
    }
}
