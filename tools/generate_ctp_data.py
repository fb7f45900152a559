"""Writes CTP's constants and the Chinese names of functions, records and fields, read off the installed binding.

    python tools/generate_ctp_data.py           # rewrites ctpscen/ctp/data/{constants,prefixes,descriptions}.json
    python tools/generate_ctp_data.py --print   # prints all that the binding declares, as one JSON object

What each version declares besides is in `versions.json`, which `generate_ctp_versions.py` writes.
"""

import argparse
import json
from pathlib import Path

import ctp_binding

DATA = Path(__file__).resolve().parent.parent / "ctpscen" / "ctp" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", dest="show", help="print instead of writing")
    options = parser.parse_args()
    data = ctp_binding.read()
    if options.show:
        print(json.dumps(data, ensure_ascii=False))
        return
    for name in ("constants", "prefixes", "descriptions"):
        text = json.dumps(data[name], ensure_ascii=False, indent=1) + "\n"
        (DATA / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
