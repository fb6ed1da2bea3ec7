"""The rules that every deployment of the suite keeps, checked on what kustomize makes of each overlay."""
import fnmatch
import pathlib
import re
import unittest

import network
import support
from overlays import (ADDRESSES, GRPC, SANDBOX, EachOverlayTest, addresses, environment, flags, is_of_others, named,
                      only, sources, templates, without_one)
from support import SERVICES, of_kind

METRICS = 9464


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60}[unit]


class SecurityTest(EachOverlayTest):
    def test_the_namespace_enforces_restricted_pods(self):
        for overlay in self.each():
            namespace, = of_kind(overlay, "Namespace")
            labels = namespace["metadata"]["labels"]
            self.assertEqual(labels["pod-security.kubernetes.io/enforce"], "restricted")
            for document in support.manifests(overlay):
                if document["kind"] != "Namespace":
                    self.assertEqual(document["metadata"]["namespace"], namespace["metadata"]["name"])

    def test_every_pod_and_container_gives_up_what_it_does_not_need(self):
        for overlay in self.each():
            for name, template in templates(overlay):
                spec = template["spec"]
                pod = spec["securityContext"]
                self.assertTrue(pod["runAsNonRoot"], name)
                self.assertGreaterEqual(pod["runAsUser"], 10000, name)
                self.assertEqual(pod["seccompProfile"], {"type": "RuntimeDefault"}, name)
                self.assertIs(spec["automountServiceAccountToken"], False, name)
                self.assertFalse({"hostNetwork", "hostPID", "hostIPC", "volumes"} & set(spec), name)
                for container in spec["containers"] + spec.get("initContainers", []):
                    own = container["securityContext"]
                    self.assertIs(own["allowPrivilegeEscalation"], False, name)
                    self.assertIs(own["readOnlyRootFilesystem"], True, name)
                    self.assertEqual(own["capabilities"], {"drop": ["ALL"]}, name)

    def test_no_secret_is_written_down(self):
        for overlay in self.each():
            self.assertEqual(of_kind(overlay, "Secret"), [])
            for name, template in templates(overlay):
                for container in template["spec"]["containers"]:
                    for entry in container.get("env", []):
                        if re.search(r"URL|PASSWORD|TOKEN|KEY", entry["name"]):
                            self.assertNotIn("value", entry, name)

    def test_the_same_user_as_in_the_image(self):
        containerfile = (support.DEPLOY / "docker/Containerfile").read_text()
        user, group = re.search(r"^USER (\d+):(\d+)$", containerfile, re.MULTILINE).groups()
        for overlay in self.each():
            for name, template in templates(overlay):
                context = template["spec"]["securityContext"]
                self.assertEqual((context["runAsUser"], context["runAsGroup"]), (int(user), int(group)), name)


