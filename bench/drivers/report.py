"""The table for people and the same as data."""

import json

COLUMNS = [("cpu_ms", "CPU ms", 3), ("msgs_per_s", "msgs/s", 0), ("p50_ms", "p50 ms", 2), ("p99_ms", "p99 ms", 2)]
COLUMNS += [("rss_mib", "RSS MiB", 1), ("ratio", "ratio", 2)]


def print_head():
    print(f"{'':<34}" + "".join(f"{title:>10}" for _, title, _ in COLUMNS))


def print_rows(rows):
    """One work: its title with what the ratio is of, then a line for each program or size."""
    print(f"\n{rows[0]['work']}: {rows[0]['title']}{_ratio_of(rows)}")
    for row in rows:
        figures = row.get("skipped") or "".join(_cell(row, *column) for column in COLUMNS) + _more(row)
        print(f"  {row.get('at', row['program']):<32}{figures}", flush=True)


def _ratio_of(rows):
    if all(row["ratio"] is None for row in rows):
        return ""
    return f"   [ratio of {rows[0]['figure']}, {'this to the first' if 'at' in rows[0] else 'the first to this'}]"


def _more(row):
    """What only this row has."""
    known = {"work", "title", "figure", "program", "at", *(name for name, _, _ in COLUMNS)}
    return "".join(f"  {name}={value:.4g}" for name, value in row.items() if name not in known)


def _cell(row, name, _, digits):
    value = row.get(name)
    return f"{'–' if value is None else format(value, f'.{digits}f'):>10}"


def write_json(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1, ensure_ascii=False)
        file.write("\n")
