//! What names tell: of files and of environment variables.

/// Whether a path points outside the working folder of the code.
pub(crate) fn is_outside(place: &str) -> bool {
    let is_drive =
        place.as_bytes().get(1) == Some(&b':') && place.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    let climbs = place.split(['/', '\\']).any(|part| part == "..");
    let is_null = place == "/dev/null";
    !is_null && (place.starts_with(['/', '~', '\\']) || is_drive || climbs || place.starts_with("$HOME"))
}

/// Whether an environment variable holds a secret, by its name.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // `TOKENIZERS_PARALLELISM` and the like are settings.
    let words: Vec<&str> = name.split('_').collect();
    let words_are =
        ["TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS", "CREDENTIAL", "AWS", "APIKEY", "PAT", "PASS"];
    words.iter().any(|word| words_are.contains(word))
}

/// Whether a file holds secrets, by its name.
pub(crate) fn is_private(place: &str) -> bool {
    const PRIVATE: &[&str] = &[
        ".ssh",
        ".aws",
        ".netrc",
        ".git-credentials",
        ".kube",
        ".docker/config",
        "id_rsa",
        "id_ed25519",
        "/etc/shadow",
        "/etc/passwd",
        "/environ",
        "huggingface/token",
        ".huggingface",
        "Login Data",
        "wallet",
        ".gnupg",
        ".pypirc",
        ".npmrc",
        ".bash_history",
        "gcloud",
        "key4.db",
        ".config/gh",
        "/run/secrets",
        "stored_tokens",
    ];
    PRIVATE.iter().any(|part| place.contains(part))
}
