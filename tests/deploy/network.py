"""Who reaches whom by a set of NetworkPolicies: what a network plug-in would decide, for the parts of the API that
deploy/k8s uses (podSelector, namespaceSelector, ports by number or name; no ipBlock).
"""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pod:
    name: str
    namespace: str
    labels: dict = field(hash=False)
    namespace_labels: dict = field(hash=False)
    ports: dict = field(hash=False, default_factory=dict)  # number by name


def matches(selector, labels):
    operators = {"In": lambda value, values: value in values, "NotIn": lambda value, values: value not in values,
                 "Exists": lambda value, _: value is not None, "DoesNotExist": lambda value, _: value is None}
    return (all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and
            all(operators[one["operator"]](labels.get(one["key"]), one.get("values"))
                for one in selector.get("matchExpressions", [])))


def allowed(policies, source, target, port, protocol="TCP"):
    """Both sides must agree: the source's Egress and the target's Ingress."""
    return (_open(policies, "Egress", "egress", "to", source, target, target, port, protocol) and
            _open(policies, "Ingress", "ingress", "from", target, source, target, port, protocol))


def _open(policies, kind, rules, peers, pod, other, target, port, protocol):
    mine = [policy for policy in policies if policy["metadata"]["namespace"] == pod.namespace
            and kind in policy["spec"]["policyTypes"] and matches(policy["spec"]["podSelector"], pod.labels)]
    if not mine:
        return True  # nobody selected this pod, so it is free
    return any(_peer_matches(rule.get(peers), policy["metadata"]["namespace"], other) and
               _port_matches(rule.get("ports"), target, port, protocol)
               for policy in mine for rule in policy["spec"].get(rules, []))


def _peer_matches(peers, namespace, other):
    if peers is None:
        return True
    for peer in peers:
        assert "ipBlock" not in peer, "not understood here"
        in_namespace = (matches(peer["namespaceSelector"], other.namespace_labels) if "namespaceSelector" in peer
                        else other.namespace == namespace)
        if in_namespace and matches(peer.get("podSelector", {}), other.labels):
            return True
    return False


def _port_matches(ports, target, port, protocol):
    return ports is None or any(one.get("protocol", "TCP") == protocol and
                                target.ports.get(one["port"], one["port"]) == port for one in ports)
