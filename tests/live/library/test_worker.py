"""The native library in its worker: it loads, takes records, is refused, hung up on, killed, and ends in order."""

import gc
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.loopback import SECONDS, Bench, bench, close_at_once, closed_port, front_that, native

from ctpscen.client.identity import Identity
from ctpscen.client.session import Session
from ctpscen.ctp.schema.api import ApiKind, requests
from ctpscen.ctp.schema.records import api_version, defaults
from ctpscen.ctp.schema.records import record as schema_record
from ctpscen.live.library import framing, locale
from ctpscen.live.library.process import WorkerDied, WorkerProcess
from ctpscen.live.library.worker import Worker, copier, spi_methods

IDENTITY = Identity("9999", "100001", "geheim", "app", "0" * 16, flow="trader")


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("locales")


@pytest.fixture
def library(tmp_path: Path, locales: Path) -> Iterator[Bench]:
    with bench(tmp_path, locales) as made:
        yield made


# --------------------------------------------------------------------------------------------- the native library


@native
def test_the_library_that_loads_is_the_one_that_the_records_were_read_from(library: Bench) -> None:
    assert library.worker.version == api_version()


@native
def test_before_it_is_connected_the_library_sends_nothing(library: Bench) -> None:
    library.create(f"tcp://127.0.0.1:{closed_port()}")
    assert library.call("ReqUserLogin", {"BrokerID": "9999", "UserID": "100001", "Password": "x"}, 7) == -1
    assert library.call("GetTradingDay") == "19800100"


def every_field(name: str) -> dict[str, Any]:
    """A record with a value in each of its fields."""
    fields = schema_record(name).fields.values()
    return {each.name: "1" if each.is_text else 1.5 if each.storage == "double" else 1 for each in fields}


@native
@pytest.mark.parametrize("kind", ["trader", "market"])
def test_every_request_takes_every_field_of_its_record_and_whose_it_is(library: Bench, kind: ApiKind) -> None:
    number, asker = 1 if kind == "trader" else 2, Session("trader", IDENTITY)
    library.kinds[2] = "market"
    maker = "CreateFtdcTraderApi" if kind == "trader" else "CreateFtdcMdApi"
    library.call(maker, {"pszFlowPath": f"{library.folder}/{kind}/", "bIsProductionMode": True}, 0, number)
    library.call("RegisterSpi", None, 0, number)
    returned = {}
    for name, record_name in requests(kind).items():
        returned[name] = library.call(name, every_field(record_name), 7, number)
        if kind == "trader" and name.startswith("ReqQry"):
            library.call(name, asker.ask(name, {}, 0).fields, 8, number)
    for name in ("MarketData", "ForQuoteRsp") if kind == "market" else ():
        for function in (f"Subscribe{name}", f"UnSubscribe{name}"):
            returned[function] = library.call(function, {"ppInstrumentID": ["m2705-C-3100"]}, 0, number)
    assert len(returned) > (100 if kind == "trader" else 2)
    assert all(isinstance(each, int) and each < 0 for each in returned.values()), "nothing is connected"


@native
def test_a_refused_connection_brings_no_callback_and_a_close_before_the_handshake_brings_4097(library: Bench) -> None:
    """BEHAVIOUR 1.4: the two that look alike to a user; the refused API is older and still has nothing to say."""
    library.create(f"tcp://127.0.0.1:{closed_port()}", api=1)
    with front_that(close_at_once) as front:
        library.create(front, api=2)
        seen = [library.next() for _ in range(4)]
    for callback in seen:
        assert (callback.api, callback.name, callback.fields) == (2, "OnFrontDisconnected", {"nReason": 4097})
    apart = min(second.time - first.time for first, second in pairwise(seen))  # a busy machine makes some longer
    assert 800_000 < apart < 1_500_000, "it tries again after one second"


