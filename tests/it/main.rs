//! modelpin as its users meet it: the real program, a real HTTP Hub on this machine, files on disk.
#![expect(clippy::unwrap_used, reason = "a test that cannot do its part has to stop")]

mod add;
mod archives;
mod bare_names;
mod cache;
mod certify;
mod check;
mod commands;
mod completions;
mod configuration;
mod convert;
mod convert_families;
mod convert_refused;
#[cfg(feature = "peers")]
mod data_files;
#[cfg(feature = "peers")]
mod datasets;
mod decisions;
mod dependencies;
mod dependencies_followed;
mod dependency_policy;
mod diff;
mod diff_files;
mod docs;
mod docs_families;
mod env;
mod example;
mod exclude;
mod exec;
mod exec_shadowing;
#[cfg(feature = "peers")]
mod exec_variables;
mod exempt;
mod export;
mod facts;
mod faults;
mod files;
mod foreign_code;
mod gated;
mod generated;
mod harmless;
mod hostile;
mod house;
mod imports;
mod init;
#[cfg(target_os = "linux")]
mod jail;
#[cfg(target_os = "linux")]
mod jail_end;
#[cfg(target_os = "linux")]
mod jail_honest;
mod json;
mod large;
mod late;
mod layouts;
#[cfg(feature = "peers")]
mod loaders;
mod lock;
mod look;
#[cfg(unix)]
mod machine;
mod memory;
mod names;
mod not_scanned;
mod outdated;
#[cfg(feature = "peers")]
mod peers;
mod policy;
#[cfg(unix)]
mod project_files;
mod quarantine;
mod ranges;
mod raw;
mod remedies;
mod remove;
mod repos;
mod review;
mod revisions;
mod sandbox;
mod scan;
mod scan_forms;
mod scan_remote;
mod settings;
#[cfg(target_os = "linux")]
mod store_shared;
mod sync;
mod tamper;
mod token;
mod tool_files;
mod tree;
mod tutorial;
mod update;
mod upstream;
mod variants;
#[cfg(unix)]
mod vendor;
mod verify;
mod why;
mod withhold;
#[cfg(feature = "xet")]
mod xet;
#[cfg(feature = "xet")]
mod xet_faults;
#[cfg(feature = "xet")]
mod xet_storage;
#[cfg(feature = "peers")]
mod yaml;
