// A program on the CTP library in C++, for the tests: `robot MODE`. What it says on standard output is what they look at.
#include "ctp.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <typeinfo>
#include <unistd.h>
#include <vector>

#ifndef CREATE_OPTIONS
#define CREATE_OPTIONS , true
#endif
#ifndef CREATE_MARKET_OPTIONS
#define CREATE_MARKET_OPTIONS , false, false, true
#endif

template <size_t size> static void put(char (&field)[size], const std::string &text) {
    memset(field, 0, size);
    memcpy(field, text.data(), text.size() < size ? text.size() : size);
}

class Signal {
    std::mutex mutex;
    std::condition_variable condition;
    std::map<std::string, int> seen;

public:
    void tell(const std::string &what) {
        std::lock_guard<std::mutex> lock(mutex);
        seen[what]++;
        condition.notify_all();
    }
    bool await(const std::string &what, int count = 1, int seconds = 30) {
        std::unique_lock<std::mutex> lock(mutex);
        return condition.wait_for(lock, std::chrono::seconds(seconds), [&] { return seen[what] >= count; });
    }
};

class Trader : public CThostFtdcTraderSpi {
public:
    CThostFtdcTraderApi *api;
    Signal signal;
    std::atomic<int> number{0};
    std::function<void()> when_connected = [] {};
    bool logs_in = true;

    explicit Trader(const char *flow = "") : api(CThostFtdcTraderApi::CreateFtdcTraderApi(flow CREATE_OPTIONS)) {}

    void begin() {
        char front[] = "tcp://127.0.0.1:41205";
        api->RegisterSpi(this);
        api->SubscribePrivateTopic(THOST_TERT_RESUME);
        api->SubscribePublicTopic(THOST_TERT_QUICK);
        api->RegisterFront(front);
        api->Init();
    }

    int order(int volume) {
        CThostFtdcInputOrderField order;
        memset(&order, 0, sizeof order);
        put(order.BrokerID, "9999");
        put(order.InvestorID, "100001");
        put(order.UserID, "100001");
        put(order.InstrumentID, "cu2612");
        put(order.ExchangeID, "SHFE");
        put(order.OrderRef, std::to_string(++number));
        order.Direction = '0';
        order.CombOffsetFlag[0] = '0';
        order.CombHedgeFlag[0] = '1';
        order.OrderPriceType = '2';
        order.LimitPrice = 71010;
        order.VolumeTotalOriginal = volume;
        order.TimeCondition = '3';
        order.VolumeCondition = '1';
        order.MinVolume = 1;
        order.ContingentCondition = '1';
        order.ForceCloseReason = '0';
        return api->ReqOrderInsert(&order, number);
    }

    void OnFrontConnected() override {
        printf("connected\n");
        when_connected();
        signal.tell("connected");
        if (!logs_in)
            return;
        CThostFtdcReqAuthenticateField field;
        memset(&field, 0, sizeof field);
        put(field.BrokerID, "9999");
        put(field.UserID, "100001");
        put(field.AppID, "simnow_client_test");
        put(field.AuthCode, "0000000000000000");
        api->ReqAuthenticate(&field, ++number);
    }
    void OnFrontDisconnected(int reason) override {
        printf("disconnected %#x\n", reason);
        signal.tell("disconnected");
    }
    void OnRspAuthenticate(CThostFtdcRspAuthenticateField *, CThostFtdcRspInfoField *error, int, bool) override {
        CThostFtdcReqUserLoginField field;
        memset(&field, 0, sizeof field);
        put(field.BrokerID, "9999");
        put(field.UserID, "100001");
        put(field.Password, "123456");
        printf("authenticated %d, login sent %d\n", error->ErrorID, api->ReqUserLogin(&field, ++number));
    }
    void OnRspUserLogin(CThostFtdcRspUserLoginField *login, CThostFtdcRspInfoField *error, int request, bool last) override {
        printf("logged in %d %s request %d %s\n", error->ErrorID, login ? login->TradingDay : "-", request, last ? "last" : "more");
        printf("trading day %s\n", api->GetTradingDay());
        CThostFtdcSettlementInfoConfirmField field;
        memset(&field, 0, sizeof field);
        put(field.BrokerID, "9999");
        put(field.InvestorID, "100001");
        api->ReqSettlementInfoConfirm(&field, ++number);
    }
    void OnRspSettlementInfoConfirm(CThostFtdcSettlementInfoConfirmField *, CThostFtdcRspInfoField *, int, bool) override {
        signal.tell("ready");
    }
    void OnRspOrderInsert(CThostFtdcInputOrderField *, CThostFtdcRspInfoField *error, int, bool) override {
        printf("refused %d\n", error->ErrorID);
    }
    void OnRtnOrder(CThostFtdcOrderField *order) override {
        printf("order %c %d/%d\n", order->OrderStatus, order->VolumeTraded, order->VolumeTotalOriginal);
    }
    void OnRtnTrade(CThostFtdcTradeField *trade) override {
        printf("trade %d at %.0f\n", trade->Volume, trade->Price);
        signal.tell("trade");
    }
};