@native
def test_flow_folders_that_are_missing_are_made(library: Bench) -> None:
    """Without them the library ends with SIGSEGV."""
    flow = library.folder / "not" / "there"
    library.call("CreateFtdcTraderApi", {"pszFlowPath": f"{flow}/", "bIsProductionMode": True})
    assert {path.name for path in flow.iterdir()} >= {"DialogRsp.con", "QueryRsp.con", "TradingDay.con"}


@native
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"BrokerId": "9999"}, "no field BrokerId"),
        ({"BrokerID": "x" * 11}, "BrokerID cannot hold"),
        ({"ClientIPPort": 2**31}, "ClientIPPort cannot hold"),
        ({"UserProductInfo": "程序"}, "UserProductInfo takes ASCII only"),
    ],
)
def test_what_a_record_cannot_hold_is_said_and_not_sent(library: Bench, fields: dict[str, Any], words: str) -> None:
    library.create(f"tcp://127.0.0.1:{closed_port()}")
    with pytest.raises(ValueError, match=words):
        library.call("ReqUserLogin", fields, 1)
    os.kill(library.worker.pid, 0)  # it is there


@native
def test_a_call_after_release_is_refused_before_it_ends_the_process(library: Bench) -> None:
    library.create(f"tcp://127.0.0.1:{closed_port()}")
    assert library.call("Release") == 0
    with pytest.raises(ValueError, match="after Release"):
        library.call("Release")
    os.kill(library.worker.pid, 0)  # it is there


@native
def test_what_the_library_prints_goes_to_the_log(library: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    with front_that(close_at_once) as front:
        library.create(front)
        library.next()
        library.worker.close()
    assert "OnSessionDisconnected" in library.worker.log.read_text()
    printed = capfd.readouterr()
    assert "OnSessionDisconnected" not in printed.out + printed.err


@native
def test_it_ends_in_order_with_an_api_that_still_tries_to_connect(library: Bench) -> None:
    with front_that(close_at_once) as front:
        library.create(front)
        library.next()
        library.worker.close()
    assert library.worker._process is not None
    assert library.worker._process.returncode == 0


@native
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_worker_that_dies_says_of_what_and_after_what(library: Bench, number: signal.Signals) -> None:
    library.create(f"tcp://127.0.0.1:{closed_port()}")
    os.kill(library.worker.pid, number)
    arrival = library.arrivals.get(timeout=10)
    assert arrival.callback is None
    assert number.name in library.worker.cause_of_death()
    with pytest.raises(WorkerDied, match=f"{number.name} after the call of Init"):
        library.call("ReqUserLogin", {}, 1)


@native
def test_a_worker_that_dies_says_what_it_said_before_python_told_of_its_threads(library: Bench) -> None:
    library.create(f"tcp://127.0.0.1:{closed_port()}")
    with library.worker.log.open("a") as log:
        log.write("terminate called after throwing an instance of 'std::runtime_error'\n  what():  no space\n")
    os.kill(library.worker.pid, signal.SIGABRT)
    while library.worker.arrivals.get(timeout=SECONDS).callback is not None:
        pass
    cause = library.worker.cause_of_death()
    assert "what():  no space" in cause
    assert "Fatal Python error" not in cause
    assert str(library.worker.log) in cause


@native
def test_a_worker_without_the_locale_dies_at_its_start_and_says_so(tmp_path: Path) -> None:
    variables = {"LOCPATH": str(tmp_path)}
    worker = WorkerProcess("trader", tmp_path / "log", queue.SimpleQueue(), lambda moment: moment, variables)
    with pytest.raises(WorkerDied, match="SIGABRT after being started"):
        worker.start()
    worker.close()


@native
def test_secrets_are_not_in_what_the_library_s_log_holds(library: Bench) -> None:
    with front_that(close_at_once) as front:
        library.create(front)
        library.call("ReqUserLogin", {"BrokerID": "9999", "Password": "geheim-17"}, 1)
        library.next()
        library.worker.close()
    assert "geheim-17" not in library.worker.log.read_text()


NATIVE_COPY = """
import sys
from openctp_ctp import tdapi
from ctpscen.ctp.schema.records import record_names, record
from ctpscen.live.library.worker import copier
for name in sorted(record_names()):
    native = getattr(tdapi, f"CThostFtdc{name}Field")()
    assert copier(name)(native) == {}, name
    wanted = {}
    for field in record(name).fields.values():
        value = {"int": 7, "short": 7, "double": 2.5}.get(field.storage, "A")
        setattr(native, field.name, value)
        wanted[field.name] = value
    found = copier(name)(native)
    assert found == wanted, (name, {key for key in wanted if found.get(key) != wanted[key]})
print(len(record_names()))
"""


@native
def test_every_record_of_the_library_is_copied_field_by_field(tmp_path: Path, locales: Path) -> None:
    variables = {**os.environ, **locale.environment(locales)}
    ran = subprocess.run(
        [sys.executable, "-c", NATIVE_COPY],
        env=variables,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout.split()[-1]) > 300


# -------------------------------------------------------------------------------------------------------- copying


def native_like(name: str, **values: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**defaults(name), **values})


