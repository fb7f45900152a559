"""The settlement statement of an account, as text: what ReqQrySettlementInfo gives out for a day that is over."""

from collections.abc import Iterator

from ctpscen.ctp.codes import Direction, OffsetFlag
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.schema.texts import ENCODING, Fragment
from ctpscen.simulator.counter.accounts import Account

# Content is char[501]; a text that is longer comes in several records (BEHAVIOUR 6).
CHUNK = 500


def statement(account: Account, day: str) -> str:
    """The statement of a day, made before the ledger is settled."""
    ledger = account.ledger
    lines = [
        "结算单",
        f"客户号: {account.id}",
        f"日期: {day}",
        f"期初结存: {ledger.pre_balance:.2f}",
        f"出入金: {ledger.deposit - ledger.withdrawn:.2f}",
        f"平仓盈亏: {ledger.close_profit:.2f}",
        f"持仓盯市盈亏: {ledger.position_profit:.2f}",
        f"手续费: {ledger.settled_commission:.2f}",
        *([f"权利金收支: {ledger.cash_in:.2f}"] if ledger.cash_in else []),
        f"期末结存: {ledger.settled_balance:.2f}",
        f"成交: {len(account.trades)}",
    ]
    for trade in account.trades:
        side = "买" if trade["Direction"] == Direction.BUY else "卖"
        offset = "开" if trade["OffsetFlag"] == OffsetFlag.OPEN else "平"
        price = f"{trade['Price']:g}"
        lines.append(f"{trade['TradeTime']} {trade['InstrumentID']} {side}{offset} {trade['Volume']} {price}")
    for line in account.exercised:
        side = "买" if line.is_long else "卖"
        lines.append(f"{line.word} {line.instrument} {side} {line.volume} {line.price:g}")
    for holding in ledger.holdings.values():
        if holding.is_held:
            side, lots = "买" if holding.sign > 0 else "卖", sum(each.volume() for each in (holding, *holding.combined))
            lines.append(f"持仓 {holding.contract.id} {side} {lots} 结算价 {holding.contract.last_price:g}")
    return "\n".join(lines) + "\n"


def chunks(text: str) -> Iterator[str]:
    """Pieces as long as the field, wherever that cuts: inside a character, too (BEHAVIOUR 14.4)."""
    content = text.encode(ENCODING)
    for begin in range(0, len(content), CHUNK):
        yield Fragment(content[begin : begin + CHUNK])


def records(account: Account, wanted: Fields) -> Iterator[Fields]:
    """The records of ReqQrySettlementInfo: of a day (yyyymmdd), else of the last one that was settled."""
    days = sorted(account.statements)
    day = wanted.get("TradingDay") or (days[-1] if days else "")
    text = account.statements.get(day)
    if text is None:
        return
    for number, piece in enumerate(chunks(text), 1):
        yield {
            "BrokerID": wanted.get("BrokerID", ""),
            "InvestorID": account.id,
            "AccountID": account.id,
            "CurrencyID": "CNY",
            "TradingDay": day,
            "SettlementID": 1,
            "SequenceNo": number,
            "Content": piece,
        }
