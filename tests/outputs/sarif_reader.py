"""A strict reader of SARIF, made from the object model that was generated from its schema.

Every property must be one that the schema has, every one that it requires must be there, and what
the standard demands of levels, references and places is looked at by hand.
"""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlparse

import attr
import sarif_om

_CLASSES: dict[str, type] = {
    "runs": sarif_om.Run,
    "tool": sarif_om.Tool,
    "driver": sarif_om.ToolComponent,
    "rules": sarif_om.ReportingDescriptor,
    "shortDescription": sarif_om.MultiformatMessageString,
    "fullDescription": sarif_om.MultiformatMessageString,
    "defaultConfiguration": sarif_om.ReportingConfiguration,
    "invocations": sarif_om.Invocation,
    "toolExecutionNotifications": sarif_om.Notification,
    "results": sarif_om.Result,
    "message": sarif_om.Message,
    "locations": sarif_om.Location,
    "relatedLocations": sarif_om.Location,
    "location": sarif_om.Location,
    "physicalLocation": sarif_om.PhysicalLocation,
    "artifactLocation": sarif_om.ArtifactLocation,
    "region": sarif_om.Region,
    "codeFlows": sarif_om.CodeFlow,
    "threadFlows": sarif_om.ThreadFlow,
}
_BAGS = {"properties", "partialFingerprints"}
_LEVELS = {"none", "note", "warning", "error"}


def check_log(log: dict[str, Any]) -> None:
    """Check that `log` is SARIF 2.1.0."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    _check_object(sarif_om.SarifLog, log)
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            _check_result(result)


def _check_object(kind: type, data: Any) -> None:
    assert isinstance(data, dict)
    fields = {each.metadata["schema_property_name"]: each for each in attr.fields(kind)}
    assert data.keys() <= fields.keys(), (kind, data.keys() - fields.keys())
    required = {name for name, each in fields.items() if each.default is attr.NOTHING}
    assert required <= data.keys(), (kind, required - data.keys())
    for name, value in data.items():
        if isinstance(fields[name].default, list) or name.endswith(("s", "Flows")):
            _check_many(kind, name, value)
        else:
            _check_one(kind, name, value)


def _check_many(kind: type, name: str, value: Any) -> None:
    if name in _BAGS:
        assert isinstance(value, dict)
        return
    assert isinstance(value, list), name
    assert value or name in {"results", "locations", "relatedLocations"} | {
        "toolExecutionNotifications",
        "rules",
    }
    for each in value:
        _check_one(kind, name, each)


def _check_one(kind: type, name: str, value: Any) -> None:
    if name == "state":
        for each in value.values():
            _check_object(sarif_om.MultiformatMessageString, each)
    elif kind is sarif_om.ThreadFlow and name == "locations":
        _check_object(sarif_om.ThreadFlowLocation, value)
    elif name in _CLASSES:
        _check_object(_CLASSES[name], value)
    else:
        assert isinstance(value, str | int | bool), name


def _check_result(result: dict[str, Any]) -> None:
    assert result["level"] in _LEVELS
    assert result["message"]["text"]
    flows = [flow for code in result.get("codeFlows", ()) for flow in code["threadFlows"]]
    steps = [step["location"] for flow in flows for step in flow["locations"]]
    for place in (*result["locations"], *result["relatedLocations"], *steps):
        if "physicalLocation" in place:
            _check_place(place["physicalLocation"])
    for flow in flows:
        assert [step["executionOrder"] for step in flow["locations"]] == [
            *range(len(flow["locations"]))
        ]


def _check_place(physical: dict[str, Any]) -> None:
    artifact = physical["artifactLocation"]
    assert physical["region"]["startLine"] >= 1
    path = unquote(urlparse(artifact["uri"]).path)
    assert PurePosixPath(path).is_absolute() is ("uriBaseId" not in artifact)


def plain(text: str) -> str:
    """Return a message as a viewer shows it, which has no placeholder."""
    assert not any(brace % 2 for brace in _runs(text))
    return text.replace("{{", "{").replace("}}", "}")


def _runs(text: str) -> list[int]:
    """Return how long each run of one kind of brace is."""
    lengths, last = [], ""
    for letter in text:
        if letter in "{}":
            if letter == last:
                lengths[-1] += 1
            else:
                lengths.append(1)
        last = letter
    return lengths