def test_a_copy_holds_what_differs_from_the_default() -> None:
    copied = copier("Order")(native_like("Order", OrderRef="17", VolumeTraded=2, LimitPrice=3150.0, OrderStatus="3"))
    assert copied == {"OrderRef": "17", "VolumeTraded": 2, "LimitPrice": 3150.0, "OrderStatus": "3"}


@pytest.mark.parametrize("garbage", [float("nan"), float("inf"), -sys.float_info.max, sys.float_info.max])
def test_what_is_no_price_has_no_value(garbage: float) -> None:
    """BEHAVIOUR 11, hazard 11: NaN and the like could not be written down, and DBL_MAX is what CTP says itself."""
    assert copier("Order")(native_like("Order", LimitPrice=garbage)) == {"LimitPrice": sys.float_info.max}


def test_what_is_nearly_nothing_is_nothing() -> None:
    assert copier("Order")(native_like("Order", LimitPrice=1e-310, StopPrice=-1e-310)) == {}


def test_null_stays_null() -> None:
    assert copier("Order")(None) is None


def test_a_record_of_another_version_is_copied_as_far_as_it_goes() -> None:
    lacking = native_like("Order", OrderRef="17")
    del lacking.OrderMemo
    assert copier("Order")(lacking) == {"OrderRef": "17"}


def test_bytes_are_read_as_gb18030_up_to_their_end() -> None:
    content = "结算单".encode("gb18030") + b"\0rest"
    assert copier("SettlementInfo")(native_like("SettlementInfo", Content=content)) == {"Content": "结算单"}


def taken(kind: Any, name: str, *passed: Any) -> tuple[Any, ...]:
    """What a callback hands on, but for its time."""
    found: list[tuple[Any, ...]] = []
    spi = type("Spi", (), spi_methods(kind, lambda *items: found.append(items)))()
    getattr(spi, name)(*passed)
    (items,) = found
    return items[1:]


def test_an_answer_has_its_record_its_error_its_number_and_whether_it_is_the_last() -> None:
    passed = (native_like("Order", OrderRef="3"), native_like("RspInfo"), 12, False)
    assert taken("trader", "OnRspQryOrder", *passed) == (
        "OnRspQryOrder",
        {"OrderRef": "3"},
        {"ErrorID": 0, "ErrorMsg": ""},
        12,
        False,
    )


def test_an_empty_answer_has_none_of_both() -> None:
    assert taken("trader", "OnRspQryOrder", None, None, 12, True) == ("OnRspQryOrder", None, None, 12, True)


def test_a_report_has_no_number_and_an_event_nothing_at_all() -> None:
    order = native_like("Order", OrderRef="3")
    assert taken("trader", "OnRtnOrder", order) == ("OnRtnOrder", {"OrderRef": "3"}, None, 0, True)
    assert taken("trader", "OnFrontConnected") == ("OnFrontConnected", None, None, 0, True)
    assert taken("market", "OnFrontDisconnected", 4097) == (
        "OnFrontDisconnected",
        {"nReason": 4097},
        None,
        0,
        True,
    )


