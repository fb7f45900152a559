"""Messages: what no journal may show, and nothing else hidden."""

from collections.abc import Iterator

import pytest

from ctpscen.ctp.messages import is_secret, mask
from ctpscen.ctp.schema.layouts import Field
from ctpscen.ctp.schema.versions import tables, versions

SECRET = [
    "Password",
    "OldPassword",
    "NewPassword",
    "OneTimePassword",
    "BankPassWord",
    "NewBankPassWord",
    "TradingPassword",
    "FutureAccPwd",
    "AuthCode",
    "AuthKey",
    "AuthInfo",
    "PinKey",
    "MacKey",
    "CurrentKey",
    "Token",
    "Captcha",
    "CaptchaInfo",
    "ClientSystemInfo",
    "BookPsw",
    "PIN",
    "Text",
    "FirstOTP",
    "SecondOTP",
    "SMSCode",
    "SMSContent",
    "PreAuthCode",
]
PLAIN = [
    "UserID",
    "InvestorID",
    "AppID",
    "OrderRef",
    "StatusMsg",
    "CurrencyID",
    "UseSMSVerify",
    "BankPwdFlag",
    "SecuPwdFlag",
    "OTPType",
    "KeyID",
    "UsableAuthMethod",
    "MacAddress",
]


@pytest.mark.parametrize("name", SECRET)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret(name)
    assert mask({name: "123456"}) == {name: "•••"}


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_no_secret_is_shown(name: str) -> None:
    assert not is_secret(name)


def fields() -> Iterator[tuple[str, Field]]:
    """The fields of every record of every version."""
    for version in versions():
        found = tables(version)
        for name in found.record_names:
            yield from ((name, field) for field in found.record(name).fields.values())


def test_the_names_are_those_of_real_fields() -> None:
    assert {field.name for _, field in fields()} >= {*SECRET, *PLAIN}


def test_every_field_of_a_password_s_type_is_secret() -> None:
    shown = {
        (name, field.name)
        for name, field in fields()
        if field.type in ("Password", "AuthCode") and not is_secret(field.name)
    }
    assert not shown


def test_masking_leaves_the_rest_and_the_original_alone() -> None:
    fields = {"UserID": "100001", "Password": "123456", "LoginTime": ""}
    assert mask(fields) == {"UserID": "100001", "Password": "•••", "LoginTime": ""}
    assert fields["Password"] == "123456"


def test_where_ctp_passes_nothing_there_is_nothing_to_mask() -> None:
    assert mask(None) is None
    assert mask({}) == {}
