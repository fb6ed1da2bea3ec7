"""Purchases to import, as a file and as what has to come of them."""
import datetime
import decimal
import os
import pathlib
import random
import re
from dataclasses import dataclass

import suite

README = pathlib.Path(__file__).with_name("README.md")
REAL_FILE = pathlib.Path(os.environ.get("LOYALTY_CDNOW", suite.ROOT / "../shared/data/cdnow/CDNOW_master.txt"))


@dataclass(frozen=True)
class Purchase:
    member: str
    date: str  # YYYYMMDD
    quantity: int
    cents: int

    @property
    def points(self):
        return self.cents // 100  # 1 for a dollar, floored order by order


class Purchases:
    """The real file if it is there, else one of our own with the same traps."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.is_real = REAL_FILE.is_file()
        source = REAL_FILE if self.is_real else _generated(self.folder / "generated.txt")
        self.by_order = {f"cdnow-{number}": _parsed(line)
                         for number, line in enumerate(source.read_text().splitlines(), 1)}
        self.csv = self._convert(source)
        self.count = len(self.by_order)
        self.members = len({purchase.member for purchase in self.by_order.values()})
        self.points = sum(purchase.points for purchase in self.by_order.values())
        self.cents = sum(purchase.cents for purchase in self.by_order.values())
        self.zero_rows = sum(purchase.cents == 0 for purchase in self.by_order.values())

    def _convert(self, source):
        """By the one line that the README shows."""
        line = re.search(r"^awk .*$", README.read_text(), re.MULTILINE)[0]
        (self.folder / "CDNOW_master.txt").symlink_to(source.resolve())
        done = suite.run(["sh", "-c", line], cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return self.folder / "cdnow.csv"


def _parsed(line):
    member, date, quantity, dollars = line.split()
    return Purchase(member, date, int(quantity), int(decimal.Decimal(dollars) * 100))


def _generated(path):
    """30,000 rows: CRLF, rows of 0.00, exact repetitions of the row before; the same every time."""
    rng = random.Random(1997)
    first_day = datetime.date(1997, 1, 1)
    lines = []
    member = 0
    while len(lines) < 30_000:
        member += 1
        for _ in range(1 if rng.random() < 0.5 else rng.randint(2, 12)):
            day = first_day + datetime.timedelta(rng.randrange(545))
            cents = 0 if rng.random() < 0.002 else rng.randint(1, 20_000)
            line = f" {member:05} {day:%Y%m%d} {rng.randint(1, 12):2} {cents // 100:4}.{cents % 100:02}\r\n"
            lines += [line, line] if rng.random() < 0.005 else [line]
    path.write_text("".join(lines), newline="")
    return path
