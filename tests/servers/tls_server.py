"""Two servers over TLS that answer every GET with one run of MLflow, and rows that are posted with their first feature: the
second asks clients for a certificate.

Usage: tls_server.py FOLDER, with the Python of tests/requirements-mlflow.txt. Prints one line of JSON with addresses and
files of certificates in PEM, and serves until standard input ends.
"""

import http.server
import json
import pathlib
import sys
import threading

from certificates import certificate, serving

folder = pathlib.Path(sys.argv[1])
ca, issuer = certificate(folder, "ca", ca=True)
server, _ = certificate(folder, "server", issuer)
client, _ = certificate(folder, "client", issuer)
other, _ = certificate(folder, "other", ca=True)
metrics = [{"key": "auc", "value": 0.5, "timestamp": 1, "step": 0}]
body = json.dumps({"run": {"info": {"run_id": "r", "status": "FINISHED"}, "data": {"metrics": metrics}}}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps({"predictions": [row[0] for row in sent["dataframe_split"]["data"]]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def serve(wants_client):
    context = serving(server, ca if wants_client else None)
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return f"https://127.0.0.1:{listening.server_port}"


said = {"plain": serve(False), "asking": serve(True), "ca": ca, "client": client, "other": other}
print("tollgate " + json.dumps(said), flush=True)
sys.stdin.read()
