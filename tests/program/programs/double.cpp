// A double of the CTP library that plays a front: it answers logins, lets orders rest, fill and be cancelled, and breaks
// when its connection to the front does. The front itself says nothing but that it is there, by its first byte. What the
// library is given stands on standard error, `library: NAME`.
#include "ctp.h"

#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace { // the program has classes of these names, too

template <size_t size> void put(char (&field)[size], const char *text) {
    snprintf(field, size, "%s", text);
}

void got(const char *name) { fprintf(stderr, "library: %s\n", name); }

int session_id() {
    static std::atomic<int> sessions{6};
    return ++sessions;
}

// The connection, and the one thread that calls back.
class Line {
    std::vector<std::string> fronts;
    std::deque<std::function<void()>> work;
    std::mutex mutex;
    std::thread thread;
    std::atomic<bool> ends{false};
    int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), front = -1;
    size_t next = 0;

    int dial() {
        if (fronts.empty())
            return -1;
        const std::string &address = fronts[next++ % fronts.size()];
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons((uint16_t)atoi(address.substr(address.rfind(':') + 1).c_str()));
        inet_pton(AF_INET, address.substr(6, address.rfind(':') - 6).c_str(), &to.sin_addr);
        int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char hello;
        if (connect(made, (sockaddr *)&to, sizeof to) == 0 && recv(made, &hello, 1, 0) == 1)
            return made;
        close(made);
        return -1;
    }
    void take_work() {
        uint64_t rung;
        while (read(bell, &rung, sizeof rung) > 0)
            ;
        for (;;) {
            std::function<void()> each;
            {
                std::lock_guard<std::mutex> lock(mutex);
                if (work.empty() || ends)
                    return;
                each = std::move(work.front());
                work.pop_front();
            }
            each();
        }
    }
    void run() {
        while (!ends) {
            if (front < 0 && (front = dial()) >= 0)
                connected();
            pollfd all[] = {{bell, POLLIN, 0}, {front, POLLIN, 0}};
            poll(all, front < 0 ? 1 : 2, front < 0 ? 20 : -1);
            char bytes[256];
            if (front >= 0 && all[1].revents && recv(front, bytes, sizeof bytes, 0) <= 0) {
                close(front);
                front = -1;
                disconnected(0x1001);
            }
            take_work();
        }
        if (front >= 0)
            close(front);
    }

public:
    std::function<void()> connected;
    std::function<void(int)> disconnected;

    void add(const char *address) { fronts.push_back(address); }
    void begin() { thread = std::thread([this] { run(); }); }
    void later(std::function<void()> what) {
        {
            std::lock_guard<std::mutex> lock(mutex);
            work.push_back(std::move(what));
        }
        ring();
    }
    void ring() {
        uint64_t one = 1;
        if (write(bell, &one, sizeof one) < 0)
            return;
    }
    void end() {
        ends = true;
        ring();
        if (thread.joinable() && thread.get_id() != std::this_thread::get_id())
            thread.join();
        else if (thread.joinable())
            thread.detach();
    }
};

template <class Stub, class Spi> class Base : public Stub {
protected:
    Spi *spi = nullptr;
    Line line;
    std::mutex joining;
    std::condition_variable released;
    bool is_released = false;

public:
    Base() {
        line.connected = [this] { if (spi) spi->OnFrontConnected(); };
        line.disconnected = [this](int reason) { if (spi) spi->OnFrontDisconnected(reason); };
    }
    void RegisterSpi(Spi *given) override { spi = given; }
    void RegisterFront(char *front) override {
        fprintf(stderr, "library: front %s\n", front);
        line.add(front);
    }
    void Init() override { line.begin(); }
    int Join() override {
        std::unique_lock<std::mutex> lock(joining);
        released.wait(lock, [this] { return is_released; });
        return 0;
    }
    void Release() override {
        line.end();
        std::lock_guard<std::mutex> lock(joining);
        is_released = true;
        released.notify_all();
    }
    const char *GetTradingDay() override { return "20261123"; }
};

CThostFtdcRspInfoField right{};

class Trader : public Base<TraderStub, CThostFtdcTraderSpi> {
    CThostFtdcOrderField order{};
    int session = 0;

