"""What a controller holds of its site: enough to go on alone. As JSON it is the file that survives a restart without the hub, the same as that of the .NET SDK."""
from dataclasses import dataclass, replace

MEMBERS = ("envelopes", "withdrawn", "prices", "retained", "failsafes", "losses")


@dataclass(frozen=True)
class HeldSet:
    """Envelopes, withdrawals and prices are as the hub wrote them. `retained` are envelopes of a history that the hub lost, in force until their publishers have restated."""

    site_id: str
    cursor: str | None = None
    envelopes: tuple = ()
    withdrawn: tuple = ()
    prices: tuple = ()
    retained: tuple = ()
    rewound_from: str | None = None
    clock_ahead_ms: int | None = None
    written_at: str | None = None
    never_whole: bool | None = None
    hub: str | None = None
    failsafes: tuple = ()
    losses: tuple = ()

    def to_json(self):
        """As it is written down; what is not known is left out."""
        told = {
            "siteId": self.site_id, "cursor": self.cursor, "envelopes": list(self.envelopes), "withdrawn": list(self.withdrawn), "prices": list(self.prices), "retained": list(self.retained),
            "rewoundFrom": self.rewound_from, "clockAheadMs": self.clock_ahead_ms, "writtenAt": self.written_at, "neverWhole": self.never_whole, "hub": self.hub,
            "failsafes": list(self.failsafes), "losses": list(self.losses),
        }
        return {name: value for name, value in told.items() if value is not None}

    @staticmethod
    def from_json(read):
        lists = {name: tuple(read.get(name) or ()) for name in MEMBERS}
        return HeldSet(
            site_id=read["siteId"], cursor=read.get("cursor"), rewound_from=read.get("rewoundFrom"), clock_ahead_ms=read.get("clockAheadMs"), written_at=read.get("writtenAt"),
            never_whole=read.get("neverWhole"), hub=read.get("hub"), **lists)

    def after(self, change):
        """The set after a change. A revision that is not higher than the one held, live or withdrawn, changes nothing."""
        kind, said = change.kind, change.data
        if said["revision"] <= self._revision(kind, said):
            return self
        if kind == "prices":
            return replace(self, prices=tuple(p for p in self.prices if p["stream"] != said["stream"]) + (said,))
        envelopes = tuple(e for e in self.envelopes if key_of(e) != key_of(said))
        withdrawn = tuple(w for w in self.withdrawn if key_of(w) != key_of(said))
        return replace(self, envelopes=envelopes + (said,), withdrawn=withdrawn) if kind == "envelope" else replace(self, envelopes=envelopes, withdrawn=withdrawn + (said,))

    def _revision(self, kind, said):
        held = [p for p in self.prices if p["stream"] == said["stream"]] if kind == "prices" else [e for e in self.envelopes + self.withdrawn if key_of(e) == key_of(said)]
        return max((h["revision"] for h in held), default=0)


def stream_of(said):
    """Service and key of what is stated."""
    return said["stream"]["service"], said["stream"]["key"]


def key_of(said):
    """What an envelope or a withdrawal replaces: target and stream."""
    return said["target"]["kind"], said["target"]["id"], *stream_of(said)


def not_restated(held, stated):
    """Of what is held, all that a set neither states nor withdraws in the same or a higher revision; of each stream the highest."""
    known = list(stated["envelopes"]) + list(stated.get("withdrawn") or ())
    kept = {}
    for envelope in all_of(held):
        key = key_of(envelope)
        if not any(key_of(k) == key and k["revision"] >= envelope["revision"] for k in known) and (key not in kept or envelope["revision"] > kept[key]["revision"]):
            kept[key] = envelope
    return tuple(kept.values())


def restate(held, change):
    """The set without the retained envelopes that a change restates."""
    if not held.retained or change.kind == "prices":
        return held
    said = change.data
    return replace(held, retained=tuple(e for e in held.retained if not (key_of(e) == key_of(said) and said["revision"] >= e["revision"])))


def alone(held):
    """Retained envelopes of streams that are not stated at all any more."""
    return [e for e in held.retained if not _is_stated(held, e)]


def followed(held):
    """Retained envelopes as they are merged: beside a live revision of the same stream under a name of their own, so that neither hides the other."""
    return [renamed(e, "~held") if _is_stated(held, e) else e for e in held.retained]


def keeps(held, key):
    """True where a stream is followed as it was last stated in another history."""
    return any(key_of(e) == key for e in held.retained)


def all_of(held):
    """Everything that is followed."""
    return held.retained + held.envelopes


def renamed(envelope, suffix):
    """The envelope under a stream of its own name."""
    return {**envelope, "stream": {**envelope["stream"], "key": envelope["stream"]["key"] + suffix}}


def _is_stated(held, retained):
    return any(key_of(e) == key_of(retained) for e in held.envelopes)
