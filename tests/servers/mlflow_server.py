"""A real MLflow server with runs, models, versions and files, and a real scoring server of one of the models.

Usage: mlflow_server.py FOLDER, with the Python of tests/requirements-mlflow.txt. Prints one line of JSON with addresses
and ids, and serves until standard input ends. FOLDER takes the server's database and files.
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

os.environ |= {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
    "TQDM_DISABLE": "1",
    "PATH": str(pathlib.Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
}
folder = pathlib.Path(sys.argv[1])


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(name, *args):
    log = open(folder / f"{name}.log", "w")
    return subprocess.Popen(
        [sys.executable, "-m", "mlflow", *args],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )


def ready(process, url, name):
    for _ in range(2400):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{name} does not start: " + (folder / f"{name}.log").read_text()[-2000:])


def populate(uri, model, frame):
    import mlflow
    import mlflow.data
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    experiment = client.create_experiment("delays")
    said = {}

    def run(metrics, status="FINISHED"):
        run = client.create_run(experiment)
        for key, value in metrics.items():
            client.log_metric(run.info.run_id, key, value)
        client.set_terminated(run.info.run_id, status)
        return run.info.run_id

    said["failed"] = run({"roc_auc": 0.9}, "FAILED")
    said["deleted"] = run({"roc_auc": 0.9})
    client.delete_run(said["deleted"])
    # a run without a model: slices, noise, what is no number, and a history of several pages
    plain = client.create_run(experiment).info.run_id
    values = {
        "roc_auc": 0.8, "roc_auc/standard_error": 0.01, "roc_auc/rows": 500,
        "slice/origin/EWR/roc_auc": 0.75, "slice/origin/EWR/roc_auc/rows": 100, "slice/eu/roc_auc": 0.7,
        "nan": float("nan"), "inf": float("inf"), "ninf": float("-inf"),
    }
    for key, value in values.items():
        client.log_metric(plain, key, value)
    history = [Metric("loss", abs(step - 700) / 1000 + 0.1, 1000 + step, step) for step in range(2300)]
    for at in range(0, len(history), 1000):
        client.log_batch(plain, metrics=history[at : at + 1000])
    diverged = [Metric("diverged", v, 1000 + i, i) for i, v in enumerate([0.5, float("nan"), 0.4])]
    client.log_batch(plain, metrics=diverged)
    (folder / "predictions.csv").write_text("id,score\n1,0.25\n2,0.5\n")
    client.log_artifact(plain, str(folder / "predictions.csv"), "out")
    client.set_terminated(plain)
    said["plain"] = plain
    # a run with a logged model, its metrics by dataset, and what it was trained on
    with mlflow.start_run(experiment_id=experiment) as active:
        train = mlflow.data.from_pandas(frame, name="train")
        mlflow.log_input(train, context="training")
        mlflow.log_metric("only_of_run", 0.25)
        logged = mlflow.sklearn.log_model(
            model, name="model", signature=mlflow.models.infer_signature(frame, model.predict(frame)),
            pip_requirements=["scikit-learn"],
        )
        of = {"model_id": logged.model_id}
        mlflow.log_metrics({"roc_auc": 0.82, "zero": 0.0, "nan": float("nan"), "inf": float("inf")}, **of)
        mlflow.log_metric("by_dataset", 0.6, dataset=train, **of)
        other = mlflow.data.from_pandas(frame.head(2), name="other")
        time.sleep(0.01)
        mlflow.log_metric("by_dataset", 0.4, dataset=other, **of)
        said |= {"run": active.info.run_id, "model": logged.model_id, "train": train.digest}
    mlflow.register_model(logged.model_uri, "delay", await_registration_for=0)
    client.set_registered_model_alias("delay", "champion", "1")
    # a version as clients before 3.0 made it: its files are the run's
    client.create_registered_model("old")
    source = client.get_run(plain).info.artifact_uri
    (folder / "MLmodel").write_text("flavors: {}\nrun_id: " + plain + "\n")
    client.log_artifact(plain, str(folder / "MLmodel"), "model")
    client.create_model_version("old", f"{source}/model", plain, await_creation_for=0)
    said["newest"] = run({"roc_auc": 0.83})
    run({"roc_auc": 0.1}, "FAILED")
    return said


def main():
    import pandas
    from sklearn.linear_model import LinearRegression

    rows = range(40)
    frame = pandas.DataFrame({"a": [i * 0.37 % 1 for i in rows], "b": [i * 0.59 % 1 for i in rows]})
    model = LinearRegression().fit(frame, [3 * a - b + 0.1 * (i % 3) for i, (a, b) in enumerate(frame.values)])
    port, scoring = free(), free()
    tracker = start(
        "tracker", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files"),
    )
    scorer = None
    try:
        import mlflow

        signature = mlflow.models.infer_signature(frame, model.predict(frame))
        # naming requirements spares a process that looks for them
        served = {"signature": signature, "pip_requirements": ["scikit-learn"]}
        mlflow.sklearn.save_model(model, folder / "served", **served)
        scorer = start(
            "scorer", "models", "serve", "-m", str(folder / "served"), "-h", "127.0.0.1", "-p", str(scoring),
            "--env-manager", "local",
        )
        uri = f"http://127.0.0.1:{port}"
        ready(tracker, f"{uri}/health", "tracker")
        said = populate(uri, model, frame)
        ready(scorer, f"http://127.0.0.1:{scoring}/ping", "scorer")
        said |= {
            "uri": uri, "scoring": f"http://127.0.0.1:{scoring}",
            "a": frame["a"].tolist(), "b": frame["b"].tolist(), "offline": model.predict(frame).tolist(),
        }
        print("tollgate " + json.dumps(said), flush=True)
        sys.stdin.read()
    finally:
        for process in filter(None, [tracker, scorer]):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


main()
