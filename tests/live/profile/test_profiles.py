"""Profiles: where they are looked for, what they must say, and that no secret is in them or comes out of them."""

import os
import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest

from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.live.profile import profiles, trust
from ctpscen.live.profile.addresses import (
    Proxy,
    parse_endpoint,
    parse_front,
    with_password,
    with_scheme,
    without_password,
)
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


# ------------------------------------------------------------------------------------------------ whose they are


posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are a matter of POSIX")


@posix
@pytest.mark.parametrize(("mode", "who"), [(0o646, "everybody"), (0o666, "everybody"), (0o664, "its group")])
def test_a_file_that_others_can_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, who: str
) -> None:
    monkeypatch.setattr(trust, "_is_own_group", lambda _: False)
    path = written(tmp_path, SIMNOW) / profiles.FILE
    path.chmod(mode)
    with pytest.raises(BadProfile) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{path} can be written by {who} (mode {mode:04o}); `chmod go-w {path}`"
    path.chmod(0o644)
    assert load(tmp_path).account.user == "100001"


@posix
@pytest.mark.parametrize("mode", [0o777, 0o757, 0o775])
def test_a_file_in_a_folder_that_others_can_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setattr(trust, "_is_own_group", lambda _: False)
    folder = written(tmp_path / "a", SIMNOW)
    folder.chmod(mode)
    with pytest.raises(BadProfile, match=rf"a, the folder that it is in, can be written by .* \(mode {mode:04o}\)"):
        load(folder / "b")
    folder.chmod(0o755)
    assert load(folder / "b").account.user == "100001"


@posix
def test_a_folder_in_which_each_replaces_only_what_is_his_is_as_good(tmp_path: Path) -> None:
    folder = written(tmp_path / "a", SIMNOW)
    folder.chmod(0o1777)
    assert load(folder).account.user == "100001"


@posix
def test_a_group_that_is_the_user_s_alone_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_is_own_group", lambda number: number == os.getgid())
    path = written(tmp_path, SIMNOW) / profiles.FILE
    path.chmod(0o664)
    assert load(tmp_path).account.user == "100001"
    path.chmod(0o666)
    with pytest.raises(BadProfile, match="can be written by everybody"):
        load(tmp_path)


@posix
@pytest.mark.parametrize(
    ("group", "members", "primary", "own"),
    [
        ("me", [], 7, True),
        ("me", ["me"], 7, True),
        ("me", ["me", "other"], 7, False),
        ("traders", [], 7, False),
        ("me", [], 8, False),
    ],
)
def test_whose_a_group_is(
    monkeypatch: pytest.MonkeyPatch, group: str, members: list[str], primary: int, own: bool
) -> None:
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_name="me", pw_gid=primary))
    monkeypatch.setattr("grp.getgrgid", lambda _: SimpleNamespace(gr_name=group, gr_mem=members))
    assert trust._is_own_group(7) is own


@posix
def test_a_file_of_somebody_else_is_refused_and_one_of_root_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can give a file away here, so it is the user who is somebody else."""
    written(tmp_path, SIMNOW)
    owner = (tmp_path / profiles.FILE).stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    if owner == 0:
        assert load(tmp_path).account.user == "100001"
        monkeypatch.setattr(trust, "ROOT", -1)
    with pytest.raises(BadProfile, match=r"ctpscen.toml belongs to the user .*, who could have"):
        load(tmp_path)


@posix
def test_what_a_link_leads_to_must_be_as_good(tmp_path: Path) -> None:
    target = written(tmp_path / "open", SIMNOW) / profiles.FILE
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / profiles.FILE).symlink_to(target)
    assert load(tmp_path / "closed").account.user == "100001"
    target.parent.chmod(0o777)
    with pytest.raises(BadProfile, match="open, the folder that it is in, can be written by everybody"):
        load(tmp_path / "closed")


def test_a_file_that_is_refused_is_not_passed_over(tmp_path: Path) -> None:
    """Another profile of that name, further up, may be another account."""
    written(tmp_path, SIMNOW)
    below = written(tmp_path / "a", "x" * (profiles.LARGEST + 1))
    with pytest.raises(BadProfile, match="larger than 1,000,000 bytes"):
        load(below)


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a = " + "9" * 50_000, "\ufeff[profile.a]\n"])
def test_what_is_no_settings_is_told(tmp_path: Path, text: str) -> None:
    assert str(tmp_path / profiles.FILE) in refusal(tmp_path, text)


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
        (
            "tcp://127.0.0.1:10211",
            "tcp://127.0.0.1:10211 socks5://me:geheim@proxy:1",
            "market_fronts: the password of a proxy does not stand in this file; write socks5://me@proxy:1 and proxy_p",
        ),
        (
            '"tcp://127.0.0.1:10211"]',
            '"tcp://127.0.0.1:10211 socks5://me@proxy:1"]\nproxy_password = "geheim"',
            "proxy_password does not stand in this file",
        ),
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


def test_the_password_of_a_proxy_is_wanted_where_one_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(written(tmp_path, SIMNOW)).proxy_password is None
    behind = SIMNOW.replace(":10211", ":10211 socks5://me@proxy:1")
    asked = load(written(tmp_path, behind)).proxy_password
    assert asked is not None
    assert asked.kind == "prompt"
    found = load(written(tmp_path, behind + 'proxy_password = { env = "PROXY_PW" }\n'))
    monkeypatch.setenv("PW", "geheim")
    with pytest.raises(NoSecret, match=r"the proxy's password of profile `simnow` is said to be in \$PROXY_PW"):
        found.check_secrets()


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


@posix
@pytest.mark.parametrize(("name", "words"), [("pipe", "this is a pipe"), ("large", "larger than 10,000 bytes")])
def test_a_secret_s_file_is_a_regular_one(tmp_path: Path, name: str, words: str) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "large").write_text("x" * 10_001)
    (tmp_path / "large").chmod(0o600)
    with pytest.raises(NoSecret, match=f"the password is said to be in .*, which cannot be read: .*{words}"):
        SecretPlace("file", str(tmp_path / name)).fetch("the password")


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


@pytest.mark.parametrize("word", ["mine", "a'b:c@d/e %41", "•" * 50])
def test_a_password_is_put_into_an_address_and_taken_out(word: str) -> None:
    address = "tcp://h:1 socks5://me@proxy:1080"
    whole = with_password(address, word)
    assert parse_front(whole).proxy == Proxy("proxy", 1080, "me", word)
    assert without_password(whole) == address
    assert word not in repr(parse_front(whole))
    assert with_password("tcp://h:1 socks5://proxy:1", word) == "tcp://h:1 socks5://proxy:1", "which asks for none"
    assert with_password("tcp://h:1", word) == "tcp://h:1"


def test_what_socks_has_no_room_for_is_told() -> None:
    with pytest.raises(ValueError, match="no more than 255 bytes"):
        parse_front(f"tcp://h:1 socks5://{'u' * 256}@p:1")
    with pytest.raises(ValueError, match="no more than 255 bytes"):
        parse_front(f"tcp://{'h.' * 130}h:1 socks5://p:1")


@pytest.mark.parametrize("text", ["tcp://me:geheim@h:1", "socks5://me:gehe@im@h:1", "//me:geheim@"])
def test_no_password_is_shown_of_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="•••@") as caught:
        parse_front(text)
    assert "gehe" not in str(caught.value)


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
