"""Two servers over TLS that answer every GET with one run of MLflow, and rows that are posted with their first feature: the
second asks clients for a certificate.

Usage: tls_server.py FOLDER, with the Python of tests/requirements-mlflow.txt. Prints one line of JSON with addresses and
files of certificates in PEM, and serves until standard input ends.
"""

import datetime
import http.server
import ipaddress
import json
import pathlib
import ssl
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)


def certificate(name, issuer=None, ca=False):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = issuer or (subject, key)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer_name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([host]), critical=False)
    made = builder.sign(issuer_key, hashes.SHA256())
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(pem + (b"" if ca else secret))
    return str(path), (subject, key)


ca, issuer = certificate("ca", ca=True)
server, _ = certificate("server", issuer)
client, _ = certificate("client", issuer)
other, _ = certificate("other", ca=True)
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
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    if wants_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return f"https://127.0.0.1:{listening.server_port}"


said = {"plain": serve(False), "asking": serve(True), "ca": ca, "client": client, "other": other}
print("tollgate " + json.dumps(said), flush=True)
sys.stdin.read()
