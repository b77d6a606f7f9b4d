"""Mails as they really come, made by hand: each with a name and the text an agent must see."""

from __future__ import annotations

import base64
import binascii
import quopri
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from .helpers import mail, multipart, part

ZH = "您好，我的信用卡年费被多扣了两次，请朱镕基路支行处理。"
TW = "您好,我的信用卡年費被多扣了兩次,請處理。"
RARE = "姓名：𠮷野家，㐂乐，䶮"


class Odd(NamedTuple):
    """A mail, what its text must hold, and notes it must carry."""

    name: str
    raw: bytes
    text: str
    notes: frozenset[str] = frozenset()
    subject: str = ""
    files: tuple[str, ...] = ()


def b64(data: bytes) -> str:
    return base64.encodebytes(data).decode()


def uu(data: bytes, name: str = "a.txt") -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return f"begin 644 {name}\n".encode() + lines + b"`\nend\n"


def odd_mails() -> Iterator[Odd]:
    """All of them."""
    yield from charsets()
    yield from header_words()
    yield from encodings()
    yield from structures()
    yield from bodies()
    yield from broken_headers()


def charsets() -> Iterator[Odd]:
    yield Odd("gb2312 label, gbk text", mail(ZH.encode("gbk"), charset="gb2312"), ZH)
    yield Odd("gb2312 label, gb18030 rare names", mail(RARE.encode("gb18030"), charset="gb2312"), RARE)
    yield Odd("gbk label in capitals and quotes", mail(ZH.encode("gbk"), Content_Type='text/plain; charset="GBK"'), ZH)
    yield Odd("gb2312 label, utf-8 text", mail(ZH.encode(), charset="gb2312"), ZH, frozenset({"charset_mislabelled"}))
    yield Odd(
        "iso-8859-1 label, gbk text",
        mail(ZH.encode("gbk"), charset="iso-8859-1"),
        ZH,
        frozenset({"charset_mislabelled"}),
    )
    yield Odd(
        "us-ascii label, gbk text", mail(ZH.encode("gbk"), charset="us-ascii"), ZH, frozenset({"charset_mislabelled"})
    )
    yield Odd("iso-8859-1 label, windows quotes", mail(b"\x93quoted\x94 \x80 5", charset="iso-8859-1"), "“quoted” € 5")
    yield Odd(
        "iso-8859-1 label, utf-8 text",
        mail("café".encode(), charset="iso-8859-1"),
        "café",
        frozenset({"charset_mislabelled"}),
    )
    yield Odd(
        "french stays french",
        mail("élève à l'école, déjà reçu".encode("latin-1"), charset="iso-8859-1"),
        "élève à l'école, déjà reçu",
    )
    yield Odd("no label, utf-8", mail(ZH.encode(), Content_Type="text/plain"), ZH, frozenset({"charset_missing"}))
    yield Odd("no label, gbk", mail(ZH.encode("gbk"), Content_Type="text/plain"), ZH, frozenset({"charset_missing"}))
    yield Odd("unknown label", mail(ZH.encode(), charset="x-unknown"), ZH, frozenset({"charset_unknown"}))
    yield Odd("label that is no charset", mail(ZH.encode(), charset="base64"), ZH, frozenset({"charset_unknown"}))
    yield Odd("label with a NUL", mail(ZH.encode(), Content_Type='text/plain; charset="gb\x002312"'), ZH)
    yield Odd("zlib as charset is not unpacked", mail(zlib.compress(b"x" * 99), charset="zlib"), "")
    yield Odd("big5", mail(TW.encode("big5"), charset="big5"), TW)
    yield Odd("big5 label, hkscs character", mail("嘅喺咗".encode("big5hkscs"), charset="big5"), "嘅喺咗")
    yield Odd("utf-8 with a mark in front", mail(b"\xef\xbb\xbf" + ZH.encode(), charset="utf-8"), ZH)
    yield Odd(
        "utf-16 with a mark",
        mail(b64(ZH.encode("utf-16")).encode(), charset="utf-16", Content_Transfer_Encoding="base64"),
        ZH,
    )
    yield Odd("utf-7", mail(b"Hi +T2BZfQ-", charset="utf-7"), "Hi 你好")
    yield Odd("hz", mail("您好".encode("hz"), charset="hz-gb-2312"), "您好")
    yield Odd("iso-2022-jp", mail("口座".encode("iso2022_jp"), charset="iso-2022-jp"), "口座")
    yield Odd("shift_jis with nec signs", mail("①番".encode("cp932"), charset="shift_jis"), "①番")
    yield Odd("ks_c_5601", mail("카드".encode("cp949"), charset="ks_c_5601-1987"), "카드")
    yield Odd(
        "utf-8 cut inside a character",
        mail((ZH * 3).encode()[:-1], charset="utf-8"),
        "您好，我的信用卡",
        frozenset({"charset_damaged"}),
    )
    yield Odd(
        "gbk with one broken byte",
        mail((ZH * 3).encode("gbk") + b"\xff", charset="gbk"),
        "您好，我的信用卡",
        frozenset({"charset_damaged"}),
    )
    yield Odd("utf-8 label, gbk text", mail(ZH.encode("gbk"), charset="utf-8"), ZH, frozenset({"charset_wrong"}))
    yield Odd("NUL bytes in the text", mail("您\0好\0".encode(), charset="utf-8"), "您好", frozenset({"nul_removed"}))
    yield Odd(
        "html meta tells the charset",
        mail(f'<html><meta charset="gb2312"><p>{ZH}'.encode("gbk"), Content_Type="text/html"),
        ZH,
    )