    void tell(char status, int traded) {
        order.OrderStatus = status;
        order.VolumeTraded = traded;
        order.VolumeTotal = order.VolumeTotalOriginal - traded;
        spi->OnRtnOrder(&order);
    }

public:
    int ReqAuthenticate(CThostFtdcReqAuthenticateField *, int request) override {
        got("ReqAuthenticate");
        line.later([=] {
            CThostFtdcRspAuthenticateField answer{};
            spi->OnRspAuthenticate(&answer, &right, request, true);
        });
        return 0;
    }
    int ReqUserLogin(CThostFtdcReqUserLoginField *login, int request) override {
        got("ReqUserLogin");
        CThostFtdcReqUserLoginField who = *login;
        line.later([=] {
            CThostFtdcRspUserLoginField answer{};
            put(answer.TradingDay, "20261123");
            put(answer.BrokerID, who.BrokerID);
            put(answer.UserID, who.UserID);
            put(answer.MaxOrderRef, "0");
            answer.FrontID = 1;
            answer.SessionID = session = session_id();
            spi->OnRspUserLogin(&answer, &right, request, true);
        });
        return 0;
    }
    int ReqSettlementInfoConfirm(CThostFtdcSettlementInfoConfirmField *given, int request) override {
        got("ReqSettlementInfoConfirm");
        CThostFtdcSettlementInfoConfirmField answer = *given;
        line.later([=]() mutable { spi->OnRspSettlementInfoConfirm(&answer, &right, request, true); });
        return 0;
    }
    // One of 5 lots is filled at once, every other rests.
    int ReqOrderInsert(CThostFtdcInputOrderField *given, int) override {
        got("ReqOrderInsert");
        CThostFtdcInputOrderField input = *given;
        line.later([=] {
            order = CThostFtdcOrderField{};
            put(order.BrokerID, input.BrokerID);
            put(order.InvestorID, input.InvestorID);
            put(order.UserID, input.UserID);
            put(order.InstrumentID, input.InstrumentID);
            put(order.ExchangeID, input.ExchangeID);
            put(order.OrderRef, input.OrderRef);
            put(order.OrderSysID, (std::string("     ") + input.OrderRef).c_str());
            put(order.TradingDay, "20261123");
            order.Direction = input.Direction;
            order.CombOffsetFlag[0] = input.CombOffsetFlag[0];
            order.LimitPrice = input.LimitPrice;
            order.VolumeTotalOriginal = input.VolumeTotalOriginal;
            order.FrontID = 1;
            order.SessionID = session;
            tell('a', 0);
            if (input.VolumeTotalOriginal != 5) {
                tell('3', 0);
                return;
            }
            tell('0', 5);
            CThostFtdcTradeField trade{};
            put(trade.BrokerID, input.BrokerID);
            put(trade.InvestorID, input.InvestorID);
            put(trade.InstrumentID, input.InstrumentID);
            put(trade.ExchangeID, input.ExchangeID);
            put(trade.OrderRef, input.OrderRef);
            put(trade.OrderSysID, order.OrderSysID);
            put(trade.TradeID, "1");
            trade.Direction = input.Direction;
            trade.OffsetFlag = input.CombOffsetFlag[0];
            trade.Price = input.LimitPrice;
            trade.Volume = 5;
            spi->OnRtnTrade(&trade);
        });
        return 0;
    }
    int ReqOrderAction(CThostFtdcInputOrderActionField *, int) override {
        got("ReqOrderAction");
        line.later([=] { tell('5', 0); });
        return 0;
    }
    // As many orders as the request has for a number.
    int ReqQryOrder(CThostFtdcQryOrderField *, int request) override {
        line.later([=] {
            for (int i = 1; i <= request; i++)
                spi->OnRspQryOrder(&order, &right, request, i == request);
        });
        return 0;
    }
    int ReqUserPasswordUpdate(CThostFtdcUserPasswordUpdateField *, int) override {
        got("ReqUserPasswordUpdate");
        return 0;
    }
};

class Market : public Base<MarketStub, CThostFtdcMdSpi> {
public:
    int ReqUserLogin(CThostFtdcReqUserLoginField *, int request) override {
        line.later([=] {
            CThostFtdcRspUserLoginField answer{};
            spi->OnRspUserLogin(&answer, &right, request, true);
        });
        return 0;
    }
    int SubscribeMarketData(char *names[], int count) override {
        std::string name = count ? names[0] : "";
        line.later([=] {
            CThostFtdcDepthMarketDataField quote{};
            put(quote.InstrumentID, name.c_str());
            quote.LastPrice = 71000;
            spi->OnRtnDepthMarketData(&quote);
        });
        return 0;
    }
};

} // namespace

CThostFtdcTraderApi *CThostFtdcTraderApi::CreateFtdcTraderApi(TRADER_ARGUMENTS) { return new Trader; }
const char *CThostFtdcTraderApi::GetApiVersion() { return API_VERSION; }
CThostFtdcMdApi *CThostFtdcMdApi::CreateFtdcMdApi(MARKET_ARGUMENTS) { return new Market; }
const char *CThostFtdcMdApi::GetApiVersion() { return API_VERSION; }
