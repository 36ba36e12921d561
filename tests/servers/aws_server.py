"""S3 and SageMaker (moto) that check signatures, with a bucket `registry` and a group `late` of model packages.

Prints one line of JSON with the endpoint, a key that may all and one that may read, then answers each line of standard
input with one line, asked by boto3: `create` makes a version of the group; `approve N`, `reject N`; `approved` lists the
approved versions, newest first, as pipelines do; `metadata N`; `get KEY`, `keys`, `remove KEY` of the bucket.
"""

import json
import os
import sys

# from the ninth action on, each must be allowed and signed
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "8"

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402
from moto.sts.responses import TokenResponse  # noqa: E402
from werkzeug.exceptions import BadRequest  # noqa: E402

TOKEN = "a.web-identity.token+/="
checked = TokenResponse._authenticate_and_authorize_normal_action


def unsigned(self, resource="*"):
    """Amazon takes this call without a signature and checks the token; moto does it the other way round."""
    if self._get_action() != "AssumeRoleWithWebIdentity":
        return checked(self, resource)
    if self._get_param("WebIdentityToken") != TOKEN:
        raise BadRequest("<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>")


TokenResponse._authenticate_and_authorize_normal_action = unsigned

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


def user(name, actions):
    iam = client("iam", "any", "any")
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def role(name, actions):
    iam = client("iam", "any", "any")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return arn


promoter = role("promoter", ["s3:*"])
writer = user("writer", ["s3:*", "sagemaker:*"])
reader = user("reader", ["s3:Get*", "s3:List*", "sagemaker:List*", "sagemaker:Describe*"])
s3, sagemaker = client("s3", *writer), client("sagemaker", *writer)
s3.create_bucket(Bucket="registry")
sagemaker.create_model_package_group(ModelPackageGroupName="late")
arns = {}


def approval(version, status):
    sagemaker.update_model_package(ModelPackageArn=arns[version], ModelApprovalStatus=status)
    return status


def create():
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="late",
        ModelApprovalStatus="PendingManualApproval",
        CustomerMetadataProperties={"team": "flights"},
        InferenceSpecification={
            "Containers": [{"Image": "i", "ModelDataUrl": "s3://b/k"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    version = arn.rsplit("/", 1)[1]
    arns[version] = arn
    return version


def approved():
    found = sagemaker.list_model_packages(
        ModelPackageGroupName="late",
        ModelApprovalStatus="Approved",
        ModelPackageType="Versioned",
        SortBy="CreationTime",
        SortOrder="Descending",
    )["ModelPackageSummaryList"]
    return [str(p["ModelPackageVersion"]) for p in found]


answers = {
    "create": create,
    "approve": lambda v: approval(v, "Approved"),
    "reject": lambda v: approval(v, "Rejected"),
    "approved": approved,
    "metadata": lambda v: sagemaker.describe_model_package(ModelPackageName=arns[v])["CustomerMetadataProperties"],
    "get": lambda key: s3.get_object(Bucket="registry", Key=key)["Body"].read().decode(),
    "keys": lambda: [o["Key"] for o in s3.list_objects_v2(Bucket="registry").get("Contents", [])],
    "remove": lambda key: s3.delete_object(Bucket="registry", Key=key) and key,
}
print(json.dumps({"endpoint": endpoint, "writer": writer, "reader": reader, "role": [promoter, TOKEN]}), flush=True)
for line in sys.stdin:
    word, *rest = line.split()
    print(json.dumps(answers[word](*rest)), flush=True)
server.stop()
