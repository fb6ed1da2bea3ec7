"""What a loyalty program owes for the CDNOW purchases, month by month, computed straight from the file.

    cdnow_months.py FILE          prints a table
    cdnow_months.py FILE --json   the same as a list of months
    cdnow_months.py --check       compares itself with cases that were computed by hand; exit 1 if one differs

It shares nothing with the services, neither code nor contracts, so that it can be held against them. The program:

- An order of 30 dollars or more earns 2 points a dollar, rounded down once for the order; a smaller one nothing.
- Points can be used through the end of the month in which their purchase's day falls 12 months later, and lapse at the
  midnight that ends it. Nobody spends any.
- Three tiers by the money spent in a calendar year, orders of any size: bronze from 100 dollars, silver from 250, gold
  from 500. A tier is reached at once and kept through the next year. On 1 January a member falls to what the year that
  ended earned, without grace.

Each row of the file is an order, rows of 0.00 and repeated rows too. The file has days only, so time is counted in days:
a month's figures are those of the midnight that ends it. `expired` has what lapses at that very midnight, `outstanding` is
what is left then. `tiers` are those at the end of the last day, just before that midnight, `tiers_after` those just after
it; they differ when a year ends.
"""
import calendar
import collections
import dataclasses
import datetime as dt
import decimal
import json
import pathlib
import sys

FIRST_YEAR, LAST_YEAR = 1997, 1999
MINIMUM_ORDER = decimal.Decimal(30)
POINTS_PER_DOLLAR = 2
LIFE_IN_MONTHS = 12
NO_TIER = "none"
TIERS = {"bronze": decimal.Decimal(100), "silver": decimal.Decimal(250), "gold": decimal.Decimal(500)}  # ascending


@dataclasses.dataclass(frozen=True)
class Order:
    customer: str
    day: dt.date
    dollars: decimal.Decimal


@dataclasses.dataclass(frozen=True)
class Lot:
    points: int
    earned: dt.date
    last_day: dt.date  # usable through its end


def read_orders(text):
    """By day; orders of a day in the order of the file."""
    orders = []
    for line in text.splitlines():
        customer, day, _, dollars = line.split()
        orders.append(Order(customer, dt.datetime.strptime(day, "%Y%m%d").date(), decimal.Decimal(dollars)))
    for order in orders:
        if not FIRST_YEAR <= order.day.year <= LAST_YEAR:
            raise ValueError(f"{order} is not in the years that are computed")
    return sorted(orders, key=lambda order: order.day)


def award(dollars):
    return int(dollars * POINTS_PER_DOLLAR) if dollars >= MINIMUM_ORDER else 0  # int() rounds towards 0


def end_of_month(year, month):
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def last_usable_day(earned):
    """The same day 12 months later (or its month's last), moved to the end of its month."""
    years, month = divmod(earned.month - 1 + LIFE_IN_MONTHS, 12)
    year, month = earned.year + years, month + 1
    same_day = dt.date(year, month, min(earned.day, calendar.monthrange(year, month)[1]))
    return end_of_month(same_day.year, same_day.month)


def tier_of(spent):
    """What so much money in a year earns: its place among the tiers, 0 for none."""
    return sum(spent >= threshold for threshold in TIERS.values())


def tier_in(spent_by_year, year):
    """A member's tier in a year: what the year before earned, or what this one has, whichever is higher."""
    return max(tier_of(spent_by_year[year - 1]), tier_of(spent_by_year[year]))


def tier_counts(spent, year):
    """How many of the customers who have bought so far are in each tier."""
    names = (NO_TIER, *TIERS)
    counts = collections.Counter(names[tier_in(by_year, year)] for by_year in spent.values())
    return {name: counts[name] for name in names}


def months(orders):
    rows, lots, waiting = [], [], collections.deque(orders)
    spent = collections.defaultdict(lambda: collections.defaultdict(decimal.Decimal))  # by customer, by year
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month in range(1, 13):
            last_day = end_of_month(year, month)
            first_day, issued = last_day.replace(day=1), 0
            while waiting and waiting[0].day <= last_day:
                order = waiting.popleft()
                points = award(order.dollars)
                issued += points
                lots.append(Lot(points, order.day, last_usable_day(order.day)))
                spent[order.customer][order.day.year] += order.dollars
            # Each lot is looked at again every month: slow, and nothing is carried from month to month that could be wrong.
            expired = sum(lot.points for lot in lots if first_day <= lot.last_day <= last_day)
            outstanding = sum(lot.points for lot in lots if lot.last_day > last_day)
            tiers = tier_counts(spent, year)
            rows.append({"month": f"{year}-{month:02}", "members": len(spent), "issued": issued, "expired": expired,
                         "outstanding": outstanding, "tiers": tiers,
                         "tiers_after": tier_counts(spent, year + 1) if month == 12 else tiers})
    assert_whole(rows)
    return rows