class LifeTest(EachOverlayTest):
    def test_probes_ask_gRPC_health_where_the_server_listens(self):
        for _, _, spec in self.each_deployment():
            server, = spec["containers"]
            listens = environment(server)["LOYALTY_LISTEN_ADDRESS"]
            ports = {port["name"]: port["containerPort"] for port in server["ports"]}
            self.assertEqual(listens, f"0.0.0.0:{ports['grpc']}")
            self.assertEqual(environment(server)["LOYALTY_METRICS_ADDRESS"], f"0.0.0.0:{ports['metrics']}")
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                self.assertEqual(server[probe]["grpc"], {"port": ports["grpc"]}, probe)

    def test_the_start_may_take_as_long_as_a_migration(self):
        for _, _, spec in self.each_deployment():
            probe = spec["containers"][0]["startupProbe"]
            self.assertGreaterEqual(probe["periodSeconds"] * probe["failureThreshold"], 300)

    def test_liveness_is_slower_than_readiness(self):
        """A server that is only busy is taken out of the addresses, not killed."""
        for _, _, spec in self.each_deployment():
            ready, alive = (spec["containers"][0][kind] for kind in ("readinessProbe", "livenessProbe"))
            self.assertGreater(alive["periodSeconds"] * alive["failureThreshold"],
                               2 * ready["periodSeconds"] * ready.get("failureThreshold", 3))

    def test_the_grace_holds_preStop_and_drain(self):
        for _, _, spec in self.each_deployment():
            server, = spec["containers"]
            sleep = server["lifecycle"]["preStop"]["sleep"]["seconds"]
            drain = seconds(environment(server)["LOYALTY_DRAIN"])
            self.assertGreaterEqual(sleep, 5)
            self.assertGreaterEqual(spec["terminationGracePeriodSeconds"], sleep + drain + 5)

    def test_connections_end_so_that_new_replicas_get_their_share(self):
        self.assertTrue(any("GRPC_ARG_MAX_CONNECTION_AGE_MS" in text for text in sources()))

    def test_no_replica_leaves_before_another_came(self):
        for _, deployment, _ in self.each_deployment():
            self.assertEqual(deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 0)
            self.assertNotIn("replicas", deployment["spec"], "the autoscaler's to say")

    def test_replicas_are_spread(self):
        for _, deployment, spec in self.each_deployment():
            spread = {one["topologyKey"]: one for one in spec["topologySpreadConstraints"]}
            self.assertEqual(set(spread), {"topology.kubernetes.io/zone", "kubernetes.io/hostname"})
            for one in spread.values():
                self.assertEqual(one["labelSelector"]["matchLabels"], deployment["spec"]["selector"]["matchLabels"])

    def test_every_container_says_what_it_needs(self):
        for overlay in self.each():
            for name, template in templates(overlay):
                for container in template["spec"]["containers"]:
                    self.assertEqual(set(container["resources"]["requests"]), {"cpu", "memory"}, name)
                    self.assertIn("memory", container["resources"]["limits"], name)

    def test_production_has_replicas_to_lose(self):
        for scaler in of_kind("prod", "HorizontalPodAutoscaler"):
            self.assertGreaterEqual(scaler["spec"]["minReplicas"], 3)
        for budget in of_kind("prod", "PodDisruptionBudget"):
            self.assertEqual(budget["spec"]["maxUnavailable"], 1)

    def test_postgresql_holds_all_connections(self):
        """Of the most replicas, one more of each during a roll-out, and the migrations."""
        for overlay in self.each():
            most = {scaler["spec"]["scaleTargetRef"]["name"]: scaler["spec"]["maxReplicas"]
                    for scaler in of_kind(overlay, "HorizontalPodAutoscaler")}
            wanted = len(of_kind(overlay, "Job")) + sum(
                (most[deployment["metadata"]["name"]] + 1) *
                int(environment(deployment["spec"]["template"]["spec"]["containers"][0])["LOYALTY_DATABASE_CONNECTIONS"])
                for deployment in of_kind(overlay, "Deployment") if deployment["metadata"]["name"] != SANDBOX)
            cluster, = of_kind(overlay, "Cluster")
            reserved = 20  # PostgreSQL's superusers, replication, the operator
            self.assertLessEqual(wanted, int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]) - reserved)