def header_words() -> Iterator[Odd]:
    subject = "关于信用卡年费的投诉"
    gbk = subject.encode("gbk")
    split = f"=?gb2312?B?{base64.b64encode(gbk[:7]).decode()}?=\r\n =?gb2312?B?{base64.b64encode(gbk[7:]).decode()}?="
    tail = quopri.encodestring(subject[4:].encode(), header=True).decode().replace("\n", "")
    mixed = f"=?gbk?B?{base64.b64encode(gbk[:8]).decode()}?= =?utf-8?Q?{tail}?="
    whole = base64.b64encode(subject.encode()).decode()
    yield Odd("subject split inside a character", mail("x", Subject=split), "x", subject=subject)
    yield Odd("subject in two charsets", mail("x", Subject=mixed.replace("=\n", "")), "x", subject=subject)
    yield Odd(
        "subject as raw gbk bytes",
        mail("x", charset="gbk").replace(b"Subject: test", b"Subject: " + gbk),
        "x",
        subject=subject,
    )
    yield Odd("subject as raw utf-8 bytes", mail("x", Subject=subject), "x", subject=subject)
    yield Odd(
        "base64 split over words",
        mail("x", Subject=f"=?utf-8?B?{whole[:10]}?= =?utf-8?B?{whole[10:]}?="),
        "x",
        subject=subject,
    )
    yield Odd(
        "word without blank between", mail("x", Subject=f"Re:=?utf-8?B?{whole}?=ok"), "x", subject=f"Re:{subject}ok"
    )
    yield Odd("unknown charset in a word", mail("x", Subject=f"=?x-foo?B?{whole}?="), "x", subject=subject)
    yield Odd("damaged word stays readable", mail("x", Subject="=?utf-8?B?5L2g5aW9!?= tail"), "x", subject="你好 tail")
    yield Odd("word with blanks inside", mail("x", Subject="=?utf-8?Q?two words?="), "x", subject="two words")
    yield Odd("language in a word", mail("x", Subject=f"=?utf-8*zh?B?{whole}?="), "x", subject=subject)
    yield Odd(
        "words on a line of their own",
        mail("x", Subject="=?utf-8?B?5L2g?=\r\n=?utf-8?B?5aW9?="),
        "x",
        frozenset({"header_folding_broken"}),
        "你好",
    )


