"""One Server-Sent Event of the hub as a message. Strict: what can't be read whole is an error, never half a limit."""
from .contract import NotReadable, parse
from .messages import ChangeStated, Cursor, EffectiveStated, HeartbeatHeard, SetStated

_KINDS = {"gridservices.envelope.published.v1": "envelope", "gridservices.envelope.withdrawn.v1": "withdrawal", "gridservices.prices.published.v1": "prices"}


def read_event(name, event_id, data):
    """None for an event of a kind that this version doesn't know; NotReadable for a known one that can't be read."""
    if name == "snapshot":
        read = parse(data, "site-snapshot.schema.json")
        return SetStated(_cursor(f"{read['epoch']}.{read['sequence']}"), read)
    if name in ("envelope", "prices"):
        cursor = _cursor(event_id)
        read = parse(data, "publication.schema.json")
        return ChangeStated(cursor, _KINDS[read["type"]], read["data"])
    if name == "effective":
        return EffectiveStated(parse(data, "effective-timeline.schema.json"))
    return HeartbeatHeard(parse(data, "heartbeat.schema.json")) if name == "heartbeat" else None


def read_set(body):
    """The answer to the question for the whole set."""
    read = parse(body, "site-envelopes.schema.json")
    if not read["complete"]:
        raise NotReadable("the hub answered with changes where the whole set was asked for")
    return SetStated(_cursor(f"{read['epoch']}.{read['sequence']}"), read, asked=True)


def _cursor(text):
    cursor = Cursor.parse(text)
    if cursor is None:
        raise NotReadable(f"'{text}' is no cursor")
    return cursor