class Market : public CThostFtdcMdSpi {
public:
    CThostFtdcMdApi *api;
    Signal signal;
    explicit Market(const char *flow = "") : api(CThostFtdcMdApi::CreateFtdcMdApi(flow CREATE_MARKET_OPTIONS)) {}
    void begin() {
        char front[] = "tcp://127.0.0.1:41213";
        api->RegisterSpi(this);
        api->RegisterFront(front);
        api->Init();
    }
    void OnFrontConnected() override {
        CThostFtdcReqUserLoginField field;
        memset(&field, 0, sizeof field);
        api->ReqUserLogin(&field, 1);
    }
    void OnRspUserLogin(CThostFtdcRspUserLoginField *, CThostFtdcRspInfoField *, int, bool) override {
        char name[] = "cu2612";
        char *names[] = {name};
        printf("subscribed %d\n", api->SubscribeMarketData(names, 1));
    }
    void OnRtnDepthMarketData(CThostFtdcDepthMarketDataField *quote) override {
        printf("quote %s %.0f\n", quote->InstrumentID, quote->LastPrice);
        signal.tell("quote");
    }
};

static void trade() {
    Trader trader;
    trader.begin();
    if (!trader.signal.await("ready"))
        return;
    if (dynamic_cast<void *>(trader.api) != trader.api || typeid(*trader.api) != typeid(CThostFtdcTraderApi))
        printf("the object has another type\n");
    printf("order sent %d\n", trader.order(5));
    trader.signal.await("trade");
    trader.api->Release();
}

static void quotes() {
    Market market;
    market.begin();
    market.signal.await("quote");
    market.api->Release();
}

// Everything that ends a program on the real library, one after the other.
static void misuse() {
    Trader lost("no/such/folder/");
    lost.api->Release();
    Trader first, second;
    second.api->Release();
    first.logs_in = false;
    first.begin();
    first.api->SubscribePrivateTopic(THOST_TERT_RESTART);
    first.api->Init();
    first.signal.await("connected");
    CThostFtdcInputOrderField order;
    memset(&order, 'x', sizeof order);
    printf("overlong %d\n", first.api->ReqOrderInsert(&order, 1));
    first.api->Release();
    first.api->Release();
    printf("after release %d %s.\n", first.order(1), first.api->GetTradingDay());
    first.api->RegisterSpi(nullptr);
    Trader third;
    third.logs_in = false;
    third.when_connected = [&] { third.api->Release(); };
    third.begin();
    third.signal.await("connected");
    Trader slow;
    slow.logs_in = false;
    slow.when_connected = [] { std::this_thread::sleep_for(std::chrono::seconds(2)); };
    slow.begin();
    slow.signal.await("connected");
    std::this_thread::sleep_for(std::chrono::seconds(1));
    slow.api->Release();
    printf("survived\n");
}

static void threads() {
    const int count = 16, calls = 50;
    std::atomic<int> good{0};
    Trader trader;
    trader.begin();
    trader.signal.await("ready");
    std::vector<std::thread> all;
    for (int i = 0; i < count; i++)
        all.emplace_back([&] {
            for (int j = 0; j < calls; j++)
                good += strlen(trader.api->GetTradingDay()) == 8;
        });
    for (auto &thread : all)
        thread.join();
    trader.api->Release();
    printf("good calls %d\n", good.load());
}

static void objects() {
    std::vector<Trader *> all;
    for (int i = 0; i < 24; i++) {
        std::string flow = "flow" + std::to_string(i) + "/";
        mkdir(flow.c_str(), 0700);
        all.push_back(new Trader(flow.c_str()));
        all.back()->logs_in = false;
        all.back()->begin();
    }
    int connected = 0;
    for (auto *trader : all)
        connected += trader->signal.await("connected");
    for (auto *trader : all) {
        trader->api->Release();
        delete trader;
    }
    printf("connected objects %d\n", connected);
}

static void forks() {
    Trader trader;
    trader.begin();
    trader.signal.await("ready");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        printf("in the child %d %s.\n", trader.order(1), trader.api->GetTradingDay());
        trader.api->Release();
        sleep(1);
        fflush(stdout);
        _exit(7);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("the child gave %d\n", WEXITSTATUS(status));
    printf("in the parent %s\n", trader.api->GetTradingDay());
    trader.api->Release();
}

static void joins() {
    Trader trader;
    trader.begin();
    trader.signal.await("ready");
    std::thread other([&] {
        sleep(3);
        trader.api->Release();
    });
    trader.api->Join();
    printf("joined\n");
    other.join();
}

// The other end goes away while it waits.
static void left_alone() {
    Trader trader;
    trader.begin();
    trader.signal.await("ready");
    printf("ready\n");
    fflush(stdout);
    trader.signal.await("disconnected", 1, 3600);
    printf("order sent %d\n", trader.order(1));
    trader.api->Release();
    FILE *note = fopen("alone.txt", "w");
    fprintf(note, "survived");
    fclose(note);
}

