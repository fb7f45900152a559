"use strict";
// What is known at each event of a scenario: a fold over its events, from the first one on.
const State = (() => {
  // The life of a trader API object: state and what happens to it. (The client has the same table.)
  const MOVES = {
    absent: { create: "created" },
    created: { init: "connecting", release: "absent" },
    connecting: { up: "connected", down: "connecting", release: "absent" },
    connected: { authenticated: "authenticated", "logged in": "logged_in", down: "connecting", release: "absent" },
    authenticated: { authenticated: "authenticated", "logged in": "logged_in", down: "connecting", release: "absent" },
    logged_in: { confirmed: "ready", "logged out": "connected", down: "connecting", release: "absent" },
    ready: { confirmed: "ready", "logged out": "connected", down: "connecting", release: "absent" },
  };
  const CALLS = { CreateFtdcTraderApi: "create", Init: "init", Release: "release" };
  const CALLBACKS = {
    OnFrontConnected: "up", OnFrontDisconnected: "down", OnRspAuthenticate: "authenticated",
    OnRspUserLogin: "logged in", OnRspSettlementInfoConfirm: "confirmed", OnRspUserLogout: "logged out",
  };
  // How far along an OrderStatus is: a report that is less far along than what is known is not news.
  const PROGRESS = { a: 1, b: 2, c: 3, 3: 4, 4: 4, 1: 5, 2: 5, 0: 6, 5: 6 };
  const FINAL = 6;
  const BUY = "0", OPEN = "0", CLOSE_TODAY = "3", REJECTED = "4";
  const DATED = ["SHFE", "INE"]; // where today's and yesterday's lots are kept apart

  const MARKET = 16;

  const progress = (order) => [PROGRESS[order.OrderStatus] ?? 0, order.VolumeTraded ?? 0];
  const isBehind = ([status, volume], [known, traded]) => status < known || (status === known && volume < traded);

  function session(name) {
    return {
      name, link: "absent", connection: 0, front: 0, id: 0, day: "",
      orders: new Map(), bySystem: new Map(), byLocal: new Map(), trades: new Map(), unmatched: [],
      positions: new Map(), told: null, venue: null, first: null,
    };
  }

  /** Lots as [long today, long yesterday, short today, short yesterday], with a trade counted in. */
  function counted(lots, trade) {
    const isBuy = trade.Direction === BUY, opens = trade.OffsetFlag === OPEN, volume = trade.Volume ?? 0;
    const side = isBuy === opens ? 0 : 2;
    const changed = [...lots];
    if (opens) changed[side] += volume;
    else if (trade.OffsetFlag === CLOSE_TODAY) changed[side] -= volume;
    else if (DATED.includes(trade.ExchangeID)) changed[side + 1] -= volume;
    else {
      const old = Math.min(Math.max(0, lots[side + 1]), volume);
      changed[side + 1] -= old;
      changed[side] -= volume - old;
    }
    return changed;
  }

  const systemOf = (fields) => `${fields.ExchangeID}|${fields.OrderSysID}`;
  const localOf = (fields) => `${fields.ExchangeID}|${fields.TraderID ?? ""}|${fields.OrderLocalID}`;
  const orderOf = (one, trade) => one.bySystem.get(systemOf(trade)) ?? one.byLocal.get(localOf(trade));

  function reported(one, fields) {
    const key = [fields.FrontID ?? 0, fields.SessionID ?? 0, fields.OrderRef ?? ""].join("|");
    let order = one.orders.get(key);
    if (fields.RelativeOrderSysID) order = one.bySystem.get(`${fields.ExchangeID}|${fields.RelativeOrderSysID}`) ?? order;
    if (!order) one.orders.set(key, (order = { sent: null, newest: null, traded: 0, refused: false }));
    if (!order.newest) order.refused = false;
    const isFinal = order.newest && progress(order.newest)[0] === FINAL;
    if (!order.newest || (!isFinal && !isBehind(progress(fields), progress(order.newest)))) order.newest = fields;
    if (fields.OrderLocalID) one.byLocal.set(localOf(fields), order);
    if (fields.OrderSysID) one.bySystem.set(systemOf(fields), order);
    one.unmatched = one.unmatched.filter((trade) => !match(one, trade));
  }

  function match(one, trade) {
    const order = orderOf(one, trade);
    if (order) order.traded += trade.Volume ?? 0;
    return order !== undefined;
  }

  function traded(one, fields) {
    const key = [fields.ExchangeID, fields.TradeID, fields.Direction].join("|");
    if (one.trades.has(key)) return;
    one.trades.set(key, fields);
    const instrument = fields.InstrumentID ?? "";
    one.positions.set(instrument, counted(one.positions.get(instrument) ?? [0, 0, 0, 0], fields));
    if (!match(one, fields)) one.unmatched.push(fields);
  }

  function refused(one, fields) {
    const order = one.orders.get([one.front, one.id, fields?.OrderRef ?? ""].join("|"));
    if (order && !order.newest) order.refused = true;
  }

  function loggedIn(one, fields) {
    [one.front, one.id] = [fields.FrontID ?? 0, fields.SessionID ?? 0];
    const day = fields.TradingDay ?? "";
    if (one.day && day !== one.day) {
      for (const [name, [long, longBefore, short, shortBefore]] of one.positions) {
        one.positions.set(name, [0, long + longBefore, 0, short + shortBefore]);
      }
    }
    one.day = day;
  }

  function happen(one, what) {
    one.link = MOVES[one.link][what] ?? one.link;
  }

  function called(one, event, fields) {
    if (CALLS[event.name]) happen(one, CALLS[event.name]);
    if (event.name !== "ReqOrderInsert") return;
    const key = [one.front, one.id, fields.OrderRef ?? ""].join("|");
    if (!one.orders.has(key)) one.orders.set(key, { sent: fields, newest: null, traded: 0, refused: event.returned !== 0 });
  }

  const RECEIVED = {
    OnRtnOrder: reported,
    OnRtnTrade: traded,
    OnRspQryTradingAccount: (one, fields, event) => { if (Object.keys(fields).length) one.told = { money: fields, time: event.time }; },
  };

  function received(one, event, fields) {
    if (CALLBACKS[event.name] && !event.code) {
      happen(one, CALLBACKS[event.name]);
      if (event.name === "OnFrontConnected") one.connection = event.connection;
      if (event.name === "OnRspUserLogin") loggedIn(one, fields);
    } else if (["OnRspOrderInsert", "OnErrRtnOrderInsert"].includes(event.name) && event.code) {
      refused(one, fields);
    } else {
      RECEIVED[event.name]?.(one, fields, event);
    }
  }

  /** The states of one scenario, at any of its events; going on is cheap, going back begins anew. */
  class States {
    constructor({ sessions }, events, page) {
      Object.assign(this, { names: sessions, events, page });
      this.restart();
    }

    restart() {
      this.sessions = this.names.map(session);
      this.fields = new Map();
      this.next = 0;
    }

    /** The state once an event has happened: that of each session, and the step that is being done. */
    at(index) {
      if (index < this.next - 1) this.restart();
      while (this.next <= index) this.take(this.events[this.next++]);
      return { event: this.events[index], step: this.step, sessions: this.sessions };
    }

    take(event) {
      if (event.kind === "s") this.step = event;
      if (event.kind === "a") {
        for (const at of event.sessions) {
          const one = this.sessions[at];
          one.venue = { money: event.money, held: event.held, time: event.time };
          if (!one.first || !one.orders.size) one.first = event.held; // what the scene was set with
        }
      }
      if (event.kind !== "q" && event.kind !== "r") return;
      const fields = this.read(event), one = this.sessions[event.session];
      if (event.flags & MARKET) return;
      (event.kind === "q" ? called : received)(one, event, fields);
    }

    /** The fields of an event, which are told by what differs from those of its name before. */
    read(event) {
      if (!event.delta) return {};
      const names = this.page.names;
      const take = (fields, flat) => {
        for (let at = 0; at < flat.length; at += 1) {
          if (flat[at] < 0) delete fields[names[-1 - flat[at]]];
          else fields[names[flat[at]]] = flat[++at];
        }
        return fields;
      };
      const before = this.fields.get(event.name) ?? take({}, this.page.bases[names.indexOf(event.name)]);
      const fields = take({ ...before }, event.delta);
      this.fields.set(event.name, fields);
      return fields;
    }
  }

  const spaced = (word) => word.replace(/(?<=[a-z])(?=[A-Z])/g, " ");

  /** An order in words: what it is, how far it is; `works` while it may still trade. */
  function describe(order, constants) {
    const known = order.newest ?? order.sent ?? {};
    const volume = known.VolumeTotalOriginal ?? 0;
    const isFinal = order.newest !== null && progress(order.newest)[0] === FINAL && order.traded === (order.newest.VolumeTraded ?? 0);
    const offset = constants.OffsetFlag?.[known.CombOffsetFlag?.[0]] ?? { 0: "Open", 1: "Close", 3: "CloseToday", 4: "CloseYesterday" }[known.CombOffsetFlag?.[0]] ?? "";
    const status = order.refused ? "refused" : order.newest === null ? "no report yet" : constants.OrderStatus?.[order.newest.OrderStatus] ?? order.newest.OrderStatus;
    return {
      works: !order.refused && !isFinal,
      reference: (known.OrderRef ?? "").trim(),
      text: `${known.InstrumentID ?? ""} ${known.Direction === BUY ? "buy" : "sell"} ${spaced(offset).toLowerCase()} ${order.traded}/${volume}`,
      price: known.LimitPrice ?? 0,
      status: order.newest?.OrderSubmitStatus === REJECTED ? "refused by the exchange" : spaced(status ?? "").toLowerCase(),
    };
  }

  return { States, describe, counted, MOVES, CALLS, CALLBACKS, PROGRESS };
})();