def assert_whole(rows):
    issued = expired = 0
    for row in rows:
        issued, expired = issued + row["issued"], expired + row["expired"]
        if issued - expired != row["outstanding"]:
            raise AssertionError(f"{row['month']}: issued {issued} - expired {expired} is not {row['outstanding']}")
        for tiers in (row["tiers"], row["tiers_after"]):
            if sum(tiers.values()) != row["members"]:
                raise AssertionError(f"{row['month']}: {tiers} are not {row['members']} members")


def table(rows):
    names = (NO_TIER, *TIERS)
    yield " ".join(["month  ", *(f"{name:>11}" for name in ("issued", "expired", "outstanding", *names))])
    for row in rows:
        figures = [row["issued"], row["expired"], row["outstanding"], *row["tiers"].values()]
        yield " ".join([row["month"], *(f"{figure:>11}" for figure in figures)])


# Cases that were computed by hand.
AWARDS = {"0.00": 0, "29.99": 0, "30.00": 60, "30.49": 60, "30.50": 61, "49.99": 99, "1234.56": 2469}
LAST_DAYS = {"1997-01-01": "1998-01-31", "1997-01-31": "1998-01-31", "1997-02-01": "1998-02-28",
             "1997-12-31": "1998-12-31", "1998-06-30": "1999-06-30", "1996-02-29": "1997-02-28",
             "1999-02-28": "2000-02-29"}
TIERS_OF = {"0.00": 0, "99.99": 0, "100.00": 1, "249.99": 1, "250.00": 2, "499.99": 2, "500.00": 3}
# 1 is gold by a lucky year, bronze by the next, and then nobody. 2 needs several orders of one year for a tier; an order
# on New Year's Eve and one on New Year's Day do not add up. 3 buys the same thing twice. 4 buys nothing, and is a member.
STORY = """
 00003 19970131  1   50.50
 00003 19970131  1   50.50
 00001 19970501  9  500.00
 00004 19970501  1    0.00
 00002 19971231  3   60.00
 00002 19980101  2   60.00
 00002 19980331  1   29.99
 00002 19980430  1   10.01
 00001 19980430  4  120.00
"""
STORY_MONTHS = {  # issued, expired, outstanding; none, bronze, silver, gold; and after the midnight
    "1997-01": (202, 0, 202, (0, 1, 0, 0), (0, 1, 0, 0)),
    "1997-05": (1000, 0, 1202, (1, 1, 0, 1), (1, 1, 0, 1)),
    "1997-12": (120, 0, 1322, (2, 1, 0, 1), (2, 1, 0, 1)),
    "1998-01": (120, 202, 1240, (2, 1, 0, 1), (2, 1, 0, 1)),
    "1998-03": (0, 0, 1240, (2, 1, 0, 1), (2, 1, 0, 1)),
    "1998-04": (240, 0, 1480, (1, 2, 0, 1), (1, 2, 0, 1)),
    "1998-05": (0, 1000, 480, (1, 2, 0, 1), (1, 2, 0, 1)),
    "1998-12": (0, 120, 360, (1, 2, 0, 1), (2, 2, 0, 0)),
    "1999-01": (0, 120, 240, (2, 2, 0, 0), (2, 2, 0, 0)),
    "1999-04": (0, 240, 0, (2, 2, 0, 0), (2, 2, 0, 0)),
    "1999-12": (0, 0, 0, (2, 2, 0, 0), (4, 0, 0, 0)),
}


def check():
    def expect(what, found, expected):
        if found != expected:
            sys.exit(f"{what}: {found}, by hand {expected}")

    for dollars, points in AWARDS.items():
        expect(f"award of {dollars}", award(decimal.Decimal(dollars)), points)
    for earned, last_day in LAST_DAYS.items():
        expect(f"last day of {earned}", last_usable_day(dt.date.fromisoformat(earned)), dt.date.fromisoformat(last_day))
    for dollars, tier in TIERS_OF.items():
        expect(f"tier of {dollars}", tier_of(decimal.Decimal(dollars)), tier)
    rows = months(read_orders(STORY.strip().replace("\n", "\r\n")))
    expect("months", len(rows), 12 * (LAST_YEAR - FIRST_YEAR + 1))
    for row in rows:
        figures = row["issued"], row["expired"]
        if row["month"] not in STORY_MONTHS:
            expect(row["month"], figures, (0, 0))
            continue
        tiers = (tuple(row["tiers"].values()), tuple(row["tiers_after"].values()))
        expect(row["month"], (*figures, row["outstanding"], *tiers), STORY_MONTHS[row["month"]])


def main(arguments):
    if arguments == ["--check"]:
        return check()
    files = [argument for argument in arguments if argument != "--json"]
    if len(files) != 1 or files[0].startswith("-"):
        sys.exit(__doc__)
    rows = months(read_orders(pathlib.Path(files[0]).read_text()))
    print(json.dumps(rows, indent=1) if "--json" in arguments else "\n".join(table(rows)))


if __name__ == "__main__":
    main(sys.argv[1:])