class NamesTest(EachOverlayTest):
    """Whatever is named exists."""

    def test_selectors_match_exactly_their_own_pods(self):
        for overlay in self.each():
            for kind in ("Deployment", "Service", "PodDisruptionBudget"):
                for document in of_kind(overlay, kind):
                    selector = document["spec"]["selector"]
                    selected = [name for name, template in templates(overlay) if network.matches(
                        selector if kind != "Service" else {"matchLabels": selector}, template["metadata"]["labels"])]
                    self.assertEqual(selected, [f"Deployment {document['metadata']['name']}"], kind)

    def test_what_is_referred_to_is_there(self):
        for overlay in self.each():
            accounts, maps = (named(of_kind(overlay, kind)) for kind in ("ServiceAccount", "ConfigMap"))
            for scaler in of_kind(overlay, "HorizontalPodAutoscaler"):
                self.assertIn(scaler["spec"]["scaleTargetRef"]["name"], named(of_kind(overlay, "Deployment")))
            for name, template in templates(overlay):
                self.assertIn(template["spec"]["serviceAccountName"], accounts, name)
                for container in template["spec"]["containers"]:
                    for source in [entry["valueFrom"] for entry in container.get("env", []) if "valueFrom" in entry]:
                        if "configMapKeyRef" in source:
                            self.assertIn(source["configMapKeyRef"]["name"], maps, name)
                        else:  # CloudNativePG makes <cluster>-app
                            self.assertIn(source["secretKeyRef"]["name"].removesuffix("-app"),
                                          named(of_kind(overlay, "Cluster")), name)

    def test_every_service_has_its_own_of_each_kind(self):
        for overlay in self.each():
            for kind, prefix in (("Deployment", "loyalty-"), ("Service", "loyalty-"), ("ServiceAccount", "loyalty-"),
                                 ("HorizontalPodAutoscaler", "loyalty-"), ("PodDisruptionBudget", "loyalty-"),
                                 ("Job", "loyalty-migrate-")):
                expected = {prefix + service for service in SERVICES}
                if overlay == "dev" and kind in ("Deployment", "Service", "ServiceAccount"):
                    expected.add(SANDBOX)
                self.assertEqual(sorted(named(of_kind(overlay, kind))), sorted(expected), kind)

    def test_images_are_targets_of_the_Containerfile(self):
        containerfile = (support.DEPLOY / "docker/Containerfile").read_text()
        targets = set(re.findall(r"^FROM \S+ AS (\S+)$", containerfile, re.MULTILINE))
        version = re.search(r"project\(loyalty VERSION (\S+)", (support.ROOT / "CMakeLists.txt").read_text())[1]
        for overlay in self.each():
            for name, template in templates(overlay):
                image, = [container["image"] for container in template["spec"]["containers"]]
                target, tag = re.fullmatch(r"(?:.*/)?loyalty-([a-z-]+):(.+)", image).groups()
                self.assertIn(target, targets, name)
                self.assertEqual(target, template["metadata"]["labels"]["app.kubernetes.io/name"], name)
                self.assertEqual(tag, version, name)

    def test_services_are_headless_and_lead_to_named_ports(self):
        for overlay in self.each():
            for service in of_kind(overlay, "Service"):
                self.assertEqual(service["spec"]["clusterIP"], "None")
                deployment = named(of_kind(overlay, "Deployment"))[service["metadata"]["name"]]
                ports = {port["name"]: port["containerPort"]
                         for port in deployment["spec"]["template"]["spec"]["containers"][0]["ports"]}
                self.assertEqual({port["targetPort"]: port["port"] for port in service["spec"]["ports"]}, ports)

    def test_variables_are_flags(self):
        """A variable that no flag reads would be a setting that does nothing."""
        for overlay in self.each():
            used = {variable for _, template in templates(overlay)
                    for container in template["spec"]["containers"] for variable in environment(container)}
            self.assertLessEqual(used, flags())

    def test_every_server_knows_the_others_that_it_needs_and_no_more(self):
        for overlay, deployment, spec in self.each_deployment():
            service = deployment["metadata"]["name"].removeprefix("loyalty-")
            self.assertEqual(addresses(spec["containers"][0]), ADDRESSES[overlay][service])

    def test_no_flag_with_an_address_is_forgotten(self):
        for overlay in self.each():
            given = {name for needed in ADDRESSES[overlay].values() for name in needed}
            self.assertEqual(given, {name for name in flags() if is_of_others(name)})

    def test_who_calls_points_is_told_where_it_is(self):
        callers = {service for service in SERVICES
                   if ".calls_points = true" in (support.ROOT / "services" / service / "definition.cc").read_text()}
        for overlay in self.each():
            self.assertEqual(callers, {service for service, needed in ADDRESSES[overlay].items()
                                       if "LOYALTY_POINTS_ADDRESS" in needed})

    def test_migrations_run_the_program_s_own_verb(self):
        self.assertTrue(any('words[1]) == "migrate"' in text for text in sources()))
        for overlay in self.each():
            for job in of_kind(overlay, "Job"):
                container, = job["spec"]["template"]["spec"]["containers"]
                self.assertEqual(container["args"], ["migrate"])
                self.assertEqual(job["spec"]["template"]["spec"]["restartPolicy"], "OnFailure")


