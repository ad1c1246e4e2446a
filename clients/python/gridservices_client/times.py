"""Instants and durations as contract v1 writes them; both are whole nanoseconds here, instants since 1970-01-01T00:00:00Z."""
import datetime
import re

SECOND = 1_000_000_000
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_DURATION = re.compile(r"P(?=.)(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?", re.ASCII)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
LONGEST = 366 * 86_400 * SECOND


def parse_instant(text):
    """RFC 3339 in UTC; ValueError for anything else, February 30 too."""
    match = _INSTANT.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no instant")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    since = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.timezone.utc) - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + int((match.group(7) or "").ljust(9, "0"))


def format_instant(at):
    """The same instant as text, with as many digits after the point as it needs."""
    seconds, rest = divmod(at, SECOND)
    text = (_EPOCH + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{rest:09d}".rstrip("0") if rest else "") + "Z"


def parse_duration(text):
    """ISO 8601 in days, hours, minutes and seconds, 366 days at most; ValueError for anything else."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no duration")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    value = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND + int((match.group(5) or "").ljust(9, "0"))
    if value > LONGEST:
        raise ValueError(f"'{text}' is longer than 366 days")
    return value
