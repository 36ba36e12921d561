"""A real MLflow server for promotions: an experiment, and runs with a metric; with users of its own where they are asked for.

Usage: mlflow_registry.py FOLDER [auth], with the Python of tests/requirements-mlflow.txt. Prints one line of JSON with the
address and ids of runs, and serves until standard input ends. A line `restart` stops the server and starts it again at once,
in the middle of whatever it is doing, and is answered with `tollgate {}`. FOLDER takes the server's database and files.
"""

import base64
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

folder = pathlib.Path(sys.argv[1])
users = sys.argv[2:] == ["auth"]
os.environ |= {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "PATH": str(pathlib.Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
}
if users:
    (folder / "auth.ini").write_text(
        f"[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///{folder}/auth.db\nadmin_username = admin\n"
        "admin_password = admin-password-1\nauthorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    os.environ |= {"MLFLOW_AUTH_CONFIG_PATH": str(folder / "auth.ini"), "MLFLOW_FLASK_SERVER_SECRET_KEY": "for tests"}


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


port = free()
uri = f"http://127.0.0.1:{port}"


def start():
    log = open(folder / "server.log", "a")
    extra = ["--app-name", "basic-auth"] if users else []
    return subprocess.Popen(
        [
            sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
            "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files"), *extra,
        ],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )


def ready(process):
    for _ in range(2400):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{uri}/health", timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not start: " + (folder / "server.log").read_text()[-2000:])


def stop(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def post(path, body, version="2.0"):
    headers = {"Content-Type": "application/json"}
    if users:
        headers["Authorization"] = "Basic " + base64.b64encode(b"admin:admin-password-1").decode()
    request = urllib.request.Request(f"{uri}/api/{version}/mlflow/{path}", json.dumps(body).encode(), headers)
    try:
        return json.loads(urllib.request.urlopen(request).read())
    except urllib.error.HTTPError as e:
        raise SystemExit(f"{path}: {e.code} {e.read().decode()[:500]}") from e


def populate():
    experiment = post("experiments/create", {"name": "delays"})["experiment_id"]
    runs = []
    for value in (0.80, 0.82, 0.84):
        run = post("runs/create", {"experiment_id": experiment, "start_time": 1})["run"]["info"]["run_id"]
        for key, logged in (("roc_auc", value), ("roc_auc/standard_error", 0.01), ("roc_auc/rows", 500)):
            post("runs/log-metric", {"run_id": run, "key": key, "value": logged, "timestamp": 1, "step": 0})
        post("runs/update", {"run_id": run, "status": "FINISHED", "end_time": 2})
        runs.append(run)
    if users:
        for name in ("reader", "writer"):
            post("users/create", {"username": name, "password": f"{name}-password-1"})
        post("registered-models/create", {"name": "secured"})
        for run in runs:
            source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/model"
            post("model-versions/create", {"name": "secured", "source": source, "run_id": run})
        grant = {"username": "writer", "resource_type": "registered_model", "resource_id": "secured", "permission": "EDIT"}
        post("users/permissions/grant", grant, "3.0")
    return {"uri": uri, "experiment": experiment, "runs": runs}


server = start()
try:
    ready(server)
    print("tollgate " + json.dumps(populate()), flush=True)
    for line in sys.stdin:
        if line.strip() == "restart":
            stop(server)
            server = start()
            ready(server)
            print("tollgate {}", flush=True)
finally:
    stop(server)