class NetworkTest(EachOverlayTest):
    @staticmethod
    def pod_name(document):
        labels = document["spec"]["template"]["metadata"]["labels"]
        return f"{labels['app.kubernetes.io/name']} {labels['app.kubernetes.io/component']}"

    def pods(self, overlay):
        """One pod of each kind there is, ours and others'. From a pod to itself means to another replica."""
        home = of_kind(overlay, "Namespace")[0]["metadata"]
        pods = []
        for document in of_kind(overlay, "Deployment", "Job"):
            template = document["spec"]["template"]
            ports = {port["name"]: port["containerPort"] for port in template["spec"]["containers"][0].get("ports", [])}
            pods.append(network.Pod(self.pod_name(document), home["name"], template["metadata"]["labels"],
                                    home["labels"], ports))
        pods.append(network.Pod("postgres", home["name"], {"cnpg.io/cluster": "loyalty-postgres"}, home["labels"]))
        pods.append(network.Pod("stray", home["name"], {}, home["labels"]))
        client, provider = {"loyalty-client": "true"}, {"loyalty-payment-provider": "true"}
        for name, namespace, labels, more in (
                ("prometheus", "monitoring", {"app.kubernetes.io/name": "prometheus"}, {}),
                ("grafana", "monitoring", {"app.kubernetes.io/name": "grafana"}, {}),
                ("operator", "cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"}, {}),
                ("shop", "shop", client, client), ("unlabelled shop", "shop", {}, client),
                ("pretender", "elsewhere", {**client, **provider}, {}),
                ("payment provider", "payments", provider, provider), ("bank", "payments", {}, provider),
                ("dns", "kube-system", {"k8s-app": "kube-dns"}, {})):
            pods.append(network.Pod(name, namespace, labels, {"kubernetes.io/metadata.name": namespace, **more}))
        return pods

    def names_of_ours(self, overlay):
        pods = self.pods(overlay)
        return {pod.name for pod in pods if pod.namespace == pods[0].namespace}

    def ways_of_addresses(self, overlay):
        """(who, to whom, port of the pod) of each address that a server is given."""
        deployments, services = (named(of_kind(overlay, kind)) for kind in ("Deployment", "Service"))
        ways = set()
        for name, deployment in deployments.items():
            for text in addresses(deployment["spec"]["template"]["spec"]["containers"][0]).values():
                if text == "SET-ME":  # as README.md says, port 50051 of the labelled pods
                    ways.add((self.pod_name(deployment), "payment provider", GRPC))
                    continue
                for address in text.split(","):
                    host, port = re.fullmatch(r"dns:///([a-z-]+):(\d+)", address).groups()
                    entry, = [one for one in services[host]["spec"]["ports"] if one["port"] == int(port)]
                    target = deployments[host]
                    pod, = [one["containerPort"] for one in target["spec"]["template"]["spec"]["containers"][0]["ports"]
                            if one["name"] == entry["targetPort"]]
                    # Headless: whoever resolves the name connects to the pod itself, so the ports must be the same.
                    self.assertEqual(pod, int(port), address)
                    ways.add((self.pod_name(deployment), self.pod_name(target), pod))
        return ways

    def expected(self, overlay):
        servers = [f"{service} server" for service in SERVICES]
        ways = self.ways_of_addresses(overlay)
        ways |= {("shop", server, GRPC) for server in servers}
        ways |= {("prometheus", server, METRICS) for server in servers}
        ways |= {(self.pod_name(document), "postgres", 5432) for document in of_kind(overlay, "Deployment", "Job")
                 if "LOYALTY_DATABASE_URL" in environment(document["spec"]["template"]["spec"]["containers"][0])}
        ways |= {(source, "postgres", port) for source in ("postgres", "operator") for port in (5432, 8000)}
        return ways | {("prometheus", "postgres", 9187)}

    def open_ways(self, overlay, policies):
        pods = self.pods(overlay)
        ours = self.names_of_ours(overlay)
        ports = {port for pod in pods for port in pod.ports.values()} | {GRPC, METRICS, 5432, 8000, 9187, 22}
        return {(source.name, target.name, port) for source in pods for target in pods for port in ports
                if {source.name, target.name} & ours and network.allowed(policies, source, target, port)}

    def test_what_is_not_opened_is_closed(self):
        for overlay in self.each():
            deny = named(of_kind(overlay, "NetworkPolicy"))["default-deny"]["spec"]
            self.assertEqual(deny, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})

    def test_exactly_the_needed_ways_are_open(self):
        for overlay in self.each():
            self.assertEqual(self.open_ways(overlay, of_kind(overlay, "NetworkPolicy")), self.expected(overlay))

    def test_who_calls_may_and_who_is_called_lets_in_each_exactly_that(self):
        """Else one side could be open for nothing, and the other alone would keep it closed."""
        for overlay in self.each():
            ours = self.names_of_ours(overlay)
            for kind, end in (("Egress", 0), ("Ingress", 1)):
                found = self.open_ways(overlay, [only(kind, policy) for policy in of_kind(overlay, "NetworkPolicy")])
                self.assertEqual({way for way in found if way[end] in ours},
                                 {way for way in self.expected(overlay) if way[end] in ours}, kind)

    def test_no_opening_is_there_twice_or_for_nothing(self):
        """Without any one peer or port of any rule, some way is closed."""
        for overlay in self.each():
            policies = of_kind(overlay, "NetworkPolicy")
            everything = self.open_ways(overlay, policies), self.names_asked(overlay, policies)
            for policy in policies:
                for said, fewer in without_one(policy):
                    rest = [fewer if one is policy else one for one in policies]
                    left = self.open_ways(overlay, rest), self.names_asked(overlay, rest)
                    if "443" not in said:  # to the outside: see below
                        self.assertNotEqual(left, everything, f"{policy['metadata']['name']} {said}")

    def names_asked(self, overlay, policies):
        pods = self.pods(overlay)
        return {(source.name, target.name, protocol)
                for source in pods for target in pods for protocol in ("UDP", "TCP")
                if source.namespace == pods[0].namespace and network.allowed(policies, source, target, 53, protocol)}

    def test_who_has_an_address_may_ask_for_names_and_nobody_else(self):
        for overlay in self.each():
            askers = {way[0] for way in self.expected(overlay)} & self.names_of_ours(overlay)
            self.assertEqual(self.names_asked(overlay, of_kind(overlay, "NetworkPolicy")),
                             {(asker, "dns", protocol) for asker in askers for protocol in ("UDP", "TCP")})

    def test_only_the_database_reaches_the_outside(self):
        """The Kubernetes API and the store of the backups, by 443 and 6443."""
        for overlay in self.each():
            policies = of_kind(overlay, "NetworkPolicy")
            outside = network.Pod("outside", "outside", {}, {})
            for pod in self.pods(overlay):
                if pod.namespace == of_kind(overlay, "Namespace")[0]["metadata"]["name"]:
                    reached = [port for port in (53, 80, 443, 5432, 6443)
                               if network.allowed(policies, pod, outside, port)]
                    self.assertEqual(reached, [443, 6443] if pod.name == "postgres" else [], pod.name)

    def test_named_ports_exist_where_they_lead(self):
        for overlay in self.each():
            known = {port["name"] for _, template in templates(overlay)
                     for container in template["spec"]["containers"] for port in container.get("ports", [])}
            for policy in of_kind(overlay, "NetworkPolicy"):
                for rule in policy["spec"].get("ingress", []) + policy["spec"].get("egress", []):
                    for port in rule.get("ports", []):
                        self.assertIn(port["port"], known | {port["port"]} if isinstance(port["port"], int) else known)