def test_no_exception_leaves_a_callback() -> None:
    class Wicked:
        def __getattr__(self, name: str) -> Any:
            raise SystemExit(name)

    name, fields, *_ = taken("trader", "OnRtnOrder", Wicked())
    assert name == ""
    assert "OnRtnOrder: SystemExit" in fields["text"]


# ------------------------------------------------------------------------------------------------------- the wire


def test_messages_come_out_of_the_wire_as_they_went_in() -> None:
    read, write = os.pipe()
    messages = [[1, "trader", None, {"LimitPrice": 1.7976931348623157e308, "StatusMsg": "未成交"}], [], ["x" * 100_000]]

    def send() -> None:
        with os.fdopen(write, "wb", buffering=0) as stream:
            for message in messages:
                framing.write(stream, message)
            stream.write(b"\0\0\0\7half")

    threading.Thread(target=send).start()
    with os.fdopen(read, "rb", buffering=0) as stream:
        assert list(framing.messages(stream)) == messages


def test_the_queue_drops_nothing_and_makes_the_library_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many callbacks as ten times the queue holds, while nobody reads."""
    monkeypatch.setattr("ctpscen.live.library.worker.CAPACITY", 100)
    read, write = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as reading, os.fdopen(write, "wb", buffering=0) as writing:
        worker = Worker(writing)
        take = worker._taker(1, "trader")
        count = 20_000

        def call_back() -> None:
            for number in range(count):
                take(number, "OnRtnOrder", {"OrderRef": str(number)}, None, 0, True)

        library = threading.Thread(target=call_back)
        library.start()
        worker._writer.start()
        library.join(0.3)
        assert library.is_alive(), "the pipe and the queue are full, so the library waits"
        found = []
        for items in framing.messages(reading):
            found += [item[6]["OrderRef"] for item in items]
            if len(found) == count:
                break
        library.join()
        assert found == [str(number) for number in range(count)]
        worker._put(None)
        worker._writer.join()


def test_objects_are_kept_as_long_as_the_process_lives() -> None:
    """BEHAVIOUR 11, hazard 7: the library calls an SPI object that Python has thrown away, and that is a SIGSEGV."""

    class Api:
        def RegisterSpi(self, _: object) -> None: ...  # noqa: N802
        def Release(self) -> None: ...  # noqa: N802

    class Maker:
        @staticmethod
        def CreateFtdcTraderApi(_: str, __: bool) -> Api:  # noqa: N802
            return Api()

    module = SimpleNamespace(CThostFtdcTraderApi=Maker, CThostFtdcTraderSpi=type("Spi", (), {}))
    with open(os.devnull, "wb", buffering=0) as nowhere, tempfile.TemporaryDirectory() as folder:
        worker = Worker(nowhere)
        made = []
        for _ in range(2):  # the second object takes the first one's number
            worker._call(module, 1, "trader", "CreateFtdcTraderApi", {"pszFlowPath": f"{folder}/"}, 0)
            worker._call(module, 1, "trader", "RegisterSpi", None, 0)
            made += [weakref.ref(worker._natives[1].spi), weakref.ref(worker._natives[1].api)]
            worker._call(module, 1, "trader", "Release", None, 0)
        gc.collect()
        assert all(each() is not None for each in made)


def test_a_call_of_what_is_not_there_is_told() -> None:
    read, write = os.pipe()
    calls = iter([(1, 1, "trader", "Init", None, 0)])
    with os.fdopen(read, "rb", buffering=0) as reading, os.fdopen(write, "wb", buffering=0) as writing:
        worker = Worker(writing, "live.standin_binding")
        worker._load = lambda _: SimpleNamespace(CThostFtdcTraderApi=SimpleNamespace(GetApiVersion=lambda: "v0"))  # type: ignore[assignment,method-assign]
        worker.run(calls)
        writing.close()
        items = [item for batch in framing.messages(reading) for item in batch]
    assert items == [["ready", "v0"], ["failed", 1, "Init: there is no such API object"]]
