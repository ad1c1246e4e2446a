#!/usr/bin/env python3
"""
Writes the models of the clients from contracts/v1/openapi/envelope-hub.json, and the schemas that they judge the hub's words by from contracts/v1/schemas.

    clients/generate.py            writes them anew
    clients/generate.py --check    exit code 1, and the names, where what is checked in differs
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).parent
CONTRACT = ROOT.parent / "contracts" / "v1"
JUDGED = ("common", "effective-timeline", "envelope", "heartbeat", "price-series", "publication", "site-envelopes", "site-snapshot", "withdrawal")
SAID_BY = "Written by clients/generate.py; do not edit."


def main():
    schemas = json.loads((CONTRACT / "openapi" / "envelope-hub.json").read_text(encoding="utf-8"))["components"]["schemas"]
    judged = {f"{name}.schema.json": without_words(json.loads((CONTRACT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))) for name in JUDGED}
    compact = json.dumps(judged, separators=(",", ":"), ensure_ascii=True)
    written = {
        ROOT / "python" / "gridservices_client" / "models.py": python(schemas),
        ROOT / "python" / "gridservices_client" / "schemas.json": compact + "\n",
        ROOT / "typescript" / "src" / "models.ts": typescript(schemas),
        ROOT / "typescript" / "src" / "schemas.ts":
            f"// {SAID_BY}\n/** The contract's JSON Schemas by file name. */\n"
            f"export const schemas: Record<string, Record<string, unknown>> = JSON.parse({json.dumps(compact)});\n",
    }
    stale = [file for file, text in written.items() if not file.exists() or file.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        for file in stale:
            print(f"{file.relative_to(ROOT.parent)} is not what the contract says; run clients/generate.py")
        return 1 if stale else 0
    for file in stale:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written[file], encoding="utf-8")
        print(f"wrote {file.relative_to(ROOT.parent)}")
    return 0


def without_words(schema):
    """The schema without what only people read."""
    if isinstance(schema, list):
        return [without_words(s) for s in schema]
    return {name: without_words(value) for name, value in schema.items() if not (name in ("description", "title") and isinstance(value, str))} if isinstance(schema, dict) else schema


def python(schemas):
    lines = [f'"""The contract\'s records as JSON has them. {SAID_BY}"""', "from typing import Any, Literal, NotRequired, TypedDict, Union", ""]
    for name, schema in sorted(schemas.items()):
        if "enum" in schema:
            lines += [f"{name} = Literal[{', '.join(json.dumps(value) for value in schema['enum'])}]", ""]
            continue
        required = schema.get("required", ())
        lines.append(f'{name} = TypedDict("{name}", {{')
        lines += [f'    "{member}": {python_type(of) if member in required else f"NotRequired[{python_type(of)}]"},' for member, of in schema.get("properties", {}).items()]
        lines += ["})", ""]
    return "\n".join(lines).rstrip() + "\n"


def python_type(of):
    if "$ref" in of:
        return f'"{of["$ref"].rsplit("/", 1)[1]}"'
    if "oneOf" in of or "anyOf" in of:
        return f"Union[{', '.join(python_type(one) for one in of.get('oneOf') or of['anyOf'])}]"
    kinds = of.get("type", "any")
    names = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None", "any": "Any", "object": "dict[str, Any]"}
    told = [f"list[{python_type(of['items'])}]" if kind == "array" else names[kind] for kind in ([kinds] if isinstance(kinds, str) else sorted(kinds, key=lambda k: k == "null"))]
    return " | ".join(told)


def typescript(schemas):
    lines = [f"// The contract's records as JSON has them. {SAID_BY}", ""]
    for name, schema in sorted(schemas.items()):
        if "enum" in schema:
            lines += [f"export type {name} = {' | '.join(json.dumps(value) for value in schema['enum'])};", ""]
            continue
        required = schema.get("required", ())
        lines.append(f"export interface {name} {{")
        lines += [f"  {member}{'' if member in required else '?'}: {typescript_type(of)};" for member, of in schema.get("properties", {}).items()]
        lines += ["}", ""]
    return "\n".join(lines).rstrip() + "\n"


def typescript_type(of):
    if "$ref" in of:
        return of["$ref"].rsplit("/", 1)[1]
    if "oneOf" in of or "anyOf" in of:
        return " | ".join(typescript_type(one) for one in of.get("oneOf") or of["anyOf"])
    kinds = of.get("type", "any")
    names = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null", "any": "unknown", "object": "Record<string, unknown>"}
    told = [f"{typescript_type(of['items'])}[]" if kind == "array" else names[kind] for kind in ([kinds] if isinstance(kinds, str) else sorted(kinds, key=lambda k: k == "null"))]
    return " | ".join(told)


if __name__ == "__main__":
    sys.exit(main())