class SandboxTest(EachOverlayTest):
    def test_it_is_in_development_only(self):
        self.assertNotIn("sandbox", str(of_kind("prod", "Deployment", "Service", "ServiceAccount", "NetworkPolicy")))
        self.assertIn(SANDBOX, named(of_kind("dev", "Deployment")))

    def test_it_listens_where_its_port_and_probes_are(self):
        server, = named(of_kind("dev", "Deployment"))[SANDBOX]["spec"]["template"]["spec"]["containers"]
        port, = [one["containerPort"] for one in server["ports"]]
        self.assertEqual(server["args"], [f"--listen_address=0.0.0.0:{port}"])
        for probe in ("readinessProbe", "livenessProbe"):
            self.assertEqual(server[probe]["grpc"], {"port": port})

    def test_there_is_one(self):
        """Charges are in its memory."""
        deployment = named(of_kind("dev", "Deployment"))[SANDBOX]["spec"]
        self.assertEqual((deployment["replicas"], deployment["strategy"]["type"]), (1, "Recreate"))


class ImageTest(unittest.TestCase):
    def setUp(self):
        lines = (support.DEPLOY / "docker/Containerfile.dockerignore").read_text().splitlines()
        self.patterns = [line for line in lines if line and not line.startswith("#")]

    def seen(self, path):
        """Whether the build sees a file: the last pattern that matches it, or a folder above it, counts."""
        names = [path, *(parent.as_posix() for parent in pathlib.PurePosixPath(path).parents)]
        shown = True
        for pattern in self.patterns:
            if any(fnmatch.fnmatchcase(name, pattern.removeprefix("!")) for name in names):
                shown = pattern.startswith("!")
        return shown

    def test_the_build_sees_every_folder_that_it_adds(self):
        added = (support.ROOT / "CMakeLists.txt").read_text()
        folders = re.findall(r"^add_subdirectory\((\S+)\)$", added, re.MULTILINE)
        self.assertIn("services", folders)
        for folder in (*folders, "cmake"):
            files = [path.relative_to(support.ROOT).as_posix() for path in (support.ROOT / folder).rglob("*")
                     if path.name == "CMakeLists.txt" or path.suffix in (".cc", ".h", ".proto", ".sql", ".cmake")]
            self.assertTrue(files, folder)
            self.assertEqual([name for name in files if not self.seen(name)], [], folder)

    def test_it_sees_the_programs_and_nothing_that_was_built_or_written_here_besides(self):
        containerfile = (support.DEPLOY / "docker/Containerfile").read_text()
        programs = {f"build/release/bin/loyalty-{name}" for name in (*SERVICES, "payment-sandbox")}
        self.assertEqual(set(re.findall(r"build/release/bin/loyalty-[a-z-]+", containerfile)), programs)
        self.assertTrue(all(self.seen(program) for program in programs))
        for name in ("build/release/bin/loyalty", "build/release/build.ninja", ".git/config", ".run/env",
                     "node_modules/x/x.h", "tests/e2e/story_test.py"):
            self.assertFalse(self.seen(name), name)


