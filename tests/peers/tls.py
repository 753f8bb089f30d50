"""A Hub behind TLS, with a certificate that only a private authority vouches for.

    python tls.py HUB CA.pem

Writes the authority's certificate to CA.pem, prints the address, and passes requests on to HUB until it is
stopped.
"""

import http.client
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import trustme

hub, place = urlsplit(sys.argv[1]), sys.argv[2]


class Pass(BaseHTTPRequestHandler):
    def do_GET(self):
        onward = http.client.HTTPConnection(hub.hostname, hub.port)
        onward.request("GET", self.path)
        answer = onward.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


authority = trustme.CA()
authority.cert_pem.write_to_path(place)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
authority.issue_cert("localhost").configure_cert(context)
server = ThreadingHTTPServer(("127.0.0.1", 0), Pass)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"https://localhost:{server.server_port}", flush=True)
server.serve_forever()
