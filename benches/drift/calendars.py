"""Public holidays of the country of each series, as a calendar beside the nights of given.py.

Usage: python calendars.py FOLDER [DAYS_AROUND]. Needs requirements.txt. One CSV file per series, a date and a name in each
line, as `cargo bench --bench nights -- FOLDER given` reads it; without the files nothing is declared.
"""

import datetime
import sys
from pathlib import Path

import holidays

COUNTRY = {
    "flights": ("US", [2013, 2014]),
    "stops": ("US", [2016, 2017, 2018]),
    "departures": ("US", [2001]),
    "hotel": ("PT", [2016, 2017]),
    "pets": ("US", [2014, 2015, 2016, 2017, 2018]),
    "births": ("US", [1968, 1969, 1970]),
}


def main(folder, around):
    for series, (country, years) in COUNTRY.items():
        days = {}
        for date, name in sorted(holidays.country_holidays(country, years=years).items()):
            days[date] = (0, name)
        for date, (_, name) in list(days.items()):
            for away in [step for step in range(-around, around + 1) if step]:
                day = date + datetime.timedelta(away)
                if abs(away) < days.get(day, (around + 1, ""))[0]:
                    days[day] = (abs(away), name)
        lines = [f"{date},{name}\n" for date, (_, name) in sorted(days.items())]
        (folder / f"{series}.csv").write_text("".join(lines))


main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
