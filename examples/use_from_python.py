"""A program that tries an order at several prices, and looks at what the venue reported of each."""

import ctpscen

SCENARIO = """
param price = 3151

buy open 2 rb2705 at price fak as entry
expect order of entry where order_status == all_traded or order_status == canceled as last_report
log "{last_report.volume_traded} traded at {price}"
"""


def main() -> None:
    for price in (3150, 3151, 99_999):
        result = ctpscen.run(SCENARIO, values={"price": price}, seed=1)
        logged = [event["text"] for event in result.journal if event["event"] == "log"]
        refused = [
            event["fields"]["StatusMsg"]
            for event in result.journal
            if event["event"] == "callback" and event["name"] == "OnRtnOrder" and event["fields"]["OrderStatus"] == "5"
        ]
        print(price, result.verdict, *logged, *refused)


if __name__ == "__main__":
    main()
