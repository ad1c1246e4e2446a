"""
Judges what the hub says by the contract's own schemas (schemas.json, generated), and by the rules that schemas can't say. Strict: what can't be read whole is an error, never half a limit.
"""
import decimal
import functools
import importlib.resources
import json
import re
import unicodedata

from .times import SECOND, parse_duration, parse_instant

_HIDDEN = ("Cc", "Cf", "Co", "Zl", "Zp")


class NotReadable(Exception):
    """What the hub said does not fit the contract."""


def parse(text, schema):
    """The JSON as Python has it, with whole and exact numbers; NotReadable where it does not fit the schema of that file name."""
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_float=decimal.Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as fault:
        raise NotReadable(f"no JSON: {fault}") from fault
    require(document, schema)
    return document


def require(document, schema):
    """NotReadable where the document does not fit."""
    fault = _fault(_schemas()[schema], document, schema, "")
    if fault:
        raise NotReadable(fault)
    try:
        if schema == "publication.schema.json" and document["subject"].rsplit("/", 1)[1] != document["data"]["siteId"]:
            raise NotReadable("/subject names another site than the data")
        for series in _parts(document, schema, "prices", "price-series.schema.json", "gridservices.prices.published.v1"):
            _spans(series["segments"])
        for envelope in _parts(document, schema, "envelopes", "envelope.schema.json", "gridservices.envelope.published.v1"):
            check_envelope(envelope)
    except ValueError as fault:
        raise NotReadable(str(fault)) from fault


def read_setting(value, definition):
    """A setting of the controller's own as the hub would have said it, by a definition of common.schema.json. NotReadable where it does not fit."""
    try:
        document = json.loads(json.dumps(value, default=_to_float), parse_float=decimal.Decimal, parse_constant=_refuse)
    except (TypeError, ValueError, RecursionError) as fault:
        raise NotReadable(str(fault)) from fault
    if fault := _fault({"$ref": f"common.schema.json#/$defs/{definition}"}, document, "common.schema.json", ""):
        raise NotReadable(fault)
    return document


def _to_float(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"{value!r} is no JSON")


def check_envelope(envelope):
    """What the schema of an envelope can't say: order, overlap, ends, and the site's own name. ValueError or NotReadable where it does not hold."""
    _spans(envelope["segments"])
    _spans(envelope.get("targets") or ())
    failsafe = envelope.get("failsafe")
    if failsafe:
        check_failsafe(failsafe)
    if envelope["target"]["kind"] == "site" and envelope["target"]["id"] != envelope["siteId"]:
        raise NotReadable("/target/id: a target of kind site is the site itself")
    for segment in envelope["segments"]:
        for phase in ((segment["limits"].get("perPhase") or {}).values()):
            if any(isinstance(v, decimal.Decimal) and round(v, 3) != v for v in (phase or {}).values()):
                raise NotReadable("an ampere has at most three decimals")
        functions = segment.get("functions") or ()
        if len({f["kind"] for f in functions}) != len(functions):
            raise NotReadable("a segment sets each function once")
        for function in functions:
            _ascends([knot["x"] for knot in function.get("curve") or ()], steps=function["kind"].endswith(("Trip", "Cessation")))
    for target in envelope.get("targets") or ():
        _ascends([point["hz"] for point in target.get("droop") or ()], steps=False)


def check_failsafe(failsafe):
    """What the schema of a fail-safe rule can't say. ValueError or NotReadable where it does not hold."""
    if parse_duration(failsafe["staleAfter"]) < SECOND:
        raise NotReadable("/failsafe/staleAfter must be at least PT1S")
    parse_duration(failsafe.get("minDuration") or "PT0S")


def _ascends(numbers, steps):
    if any(after < before or (after == before and not steps) for before, after in zip(numbers, numbers[1:])):
        raise NotReadable("the points of a curve must ascend")


def _spans(spans):
    end = None
    for number, span in enumerate(spans):
        start, until = parse_instant(span["from"]), span.get("until")
        if until is None and number < len(spans) - 1:
            raise NotReadable("only the last span may be open")
        if number and start < end:
            raise NotReadable("spans overlap, or are out of order")
        end = None if until is None else parse_instant(until)
        if end is not None and end <= start:
            raise NotReadable("a span must end later than it begins")