class ProductionTest(EachOverlayTest):
    def test_the_payment_provider_is_the_operator_s_to_set(self):
        """Its placeholder is no host:port, which the server refuses; and the guide says so."""
        readme = (support.DEPLOY / "k8s/README.md").read_text()
        self.assertIn("SET-ME", readme)
        self.assertIn("LOYALTY_PAYMENT_PROVIDER_ADDRESS", readme)
        self.assertNotIn(":", ADDRESSES["prod"]["membership"]["LOYALTY_PAYMENT_PROVIDER_ADDRESS"])

    def test_a_commit_is_on_two_of_three_instances(self):
        cluster, = of_kind("prod", "Cluster")
        self.assertEqual(cluster["spec"]["instances"], 3)
        self.assertEqual(cluster["spec"]["postgresql"]["synchronous"],
                         {"method": "any", "number": 1, "dataDurability": "required"})
        self.assertEqual(cluster["spec"]["affinity"]["podAntiAffinityType"], "required")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self.assertNotIn(setting, cluster["spec"]["postgresql"]["parameters"], "the servers refuse to run without it")

    def test_it_is_backed_up_and_archived(self):
        cluster, = of_kind("prod", "Cluster")
        backup, = of_kind("prod", "ScheduledBackup")
        store, = of_kind("prod", "ObjectStore")
        plugin, = cluster["spec"]["plugins"]
        self.assertTrue(plugin["isWALArchiver"])
        self.assertEqual(plugin["parameters"]["barmanObjectName"], store["metadata"]["name"])
        self.assertEqual(backup["spec"]["cluster"]["name"], cluster["metadata"]["name"])
        self.assertEqual(backup["spec"]["pluginConfiguration"]["name"], plugin["name"])
        self.assertEqual(len(backup["spec"]["schedule"].split()), 6, "with seconds")

    def test_it_is_watched(self):
        monitor, = of_kind("prod", "ServiceMonitor")
        for service in of_kind("prod", "Service"):
            self.assertTrue(network.matches(monitor["spec"]["selector"], service["metadata"]["labels"]))
            self.assertIn(monitor["spec"]["endpoints"][0]["port"], [port["name"] for port in service["spec"]["ports"]])
            self.assertEqual(service["metadata"]["labels"][monitor["spec"]["jobLabel"]], "loyalty")
            self.assertIn(service["metadata"]["labels"]["app.kubernetes.io/name"], SERVICES)
        rule, = of_kind("prod", "PrometheusRule")
        self.assertEqual([one for group in rule["spec"]["groups"] for one in group["rules"]], support.rules())

    def test_every_dashboard_is_a_ConfigMap(self):
        maps = {key: text for document in of_kind("prod", "ConfigMap") for key, text in document["data"].items()
                if document["metadata"]["labels"].get("grafana_dashboard") == "1"}
        files = {path.name: path.read_text() for path in (support.DEPLOY / "grafana/dashboards").glob("*.json")}
        self.assertEqual(maps, files)


if __name__ == "__main__":
    support.main()
