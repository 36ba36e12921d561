"""A real server of the Open Inference Protocol v2 (MLServer) with one model of scikit-learn.

Usage: mlserver_server.py FOLDER, with the Python of tests/requirements-mlserver.txt. Prints one line of JSON with its
address and what the model predicts offline, and serves until standard input ends.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import joblib
import numpy
from sklearn.linear_model import LogisticRegression

folder = pathlib.Path(sys.argv[1])


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


rows = numpy.array([[i * 0.37 % 1, i * 0.59 % 1] for i in range(40)])
model = LogisticRegression().fit(rows, [int(3 * a - b > 0.6) for a, b in rows])
joblib.dump(model, folder / "model.joblib")
settings = {"host": "127.0.0.1", "http_port": free(), "grpc_port": free(), "metrics_port": free(), "parallel_workers": 0}
(folder / "settings.json").write_text(json.dumps(settings))
described = {
    "name": "delay",
    "implementation": "mlserver_sklearn.SKLearnModel",
    "parameters": {"uri": "./model.joblib", "version": "v1"},
}
(folder / "model-settings.json").write_text(json.dumps(described))
log = open(folder / "mlserver.log", "w")
mlserver = pathlib.Path(sys.executable).parent / "mlserver"
process = subprocess.Popen(
    [mlserver, "start", "."], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
)
try:
    url = f"http://127.0.0.1:{settings['http_port']}"
    for _ in range(2400):
        if process.poll() is not None:
            raise SystemExit("mlserver does not start: " + (folder / "mlserver.log").read_text()[-2000:])
        try:
            urllib.request.urlopen(f"{url}/v2/models/delay/ready", timeout=5).read()
            break
        except OSError:
            time.sleep(0.1)
    said = {
        "url": url, "a": rows[:, 0].tolist(), "b": rows[:, 1].tolist(),
        "late": model.predict_proba(rows)[:, 1].tolist(), "class": model.predict(rows).tolist(),
    }
    print("tollgate " + json.dumps(said), flush=True)
    sys.stdin.read()
finally:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
