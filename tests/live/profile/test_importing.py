"""Settings of vnpy, of ctpbee and of CTP_* files, made into profiles that load, without their secrets."""

import json
import os
import re
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import command

from ctpscen.live.profile.importing import BadImport, Imported, import_profile
from ctpscen.live.profile.profiles import FILE, load_profile
from ctpscen.live.profile.secret import SecretPlace

VNPY = {
    "用户名": "100001",
    "密码": "geheim",
    "经纪商代码": "9999",
    "交易服务器": "180.168.146.187:10201",
    "行情服务器": "tcp://180.168.146.187:10211",
    "产品名称": "simnow_client_test",
    "授权编码": "0000000000000000",
    "产品信息": "",
}

CTPBEE = """
from ctpbee import CtpBee
app = CtpBee("x", __name__)
app.config.from_mapping({
    "CONNECT_INFO": {
        "userid": "100001", "password": "geheim", "brokerid": "9999",
        "md_address": "tcp://180.168.146.187:10211", "td_address": "tcp://180.168.146.187:10201",
        "product_info": "", "appid": "client_x", "auth_code": "A1B2", "colour": "red",
    },
    "INTERFACE": "ctp",
})
"""

VARIABLES = """
# a comment
export CTP_USER_ID="100001"
CTP_PASSWORD=geheim
CTP_BROKER_ID=9999
CTP_TD_FRONT=180.168.146.187:10201,180.168.146.187:10202
CTP_MD_FRONT=180.168.146.187:10211
CTP_APP_ID=client_x
CTP_AUTH_CODE=A1B2
OTHER=1
"""


def imported(folder: Path, name: str, text: str) -> Imported:
    (folder / name).write_text(text, encoding="utf-8")
    found = import_profile(folder / name, "desk")
    assert "geheim" not in found.section + repr(found.notes)
    assert "A1B2" not in found.section + repr(found.notes)
    (folder / FILE).write_text(found.section, encoding="utf-8")
    return found


def test_vnpy_s_chinese_keys(tmp_path: Path) -> None:
    imported(tmp_path, "connect_ctp.json", json.dumps(VNPY, ensure_ascii=False))
    profile = load_profile("desk", folder=tmp_path)
    assert (profile.broker, profile.account.user, profile.app_id) == ("9999", "100001", "simnow_client_test")
    assert profile.trading_fronts == ("tcp://180.168.146.187:10201",), "the scheme was added"
    assert profile.auth_code.kind == "public"
    assert (profile.account.password.kind, profile.account.password.name) == ("env", "DESK_PASSWORD")
    assert profile.production


def test_vnpy_s_test_environment_is_not_production(tmp_path: Path) -> None:
    imported(tmp_path, "connect_ctp.json", json.dumps({**VNPY, "柜台环境": "测试"}, ensure_ascii=False))
    assert load_profile("desk", folder=tmp_path).production is False


@pytest.mark.parametrize("name", ["main.py", "config.json"])
def test_ctpbee_s_connect_info(tmp_path: Path, name: str) -> None:
    text = CTPBEE
    if name.endswith(".json"):
        body = CTPBEE[CTPBEE.index("({") + 1 : CTPBEE.rindex(")")]
        text = body.replace(",\n    }", "\n    }").replace(",\n}", "\n}")
    found = imported(tmp_path, name, text)
    profile = load_profile("desk", folder=tmp_path)
    assert (profile.broker, profile.account.user, profile.app_id) == ("9999", "100001", "client_x")
    assert profile.market_fronts == ("tcp://180.168.146.187:10211",)
    assert (profile.auth_code.kind, profile.auth_code.name) == ("env", "DESK_AUTH_CODE")
    assert any("colour" in note for note in found.notes)
    assert not any("product_info" in note for note in found.notes)


def test_ctp_variables(tmp_path: Path) -> None:
    imported(tmp_path, "ctp.env", VARIABLES)
    profile = load_profile("desk", folder=tmp_path)
    assert profile.trading_fronts == ("tcp://180.168.146.187:10201", "tcp://180.168.146.187:10202")
    assert (profile.broker, profile.account.user, profile.app_id) == ("9999", "100001", "client_x")


@pytest.mark.parametrize("word", ["geheim", "ge:he@im", "geheim/x", "geheim%40", "geheim x"])
def test_the_password_of_a_proxy_is_not_copied(tmp_path: Path, word: str) -> None:
    front = f"180.168.146.187:10201 socks5://me:{word}@proxy:1080"
    found = imported(tmp_path, "ctp.json", json.dumps({**VNPY, "交易服务器": front, "行情服务器": [front]}))
    assert word not in found.section + repr(found.notes)
    if not set(word) & set("@/ "):
        profile = load_profile("desk", folder=tmp_path)
        assert profile.trading_fronts == ("tcp://180.168.146.187:10201 socks5://me@proxy:1080",)
        assert profile.proxy_password == SecretPlace("env", "DESK_PROXY_PASSWORD")
        assert (
            "put the password of the proxy in the environment, as DESK_PROXY_PASSWORD; it was not copied" in found.notes
        )


def test_an_address_that_cannot_be_read_is_left_out_and_said(tmp_path: Path) -> None:
    given = "h:1, not/an/address, other:70000"
    found = imported(tmp_path, "ctp.json", json.dumps({**VNPY, "交易服务器": given}))
    assert load_profile("desk", folder=tmp_path).trading_fronts == ("tcp://h:1",)
    assert found.notes[0].startswith("trading_fronts: `tcp://not/an/address` is not a front's address")
    assert found.notes[1] == "trading_fronts: 70000 is not a port"


