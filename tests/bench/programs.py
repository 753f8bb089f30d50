"""The programs that the bench of sync holds against each other, as a person would call them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from measure import TARGET, TOP, put_away, remove, run

HF_FM = "0.12.6"


def build(work):
    """Builds ours and installs the peers: the folder of our programs."""
    ours = ["cargo", "build", "--quiet", "--release"]
    release = TARGET / "release"
    subprocess.run([*ours, "-p", "modelpin", "-p", "modelpin-testkit"], cwd=TOP, check=True)
    subprocess.run([*ours, "-p", "modelpin-testkit", "--example", "floor"], cwd=TOP, check=True)
    target = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    subprocess.run([*ours, "--locked", "--manifest-path", "tests/xet/Cargo.toml"], cwd=TOP, env=target, check=True)
    venv = work / "venv"
    if not (venv / "bin/hf").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        version = next(line for line in (TOP / "tests/peers/requirements.txt").read_text().splitlines() if line.startswith("huggingface_hub"))
        subprocess.run([venv / "bin/pip", "install", "--quiet", version], check=True)
    if not (work / "hf-fm/bin/hf-fm").exists():
        install = ["cargo", "install", "--quiet", "--locked", "hf-fetch-model", "--version", HF_FM, "--features", "cli"]
        subprocess.run([*install, "--root", work / "hf-fm", "--target-dir", work / "hf-fm-build"], check=True)
    return release


class Program:
    """A program with a folder of its own for each repo. Each verb is a command, its environment and where it runs."""

    def __init__(self, name, work, env):
        self.name, self.work = name, work
        self.env = {"PATH": os.environ["PATH"], "HOME": str(work / "home"), **env}

    def home(self, repo):
        return self.work / f"{self.name.replace(' ', '-')}-{repo}"

    def clean(self, repo):
        """As if it had never run."""
        put_away(self.home(repo), self.work / "away")
        self.home(repo).mkdir()

    def has(self, repo):
        """Whether it ran since `clean`."""
        return self.home(repo).is_dir() and any(self.home(repo).iterdir())


class Modelpin(Program):
    def __init__(self, name, work, binary, endpoint, jobs=None, piece=None):
        super().__init__(name, work, {"HF_ENDPOINT": endpoint})
        self.binary, self.jobs = str(binary), ["--jobs", jobs] if jobs else []
        if piece:
            self.env["MODELPIN_PIECE_SIZE"] = piece

    def project(self, repo):
        return self.work / f"project-{repo}"

    def lock(self, repo):
        """A project that has this repo in its lock, and nothing else."""
        project = self.project(repo)
        remove(project)
        project.mkdir()
        (project / "models.toml").write_text(f'[models]\n{repo} = "bench/{repo}"\n')
        run(*self.words(repo, "lock"))
        self.clean(repo)

    def clean(self, repo):
        super().clean(repo)
        put_away(self.project(repo) / ".modelpin", self.work / "away")

    def words(self, repo, *words):
        env = {**self.env, "MODELPIN_CACHE_DIR": str(self.home(repo))}
        return [self.binary, "--quiet", *words], env, self.project(repo)

    def fetch(self, repo):
        return self.words(repo, "sync", "--locked", *self.jobs)

    def verify(self, repo):
        return self.words(repo, "verify")

    def verified(self, repo):
        """What it says that it verifies."""
        command, env, cwd = self.words(repo, "verify", "--format", "json")
        return json.loads(subprocess.run(command, env=env, cwd=cwd, check=True, capture_output=True).stdout)["verified"]


class Hf(Program):
    def __init__(self, name, work, binary, endpoint, xet):
        quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        super().__init__(name, work, {"HF_ENDPOINT": endpoint, **quiet, **({} if xet else {"HF_HUB_DISABLE_XET": "1"})})
        self.binary = str(binary)

    def words(self, repo, *words):
        return [self.binary, *words, f"bench/{repo}"], {**self.env, "HF_HOME": str(self.home(repo))}, self.work

    def fetch(self, repo):
        return self.words(repo, "download")

    def verify(self, repo):
        return self.words(repo, "cache", "verify")


class HfFm(Hf):
    """It knows no Hub but https://huggingface.co, so it gets ours under this name: through a proxy, behind TLS. Large bodies
    come without either, since the Hub sends it elsewhere for them. It takes files over HTTP in parts where it can, whatever
    else the Hub offers; `whole` keeps it from that."""

    def __init__(self, name, work, binary, proxy, whole=False):
        Program.__init__(self, name, work, {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(work / "authority.pem")})
        self.binary, self.options = str(binary), ["--chunk-threshold-mib", "1000000"] if whole else []

    def fetch(self, repo):
        return self.words(repo, *self.options)


class Shell(Program):
    """A line of shell, with the addresses of a repo's files in $URLS and their paths in $FILES."""

    def __init__(self, name, work, line, urls, files):
        super().__init__(name, work, {})
        self.line, self.urls, self.files = line, urls, files

    def fetch(self, repo):
        env = {**self.env, "URLS": " ".join(self.urls(repo)), "FILES": " ".join(map(str, self.files(repo)))}
        return ["sh", "-c", self.line], env, self.home(repo)

    verify = fetch
