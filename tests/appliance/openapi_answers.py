"""Holds a running box to its own openapi.json, for test_openapi.c.

    openapi_answers.py ADDRESS FIRST_CODE PAPER

Every operation is asked as the document says, and refused as it says: whoever may not,
another host's name, and what the operation itself refuses. Each answer is held against
its schema, in which no member is left unsaid. What an operation lacks at the end is a
failure too.
"""

import base64
import hashlib
import hmac
import http.client
import json
import sys
import time
import urllib.parse

import jsonschema

WAIT_S = 90  # for a page to be read, on a slow machine
PASSWORDS = ("mot con vit xoe ra", "hai cai canh trang", "ba con meo muop gia")


def closed(schema):
    """The same, in which an object has no member that is not named."""
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {k: closed(v) for k, v in schema.items()}
    if isinstance(out.get("properties"), dict) and out.get("type") == "object":
        out.setdefault("additionalProperties", False)
    return out


class Box:
    def __init__(self, address):
        self.host = urllib.parse.urlsplit(address).netloc
        self.document = json.loads(self.send("GET", "/api/v1/openapi.json")[2])
        self.components = closed(self.document["components"])
        self.operations = {}
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                self.operations[operation["operationId"]] = (method.upper(), path, operation)
        self.good, self.refused = set(), set()

    def send(self, method, path, body=None, headers=None):
        link = http.client.HTTPConnection(self.host, timeout=WAIT_S)
        link.request(method, path, body, headers or {})
        answer = link.getresponse()
        got = answer.status, answer.headers, answer.read()
        link.close()
        return got

    def holds(self, schema, value, what):
        schema = {**closed(schema), "components": self.components}
        for error in jsonschema.Draft202012Validator(schema).iter_errors(value):
            raise SystemExit(f"{what}: {error.json_path}: {error.message[:300]}")

    def check(self, operation, status, headers, body, what):
        said = operation["responses"].get(str(status))
        if said is None:
            raise SystemExit(f"{what}: {status} is not in the document: {body[:300]}")
        if "$ref" in said:
            said = self.components["responses"][said["$ref"].rsplit("/", 1)[1]]
        media = headers["Content-Type"].split(";")[0]
        if media not in said["content"]:
            raise SystemExit(f"{what}: {status} is {media}")
        schema = said["content"][media].get("schema")
        value = json.loads(body) if media == "application/json" else body.decode("utf-8", "replace")
        if schema is not None:
            self.holds(schema, value, f"{what}: {status}")
        return value

    def ask(self, who, name, /, expected=200, body=None, query=None, **parts):
        """`body` is JSON, or the bytes of a file. Returns the answer and its headers."""
        method, path, operation = self.operations[name]
        at = path.format(**{k: urllib.parse.quote(str(v)) for k, v in parts.items()})
        at += "?" + urllib.parse.urlencode(query) if query else ""
        what = f"{method} {at}"
        sent = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        if method == "POST" and sent is None:
            sent = b""
        status, headers, got = self.send(method, at, sent, who)
        if status != expected:
            raise SystemExit(f"{what}: {status}, not {expected}: {got[:300]}")
        value = self.check(operation, status, headers, got, what)
        if status == 200 and isinstance(body, dict):
            request = operation["requestBody"]["content"]["application/json"]["schema"]
            self.holds(request, body, f"{what}: what was sent")
        (self.good if status == 200 else self.refused).add(name)
        return value, headers


def person(answer):
    """The headers of somebody who is in."""
    value, headers = answer
    return {"Cookie": headers["Set-Cookie"].split(";")[0], "X-Tram-CSRF": value["csrf"]}


def code_of(secret, later):
    step = int(time.time()) // 30 + later
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


# ------------------------------------------------------------------------- stories


def first_start(box, code):
    new = {"code": code, "name": "mau", "full_name": "Trần Thị Mẫu", "password": PASSWORDS[0]}
    assert box.ask({}, "session")[0] == {"state": "first"}
    box.ask({}, "first", 409, {**new, "code": "AAAA-AAAA"})
    return person(box.ask({}, "first", body=new))


def password_and_second(box, who):
    box.ask(who, "changePassword", 409, {"old": PASSWORDS[1], "new": PASSWORDS[2]})
    who = person(box.ask(who, "changePassword", body={"old": PASSWORDS[0], "new": PASSWORDS[1]}))
    old = {"old": PASSWORDS[1]}
    box.ask(who, "drawSecond", 409, {})
    secret = box.ask(who, "drawSecond", body=old)[0]["secret"]
    right, after = code_of(secret, 0), code_of(secret, 1)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    box.ask(who, "confirmSecond", 409, {"code": wrong, "next": wrong})
    sure = box.ask(who, "confirmSecond", body={"code": right, "next": after})
    assert sure[0]["must"] is None
    who = person(sure)
    box.ask(who, "drawSecond", 409, old)
    assert box.ask(who, "session")[0]["account"]["second"]
    return who


def people(box, mau):
    """Somebody whose password is new."""
    new = {"name": "hoa", "full_name": "Hoàng Thị Hoa", "role": "clerk"}
    drawn = box.ask(mau, "addPerson", body=new)[0]["password"]
    box.ask(mau, "addPerson", 409, new)
    box.ask(mau, "addPerson", 400, {**new, "role": "king"})
    box.ask(mau, "changePerson", 409, {"do": "unlock"}, name="nobody")
    box.ask(mau, "changePerson", body={"role": "clerk"}, name="hoa")
    box.ask({}, "signIn", 401, {"name": "hoa", "password": PASSWORDS[0]})
    hoa = person(box.ask({}, "signIn", body={"name": "hoa", "password": drawn}))
    box.ask(hoa, "status", 403)  # must change the password
    hoa = person(box.ask(hoa, "changePassword", body={"old": drawn, "new": PASSWORDS[0]}))
    box.ask(mau, "people")
    return hoa


