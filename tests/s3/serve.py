"""A real S3 server (moto) that checks signatures, with a bucket of the files below a folder.

Usage: serve.py FOLDER. Prints one line of JSON with the endpoint and the one key that is right, and serves until
standard input ends. Files below FOLDER become keys of the bucket `data`; `many/` gets 1,203 small ones besides.
"""

import json
import os
import pathlib
import sys

# from the fourth action on, each must be allowed and signed
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "3"

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"


def client(service, key, secret):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}),
    )


iam = client("iam", "any", "any")
iam.create_user(UserName="reader")
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="reader", PolicyName="s3", PolicyDocument=json.dumps(policy))
key = iam.create_access_key(UserName="reader")["AccessKey"]
s3 = client("s3", key["AccessKeyId"], key["SecretAccessKey"])
s3.create_bucket(Bucket="data")
folder = pathlib.Path(sys.argv[1])
for path in sorted(p for p in folder.rglob("*") if p.is_file()):
    s3.put_object(Bucket="data", Key=path.relative_to(folder).as_posix(), Body=path.read_bytes())
for i in range(1203):
    s3.put_object(Bucket="data", Key=f"many/{i:05}.csv", Body=f"n\n{i}\n".encode())
print(json.dumps({"endpoint": endpoint, "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
sys.stdin.read()
server.stop()
