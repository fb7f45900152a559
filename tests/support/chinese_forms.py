"""The Chinese twin of every form of a statement in `forms`, in the same order; some with full-width signs."""

from support.forms import FORMS

_CHINESE = """
连接
连接 限时 5秒
连接 前置
连接 前置 限时 5秒
认证
认证 应用 "a" 授权码 "b"
认证 授权码 "b" 限时 3秒
登录
登录 用户 "u" 密码 "p"
登录 密码 密钥（"NAME"） 限时 3秒
确认 结算单
确认 结算单 限时 3秒
登出
修改 密码 从 "a" 至 "b"
修改 密码 从 密钥("A") 至 密钥("B") 限时 3秒
断开
断开 静默
断开 行情
断开 行情 静默
重连
重连 限时 1分钟
重连 前置
重连 前置 限时 1分钟
释放
订阅 rb2705
订阅 rb2705 cu2612
订阅 rb2705, "SPD MA701&MA705"
退订 rb2705
买 开 1 rb2705 价 最新价 记为 x
买 开
买 开 volume instrument 价 卖一 记为 x
买 开 2
买 开 rb2705
买 开 （volume * 2） （instrument） 价 （卖一）
买 开 rb2705 2 价 卖一
卖 平 1 instrument 价 买一 记为 x
卖 平今 1 rb2705
卖 平昨 1 SHFE.rb2705 价 涨停价
买 开 1 "SPD MA701&MA705" 价 3000
买 开 1 rb2705 价 卖一 + 2 跳
买 开 1 rb2705 价 买一 - 1 跳
买 开 1 rb2705 价 (跌停价 + 昨结算价) / 2
买 开 1 rb2705 价 市价
买 开 1 rb2705 价 最优价
买 开 1 rb2705 价 五档
买 开 1 rb2705 价 卖一 即成剩撤
买 开 5 rb2705 价 卖一 即成剩撤 最少 2
买 开 1 rb2705 价 卖一 全成或撤 套保
买 开 1 rb2705 价 卖一 套利 报单引用 "17" 备注 "text" 记为 x
买 开 1 rb2705 价 71000 当 最新价 >= 71000 记为 x
买 开 1 rb2705 价 卖一 附带 (LimitPrice = 3000, user_force_close = 1,) 记为 x
下单
下单 买 开 volume instrument 价 卖一 记为 x
下单 卖 平今
下单 2 rb2705 全成或撤 记为 x
撤单 entry
撤单 both
撤单 both[0]
撤单 全部
撤单 全部 rb2705
撤单 全部 instrument 限时 5秒
目标 2
目标 -2 rb2705 价 买一 - 1 跳 记为 x
目标 volume instrument 价 卖一 记为 x 限时 1分钟
目标 (2 - volume) rb2705 价 市价 记为 x
清仓
清仓 rb2705 价 市价 记为 x 限时 10秒
查询 报单
查询 成交 记为 x
查询 持仓 属于 rb2705 记为 x
查询 持仓明细 记为 x
查询 账户 记为 x 限时 3秒
查询 合约 属于 rb2705 记为 x
查询 行情 属于 rb2705 记为 x
查询 保证金率 属于 rb2705 记为 x
查询 手续费率 属于 instrument 记为 x
查询 结算单 记为 x
查询 报单量限制 属于 rb2705 记为 x
请求 ReqQryNotice（BrokerID ＝ "9999"） 记为 x
请求 ReqQryInstrument()
请求 ReqUserLogout(UserID = "a", BrokerID = "b",) 记为 x
期望 成交
期望 成交 属于 entry
期望 成交 属于 entry 限时 30秒 记为 x
期望 成交 属于 both 于 rb2705
期望 报单 于 "rb2705" 其中 order_status == 全部成交
期望 3 成交 属于 a
期望 （volume + 1） 成交 属于 a
期望 volume 成交 属于 a
期望 至少 2 报单 属于 a 限时 5秒 记为 x
期望 至多 2 成交 属于 a 持续 3秒
期望 成交 属于 a 合计 5 限时 30秒
期望 成交 属于 entry 合计 volume 限时 30秒 记为 x
期望 无 成交 属于 a 持续 3秒
期望 无 拒单
期望 拒单 属于 a 由 柜台 refusal
期望 拒单 属于 a 由 柜台 31 记为 x
期望 拒单 属于 a 由 接口 -3
期望 拒单 属于 a 由 交易所 50 其中 信息 == "x"
期望 撤单被拒 属于 a 由 柜台 26
期望 撤单被拒 属于 a
期望 拒单 属于 a 于 rb2705 由 接口 其中 代码 == -3 限时 3秒 记为 x
期望 行情 于 rb2705 其中 LastPrice ＞ 3000
期望 连接
期望 断线 其中 reason == 0x1001 限时 2分钟
期望 心跳超时 限时 2分钟
期望 登录 其中 代码 == 3 记为 x
期望 登出
期望 认证 其中 代码 ＝＝ 63
期望 确认
期望 交易阶段 于 rb2705 其中 InstrumentStatus == Continous
期望 错误 其中 代码 ＝＝ 90
期望 OnRspQryNotice 属于 r
期望 OnRtnOrder 其中 OrderStatus == AllTraded
期望 无 OnFrontDisconnected 持续 1秒
软 期望 成交 属于 a
软 期望 entry 是 全部成交
期望 entry 是 全部成交
期望 持仓(rb2705).多头 == volume 限时 3秒
期望 全部成交 == entry.状态
期望 both 是 全部成交
期望 at_hand == 1
期望 对账一致
期望 对账一致 限时 1分钟
软 期望 对账一致
决不 拒单 属于 entry
决不 OnRtnOrder 其中 OrderStatus ＝＝ Canceled
决不 超过 3 ReqOrderInsert 限时 1秒
决不 超过 volume 报单 属于 entry 限时 D
始终 entry.volume_traded <= 2
检查 1 == 1
检查 entry.状态 是 空, "a report came through a cut connection"
软 检查 entry.已发出
要求 1 == 1
要求 账本(rb2705).净持仓 == 0, "not flat"
忘记
期望 依次: 成交 属于 a; 报单 属于 a
期望 不分先后 限时 3秒: 成交 属于 a 记为 x; 报单 属于 a 其中 order_status == 已撤单
令 x ＝ 3
等待 10秒
等待 2 * D
等待 直到 21:00
等待 直到 2026-11-24
等待 直到 2026-11-23 21:00
等待 直到 entry 是 全部成交
等待 直到 真 不在 both.有效 限时 60秒
等待 直到 安静 持续 1秒
等待 直到 安静 持续 1秒 限时 1分钟
如果 volume == 2: 日志 “two”
重复 3 次: 日志 "x"
重复 1 次：日志 "x"
遍历 x 于 [1, 2]: 日志 x
遍历 x 于 成交(entry): 日志 x.price
只要 volume ＞ 2 至多 10 次：日志 "x"
日志 "now {now()}"
日志 volume
失败 “so”
跳过 "so"
阻塞 "so"
停止
mine(1)
mine(1, 2)
场内：时钟 2026-11-23 20:55
场内：时钟 20:55
场内：时钟 2026-11-24
场内：行情 rb2705 买一 70990 量 5 卖一 71000 量 3
场内：行情 rb2705 买一 70990 量 5 卖一 71000 量 3 最新价 71000 昨结算价 70000
场内：行情 rb2705 买一 70990 量 volume
场内：行情 rb2705 卖一 71000 量 3
场内：行情 rb2705 昨结算价 70000
场内：买 2 rb2705 价 71000
场内：卖 2 rb2705 价 71000
场内：撮合 entry 1
场内：撮合 entry 1 价 3000
场内：撮合 both[0] 1
场内：撤单 entry
场内：拒绝 下一 报单 由 柜台 31
场内：拒绝 下一 报单 由 柜台 31，"no money"
场内：拒绝 下一 报单 由 交易所 50
场内：拒绝 下一 撤单 由 柜台 26
场内：驳回 登录 由 7 持续 60秒
场内：驳回 登录 由 7, "not now"
场内：驳回 ReqQryOrder 由 90 持续 5秒
场内：驳回 认证 由 63 持续 60秒
场内：驳回 查询 由 90 持续 3秒 之后 登录
场内：驳回 ReqOrderInsert 于 CZCE 由 21，“away”
场内：丢弃 下一 2 成交
场内：丢弃 下一 成交 至 bob
场内：丢弃 报单 持续 30秒
场内：延迟 成交 2秒
场内：延迟 成交 2秒 持续 30秒
场内：延迟 下一 2 OnRtnOrder 500毫秒 至 bob
场内：重发 下一 报单
场内：重发 下一 OnRtnTrade 至 bob
场内：倒序 下一 3 回报
场内：扣留 回报
场内：扣留 OnRtnTrade 至 bob
场内：释放 回报
场内：释放 成交 至 bob
场内：丢失 下一 请求
场内：交易阶段 rb2705 连续交易
场内：交易阶段 SHFE 集合竞价
场内：交易阶段 rb2705 小节休息
场内：交易阶段 rb2705 收盘
场内：暂停 rb2705
场内：恢复 rb2705
场内：前置数 2
场内：宕机 前置 2
场内：上线 前置 2
场内：宕机
场内：上线
场内：踢出 bob
场内：结算
场内：余额 bob 1_000_000
场内：入金 bob 1_000
场内：出金 bob volume * 1000
场内：持仓 bob 多头 2 rb2705 价 3000
场内：持仓 bob 空头 2 rb2705 昨仓 价 3000
场内：密码 bob 过期
场内：密码 bob 首次登录
场内：未确认 bob
场内：准入 robot 用户 "1" 密码 "2"
场内：准入 robot 用户 "1" 密码 "2" 经纪公司 "3" 应用 "4" 授权码 "5"
场内：时延 5毫秒
场内：时延 5毫秒 抖动 2毫秒
场内：限制 报单 5 每秒
场内：限制 查询 1 每秒
场内：限制 会话 2
场内：限制 撤单 3 每秒
场内：环境 仿真环境
场内：环境 生产环境
场内：回放 "ticks.csv"
场内：回放 "ticks.csv" 从 09:30 倍速 10
场内：游走 rb2705 波动率 2%
场内：游走 rb2705 波动率 2% 种子 7 持续 10分钟
场内：上市 rb2713
场内：上市 rb2705 最小 4 最大 20 保证金 12% 到期 2026-12-01
场内：上市 全部
场内：下市 rb2705
场内：禁止 bob 开
场内：禁止 bob 全部 rb2705
场内：准许 bob 平 rb2705
场内：最大 rb2705 20
场内：附加费 0.005
场内：封禁 bob
场内：封禁 bob 由 144
场内：限制 失败 3
场内：静止
场内：静止 rb2705
网络：切断
网络：接通
网络：停滞
网络：时延 200毫秒
网络：时延 200毫秒 抖动 50毫秒
网络：闪断 每隔 5秒 持续 60秒
网络：闪断 每隔 5秒
robot: 启动
robot：终止
robot: 终止 限时 5秒
robot: 强杀
robot：输入 "stop"
robot: 输入 “volume {volume}”
robot: 提示 "pull the cable"
robot：断开 行情 静默
robot: 重连 限时 5秒
robot: 期望 ReqOrderInsert 其中 volume_total_original == 5 限时 3秒 记为 sent
robot：期望 无 SubscribeMarketData 持续 3秒
robot: 期望 输出行 "position 5" 限时 5秒
robot: 期望 输出行 其中 "5" 于 文字 记为 written
robot：期望 退出 其中 代码 ＝＝ 0 或 信号 ＝＝ “SIGABRT”
robot: 期望 2 隐患
robot: 决不 隐患
robot：检查 个数（请求（ReqOrderInsert）） ＝＝ 1
"""

