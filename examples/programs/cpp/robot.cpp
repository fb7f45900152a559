// A small robot in C++: it logs in, places one order, says what it holds, and cancels what is left when it is ended.
//
//     make CTP=/path/to/ctp && ./robot [CONTRACT] [VOLUME] [PRICE]
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "ThostFtdcTraderApi.h"

// Nothing serves this address: wherever this runs, it reaches only what is put before it.
static char FRONT[] = "tcp://127.0.0.1:41205";
static const char BROKER[] = "8080", USER[] = "60010086", PASSWORD[] = "a-password-of-mine";
static const char APP[] = "client_robot_1.0", CODE[] = "CODE0123456789AB";

static std::atomic<bool> ended{false};

template <size_t size> static void put(char (&field)[size], const std::string &text) {
    snprintf(field, size, "%s", text.c_str());
}

class Robot : public CThostFtdcTraderSpi {
    CThostFtdcTraderApi *api;
    std::string contract;
    int volume;
    double price;
    std::mutex mutex;
    std::map<std::string, CThostFtdcOrderField> orders;
    std::map<std::string, int> trades;
    int number = 0, reference = 0;
    bool placed = false, ready = false;

public:
    Robot(const std::string &contract, int volume, double price) : contract(contract), volume(volume), price(price) {
        mkdir("flow", 0755);
        api = CThostFtdcTraderApi::CreateFtdcTraderApi("flow/");
        api->RegisterSpi(this);
        api->SubscribePrivateTopic(THOST_TERT_RESTART);
        api->SubscribePublicTopic(THOST_TERT_QUICK);
        api->RegisterFront(FRONT);
        api->Init();
    }

    void OnFrontConnected() override {
        puts("connected");
        CThostFtdcReqAuthenticateField field = {};
        put(field.BrokerID, BROKER), put(field.UserID, USER), put(field.AppID, APP), put(field.AuthCode, CODE);
        api->ReqAuthenticate(&field, ++number);
    }

    void OnFrontDisconnected(int reason) override {
        printf("disconnected %#x\n", reason);
        ready = false;
    }

    void OnRspAuthenticate(CThostFtdcRspAuthenticateField *, CThostFtdcRspInfoField *error, int, bool) override {
        if (error && error->ErrorID) {
            printf("authentication refused %d\n", error->ErrorID);
            return;
        }
        CThostFtdcReqUserLoginField field = {};
        put(field.BrokerID, BROKER), put(field.UserID, USER), put(field.Password, PASSWORD);
        api->ReqUserLogin(&field, ++number);
    }

    void OnRspUserLogin(CThostFtdcRspUserLoginField *login, CThostFtdcRspInfoField *error, int, bool) override {
        if (error && error->ErrorID) {
            printf("login refused %d\n", error->ErrorID);
            return;
        }
        reference = atoi(login->MaxOrderRef);
        CThostFtdcSettlementInfoConfirmField field = {};
        put(field.BrokerID, BROKER), put(field.InvestorID, USER);
        api->ReqSettlementInfoConfirm(&field, ++number);
    }

    void OnRspSettlementInfoConfirm(CThostFtdcSettlementInfoConfirmField *, CThostFtdcRspInfoField *, int, bool) override {
        ready = true;
        if (placed)
            return;
        placed = true;
        CThostFtdcInputOrderField order = {};
        put(order.BrokerID, BROKER), put(order.InvestorID, USER), put(order.UserID, USER);
        put(order.InstrumentID, contract), put(order.ExchangeID, "SHFE"), put(order.OrderRef, std::to_string(++reference));
        order.Direction = THOST_FTDC_D_Buy, order.CombOffsetFlag[0] = THOST_FTDC_OF_Open;
        order.CombHedgeFlag[0] = THOST_FTDC_HF_Speculation, order.OrderPriceType = THOST_FTDC_OPT_LimitPrice;
        order.LimitPrice = price, order.VolumeTotalOriginal = volume, order.MinVolume = 1;
        order.TimeCondition = THOST_FTDC_TC_GFD, order.VolumeCondition = THOST_FTDC_VC_AV;
        order.ContingentCondition = THOST_FTDC_CC_Immediately, order.ForceCloseReason = THOST_FTDC_FCC_NotForceClose;
        printf("order sent %d\n", api->ReqOrderInsert(&order, ++number));
    }

    void OnRspOrderInsert(CThostFtdcInputOrderField *, CThostFtdcRspInfoField *error, int, bool) override {
        printf("order refused %d\n", error ? error->ErrorID : 0);
    }

    void OnRtnOrder(CThostFtdcOrderField *order) override {
        std::lock_guard<std::mutex> lock(mutex);
        orders[std::to_string(order->FrontID) + "/" + std::to_string(order->SessionID) + "/" + order->OrderRef] = *order;
        printf("order %c %d/%d\n", order->OrderStatus, order->VolumeTraded, order->VolumeTotalOriginal);
    }

    void OnRtnTrade(CThostFtdcTradeField *trade) override {
        std::lock_guard<std::mutex> lock(mutex);
        trades[std::string(trade->ExchangeID) + trade->TradeID + trade->Direction] = trade->Volume;
        int held = 0;
        for (const auto &each : trades)
            held += each.second;
        printf("position %d\n", held);
    }

    int cancel_all() {
        std::lock_guard<std::mutex> lock(mutex);
        int working = 0;
        for (const auto &each : orders) {
            const CThostFtdcOrderField &order = each.second;
            if (order.OrderStatus == THOST_FTDC_OST_AllTraded || order.OrderStatus == THOST_FTDC_OST_Canceled)
                continue;
            ++working;
            CThostFtdcInputOrderActionField field = {};
            put(field.BrokerID, BROKER), put(field.InvestorID, USER), put(field.UserID, USER);
            put(field.InstrumentID, order.InstrumentID), put(field.ExchangeID, order.ExchangeID);
            put(field.OrderSysID, order.OrderSysID);
            field.ActionFlag = THOST_FTDC_AF_Delete;
            api->ReqOrderAction(&field, ++number);
        }
        return working;
    }

    void end() {
        if (ready && cancel_all())
            sleep(1);
        api->Release();
    }
};

int main(int count, char **words) {
    setvbuf(stdout, nullptr, _IOLBF, 0);
    signal(SIGTERM, [](int) { ended = true; });
    Robot robot(count > 1 ? words[1] : "cu2612", count > 2 ? atoi(words[2]) : 5, count > 3 ? atof(words[3]) : 70000);
    while (!ended)
        usleep(100000);
    robot.end();
    return 0;
}
