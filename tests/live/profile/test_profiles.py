"""Profiles: where they are looked for, what they must say, and that no secret is in them or comes out of them."""

import pickle
from pathlib import Path

import pytest

from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.live.profile import profiles
from ctpscen.live.profile.addresses import Proxy, parse_endpoint, parse_front, with_scheme
from ctpscen.live.profile.profiles import BadProfile, LiveOptions, load_profile
from ctpscen.live.profile.secret import NoSecret, Secret, SecretPlace

SIMNOW = """
[profile.simnow]
user = "100001"
password = { env = "PW" }
trading_fronts = ["tcp://127.0.0.1:10201", "tcp://127.0.0.1:10202"]
market_fronts = ["tcp://127.0.0.1:10211"]
"""


@pytest.fixture(autouse=True)
def _nobody_s_own_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_dir", lambda _: str(tmp_path / "config"))


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / profiles.FILE).write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, name: str = "simnow") -> profiles.Profile:
    return load_profile(name, did_you_mean, folder)


def refusal(folder: Path, text: str, name: str = "simnow") -> str:
    with pytest.raises(BadProfile) as caught:
        load(written(folder, text), name)
    return str(caught.value)


# ------------------------------------------------------------------------------------------------ where they stand


def test_what_is_public_of_simnow_is_built_in(tmp_path: Path) -> None:
    found = load(written(tmp_path, SIMNOW))
    assert (found.broker, found.app_id) == ("9999", "simnow_client_test")
    assert found.auth_code.fetch("the code").reveal() == "0" * 16
    assert found.account.investor == "100001"
    assert len(found.trading_fronts) == 2


def test_its_fronts_are_the_user_s_to_give(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match="fronts of `simnow` are for you to give"):
        load(tmp_path)


def test_the_file_is_looked_for_from_the_working_folder_upward(tmp_path: Path) -> None:
    written(tmp_path, SIMNOW)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert load(below).path == str(tmp_path / profiles.FILE)


def test_the_nearest_file_that_has_the_profile_wins(tmp_path: Path) -> None:
    written(tmp_path, SIMNOW)
    below = written(tmp_path / "a", SIMNOW.replace("100001", "100002"))
    assert load(below).account.user == "100002"
    written(tmp_path / "a", SIMNOW.replace("simnow", "other"))
    assert load(below).account.user == "100001"


def test_the_user_s_own_folder_comes_last(tmp_path: Path) -> None:
    written(tmp_path / "config", SIMNOW.replace("simnow", "mine") + '\nbroker = "1"\napp_id = "a"\n')
    assert load(tmp_path, "mine").broker == "1"


def test_a_profile_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    told = refusal(tmp_path, SIMNOW, "simnov")
    assert "no profile `simnov`; did you mean `simnow`?" in told


# ------------------------------------------------------------------------------------------------ what they say


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('trading_front = "x"', "unknown key `trading_front`; did you mean `trading_fronts`?"),
        ("max_order_volume = true", "max_order_volume is a whole number"),
        ("max_order_volume = -1", "max_order_volume is a number of lots"),
        ('production = "yes"', "production is true or false"),
        (
            '[profile.simnow.accounts.b]\nuser = "2"\npasword = 1',
            "unknown key `pasword`; did you mean `password`?",
        ),
        ("[profil.x]\n", "unknown key `profil`; did you mean `profile`?"),
        ('auth_code = "geheim"', "auth_code does not stand in this file"),
        ("max_order_volume = ", "ctpscen.toml"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, line: str, words: str) -> None:
    assert words in refusal(tmp_path, f"{SIMNOW}{line}\n")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('{ env = "PW" }', '"geheim"', "password does not stand in this file"),
        ('{ env = "PW" }', "{ enw = 'PW' }", "password does not stand in this file"),
        ('"tcp://127.0.0.1:10211"', '"127.0.0.1:10211"', "is not a front's address"),
        ('"tcp://127.0.0.1:10211"', '"tcp://127.0.0.1:70000"', "70000 is not a port"),
        ('["tcp://127.0.0.1:10211"]', '"tcp://127.0.0.1:10211"', "market_fronts is a list"),
        ('user = "100001"', "", "user is missing"),
    ],
)
def test_what_is_missing_or_misplaced_is_told(tmp_path: Path, old: str, new: str, words: str) -> None:
    told = refusal(tmp_path, SIMNOW.replace(old, new))
    assert words in told
    assert "geheim" not in told