PAIRS = list(zip([statement for statement, _ in FORMS], _CHINESE.strip().splitlines(), strict=True))

# The twins of whole files.
FILES = {
    "a docstring and bare steps": ('"""Text."""\n下单; 断开; 等待 10秒; 重连; 期望 成交\n'),
    "params of every type": (
        "参数 a = 2\n"
        "参数 b = -2.5\n"
        "参数 c = 10秒\n"
        '参数 d = "x"\n'
        "参数 e = cu2612\n"
        "参数 f = 真\n"
        "参数 g = 空\n"
        "参数 h = 21:00\n"
        "参数 i = 2026-11-23\n"
        "参数 j = [1, -2]\n"
        "令 z = [a, b, c, d, e, f, g, h, i, j]\n"
        "日志 z\n"
    ),
    "sessions": (
        "会话 alice\n"
        "会话 bob 账户 second\n"
        "会话 carol 私有流 重传 公共流 空\n"
        "会话 dave 账户 x 私有流 快传 公共流 快传\n"
        "会话 erin 公共流 恢复 私有流 恢复\n"
        "alice: 买 开 1 rb2705 价 最新价 记为 a\n"
        "bob: 卖 开 1 rb2705 价 最新价 记为 b\n"
        "alice: 期望 成交 属于 a\n"
        "bob: 期望 成交 属于 b\n"
        "场内: 暂停 rb2705\n"
        "网络:\n"
        "    时延 200毫秒 抖动 50毫秒\n"
    ),
    "tags and a timeout": ('场景 "a title" @smoke @a.b-c @1 超时 2 * 5分钟:\n    日志 "x"\n'),
    "around": ('之前:\n    日志 "a"\n\n之后: 日志 "b"\n场内:\n    暂停 rb2705\n场景 "x": 日志 "x"\n'),
    "definitions between scenarios": (
        '场景 "a": twice(1)\n'
        "\n"
        "定义 twice(x):\n"
        "    日志 x\n"
        "    返回 x * 2\n"
        "\n"
        "令 k = 3\n"
        "场内: 时延 5毫秒\n"
        '场景 "b": 日志 twice(k)\n'
        '之后: 日志 "end"\n'
    ),
    "a define without parameters": ('定义 go():\n    停止\n\n场景 "x": go()\n'),
    "a table": (
        '场景 "a close needs a position" @position:\n'
        "    其中:\n"
        "        | instrument | code |\n"
        "        | rb2705     | 51   |\n"
        "        | m2705      | 30   |\n"
        "    卖 平 1 instrument 价 买一 记为 exit\n"
        "    期望 拒单 属于 exit 由 柜台 code\n"
    ),
    "if, elif and else": (
        "令 x = 1\n"
        "如果 x == 1:\n"
        "    日志 1\n"
        "否则如果 x == 2: 日志 2; 日志 2\n"
        "否则如果 x == 3:\n"
        "    日志 3\n"
        "否则: 日志 4\n"
        "如果 x == 1: 日志 5\n"
        "如果 x == 1:\n"
        "    如果 x == 2: 日志 6\n"
        "否则:\n"
        "    日志 7\n"
    ),
    "lists of patterns": (
        "买 开 1 rb2705 价 卖一 记为 a\n"
        "期望 依次 限时 3秒:\n"
        "    报单 属于 a 记为 first\n"
        "    成交 属于 a 其中 volume == 1\n"
        "期望 不分先后:\n"
        "    报单 属于 a\n"
        "    OnRtnTrade 属于 a 记为 last_one\n"
        "日志 [first, last_one]\n"
    ),
    "a block after an actor": ('会话 alice\n会话 bob\nalice:\n    连接\n    bob: 连接\n    日志 "x"\n'),
    "one line is all of one actor": ("会话 alice\n会话 bob\nbob: 买 开 1; 等待 1秒\n"),
    "programs": (
        '参数 c = "x"\n'
        '程序 a "{c}"\n'
        '程序 b "{python} b.py {c} {front}" 账户 other 于 "robots" 日志 "*.log" 附带 (HOME = "/", '
        'USER = "{user}") 网络 开 时钟 自有 使用 "python"\n'
        "\n"
        '场景 "x":\n'
        "    a:\n"
        "        启动\n"
        "        期望 退出\n"
        "    b: 启动\n"
    ),
    "invariants": ('不变式 "one order": 个数(报单()) <= 1\n不变式 "books agree": 终将 对账一致 限时 60秒\n下单\n'),
    "let and venue before the first step": ("令 x = 3\n场内:\n    行情 rb2705 买一 1 量 1\n日志 x\n"),
}
