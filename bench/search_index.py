"""Phrase search in messages and ranked search in articles, by size and by kind of query."""

import os
import random
import resource
import time
from collections.abc import Iterable, Iterator

from .figures import Figure, percentile

SIZES = [int(size) for size in os.environ.get("SIZES", "1000,100000").split(",")]
CHARS = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
_WORDS = """
信用卡 借记卡 转账 还款 年费 手机银行 网上银行 账单 额度 逾期 利息 手续费 客户经理 柜台 网点 贷款 房贷 理财
赎回 到账 扣款 短信 验证码 密码 挂失 补卡 投诉 退款 核实 处理 回复 电话 身份证 征信 提前还款 自动还款 分期 积分
"""
WORDS = _WORDS.split()
PHRASES = ["被重复扣了年费", "至今没有人回复我", "要求书面答复并赔偿", "跨行转账失败但已扣款"]


def sentence(dice: random.Random, number: int) -> str:
    """About ninety characters: common banking words by a steep curve, and rarer characters between them."""
    parts = [WORDS[min(int(dice.paretovariate(0.7)) - 1, len(WORDS) - 1)] for _ in range(12)]
    parts += ["".join(dice.choices(CHARS, k=dice.randint(2, 6))) for _ in range(9)]
    dice.shuffle(parts)
    if number % 400 == 0:
        parts.insert(5, dice.choice(PHRASES))
    parts.insert(3, f"HY-2026-{number:06d}" if number % 3 == 0 else "，Apple Pay" if number % 50 == 0 else "，")
    return "".join(parts)


def run(backend: str) -> Iterator[Figure]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    # This room's tables only, and none of the other rooms' first data.
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("foundation"))
    dice, done = random.Random(7), 0
    for size in SIZES:
        began, cpu = time.perf_counter(), _cpu()
        _fill(dice, done, size)
        yield Figure(
            f"index {size - done} messages, in bulk", (_cpu() - cpu) * 1000 / (size - done), "CPU ms each", backend
        )
        print(f"# {backend} {size}: filled in {time.perf_counter() - began:.0f} s", flush=True)
        _settle(backend)
        done = size
        yield from _phrases(backend, size, dice)
    yield _single(backend, dice, done)
    yield from _articles(backend, dice)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _fill(dice: random.Random, first: int, last: int) -> None:
    from console.foundation.search import engine

    for start in range(first, last, 1000):
        engine.index_many(
            engine.Document(
                "message",
                number,
                {"text": sentence(dice, number)},
                {"site": dice.randint(1, 20), "team": dice.randint(1, 60), "owner": dice.randint(1, 500)},
            )
            for number in range(start + 1, min(start + 1000, last) + 1)
        )


def _settle(backend: str) -> None:
    """What autovacuum does on a living system within minutes."""
    from django.db import connection

    with connection.cursor() as cursor:
        if backend == "postgresql":
            cursor.execute("VACUUM (ANALYZE) foundation_searchdocument")
        else:
            cursor.execute("ANALYZE")


def queries(size: int, dice: random.Random) -> Iterable[tuple[str, str, dict | None]]:
    """(class, query, scope): what agents type, from the commonest to the absent."""
    rare = "".join(dice.choices(CHARS, k=2))
    yield "common word", dice.choice(WORDS[:6]), None
    yield "phrase inside a sentence", dice.choice(PHRASES), None
    yield "phrase, one site", dice.choice(PHRASES), {"site": dice.randint(1, 20)}
    yield "common word, own only", dice.choice(WORDS[:6]), {"owner": dice.randint(1, 500)}
    yield "phrase, own only", dice.choice(PHRASES), {"owner": dice.randint(1, 500)}
    yield "case number", f"HY-2026-{dice.randrange(0, size, 3):06d}", None
    yield "two words", f"{dice.choice(WORDS[:10])} {dice.choice(PHRASES)[:4]}", None
    yield "two common words run together", "".join(dice.sample(WORDS[:12], 2)), None
    yield "three common words run together", "".join(dice.sample(WORDS[:12], 3)), None
    yield "rare pair", rare, None
    yield "one common character", "卡", None
    yield "one rare character", dice.choice(CHARS), None
    yield "nowhere as a phrase", dice.choice(WORDS)[-1:] + rare + dice.choice(WORDS)[:1], None
    yield "Latin, as typed", "appl", None


def _phrases(backend: str, size: int, dice: random.Random) -> Iterator[Figure]:
    from console.foundation.search import engine

    times: dict[str, list[float]] = {}
    for turn in range(31):
        for name, query, scope in queries(size, dice):
            began = time.perf_counter()
            engine.search("message", query, scope, 20)
            if turn:
                times.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    everything = [each for some in times.values() for each in some]
    goal = 150.0
    yield Figure(f"search of {size} messages, p50", percentile(everything, 0.5), "ms", backend)
    yield Figure(f"search of {size} messages, p95", percentile(everything, 0.95), "ms", backend, goal, 3900.0)
    for name, some in times.items():
        yield Figure(f"  {name}, p95 at {size}", percentile(some, 0.95), "ms", backend, goal)


def _single(backend: str, dice: random.Random, done: int) -> Figure:
    """What one message costs when it comes alone, as in intake."""
    from console.foundation.search import engine

    cpu = _cpu()
    for number in range(done + 1, done + 301):
        engine.index("message", number, {"text": sentence(dice, number)}, {"site": 1})
    return Figure("index one message by itself", (_cpu() - cpu) * 1000 / 300, "CPU ms", backend, 2.0)


def _articles(backend: str, dice: random.Random) -> Iterator[Figure]:
    from console.foundation.search import engine

    size = int(os.environ.get("ARTICLES", "5000"))
    cpu = _cpu()
    for start in range(0, size, 500):
        engine.index_many(
            engine.Document(
                "article",
                number,
                {"title": "".join(dice.sample(WORDS, 3)), "body": "。".join(sentence(dice, number) for _ in range(6))},
                {"language": "zh-hans"},
            )
            for number in range(start + 1, start + 501)
        )
    yield Figure("index an article", (_cpu() - cpu) * 1000 / size, "CPU ms", backend)
    _settle(backend)
    times, cpu = [], _cpu()
    for _ in range(200):
        query = f"{dice.choice(WORDS)}{dice.choice(['怎么办', '如何', '不能', '的'])}{dice.choice(WORDS)}"
        began = time.perf_counter()
        engine.search("article", query, {"language": "zh-hans"}, 10)
        times.append((time.perf_counter() - began) * 1000)
    yield Figure(f"search of {size} articles, p50", percentile(times, 0.5), "ms", backend)
    yield Figure(f"search of {size} articles, p95", percentile(times, 0.95), "ms", backend, 60.0)
    yield Figure(f"search of {size} articles", (_cpu() - cpu) * 1000 / 200, "CPU ms each", backend)
