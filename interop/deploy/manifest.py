"""Reads manifests from standard input: prints their objects as JSON, or, given versions of Kubernetes, what its schemas find wrong with them."""
import json
import sys

import kubernetes_validate
import yaml

if sys.argv[1] == "read":
    print(json.dumps(list(yaml.safe_load_all(sys.stdin))))
else:
    wrong = []
    for thing in json.load(sys.stdin):
        for version in sys.argv[2:]:
            try:
                kubernetes_validate.validate(thing, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                path = ".".join(str(part) for part in error.path)
                wrong.append(f"{version} {thing['kind']} {path}: {error.message}")
    print(json.dumps(wrong))
