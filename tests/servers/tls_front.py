"""Two servers over TLS before one without: the first asks for a bearer token, the second asks clients for a certificate.

Usage: tls_front.py FOLDER BACKEND TOKEN, with the Python of tests/requirements-mlflow.txt. BACKEND is an address as
http://127.0.0.1:5000. Whoever does not show what is asked for does not reach it. Prints one line of JSON with addresses and
files of certificates in PEM, and serves until standard input ends.
"""

import http.client
import http.server
import json
import pathlib
import sys
import threading
import urllib.parse

from certificates import certificate, serving

folder, backend, token = pathlib.Path(sys.argv[1]), urllib.parse.urlsplit(sys.argv[2]), sys.argv[3]
ca, issuer = certificate(folder, "ca", ca=True)
server, _ = certificate(folder, "server", issuer)
client, _ = certificate(folder, "client", issuer)
other, others = certificate(folder, "other", ca=True)
stranger, _ = certificate(folder, "stranger", others)


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asks_for_token = False

    def passed(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.asks_for_token and self.headers.get("Authorization") != f"Bearer {token}":
            # Some servers repeat what they were sent.
            return self.answered(401, json.dumps({"message": f"no right for {self.headers.get('Authorization')}"}).encode(), [])
        link = http.client.HTTPConnection(backend.hostname, backend.port, timeout=60)
        kept = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "authorization", "connection")}
        link.request(self.command, self.path, body, kept)
        answer = link.getresponse()
        text = answer.read()
        dropped = ("content-length", "transfer-encoding", "connection", "date", "server")
        self.answered(answer.status, text, [(n, v) for n, v in answer.getheaders() if n.lower() not in dropped])
        link.close()

    def answered(self, status, body, headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = passed

    def log_message(self, *_):
        pass


class Guarded(Front):
    asks_for_token = True


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Clients that are turned away break connections off."""


def front(handler, clients_of):
    listening = Quiet(("127.0.0.1", 0), handler)
    # The handshake is made by the thread of the connection, so that one that fails keeps no other waiting.
    context = serving(server, clients_of)
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return f"https://127.0.0.1:{listening.server_port}"


said = {"token": front(Guarded, None), "asking": front(Front, ca), "ca": ca, "client": client, "other": other, "stranger": stranger}
print("tollgate " + json.dumps(said), flush=True)
sys.stdin.read()
