"""The rules of the specifications of in-toto Statement v1 and SLSA provenance v1, as a JSON schema.

Written from the tables of fields in in-toto's statement.md and resource_descriptor.md, and from SLSA's provenance.proto
in its JSON form. Stricter than they are: what they do not name is refused, where a consumer would only ignore it.
"""

from typing import Any

_URI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:[^ ]+$"}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_RESOURCE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "uri": _URI,
        "digest": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "sha512": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
            },
        },
        "content": {"type": "string"},
        "downloadLocation": _URI,
        "mediaType": {"type": "string"},
        "annotations": {"type": "object"},
    },
    "anyOf": [{"required": ["uri"]}, {"required": ["digest"]}, {"required": ["content"]}],
}
_TIME = {"type": "string", "format": "date-time"}
_DEFINITION = {
    "type": "object",
    "required": ["buildType", "externalParameters"],
    "additionalProperties": False,
    "properties": {
        "buildType": _URI,
        "externalParameters": {"type": "object"},
        "internalParameters": {"type": "object"},
        "resolvedDependencies": {"type": "array", "items": _RESOURCE},
    },
}
_RUN = {
    "type": "object",
    "required": ["builder"],
    "additionalProperties": False,
    "properties": {
        "builder": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": _URI,
                "version": _TEXTS,
                "builderDependencies": {"type": "array", "items": _RESOURCE},
            },
        },
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"invocationId": {"type": "string"}, "startedOn": _TIME, "finishedOn": _TIME},
        },
        "byproducts": {"type": "array", "items": _RESOURCE},
    },
}
STATEMENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["_type", "subject", "predicateType", "predicate"],
    "additionalProperties": False,
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "subject": {"type": "array", "minItems": 1, "items": {"allOf": [_RESOURCE, {"required": ["digest"]}]}},
        "predicateType": {"const": "https://slsa.dev/provenance/v1"},
        "predicate": {
            "type": "object",
            "required": ["buildDefinition", "runDetails"],
            "additionalProperties": False,
            "properties": {"buildDefinition": _DEFINITION, "runDetails": _RUN},
        },
    },
}
