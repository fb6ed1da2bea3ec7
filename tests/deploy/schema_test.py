"""The manifests against the Kubernetes schema and the dashboards against Grafana's, both from npm."""
import json
import unittest

import support

# No package on npm knows these; policy_test.py looks at what they promise.
WITHOUT_SCHEMA = {("postgresql.cnpg.io/v1", "Cluster"), ("postgresql.cnpg.io/v1", "ScheduledBackup"),
                  ("barmancloud.cnpg.io/v1", "ObjectStore")}
PACKAGES = {"monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator"}

VALIDATE = """
let failed = 0;
for (const { module, document } of JSON.parse(await new Response(process.stdin).text())) {
  const models = await import(module);
  try {
    new models[document.kind](document).validate();
  } catch (error) {
    failed++;
    console.log(`${document.kind} ${document.metadata.name}: ${error.message}`);
  }
}
process.exit(failed ? 1 : 0);
"""

# An enum in these types is the plain text or number in JSON.
GRAFANA = """
import type { Dashboard, Panel, RowPanel } from "@grafana/schema";
import type { Options as Graph } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";
import type { Options as Stat } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
type Wire<T> = T extends string ? `${T}` : T extends number ? (`${T}` extends `${infer N extends number}` ? N : T)
  : T extends boolean | null | undefined ? T : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;
type Query = { refId: string; expr: string; legendFormat: string; datasource: { type: "prometheus"; uid: string } };
type Shown<Kind extends string, Options> =
  Wire<Omit<Panel, "options" | "targets" | "type">> & { type: Kind; options: Wire<Partial<Options>>; targets: Query[] };
type Board = Wire<Omit<Dashboard, "panels">> & {
  panels: Array<Shown<"timeseries", Graph> | Shown<"stat", Stat> | Wire<RowPanel>> };
"""


def module_of(document):
    version, kind = document["apiVersion"], document["kind"]
    return f"{PACKAGES.get(version, 'kubernetes-models')}/{version}/{kind}"


def known(overlay):
    return [document for document in support.manifests(overlay)
            if (document["apiVersion"], document["kind"]) not in WITHOUT_SCHEMA]


class KubernetesTest(unittest.TestCase):
    def setUp(self):
        support.need_npm("kubernetes-models")

    def test_every_manifest_is_valid(self):
        """Required fields, formats and ranges."""
        for overlay in support.OVERLAYS:
            with self.subTest(overlay):
                checked = [{"module": f"{module_of(document)}.js", "document": document} for document in known(overlay)]
                for entry in checked:
                    entry["module"] = (support.ROOT / "node_modules" / entry["module"]).as_uri()
                done = support.run(["node", "--input-type=module", "--eval", VALIDATE], input=json.dumps(checked))
                self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_no_manifest_has_a_field_that_does_not_exist(self):
        for overlay in support.OVERLAYS:
            with self.subTest(overlay):
                self.assertEqual(support.check_types(self.typed(known(overlay))), "")

    def test_a_misspelt_field_would_be_found(self):
        deployment = json.loads(json.dumps(support.of_kind("dev", "Deployment")[0]))
        deployment["spec"]["template"]["spec"]["terminationGracePeriod"] = 45
        self.assertIn("terminationGracePeriod", support.check_types(self.typed([deployment])))

    @staticmethod
    def typed(documents):
        lines = []
        for number, document in enumerate(documents):
            lines.append(f'import type {{ I{document["kind"]} as T{number} }} from "{module_of(document)}";')
            lines.append(f"export const d{number}: T{number} = {json.dumps(document)};")
        return "\n".join(lines)


class GrafanaTest(unittest.TestCase):
    def setUp(self):
        support.need_npm("@grafana/schema")

    def checked(self, boards):
        return support.check_types(GRAFANA + "\n".join(
            f"export const {name}: Board = {json.dumps(board)};" for name, board in boards.items()))

    def test_every_dashboard_is_valid(self):
        self.assertEqual(self.checked(support.dashboards()), "")

    def test_a_wrong_panel_would_be_found(self):
        board = support.dashboards()["suite"]
        board["panels"][1]["options"]["colorMode"] = "colour"
        self.assertIn("colour", self.checked({"suite": board}))
        board = support.dashboards()["suite"]
        board["pannels"] = []
        self.assertIn("pannels", self.checked({"suite": board}))


if __name__ == "__main__":
    support.main()
