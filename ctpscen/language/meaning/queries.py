"""What a `query` may ask for, as a table."""

from collections.abc import Mapping

QUERIES: Mapping[str, tuple[str, str, bool]] = {
    "order": ("ReqQryOrder", "Order", False),
    "trade": ("ReqQryTrade", "Trade", False),
    "position": ("ReqQryInvestorPosition", "InvestorPosition", False),
    "position_detail": ("ReqQryInvestorPositionDetail", "InvestorPositionDetail", False),
    "account": ("ReqQryTradingAccount", "TradingAccount", True),
    "instruments": ("ReqQryInstrument", "Instrument", False),
    "quote": ("ReqQryDepthMarketData", "DepthMarketData", True),
    "margin_rate": ("ReqQryInstrumentMarginRate", "InstrumentMarginRate", False),
    "commission_rate": ("ReqQryInstrumentCommissionRate", "InstrumentCommissionRate", False),
    "settlement": ("ReqQrySettlementInfo", "SettlementInfo", False),
    "order_volume_limit": ("ReqQryMaxOrderVolume", "QryMaxOrderVolume", False),
}
"""By its word: the request, the record of the answer's rows, and whether there is always just one."""