def tokens(box, mau):
    made = {}
    for scope in ("read", "import"):
        new = {"name": f"may-{scope}", "scope": scope}
        made[scope] = {"Authorization": f"Bearer {box.ask(mau, 'makeToken', body=new)[0]['token']}"}
    box.ask(mau, "makeToken", 400, {"name": "may-3", "scope": "all"})
    box.ask(mau, "tokens")
    box.ask(mau, "endToken", 409, name="nobody")
    return made


def a_paper(box, token, bytes_of_it):
    taken = box.ask(token, "intake", body=bytes_of_it, query={"name": "giấy.png"})[0]
    box.ask(token, "intake", 400, body=b"", query={"name": ""})
    no_paper = box.ask(token, "intake", body=b"no picture", query={"name": "a.png"})[0]
    assert no_paper[0]["state"] == "refused", no_paper
    until = time.monotonic() + WAIT_S
    while box.ask(token, "status")[0]["read"] == 0:
        assert time.monotonic() < until, "the paper is not read"
        time.sleep(0.2)
    return taken[0]["document"]


def looking(box, token, document):
    shown = box.ask(token, "document", id=document)[0]
    page = shown["pages"][0]["page"]
    query = {"q": shown["pages"][0]["text"].split()[0], "counts": 1, "typing": 1, "order": "rank", "limit": 5}
    found = box.ask(token, "search", query=query)[0]
    assert found["hits"] and found["counts"]["year"] is not None, found
    box.ask(token, "search", 400, query={"q": "a", "order": "best"})
    assert box.ask(token, "hits", id=page, query={"q": query["q"]})[0]["pages"]
    for name in ("text", "picture", "suspects", "pdf"):
        box.ask(token, name, id=document if name == "pdf" else page)
    for name in ("document", "hits", "text", "picture", "suspects", "pdf"):
        box.ask(token, name, 404, id=7)
        box.ask(token, name, 400, id="x")
    return page


def today(box, hoa, page):
    """What the desk shows by itself."""
    todo = box.ask(hoa, "todo")[0]
    assert todo["looked_at"] == 1, todo
    assert all(r["page"] == page for r in todo["review"]["first"]), todo
    sync = box.ask(hoa, "sync")[0]
    assert sync["centre"] is None and sync["now"] is None, sync
    assert [s["documents"] for s in sync["stages"]] == [1, 1, 0, 0, 0, 0], sync


def correcting(box, hoa, page):
    told = box.ask(hoa, "suspects", id=page)[0]
    word = told["suspects"][0]["word"] if told["suspects"] else 1
    wish = {"reading": told["reading"], "corrections": [{"word": word, "text": "Mẫu"}]}
    after = box.ask(hoa, "correct", body=wish, id=page)[0]
    assert wish["corrections"][0] in after["corrections"], after
    box.ask(hoa, "correct", 404, wish, id=7)
    box.ask(hoa, "correct", 400, {**wish, "corrections": []}, id=page)


def who_may_not(box, mau, hoa, made):
    """Each operation, asked by nobody, by less than it asks for, and of another host."""
    rank = {"clerk": 0, "reviewer": 1, "administrator": 2}
    for name, (method, path, operation) in box.operations.items():
        parts = {p["name"]: 1 for p in operation.get("parameters", ()) if p["in"] == "path"}
        body = {} if method == "POST" else None
        box.ask({"Host": "evil.example"}, name, 421, body, **parts)
        if method == "POST":
            box.ask({"Origin": "http://evil.example"}, name, 403, body, **parts)
        ways = {k: v for way in operation["security"] for k, v in way.items()}
        if not ways:
            continue
        box.ask({}, name, 401, body, **parts)
        box.ask({"Authorization": "Bearer nonsense"}, name, 401, body, **parts)
        if "csrf" in ways:
            box.ask({"Cookie": mau["Cookie"]}, name, 403, body, **parts)
        if ways["session"] and rank[ways["session"][0]] > 0:
            box.ask(hoa, name, 403, body, **parts)
        if "token" not in ways:
            box.ask(made["import"], name, 403, body, **parts)
        if ways.get("token") != ["read"]:
            box.ask(made["read"], name, 403, body, **parts)


def all_schemas_are_schemas(box):
    for schema in box.document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def main():
    address, code, paper = sys.argv[1:]
    box = Box(address)
    all_schemas_are_schemas(box)
    box.ask({}, "openapi")
    mau = password_and_second(box, first_start(box, code))
    hoa = people(box, mau)
    made = tokens(box, mau)
    with open(paper, "rb") as f:
        document = a_paper(box, made["import"], f.read())
    page = looking(box, made["read"], document)
    today(box, hoa, page)
    correcting(box, hoa, page)
    who_may_not(box, mau, hoa, made)
    assert box.ask(mau, "audit", query={"limit": 5})[0]["rows"]
    box.ask(mau, "endToken", name="may-read")
    box.ask(hoa, "signOut")
    for done, what in ((box.good, "answered"), (box.refused, "refused")):
        left = sorted(set(box.operations) - done)
        if left:
            raise SystemExit(f"never {what}: {', '.join(left)}")


main()