def encodings() -> Iterator[Odd]:
    zh = ZH.encode()
    yield Odd("base64", mail(b64(zh), Content_Transfer_Encoding="base64"), ZH)
    yield Odd(
        "base64 with spaces and noise", mail(b64(zh).replace("\n", " \r\n "), Content_Transfer_Encoding="BASE64"), ZH
    )
    yield Odd(
        "base64 without padding",
        mail(base64.b64encode(zh + b"!!").decode().rstrip("="), Content_Transfer_Encoding="base64"),
        ZH,
    )
    yield Odd("base64 in several padded runs", mail(b64(zh[:4]) + b64(zh[4:]), Content_Transfer_Encoding="base64"), ZH)
    yield Odd(
        "base64 with a footer",
        mail(b64(zh) + "\r\n_______\r\nlist footer -- not encoded!\r\n", Content_Transfer_Encoding="base64"),
        ZH,
        frozenset({"text_after_base64"}),
    )
    yield Odd(
        "plain text called base64",
        mail("Hello, this is plain.\r\nReally.", Content_Transfer_Encoding="base64"),
        "Hello, this is plain.",
        frozenset({"encoding_wrong"}),
    )
    yield Odd("quoted-printable", mail(quopri.encodestring(zh), Content_Transfer_Encoding="quoted-printable"), ZH)
    yield Odd(
        "quoted-printable with loose signs",
        mail(b"a=b =ZZ 100=25", Content_Transfer_Encoding="quoted-printable"),
        "a=b =ZZ 100%",
    )
    yield Odd(
        "quoted-printable that nobody declared",
        mail(quopri.encodestring(zh), Content_Transfer_Encoding=""),
        ZH,
        frozenset({"encoding_missing"}),
    )
    yield Odd(
        "base64 that nobody declared",
        mail(b64(zh * 3), Content_Transfer_Encoding="7bit"),
        ZH,
        frozenset({"encoding_missing"}),
    )
    yield Odd("unknown encoding", mail(ZH, Content_Transfer_Encoding="x-rot"), ZH, frozenset({"encoding_unknown"}))
    yield Odd("uuencode as encoding", mail(uu(zh), Content_Transfer_Encoding="x-uuencode"), ZH)
    yield Odd(
        "a uuencoded file in the text", mail(b"see file\n" + uu(b"data" * 30) + b"bye"), "see file", files=("a.txt",)
    )
    yield Odd("begin that is no file", mail("begin 2024 with us\nend"), "begin 2024 with us\nend")
    yield Odd(
        "flowed", mail("a long \nline \nhere\n-- \nme", Content_Type="text/plain; format=flowed"), "a long line here"
    )
    yield Odd(
        "flowed delsp", mail("您 \n好", Content_Type="text/plain; charset=utf-8; format=flowed; delsp=yes"), "您好"
    )
    yield Odd("bare carriage returns", mail("one\rtwo").replace(b"\r\n", b"\r"), "one\ntwo")


