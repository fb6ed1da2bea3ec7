"""How policy_test.py looks at the overlays: their servers, and the addresses of others that these are given."""
import copy
import re
import unittest

import support
from support import OVERLAYS, SERVICES, of_kind

GRPC = 50051
SANDBOX = "loyalty-payment-sandbox"
EACH_SERVICE = ",".join(f"dns:///loyalty-{service}:{GRPC}" for service in SERVICES)
# The addresses that each server needs of others. SET-ME is the operator's to replace (deploy/k8s/README.md).
ADDRESSES = {overlay: {
    "points": {"LOYALTY_DUE_ADDRESSES": EACH_SERVICE},
    "referral": {"LOYALTY_POINTS_ADDRESS": f"dns:///loyalty-points:{GRPC}"},
    "membership": {"LOYALTY_POINTS_ADDRESS": f"dns:///loyalty-points:{GRPC}",
                   "LOYALTY_PAYMENT_PROVIDER_ADDRESS": provider},
    "surveys": {"LOYALTY_POINTS_ADDRESS": f"dns:///loyalty-points:{GRPC}"},
} for overlay, provider in (("dev", f"dns:///{SANDBOX}:50055"), ("prod", "SET-ME"))}


def environment(container):
    return {entry["name"]: entry.get("value") for entry in container.get("env", [])}


def templates(overlay):
    """(name, pod template) of all that makes pods."""
    return [(f"{document['kind']} {document['metadata']['name']}", document["spec"]["template"])
            for document in of_kind(overlay, "Deployment", "Job", "StatefulSet", "DaemonSet")]


def sources():
    return [path.read_text() for folder in ("common", "services") for path in (support.ROOT / folder).rglob("*.cc")]


def flags():
    """The flags of the four services, by the variables that stand for them."""
    return {f"LOYALTY_{name.upper()}" for text in sources() for name in re.findall(r"ABSL_FLAG\([^,]+, (\w+),", text)}


def is_of_others(variable):
    own = ("LOYALTY_LISTEN_ADDRESS", "LOYALTY_METRICS_ADDRESS")
    return variable.endswith(("_ADDRESS", "_ADDRESSES")) and variable not in own


def addresses(container):
    return {name: value for name, value in environment(container).items() if is_of_others(name)}


def named(documents):
    return {document["metadata"]["name"]: document for document in documents}


def only(kind, policy):
    """The half of a network policy."""
    return {**policy, "spec": {**policy["spec"],
                               "policyTypes": [one for one in policy["spec"]["policyTypes"] if one == kind]}}


def without_one(policy):
    """(what, the policy without it) for each peer and each port of its rules."""
    for side in ("ingress", "egress"):
        for index, rule in enumerate(policy["spec"].get(side, [])):
            for key, parts in rule.items():
                for number, part in enumerate(parts):
                    fewer = copy.deepcopy(policy)
                    rules = fewer["spec"][side]
                    del rules[index][key][number]
                    if not rules[index][key]:  # an empty list would mean everybody
                        del rules[index]
                    yield f"{side} {part}", fewer


class EachOverlayTest(unittest.TestCase):
    maxDiff = None
    where = ""  # what is looked at, for the message of a failure

    def _formatMessage(self, msg, standardMsg):
        return super()._formatMessage(f"{self.where}: {msg or ''}", standardMsg)

    def each(self):
        for self.where in OVERLAYS:
            yield self.where

    def each_deployment(self):
        for overlay in self.each():
            deployments = named(of_kind(overlay, "Deployment"))
            for name in (f"loyalty-{service}" for service in SERVICES):
                self.where, deployment = f"{overlay} {name}", deployments[name]
                yield overlay, deployment, deployment["spec"]["template"]["spec"]