def test_accounts_are_logins_of_their_own(tmp_path: Path) -> None:
    text = SIMNOW + '[profile.simnow.accounts.second]\nuser = "100002"\ninvestor = "7"\npassword = { env = "PW2" }\n'
    found = load(written(tmp_path, text))
    second = found.account_of("second")
    assert (second.user, second.investor, second.password.name) == ("100002", "7", "PW2")
    assert found.account_of("") is found.account
    assert found.identities == {"100001", "100002", "7"}
    with pytest.raises(BadProfile, match=r"no account `third` \(accounts: second"):
        found.account_of("third")


def test_the_caps_have_defaults_and_may_be_set(tmp_path: Path) -> None:
    assert load(written(tmp_path, SIMNOW)).max_order_volume == profiles.ORDER_CAP
    found = load(written(tmp_path, SIMNOW + "max_order_volume = 3\nmax_run_volume = 30\n"))
    assert (found.max_order_volume, found.max_run_volume) == (3, 30)


# ----------------------------------------------------------------------------------------------------- secrets


def test_a_secret_prints_as_dots_whatever_prints_it() -> None:
    secret = Secret("geheim")
    assert {repr(secret), str(secret), f"{secret}", f"{secret:>3}"} == {"•••"}
    assert "geheim" not in repr([secret])
    assert secret.reveal() == "geheim"


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "geheim")
    assert SecretPlace("env", "PW").fetch("the password").reveal() == "geheim"
    monkeypatch.delenv("PW")
    with pytest.raises(NoSecret, match=r"the password is said to be in \$PW, which is not set"):
        SecretPlace("env", "PW").fetch("the password")


def test_a_secret_s_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("geheim\n")
    file.chmod(0o600)
    assert SecretPlace("file", str(file)).fetch("the password").reveal() == "geheim"
    file.chmod(0o640)
    with pytest.raises(NoSecret, match=r"mode 0640.*chmod 600") as caught:
        SecretPlace("file", str(file)).fetch("the password")
    assert "geheim" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoSecret, match="No such file"):
        SecretPlace("file", str(tmp_path / "nothing")).fetch("the password")


def test_without_a_terminal_nothing_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(NoSecret, match="no terminal"):
        SecretPlace("prompt").fetch("the password")


def test_a_profile_that_is_handed_on_carries_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "geheim")
    options = LiveOptions(load(written(tmp_path, SIMNOW)))
    options.profile.check_secrets()
    assert b"geheim" not in pickle.dumps(options)
    assert "geheim" not in repr(options)


# ---------------------------------------------------------------------------------------------------- addresses


def test_addresses_are_read_with_their_proxy() -> None:
    front = parse_front("tcp://180.168.146.187:10201 socks5://me:mine@proxy:1080")
    assert (front.host, front.port, front.proxy) == ("180.168.146.187", 10201, Proxy("proxy", 1080, "me", "mine"))
    assert str(front) == "tcp://180.168.146.187:10201", "a proxy's password is not shown"
    assert str(parse_front("tcp6://[::1]:1")) == "tcp6://[::1]:1"
    assert parse_front("ssl://front.example:443").scheme == "ssl"


@pytest.mark.parametrize("text", ["", "tcp://", "tcp://host", "http://host:1", "tcp://h:0", "tcp://a b:1", "tcp:/h:1"])
def test_what_would_end_the_library_is_no_address(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_front(text)


def test_a_scheme_that_is_left_out_is_tcp() -> None:
    assert with_scheme("1.2.3.4:5") == "tcp://1.2.3.4:5"
    assert with_scheme("1.2.3.4:5 socks5://p:1") == "tcp://1.2.3.4:5 socks5://p:1"
    assert with_scheme("ssl://1.2.3.4:5") == "ssl://1.2.3.4:5"


def test_a_port_alone_is_one_of_the_loopback() -> None:
    assert parse_endpoint("4000") == ("127.0.0.1", 4000)
    assert parse_endpoint("0.0.0.0:4000") == ("0.0.0.0", 4000)
    with pytest.raises(ValueError, match="host:port"):
        parse_endpoint("localhost")


def test_secrets_for_scenarios_have_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SIMNOW + '[profile.simnow.secrets]\nNEW = { env = "NEW_PW" }\n'
    monkeypatch.setenv("NEW_PW", "frisch")
    named = load(written(tmp_path, text)).named_secrets()
    assert {name: secret.reveal() for name, secret in named.items()} == {"NEW": "frisch"}
    assert "NEW does not stand in this file" in refusal(tmp_path, SIMNOW + '[profile.simnow.secrets]\nNEW = "frisch"\n')
