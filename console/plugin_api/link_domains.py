"""Data of the link guard: top-level domains, and letters that pretend to be Latin ones."""

# Endings that are a domain whatever stands before them, a number or a Chinese word included.
_STRONG = """
com net org edu gov mil int info biz name pro mobi asia top xyz vip shop club site online store tech app
dev cloud link live wang ren ltd group work fun icu fit wiki team ink red pub art video news sale space
website click win bid loan trade date party science review stream download racing accountant men mom fans
host press email page zip mov bank finance money credit cash pay insurance fund cn hk tw mo cc co io me
tv ws la sg 中国 中國 公司 网络 網絡 集团 在线 网址 网店 商城 商标 我爱你 手机 信息 娱乐 游戏 移动
世界 公益 政务 香港 台湾 企业 慈善 机构 政府 时尚 健康 购物 餐厅 珠宝 食品 招聘 八卦 商店
c0m google youtube gmail amazon apple microsoft alibaba alipay taobao tmall weibo sina baidu icbc citic hsbc
abc unicom chat social media world life today life games game plus ventures center support services exchange
example local lan intranet
"""
# Two letters that are a country: a domain after Latin letters.
_WEAK = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz
ca cd cf cg ch ci ck cl cm cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr
ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hm hn hr ht hu id ie il im in iq ir is it je jm jo
jp ke kg kh ki km kn kp kr kw ky kz lb lc li lk lr ls lt lu lv ly ma mc md mg mh mk ml mm mn mp mq mr ms
mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa
re ro rs ru rw sa sb sc sd se sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn
to tr tt tz ua ug uk us uy uz va vc ve vg vi vn vu wf ye yt za zm zw
"""
STRONG = frozenset(_STRONG.split())
WEAK = frozenset(_WEAK.split())
_PAIRS = {
    "a": "аαɑΑА",
    "b": "ΒВ",
    "c": "сϲСϹ",
    "d": "ԁ",
    "e": "еεҽЕΕ",
    "g": "ɡց",
    "h": "һհНΗ",
    "i": "іιıІΙ",
    "j": "јЈ",
    "k": "кκКΚ",
    "l": "ⅼӏ",
    "m": "мМΜ",
    "n": "пηոΝ",
    "o": "оοօОΟ",
    "p": "рρРΡ",
    "q": "ԛ",
    "r": "гɾ",
    "s": "ѕЅ",
    "t": "тτТΤ",
    "u": "υսц",
    "v": "νѵ",
    "w": "ԝшω",
    "x": "хχХΧ",
    "y": "уүγУΥ",
    "z": "ᴢΖ",
}
# White letters in black circles and squares, and letters of flags: no normal form undoes them.
_BADGES = (0x1F150, 0x1F170, 0x1F1E6)
LOOKALIKES = {ord(odd): plain for plain, odds in _PAIRS.items() for odd in odds} | {
    first + number: chr(ord("a") + number) for first in _BADGES for number in range(26)
}
