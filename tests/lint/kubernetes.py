#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manifests in deploy/kubernetes: YAML that Kubernetes would read, pods that
fit the policy "restricted", secrets by name only; and, where the program is
built, commands that it has, with options that it knows."""

import re
import subprocess

import yaml

from lint import build_dir, files, finish, read

PODS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}
SECRET = re.compile(r"(?i)password|secret|token|conninfo")


def pod_of(manifest: dict) -> dict | None:
    """The pod's spec, of what makes pods."""
    spec = manifest.get("spec", {})
    if manifest["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    elif manifest["kind"] not in PODS:
        return spec if manifest["kind"] == "Pod" else None
    return spec["template"]["spec"]


def check_restricted(pod: dict, container: dict) -> list[str]:
    """What is missing from the policy, and from a file system read only."""
    of_pod = pod.get("securityContext", {})
    own = container.get("securityContext", {})
    wrong = []
    if not own.get("runAsNonRoot", of_pod.get("runAsNonRoot")):
        wrong.append("runAsNonRoot: true")
    if own.get("seccompProfile", of_pod.get("seccompProfile", {})).get(
            "type") != "RuntimeDefault":
        wrong.append("seccompProfile: {type: RuntimeDefault}")
    if own.get("allowPrivilegeEscalation") is not False:
        wrong.append("allowPrivilegeEscalation: false")
    if own.get("capabilities", {}).get("drop") != ["ALL"] or \
            own["capabilities"].get("add"):
        wrong.append('capabilities: {drop: ["ALL"]}')
    if not own.get("readOnlyRootFilesystem"):
        wrong.append("readOnlyRootFilesystem: true")
    if pod.get("automountServiceAccountToken") is not False:
        wrong.append("automountServiceAccountToken: false")
    if not container.get("resources", {}).get("limits", {}).get("memory"):
        wrong.append("resources.limits.memory")
    return [f"{container['name']} lacks {what}" for what in wrong]


def check_secrets(container: dict) -> list[str]:
    """Values of what sounds secret come from elsewhere."""
    wrong = [f"{container['name']} has a value for {env['name']}"
             for env in container.get("env", [])
             if SECRET.search(env["name"]) and "value" in env]
    wrong += [f"{container['name']} has a secret on its command line"
              for word in container.get("command", []) +
              container.get("args", [])
              if re.search(r"(?i)password=|:[^/@ ]+@|\$\(", str(word))]
    return wrong


def check_command(container: dict) -> list[str]:
    """Asked for help at the end, the program reads all options before."""
    words = container.get("command", []) + container.get("args", [])
    program = build_dir() / "datagateway"
    if not words or words[0].rpartition("/")[2] != "datagateway":
        return [f"{container['name']} does not name its program and command"]
    if not program.exists():
        return []
    done = subprocess.run([program, *words[1:], "--help"], check=False,
                          capture_output=True, text=True, timeout=30)
    return [] if done.returncode == 0 else [
        f"{container['name']}: {done.stderr.strip()}"]


def check(manifest: object) -> list[str]:
    if not isinstance(manifest, dict) or not all(
            manifest.get(key) for key in ("apiVersion", "kind", "metadata")):
        return ["no manifest: apiVersion, kind and metadata are needed"]
    if manifest["kind"] == "Secret":
        return ["a Secret is made by who has it, and only named here"]
    try:
        pod = pod_of(manifest)
    except KeyError as missing:
        return [f"{manifest['kind']} without {missing}"]
    wrong = []
    for container in (pod or {}).get("containers", []):
        wrong += check_restricted(pod, container) + \
            check_secrets(container) + check_command(container)
    if pod is not None and not pod.get("containers"):
        wrong.append("a pod without containers")
    return wrong


def main() -> None:
    findings = []
    manifests = 0
    for name in files(".yaml", under=["deploy"]):
        if name.parts[1] != "kubernetes":
            continue
        try:
            documents = list(yaml.safe_load_all(read(name)))
        except yaml.YAMLError as error:
            findings.append(f"{name}: {error}")
            continue
        manifests += len(documents)
        for document in documents:
            findings += [f"{name}: {wrong}" for wrong in check(document)]
    finish(findings, "https://kubernetes.io/docs/concepts/security/"
           "pod-security-standards/ has the policy.",
           f"{manifests} manifests")


main()