// Orders of 1 lot until one is not taken; then one that is too large, a new password, and another user.
static void caps() {
    Trader trader;
    trader.begin();
    trader.signal.await("ready");
    CThostFtdcUserPasswordUpdateField password;
    memset(&password, 0, sizeof password);
    put(password.UserID, "100001");
    put(password.OldPassword, "123456");
    printf("password %d\n", trader.api->ReqUserPasswordUpdate(&password, 99));
    printf("too large %d\n", trader.order(20));
    int sent = 0, code;
    while ((code = trader.order(1)) == 0 && sent < 100)
        sent++;
    printf("sent %d, then %d\n", sent, code);
    CThostFtdcReqUserLoginField login;
    memset(&login, 0, sizeof login);
    put(login.UserID, "somebody");
    printf("somebody %d\n", trader.api->ReqUserLogin(&login, 98));
    CThostFtdcInputOrderActionField cancel;
    memset(&cancel, 0, sizeof cancel);
    put(cancel.OrderRef, "1");
    cancel.ActionFlag = '0';
    printf("cancel %d\n", trader.api->ReqOrderAction(&cancel, 97));
    trader.api->Release();
}

// A child that makes an object of its own counts with its parent.
static void family() {
    Trader trader;
    trader.begin();
    trader.signal.await("ready");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        mkdir("child", 0700);
        Trader own("child/");
        own.begin();
        own.signal.await("ready");
        int sent = 0;
        for (int i = 0; i < 4; i++)
            sent += own.order(2) == 0;
        printf("the child sent %d\n", sent);
        own.api->Release();
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    int sent = 0;
    for (int i = 0; i < 4; i++)
        sent += trader.order(2) == 0;
    printf("the parent sent %d\n", sent);
    trader.api->Release();
}

class Counting : public Trader {
public:
    std::atomic<int> answers{0};
    int most = 0;
    void OnRspQryOrder(CThostFtdcOrderField *, CThostFtdcRspInfoField *, int, bool last) override {
        if (++answers == most)
            abort();
        if (last)
            signal.tell("answered");
    }
};

static void ask(int count, int most) {
    Counting trader;
    CThostFtdcQryOrderField query;
    memset(&query, 0, sizeof query);
    trader.most = most;
    trader.begin();
    trader.signal.await("ready");
    printf("asked %d\n", trader.api->ReqQryOrder(&query, count));
    fflush(stdout);
    trader.signal.await("answered", 1, 60);
    printf("answers %d\n", trader.answers.load());
    trader.api->Release();
}

static void burst() { ask(5000, 0); }
static void crashes() { ask(5000, 2000); }

static void breaks() {
    Trader trader;
    trader.begin();
    trader.signal.await("disconnected");
    trader.signal.await("ready", 2);
    printf("again\n");
    trader.api->Release();
}

// What a scenario on a live front sees: a trade, a break, an order that rests, one that is too large, and no end.
static void live() {
    Trader trader;
    trader.begin();
    trader.signal.await("ready");
    printf("order sent %d\n", trader.order(5));
    trader.signal.await("disconnected");
    trader.signal.await("ready", 2);
    printf("again\n");
    trader.order(1);
    trader.order(20);
    fflush(stdout);
    sleep(60);
}

static double processor_micros() {
    timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

class Timed : public Trader {
public:
    double begun = 0, ended = 0;
    void OnRspQryOrder(CThostFtdcOrderField *, CThostFtdcRspInfoField *, int, bool last) override {
        if (begun == 0)
            begun = processor_micros();
        ended = processor_micros();
        if (last)
            signal.tell("answered");
    }
};

// What a call and a callback take of their thread, for a benchmark; nobody needs to be at the front.
static void speed() {
    const int count = 100000;
    Timed trader;
    CThostFtdcQryOrderField query;
    memset(&query, 0, sizeof query);
    trader.logs_in = false;
    trader.begin();
    double begun = processor_micros();
    for (int i = 0; i < count; i++)
        trader.api->ReqQryTradingAccount(nullptr, i);
    printf("call %.3f\n", (processor_micros() - begun) / count);
    trader.api->ReqQryOrder(&query, count);
    trader.signal.await("answered", 1, 120);
    printf("callback %.3f\n", (trader.ended - trader.begun) / count);
    trader.api->Release();
}

int main(int count, char **arguments) {
    const std::map<std::string, void (*)()> modes = {
        {"trade", trade},     {"quotes", quotes}, {"misuse", misuse}, {"threads", threads},
        {"objects", objects}, {"forks", forks},   {"joins", joins},   {"left_alone", left_alone},
        {"caps", caps},       {"family", family}, {"burst", burst},   {"crashes", crashes},
        {"breaks", breaks},   {"speed", speed},   {"live", live},
    };
    auto found = modes.find(count > 1 ? arguments[1] : "");
    if (found == modes.end())
        return 64;
    found->second();
    printf("done\n");
    return 0;
}
