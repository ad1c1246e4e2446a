"""Envelopes and limits to test with."""
from gridservices_client.limits import SiteLimits
from gridservices_client.messages import Cursor, SetStated
from gridservices_client.times import SECOND, format_instant, parse_instant

NOW = parse_instant("2027-01-15T18:00:00Z")


def envelope(limits, segments=(), revision=1, key="A"):
    """Of the site, with these limits wherever no segment covers."""
    return {
        "envelopeId": "01a223df-f2cc-7339-ae84-20da6c75186e", "revision": revision, "siteId": "site-1", "target": {"kind": "site", "id": "site-1"}, "stream": {"service": "openadr", "key": key},
        "tier": "contractual", "obligation": "mandatory", "segments": list(segments), "default": {"limits": limits}}


def spans(count, limits):
    """So many segments of a second each from NOW on, with a second between each and the next; `limits` by number."""
    return [{"from": format_instant(NOW + 2 * n * SECOND), "until": format_instant(NOW + (2 * n + 1) * SECOND), "limits": limits(n)} for n in range(count)]


def limits(*followed, at=NOW, is_known=True):
    return SiteLimits("site-1", at, 0, "controlled" if is_known else "init", is_known, None, (), None, tuple(followed))


def stated(cursor, *envelopes):
    """The whole set of the site at a cursor, as the hub was asked for it."""
    at = Cursor.parse(cursor)
    return SetStated(at, {"siteId": "site-1", "epoch": at.epoch, "sequence": str(at.sequence), "envelopes": list(envelopes), "prices": []}, True)
