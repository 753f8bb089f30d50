"""The servers of the benches: the test kit's Hub, nginx for large bodies, a Xet storage, and a Hub behind TLS."""

import asyncio
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

CERTIFICATES = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
[hub]
basicConstraints = CA:FALSE
subjectAltName = DNS:huggingface.co
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def process(command, **options):
    """A process that ends with the block."""
    child = subprocess.Popen(command, **options)
    try:
        yield child
    finally:
        child.terminate()
        child.wait()


@contextmanager
def hub(program, root, *options):
    """The test kit's Hub of a folder: its address."""
    endpoint = None
    with process([program, root, *options], stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            if line.startswith("endpoint "):
                endpoint = line.split()[1]
            if line.startswith("ready"):
                break
        if endpoint is None:
            sys.exit(f"{program} does not start")
        yield endpoint


@contextmanager
def storage(program, work, files):
    """A Xet storage with these files: the options that make the Hub offer them through it."""
    # It ends with its input.
    env = {**os.environ, "TMPDIR": str(work)}
    with subprocess.Popen([program, *files], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        said = [child.stdout.readline().strip() for _ in range(1 + len(files))]
        hashes = work / "xet-hashes"
        with open(hashes, "w") as out:
            for file, xet in zip(files, said[1:]):
                with open(file, "rb") as source:
                    out.write(f"{hashlib.file_digest(source, 'sha256').hexdigest()} {xet}\n")
        yield ["--xet", said[0], hashes]


class Bodies:
    """nginx: large bodies on a port, and the Hub behind TLS on another."""

    def __init__(self, root, work):
        self.root, self.work = root, work
        self.port, self.tls = free_port(), free_port()
        self.log = work / "sent.log"
        self.url = f"http://127.0.0.1:{self.port}"

    def forget(self):
        self.log.write_text("")

    def sent(self):
        """The bytes of bodies that were sent since `forget`."""
        # They are counted when they have been sent, which the client knows first.
        time.sleep(0.2)
        return sum(map(int, self.log.read_text().split()))

    @contextmanager
    def serve(self, endpoint):
        work, paths = self.work, ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        certificates(work)
        conf = work / "nginx.conf"
        conf.write_text(
            f"daemon off; worker_processes 2; pid {work}/nginx.pid; error_log {work}/nginx.err;\n"
            "events { worker_connections 256; }\n"
            "http { sendfile on; log_format sent $body_bytes_sent; access_log off;\n"
            + "".join(f"{name}_temp_path {work}/nginx-{name};\n" for name in paths)
            + f"server {{ listen 127.0.0.1:{self.port}; root {self.root}; access_log {self.log} sent; }}\n"
            f"server {{ listen 127.0.0.1:{self.tls} ssl http2; ssl_certificate {work}/hub.pem; ssl_certificate_key {work}/hub.key;\n"
            f"location / {{ proxy_pass {endpoint}; }} }} }}\n"
        )
        with process(["nginx", "-c", conf, "-e", work / "nginx.err"], stderr=subprocess.DEVNULL):
            yield


def certificates(work):
    """An authority, and a certificate of it for huggingface.co."""
    (work / "openssl.conf").write_text(CERTIFICATES)
    make = ["openssl", "req", "-x509", "-config", "openssl.conf", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    authority = ["-extensions", "authority", "-subj", "/CN=bench", "-keyout", "authority.key", "-out", "authority.pem"]
    signed = ["-CA", "authority.pem", "-CAkey", "authority.key"]
    leaf = ["-extensions", "hub", "-subj", "/CN=huggingface.co", "-keyout", "hub.key", "-out", "hub.pem"]
    for words in (authority, [*signed, *leaf]):
        subprocess.run([*make, *words], cwd=work, check=True, capture_output=True)


def tunnel(tls):
    """A proxy that leads every tunnel to this port of ours: its address. It ends with the program."""

    async def pass_on(source, sink):
        while some := await source.read(1 << 16):
            sink.write(some)
            await sink.drain()
        sink.close()

    async def connect(client, answer):
        await client.readuntil(b"\r\n\r\n")
        server, request = await asyncio.open_connection("127.0.0.1", tls)
        answer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pass_on(client, request), pass_on(server, answer), return_exceptions=True)

    async def serve():
        server = await asyncio.start_server(connect, sock=listener)
        await server.serve_forever()

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
