"""The only place that asks what time it is. ``GENAI_NOW`` (ISO 8601, UTC) freezes it, for tests and rebuilt reports."""

from __future__ import annotations

import datetime as dt
import os
import zoneinfo

from genai_tags.errors import UsageError


def now() -> dt.datetime:
    """The time in UTC, to the millisecond."""
    frozen = os.environ.get("GENAI_NOW")
    if frozen:
        try:
            return dt.datetime.fromisoformat(frozen.replace("Z", "+00:00")).astimezone(dt.timezone.utc)
        except ValueError:
            raise UsageError(f"GENAI_NOW is {frozen!r}, not a time such as 2026-11-21T12:00:00Z") from None
    return dt.datetime.now(dt.timezone.utc)


def stamp() -> str:
    """The time as it stands in the ledger: ``2026-11-21T12:00:00.000Z``."""
    moment = now()
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def end_of(day: dt.date, zone: str) -> str:
    """The stamp at which a day has ended in a time zone (an IANA name); exclusive."""
    ended = dt.datetime.combine(day + dt.timedelta(1), dt.time(), zoneinfo.ZoneInfo(zone)).astimezone(dt.timezone.utc)
    return ended.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def day_of(stamp: str, zone: str) -> dt.date:
    """The day that a stamp of the ledger fell on in a time zone. Raises ValueError where it is no time."""
    return dt.datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(zoneinfo.ZoneInfo(zone)).date()


def today(zone: str) -> dt.date:
    """The day it is in a time zone (an IANA name)."""
    return now().astimezone(zoneinfo.ZoneInfo(zone)).date()