def _parts(document, schema, member, own, published):
    if schema == own:
        return [document]
    if schema == "publication.schema.json":
        return [document["data"]] if document["type"] == published else []
    return document[member] if schema in ("site-snapshot.schema.json", "site-envelopes.schema.json") else []


def _once(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member is there twice")
    return dict(pairs)


def _refuse(word):
    raise ValueError(f"{word} is no number")


@functools.cache
def _schemas():
    return json.loads(importlib.resources.files(__package__).joinpath("schemas.json").read_text(encoding="utf-8"))


_KINDS = {
    "object": lambda v: isinstance(v, dict), "array": lambda v: isinstance(v, list), "string": lambda v: isinstance(v, str), "boolean": lambda v: isinstance(v, bool), "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, decimal.Decimal)) and not isinstance(v, bool),
    "integer": lambda v: isinstance(v, (int, decimal.Decimal)) and not isinstance(v, bool) and _is_whole(v),
}


def _is_whole(number):
    # Without making an int of it: 1e999999999 has a billion digits.
    return isinstance(number, int) or number == number.to_integral_value()


def _fault(schema, value, file, at):
    """What is wrong with a value, with its place; None: nothing. Knows the words that the contract's schemas use, and no others."""
    if "$ref" in schema:
        name, _, rest = schema["$ref"].partition("#")
        file = name or file
        fault = _fault(functools.reduce(lambda s, part: s[part], filter(None, rest.split("/")), _schemas()[file]), value, file, at)
        if fault:
            return fault
    kinds = schema.get("type")
    if kinds and not any(_KINDS[kind](value) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return f"{at or '/'} is of another kind than {kinds}"
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        return f"{at or '/'} is none of the words that belong there"
    return _fault_of_kind(schema, value, file, at) or _fault_of_parts(schema, value, file, at)


def _fault_of_kind(schema, value, file, at):
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)) or not _matches(schema.get("pattern"), value):
            return f"{at} has not the form that belongs there"
        if schema.get("format") == "date-time" and not _is_instant(value):
            return f"{at} is no instant"
    elif _KINDS["number"](value):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value) or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]):
            return f"{at} is out of its bounds"
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return f"{at} has too many items, or too few"
        return next(filter(None, (_fault(schema["items"], item, file, f"{at}/{n}") for n, item in enumerate(value))), None) if "items" in schema else None
    elif isinstance(value, dict):
        members = schema.get("properties", {})
        missing = [name for name in schema.get("required", ()) if name not in value]
        unknown = [name for name in value if name not in members] if schema.get("additionalProperties") is False else []
        if missing or unknown:
            return f"{at}/{(missing + unknown)[0]} is {'missing' if missing else 'not known'}"
        return next(filter(None, (_fault(of, value[name], file, f"{at}/{name}") for name, of in members.items() if name in value)), None)
    return None


def _fault_of_parts(schema, value, file, at):
    for part in schema.get("allOf", ()):
        if fault := _fault(part, value, file, at):
            return fault
    if "anyOf" in schema and all(faults := [_fault(one, value, file, at) for one in schema["anyOf"]]):
        return faults[0]
    if "oneOf" in schema and sum(_fault(one, value, file, at) is None for one in schema["oneOf"]) != 1:
        return f"{at or '/'} is not exactly one of what it may be"
    if "if" in schema and _fault(schema["if"], value, file, at) is None:
        return _fault(schema.get("then", {}), value, file, at)
    return None


def _is_instant(text):
    try:
        parse_instant(text)
        return True
    except ValueError:
        return False


def _matches(pattern, text):
    if pattern is None:
        return True
    if r"\p" in pattern:  # the one pattern by categories: no control, format, private or line-breaking characters
        return not any(unicodedata.category(c) in _HIDDEN for c in text)
    return re.search(pattern.replace("$", r"\Z") if pattern.endswith("$") else pattern, text, re.ASCII) is not None