def structures() -> Iterator[Odd]:
    text, html = part(ZH), part(f"<p>{ZH}</p>", "text/html; charset=utf-8")
    pdf = part(
        b64(b"%PDF"),
        "application/pdf; name=a.pdf",
        Content_Transfer_Encoding="base64",
        Content_Disposition="attachment; filename=a.pdf",
    )
    inner = mail("inner text", Subject="inner", Message_ID="<inner@x.test>")
    yield Odd("alternative", multipart("alternative", text, html), ZH)
    yield Odd("alternative with empty text", multipart("alternative", part(" "), html), ZH)
    yield Odd(
        "alternative that scolds", multipart("alternative", part("Your mail reader does not support HTML."), html), ZH
    )
    yield Odd("mixed", multipart("mixed", text, pdf), ZH, files=("a.pdf",))
    yield Odd("only a file", multipart("mixed", pdf), "No text, only 1 file: a.pdf", files=("a.pdf",))
    yield Odd("closing line is missing", multipart("mixed", text)[:-8], ZH, frozenset({"multipart_not_closed"}))
    yield Odd(
        "no boundary named",
        multipart("mixed", text, Content_Type="multipart/mixed"),
        ZH,
        frozenset({"boundary_missing"}),
    )
    yield Odd(
        "wrong boundary named",
        multipart("mixed", text, Content_Type="multipart/mixed; boundary=zz"),
        ZH,
        frozenset({"boundary_wrong"}),
    )
    yield Odd(
        "multipart without any part",
        mail(ZH, Content_Type="multipart/mixed; boundary=zz"),
        ZH,
        frozenset({"boundary_wrong"}),
    )
    yield Odd("boundary with blanks behind", multipart("mixed", text).replace(b"--b1\r\n", b"--b1  \r\n"), ZH)
    yield Odd(
        "text before and after the parts",
        multipart("mixed", text).replace(b"\r\n\r\n--b1", b"\r\n\r\npreamble\r\n--b1") + b"epilogue",
        ZH,
    )
    yield Odd(
        "forwarded as a file",
        multipart("mixed", part("see below"), part(inner, "message/rfc822")),
        "inner text",
        files=("inner.eml",),
    )
    yield Odd(
        "forwarded in base64",
        multipart("mixed", part(b64(inner), "message/rfc822", Content_Transfer_Encoding="base64")),
        "inner text",
        files=("inner.eml",),
    )
    yield Odd("digest", multipart("digest", b"\r\n" + inner), "inner text", files=("inner.eml",))
    yield Odd(
        "picture by cid",
        multipart(
            "related",
            part('<p>look</p><img src="cid:p1">', "text/html"),
            part(b64(b"GIF"), "image/gif", Content_ID="<p1>", Content_Transfer_Encoding="base64"),
        ),
        "look",
        files=("attachment-1.gif",),
    )
    yield Odd(
        "apple double",
        multipart(
            "mixed",
            text,
            multipart("appledouble", part(b"res", "application/applefile; name=x"), pdf, boundary="b2").split(
                b"\r\nDate", 1
            )[0][:0]
            + b'Content-Type: multipart/appledouble; boundary="b2"\r\n\r\n--b2\r\n'
            + part(b"res", "application/applefile")
            + b"\r\n--b2\r\n"
            + pdf
            + b"\r\n--b2--",
        ),
        ZH,
        files=("a.pdf",),
    )
    yield Odd(
        "signed",
        multipart("signed", text, part(b"sig", "application/pgp-signature; name=s.asc")),
        ZH,
        frozenset({"signed"}),
        files=("s.asc",),
    )
    yield Odd(
        "encrypted",
        multipart(
            "encrypted",
            part(b"Version: 1", "application/pgp-encrypted"),
            part(b"-----BEGIN PGP", "application/octet-stream; name=m.asc"),
        ),
        "encrypted and cannot be read",
        frozenset({"encrypted"}),
    )
    yield Odd(
        "s/mime encrypted",
        mail(
            b64(b"\x30\x82"),
            Content_Type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            Content_Transfer_Encoding="base64",
        ),
        "encrypted and cannot be read",
        frozenset({"encrypted"}),
        files=("smime.p7m",),
    )
    yield Odd(
        "an invitation",
        multipart(
            "alternative",
            part(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:面谈\r\nLOCATION:上海\\, 浦东\r\nEND:VEVENT\r\n",
                "text/calendar; method=REQUEST",
            ),
        ),
        "上海, 浦东",
        files=("invite.ics",),
    )
    yield Odd(
        "partial",
        mail("piece", Content_Type='message/partial; id="x"; number=1; total=2'),
        "could not be fetched",
        frozenset({"message_partial"}),
    )
    yield Odd(
        "text files are files",
        multipart(
            "mixed", part("body"), part("log line", "text/plain", Content_Disposition='attachment; filename="a.log"')
        ),
        "body",
        files=("a.log",),
    )
    yield Odd(
        "amp is left out",
        multipart("alternative", part("plain"), part("<html amp4email>", "text/x-amp-html")),
        "plain",
        frozenset({"alternative_left_out"}),
    )


