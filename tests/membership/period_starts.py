"""When billing periods begin, computed without the code under test: by zoneinfo and calendar only.

    period_starts.py           writes the table to period_starts.txt beside this file
    period_starts.py --check   compares it with what is there; exit 1 if it differs

A line is: zone, anchor (local), anchor (UTC), months of a period, k, begin of period k (UTC). The years are past ones, so that
no later change of a zone's rules changes the table.
"""
import calendar
import datetime as dt
import pathlib
import sys
import zoneinfo

UTC = dt.timezone.utc
TABLE = pathlib.Path(__file__).with_name("period_starts.txt")


def to_utc(local, zone):
    """Of a local time that comes twice the first; of one that does not exist the first moment after the gap."""
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    # A gap: look for the moment at which the local clock jumps, by the second.
    low, high = moment - dt.timedelta(days=2), moment + dt.timedelta(days=2)
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            low = middle
        else:
            high = middle
    return high


def add_months(local, months):
    index = local.year * 12 + local.month - 1 + months
    year, month = divmod(index, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, calendar.monthrange(year, month + 1)[1]))


def lines_of(zone_name, anchor, months, count):
    zone = zoneinfo.ZoneInfo(zone_name)
    begin = to_utc(anchor, zone)
    local = begin.astimezone(zone).replace(tzinfo=None)
    for k in range(count + 1):
        at = begin if k == 0 else to_utc(add_months(local, months * k), zone)
        yield " ".join([zone_name, local.isoformat(), begin.strftime("%Y-%m-%dT%H:%M:%SZ"), str(months), str(k),
                        at.strftime("%Y-%m-%dT%H:%M:%SZ")])


def table():
    # Three years with a leap year, month by month; 02:30 lies in Rome's gaps of 31 March 2024 and 30 March 2025.
    for zone in ("Europe/Rome", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham"):
        for day in (28, 29, 30, 31):
            for hour, minute in ((2, 30), (10, 0)):
                yield from lines_of(zone, dt.datetime(2022, 12, day, hour, minute), 1, 37)
    # New York's gap of 10 March 2024 and its doubled hour of 3 November 2024.
    yield from lines_of("America/New_York", dt.datetime(2023, 1, 10, 2, 30), 1, 37)
    yield from lines_of("America/New_York", dt.datetime(2023, 1, 3, 1, 30), 1, 37)
    # Apia had no 30 December 2011.
    for day in (28, 29, 30, 31):
        yield from lines_of("Pacific/Apia", dt.datetime(2010, 1, day, 9, 0), 1, 37)
    # Quarters, years, and the 29 February.
    for zone in ("Europe/Rome", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham"):
        yield from lines_of(zone, dt.datetime(2021, 11, 30, 23, 59, 59), 3, 14)
        yield from lines_of(zone, dt.datetime(2016, 2, 29, 0, 0), 12, 9)


def main():
    text = "\n".join(table()) + "\n"
    if sys.argv[1:] == ["--check"]:
        if TABLE.read_text() != text:
            sys.exit(f"{TABLE.name} is not what {pathlib.Path(__file__).name} computes")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        TABLE.write_text(text)


if __name__ == "__main__":
    main()
