"""What becomes of the requests that this venue does not carry out, request by request.

Every Req… function of the trader API is in exactly one of four places: the front's own handlers, the queries that
have rows (`queries`), EMPTY here, or REFUSED here. Nothing is met with silence but a second login (BEHAVIOUR 1.5).
"""

from collections.abc import Mapping

# Queries about what no account here has: one answer without data (BEHAVIOUR 6).
EMPTY: frozenset[str] = frozenset(
    "ReqQryTraderOffer ReqQryNotice ReqQryCFMMCTradingAccountKey ReqQryEWarrantOffset "
    "ReqQryInvestorProductGroupMargin ReqQryExchangeMarginRate ReqQryExchangeMarginRateAdjust ReqQryExchangeRate "
    "ReqQrySecAgentACIDMap ReqQryProductExchRate ReqQryProductGroup ReqQryMMInstrumentCommissionRate "
    "ReqQryMMOptionInstrCommRate ReqQrySecAgentTradingAccount ReqQrySecAgentCheckMode ReqQrySecAgentTradeInfo "
    "ReqQryQuote ReqQryInvestUnit ReqQryCombInstrumentGuard ReqQryCombAction ReqQryTradingNotice "
    "ReqQryBrokerTradingAlgos ReqQryOffsetSetting ReqQryCombLeg ReqQryCombPromotionParam ReqQryInvestorInfoCommRec "
    "ReqQryInvestorPortfMarginRatio ReqQryInvestorPortfSetting ReqQryRiskSettleInvstPosition "
    "ReqQryRiskSettleProductStatus ReqQryInvestorCommodityGroupSPMMMargin ReqQryInvestorCommoditySPMMMargin "
    "ReqQrySPMMInstParam ReqQrySPMMProductParam ReqQrySPBMFutureParameter ReqQrySPBMOptionParameter "
    "ReqQrySPBMIntraParameter ReqQrySPBMInterParameter ReqQrySPBMAddOnInterParameter ReqQrySPBMPortfDefinition "
    "ReqQrySPBMInvestorPortfDef ReqQryInvestorProdSPBMDetail ReqQryInvestorProdRCAMSMargin "
    "ReqQryRCAMSCombProductInfo ReqQryRCAMSInstrParameter ReqQryRCAMSIntraParameter ReqQryRCAMSInterParameter "
    "ReqQryRCAMSShortOptAdjustParam ReqQryRCAMSInvestorCombPosition ReqQryInvestorProdRULEMargin "
    "ReqQryRULEInstrParameter ReqQryRULEIntraParameter ReqQryRULEInterParameter".split()
)

NO_SUCH_FUNCTION, NO_BATCH = 77, 103

# What a broker may have switched off, or an exchange not offer, is refused as CTP refuses it (BEHAVIOUR 4.2, 9).
REFUSED: Mapping[str, int] = {
    "ReqBatchOrderAction": NO_BATCH,
    **dict.fromkeys(
        (
            "ReqUserAuthMethod ReqGenUserCaptcha ReqGenUserText ReqUserLoginWithCaptcha ReqUserLoginWithText "
            "ReqUserLoginWithOTP ReqQuoteInsert ReqQuoteAction ReqCombActionInsert ReqQueryCFMMCTradingAccountToken "
            "ReqOffsetSetting ReqCancelOffsetSetting"
        ).split(),
        NO_SUCH_FUNCTION,
    ),
}

# Refused whether somebody is logged in or not: they are other ways to log in.
BEFORE_LOGIN: frozenset[str] = frozenset(
    "ReqUserAuthMethod ReqGenUserCaptcha ReqGenUserText "
    "ReqUserLoginWithCaptcha ReqUserLoginWithText ReqUserLoginWithOTP".split()
)

_LOGIN = "OnRspUserLogin"
_UNDER: Mapping[str, str] = dict.fromkeys(
    ("ReqUserLoginWithCaptcha", "ReqUserLoginWithText", "ReqUserLoginWithOTP"), _LOGIN
)

# A refusal of these is told to all sessions of the account as well, under this name.
REPORTED: Mapping[str, str] = {
    "ReqExecOrderInsert": "OnErrRtnExecOrderInsert",
    "ReqExecOrderAction": "OnErrRtnExecOrderAction",
    "ReqOptionSelfCloseInsert": "OnErrRtnOptionSelfCloseInsert",
    "ReqOptionSelfCloseAction": "OnErrRtnOptionSelfCloseAction",
    "ReqFromBankToFutureByFuture": "OnErrRtnBankToFutureByFuture",
    "ReqFromFutureToBankByFuture": "OnErrRtnFutureToBankByFuture",
    "ReqQueryBankAccountMoneyByFuture": "OnErrRtnQueryBankBalanceByFuture",
}

# These carry their own record back with the refusal, as do those that are reported.
ECHOING: frozenset[str] = frozenset({"ReqOrderInsert", "ReqOrderAction", "ReqForQuoteInsert"})


def callback_of(request: str) -> str:
    """The callback that answers a request."""
    return _UNDER.get(request) or "OnRsp" + request.removeprefix("Req")