def bodies() -> Iterator[Odd]:
    yield Odd(
        "html alone", mail("<p>Hello</p><ul><li>one<li>two</ul>", Content_Type="text/html"), "Hello\n\n- one\n- two"
    )
    yield Odd(
        "html table",
        mail(
            "<table><tr><td>卡号<td>金额</tr><tr><td>1234<td>5.00</tr></table>", Content_Type="text/html; charset=utf-8"
        ),
        "卡号 | 金额\n1234 | 5.00",
    )
    yield Odd(
        "html link",
        mail('<a href="https://bank.test/x">here</a>', Content_Type="text/html"),
        "here (https://bank.test/x)",
    )
    yield Odd(
        "html hides a preheader", mail('<div style="display:none">secret</div>shown', Content_Type="text/html"), "shown"
    )
    yield Odd("html never closed", mail("<div><b>bold<p>para", Content_Type="text/html"), "bold\n\npara")
    yield Odd(
        "html with a script", mail("<script>alert(1)</script>fine<style>p{}</style>", Content_Type="text/html"), "fine"
    )
    yield Odd("html called plain stays text", mail("a < b and c > d"), "a < b and c > d")
    yield Odd("nothing at all", mail(b""), "This mail has no text", frozenset({"empty"}))
    yield Odd("only blanks", mail(" \r\n\r\n "), "This mail has no text", frozenset({"empty"}))
    yield Odd("enriched text", mail("<bold>loud</bold> words", Content_Type="text/enriched"), "loud words")


def broken_headers() -> Iterator[Odd]:
    yield Odd("no header at all", b"just some text\r\nand more", "just some text", frozenset({"sender_missing"}))
    yield Odd(
        "no blank line",
        b"From: a@b.test\r\nSubject: s\r\nThis is the text.\r\nMore.",
        "This is the text.",
        frozenset({"header_body_separator_missing"}),
    )
    yield Odd("mbox line in front", b"From a@b.test Sun Nov 22\r\n" + mail(ZH), ZH)
    yield Odd("empty lines in front", b"\r\n\r\n" + mail(ZH), ZH)
    yield Odd(
        "garbage between fields",
        mail(ZH).replace(b"Subject:", b"garbage without colon\r\nSubject:"),
        ZH,
        frozenset({"header_folding_broken"}),
        "test",
    )
    yield Odd("no Message-ID", mail(ZH, Message_ID=""), ZH, frozenset({"message_id_missing"}))
    yield Odd("no From", mail(ZH, From=""), ZH, frozenset({"sender_missing"}))
    yield Odd("nonsense date", mail(ZH, Date="yesterday, about noon"), ZH, frozenset({"date_missing"}))
    yield Odd("two authors", mail(ZH, From="a@x.test, b@x.test"), ZH, frozenset({"several_senders"}))
    yield Odd("content type is rubbish", mail(ZH, Content_Type="text"), ZH)
    yield Odd("content type without a sub type", mail(ZH, Content_Type="/"), ZH)
    yield Odd("empty content type", mail(ZH, Content_Type=" ; charset=utf-8"), ZH)
    yield Odd(
        "two content types", mail(ZH).replace(b"Content-Type:", b"Content-Type: text/plain; charset=gbk\r\nX-Old:"), ZH
    )
    yield Odd("blanks before the colon", mail(ZH).replace(b"Subject:", b"Subject :"), ZH, subject="test")
    yield Odd("a very long field", mail(ZH, X_Long="x" * 70000), ZH)
    yield Odd(
        "a header without end",
        b"From: a@b.test\r\n" + b"X-A: b\r\n" * 60000 + b"\r\ntext after",
        "text after",
        frozenset({"headers_too_large"}),
    )