def test_proxies_with_several_passwords_are_told(tmp_path: Path) -> None:
    fronts = ["h:1 socks5://me:a-word@p:1", "h:2 socks5://me:b-word@p:1"]
    found = imported(tmp_path, "ctp.json", json.dumps({**VNPY, "交易服务器": fronts}))
    assert "the proxies have several passwords, and a profile has one for all" in found.notes
    assert "-word" not in found.section + repr(found.notes)


@given(
    st.dictionaries(
        st.sampled_from(
            ["用户名", "密码", "经纪商代码", "交易服务器", "行情服务器", "产品名称", "授权编码", "柜台环境"]
        ),
        st.text() | st.integers() | st.none() | st.lists(st.text(max_size=9), max_size=3) | st.just({"a": "geheim"}),
    )
)
def test_whatever_the_settings_are_the_section_is_toml(settings: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.json")
        path.write_text(json.dumps({"用户名": "1", **settings}))
        try:
            found = import_profile(path, "desk")
        except BadImport:
            return
    table = tomllib.loads(found.section)["profile"]["desk"]
    assert "geheim" not in found.section
    if isinstance(name := settings.get("产品名称"), str) and name:
        assert table["app_id"] == re.sub("[\ud800-\udfff]", "\ufffd", name)


def test_what_is_missing_is_left_for_the_user_and_said(tmp_path: Path) -> None:
    found = imported(tmp_path, "ctp.env", "CTP_USER=1\nCTP_TD_FRONT=h:1\n")
    assert '# broker = ""' in found.section
    assert "broker was not in the file and is to be added" in found.notes


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", "{", "a.json"),
        ("a.json", "[]", "no settings"),
        ("a.py", "CONNECT_INFO = load()", "worked out by the program"),
        ("a.py", "x = 1", "no CONNECT_INFO"),
        ("a.py", "x = ", "invalid syntax"),
        ("a.env", "A=1", "neither a user nor a trading front"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", "9" * 5_000, "too many digits"),
        ("a.py", "x = " + "(" * 100_000, "a.py"),
        ("a.py", "x = " + "-" * 100_000 + "1", "nested too deeply"),
        ("a.py", "x = '\0'", "not Python"),
        ("a.py", "CONNECT_INFO = {[]: 1}", "worked out by the program"),
    ],
)
def test_a_file_without_settings_is_told(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadImport, match=words):
        import_profile(tmp_path / name)


def test_the_command_prints_the_section_and_complains_apart(tmp_path: Path) -> None:
    (tmp_path / "ctp.env").write_text(VARIABLES)
    code, out, err = command("profile", "import", str(tmp_path / "ctp.env"), "--name", "desk")
    assert code == 0
    assert out.startswith("[profile.desk]\n")
    assert "DESK_PASSWORD" in err
    assert "geheim" not in out + err


def test_the_command_writes_it_and_leaves_one_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ctp.env").write_text(VARIABLES)
    Path(FILE).write_text('[profile.other]\nuser = "1"\n')
    assert command("profile", "import", "ctp.env", "--name", "desk", "--write")[0] == 0
    assert load_profile("desk", folder=tmp_path).broker == "9999"
    before = Path(FILE).read_text()
    assert "[profile.other]" in before
    code, _, err = command("profile", "import", "ctp.env", "--name", "desk", "--write")
    assert (code, "already" in err) == (2, True)
    assert Path(FILE).read_text() == before


@pytest.mark.parametrize(
    "there", ['[profile."desk"]\n', "profile = { desk = {} }\n", "[profile\n", "[profile]\ndesk = 1\n"]
)
def test_a_file_to_which_it_cannot_be_added_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ctp.env").write_text(VARIABLES)
    Path(FILE).write_text(there)
    assert command("profile", "import", "ctp.env", "--name", "desk", "--write")[0] == 2
    assert Path(FILE).read_text() == there


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_what_it_writes_is_believed_whatever_the_umask_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ctp.env").write_text(VARIABLES)
    before = os.umask(0)
    try:
        assert command("profile", "import", "ctp.env", "--name", "desk", "--write")[0] == 0
    finally:
        os.umask(before)
    assert load_profile("desk", folder=tmp_path).broker == "9999"
    tmp_path.chmod(0o777)
    _, _, err = command("profile", "import", "ctp.env", "--name", "other", "--write")
    assert "can be written by everybody" in err


def test_a_file_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    assert command("profile", "import", str(tmp_path / "nothing.json"))[0] == 2


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", '{"用户名": ', "a.json:1:9: not JSON"),
        ("a.py", "x = (", "a.py:1: not Python"),
        ("a.json", '{"colour": "red"}', "its keys: colour"),
        (
            "a.env",
            "nothing",
            "vnpy's connect_ctp.json, a .py or .json file with ctpbee's CONNECT_INFO, and lines such as",
        ),
    ],
)
def test_a_file_that_is_none_of_them_is_told_by_place_and_by_what_would_fit(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadImport, match=re.escape(words)):
        import_profile(tmp_path / name)


def test_a_name_that_no_table_can_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ctp.env").write_text(VARIABLES)
    with pytest.raises(BadImport, match="letters, digits, - and _"):
        import_profile(tmp_path / "ctp.env", 'a b"]')


@pytest.mark.parametrize("key", ["CTP_USER_ID", "ctp-userid", "UserId", "user"])
def test_a_key_is_known_however_its_words_are_joined(tmp_path: Path, key: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({key: "100001"}))
    assert 'user = "100001"' in import_profile(path).section
