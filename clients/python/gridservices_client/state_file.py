"""
The last-known set as a file: the JSON in one line, below it its SHA-256. Written beside and moved in place, so that a cut leaves the old one. The .NET SDK's file has the same form.
"""
import decimal
import hashlib
import json
import os

from .contract import NotReadable, require
from .held import HeldSet
from .messages import Cursor
from .times import parse_instant


def read_state(path, site_id, hub, keep_other, notice):
    """The set of the file; None where there is none or it can't be used (then it is told why). `keep_other`: what another hub stated is told and taken all the same."""
    try:
        with open(path, "rb") as file:
            held = _parse(file.read(), site_id)
    except FileNotFoundError:
        return None
    except (NotReadable, ValueError, KeyError, TypeError, AttributeError, OSError) as fault:
        notice(f"{path} can't be used, starting without it: {fault}")
        return None
    if held.hub is None or held.hub.lower() == hub.lower():
        return held
    why = f"what it holds was stated by the hub at '{held.hub}', not by '{hub}'"
    notice(f"{path} is used, though {why}: there are no limits to begin with instead" if keep_other else f"{path} can't be used, starting without it: {why}")
    return held if keep_other else None


def write_state(path, held):
    """On the disk when it returns; OSError where it can't be written."""
    text = json.dumps(held.to_json(), separators=(",", ":"), default=_number).encode()
    with open(f"{path}.new", "wb") as file:
        file.write(text + b"\nsha256:" + hashlib.sha256(text).hexdigest().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


def _number(value):
    if isinstance(value, decimal.Decimal):
        return int(value) if value == int(value) else float(value)
    raise TypeError(f"{value!r} is no JSON")


def _parse(text, site_id):
    body, mark, last = text.rpartition(b"\nsha256:")
    if mark and last != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise NotReadable("it was changed since it was written (its hash does not fit)")
    held = HeldSet.from_json(json.loads(body if mark else text, parse_float=decimal.Decimal))
    if held.site_id != site_id:
        raise NotReadable(f"it is of site '{held.site_id}', not of '{site_id}'")
    if Cursor.parse(held.cursor) is None:
        raise NotReadable("it names no place in the hub's log (cursor)")
    for envelope in [*held.envelopes, *held.retained, *(f["envelope"] for f in held.failsafes)]:
        require(envelope, "envelope.schema.json")
    for withdrawal in held.withdrawn:
        require(withdrawal, "withdrawal.schema.json")
    for at in [*(f["enteredAt"] for f in held.failsafes), *(lost["since"] for lost in held.losses), *([held.written_at] if held.written_at else [])]:
        parse_instant(at)
    return held
