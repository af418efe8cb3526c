"""Gives what is generated something real to meet.

An id that is generated names nothing, so that a request with one is answered 404 and no more. Where a request is not meant
to be wrong, its ids become those of real objects. What a request has used up is made anew, and what it has made is removed
again, so that no limit of the plan is met on the way.
"""

import atexit
import base64
import http.client
import ipaddress
import itertools
import json
import os
import time

import schemathesis
import urllib3.util.connection
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

with open(os.environ["PORFIN_WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)

OWNER = {"authorization": f"Bearer {WORLD['owner']}"}

# ---- Clients

# The API counts sign-ins and wrong credentials by client. All of 127.0.0.0/8 is this machine, so that each connection is
# another client: 65,536 of them for each run.
CLIENTS = map(str, itertools.cycle(ipaddress.ip_network(f"127.{WORLD['run']}.0.0/16").hosts()))

connect = urllib3.util.connection.create_connection


def connect_as_another(address, timeout=None, source_address=None, socket_options=None):
    return connect(address, timeout, source_address or (next(CLIENTS), 0), socket_options)


urllib3.util.connection.create_connection = connect_as_another


class Refused(Exception):
    def __init__(self, status, what):
        super().__init__(what)
        self.status = status


def ask(method, path, body=None, headers=OWNER, text=None, kind=None):
    """Asks the API past Schemathesis, and again where it says to wait."""
    text_was_given = text is not None
    connection = http.client.HTTPConnection(WORLD["address"], source_address=(next(CLIENTS), 0), timeout=60)
    try:
        kind = kind or ("text/csv" if text else "application/json")
        sent = text or (None if body is None else json.dumps(body))
        connection.request(method, "/api/v1" + path, sent, {"content-type": kind, **headers})
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    if response.status == 429:
        time.sleep(int(response.headers["retry-after"]))
        return ask(method, path, body, headers, sent if text_was_given else None, kind)
    if response.status >= 300:
        raise Refused(response.status, f"{method} {path}: {response.status} {text.decode()}")
    return json.loads(text) if text else None


# ---- People

ADDRESSES = (f"{WORLD['run']}-{number}@padaria.example" for number in itertools.count(1))


def id_token(email):
    """What Firebase's emulator gives out: unsigned."""

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{WORLD['project']}",
        "aud": WORLD["project"],
        "sub": email,
        "email": email,
        "email_verified": True,
        "name": "Dona",
        "iat": now,
        "auth_time": now,
        "exp": now + 3600,
        "firebase": {"sign_in_provider": "password"},
    }
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def sign_in(email, invitation=None):
    body = {"id_token": id_token(email), "invitation": invitation}
    return ask("POST", "/auth/session", body, headers={})


def invite(role="agent"):
    email = next(ADDRESSES)
    return email, ask("POST", "/invitations", {"email": email, "role": role})


def join(role="agent"):
    """Somebody new, who has signed in."""
    email, invitation = invite(role)
    return email, sign_in(email, invitation["token"])


# ---- Objects


class Standing:
    """Made once, when it is needed first."""

    def __init__(self, make):
        self.make, self.made = make, None

    def get(self):
        if self.made is None:
            self.made = self.make()
        return self.made

    def used(self):
        """A request with it succeeded."""


class Consumed(Standing):
    """Made anew after each success."""

    def used(self):
        self.made = None


class OneOf(Standing):
    """The next one after each success, as long as there is one."""

    def __init__(self, ids):
        super().__init__(lambda: next(self.ids, self.last))
        # Without any, one that is nobody's.
        self.ids, self.last = iter(ids), f"msg_{26 * 'a'}"

    def used(self):
        self.last, self.made = self.made, None


# Where what was made by now is removed.
MADE = {}


def made(folder, id):
    MADE[f"{folder}/{id}"] = True
    return id


def leave(path):
    try:
        ask("DELETE", path)
    except Refused as refused:
        # The same answer came again for the same Idempotency-Key, or a request has removed it.
        if refused.status != 404:
            raise
    del MADE[path]


@atexit.register
def leave_nothing():
    # What a knowledge text names cannot be removed before it.
    for path in sorted(MADE, key=lambda path: path.startswith("/assistants/")):
        leave(path)


def api_key():
    return made("/api-keys", ask("POST", "/api-keys", {"name": "Orders", "scopes": ["conversations:read"]})["id"])


def endpoint():
    return made("/webhook-endpoints", ask("POST", "/webhook-endpoints", {"url": WORLD["webhook"]})["id"])


def assistant():
    """One that answers, so that there is a version to go back to."""
    id = made("/assistants", ask("POST", "/assistants", {"name": "Tica"})["id"])
    ask("POST", f"/assistants/{id}/publish")
    return id


def knowledge_text():
    return made("/knowledge", ask("POST", "/knowledge", {"title": "Horário", "text": "Abrimos às 6h."})["id"])


NAMES = (f"{WORLD['run']}-{number}" for number in itertools.count(1))


def canned_reply():
    body = {"shortcut": next(NAMES), "title": "Frete", "text": "Oi, {{contact.first_name}}!"}
    return made("/canned-replies", ask("POST", "/canned-replies", body)["id"])


def team():
    return made("/teams", ask("POST", "/teams", {"name": f"Team {next(NAMES)}"})["id"])


def rule():
    body = {"name": "Ads", "when": {"type": "ad"}, "then": [{"type": "close"}]}
    return made("/routing-rules", ask("POST", "/routing-rules", body)["id"])


def delivery():
    told = endpoint()
    ask("POST", f"/webhook-endpoints/{told}/test")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if listed := ask("GET", f"/webhook-endpoints/{told}/deliveries")["data"]:
            return listed[0]["id"]
    raise RuntimeError("nothing was delivered")


PHONES = (f"+55119{WORLD['run']:0>3}{number:05}" for number in itertools.count(1))


def contact():
    return ask("POST", "/contacts", {"phone": next(PHONES)})["id"]


ATTRIBUTES = (f"of_run_{WORLD['run']}_{number}" for number in itertools.count(1))


def attribute():
    key = next(ATTRIBUTES)
    ask("POST", "/attributes", {"key": key, "label": key, "type": "text"})
    return made("/attributes", key)


def segment():
    return made("/segments", ask("POST", "/segments", {"name": "Everybody", "condition": {"all": []}})["id"])


def file_import():
    return ask("POST", "/contact-imports", {})["id"]


def import_with_file():
    made = file_import()
    ask("PUT", f"/contact-imports/{made}/parts/1", text="phone\n+5511987650001\n")
    return made


def stored_file():
    return ask("POST", "/media", text="Hello", kind="text/plain")["id"]


def export():
    """One that is done."""
    made = ask("POST", "/contact-exports", {})["id"]
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if ask("GET", f"/tasks/{made}")["state"] == "completed":
            return made
    raise RuntimeError("nothing was exported")


def note():
    return ask("POST", f"/conversations/{WORLD['conversation']}/notes", {"text": "Seen."})["id"]


NOTE = Consumed(note)
CONTACT = Standing(contact)
ATTRIBUTE = Standing(attribute)
SEGMENT = Standing(segment)
IMPORT = Standing(file_import)
TEMPLATE_NAMES = (f"t{WORLD['run']}_{number}" for number in itertools.count(1))


def template():
    body = {"type": "BODY", "text": "Bom dia, chegou o pão!"}
    new = {"name": next(TEMPLATE_NAMES), "language": "pt_BR", "category": "utility", "components": [body]}
    return made("/templates", ask("POST", "/templates", new)["id"])


def approved_template():
    """Meta takes changes of what it has decided on."""
    id = template()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if ask("GET", f"/templates/{id}")["status"] == "approved":
            return id
        time.sleep(0.2)
    raise RuntimeError("no template was approved")


NUMBERS = (f"39{WORLD['run']:03}{number:08}" for number in itertools.count(1))


def number():
    new = {
        "phone_number_id": next(NUMBERS),
        "business_account_id": WORLD["account"],
        "access_token": WORLD["token"],
    }
    return made("/numbers", ask("POST", "/numbers", new)["phone_number_id"])


CONVERSATION = Standing(lambda: WORLD["conversation"])
MESSAGE = Standing(lambda: WORLD["message"])
MEMBER = Standing(lambda: join()[1]["member_id"])
API_KEY = Standing(api_key)
MEDIA = Standing(stored_file)
ENDPOINT = Standing(endpoint)
ASSISTANT = Standing(assistant)
KNOWLEDGE = Standing(knowledge_text)
CANNED_REPLY = Standing(canned_reply)
TEAM = Standing(team)
RULE = Standing(rule)
TEMPLATE = Standing(template)
NUMBER = Standing(number)
REGULAR = Standing(lambda: join()[0])
REFRESH_TOKEN = Consumed(lambda: join()[1]["refresh_token"])

# What the `id` in an operation's path stands for.
REPORTS = {
    "get_analytics",
    "get_analytics_breakdown",
    "export_analytics",
    "export_analytics_breakdown",
    "get_ledger",
    "export_ledger",
}
ABOUT = ("phone_number_id", "assistant_id", "team_id", "member_id")
OBJECTS = {
    "get_conversation": CONVERSATION,
    "take_over": CONVERSATION,
    "hand_back": CONVERSATION,
    "list_messages": CONVERSATION,
    "assign_conversation": CONVERSATION,
    "label_conversation": CONVERSATION,
    "mark_conversation_read": CONVERSATION,
    "close_conversation": CONVERSATION,
    "reopen_conversation": CONVERSATION,
    "create_note": CONVERSATION,
    "list_notes": CONVERSATION,
    "remove_note": CONVERSATION,
    "create_message": CONVERSATION,
    "get_message": MESSAGE,
    "get_message_media": CONVERSATION,
    "get_media": MEDIA,
    "get_media_content": MEDIA,
    "get_contact": CONTACT,
    "change_contact": CONTACT,
    "list_consents": CONTACT,
    "record_consent": CONTACT,
    "get_attribute": ATTRIBUTE,
    "change_attribute": ATTRIBUTE,
    "retire_attribute": Consumed(attribute),
    "get_segment": SEGMENT,
    "change_segment": SEGMENT,
    "count_segment": SEGMENT,
    "remove_segment": Consumed(segment),
    "put_contact_import_part": IMPORT,
    "start_contact_import": Consumed(import_with_file),
    "list_row_errors": IMPORT,
    "get_task": IMPORT,
    "cancel_task": Consumed(file_import),
    "get_contact_export_part": Standing(export),
    "resolve_unknown_send": OneOf(WORLD["unknown_sends"][0::2]),
    "send_again": OneOf(WORLD["unknown_sends"][1::2]),
    "get_member": MEMBER,
    "change_member": MEMBER,
    "remove_member": Consumed(lambda: join()[1]["member_id"]),
    "revoke_invitation": Consumed(lambda: invite()[1]["id"]),
    "get_api_key": API_KEY,
    "change_api_key": API_KEY,
    "rotate_api_key": API_KEY,
    "revoke_api_key": Consumed(api_key),
    "get_webhook_endpoint": ENDPOINT,
    "list_webhook_deliveries": ENDPOINT,
    "test_webhook_endpoint": ENDPOINT,
    "rotate_webhook_secret": ENDPOINT,
    "replay_failed_deliveries": ENDPOINT,
    # A change may switch it off.
    "change_webhook_endpoint": Standing(endpoint),
    "remove_webhook_endpoint": Consumed(endpoint),
    "replay_webhook_delivery": Standing(delivery),
    "get_assistant": ASSISTANT,
    "list_assistant_versions": ASSISTANT,
    "publish_assistant": ASSISTANT,
    "roll_back_assistant": ASSISTANT,
    # A change may archive it.
    "ask_assistant": Standing(assistant),
    "change_assistant": Standing(assistant),
    "remove_assistant": Consumed(assistant),
    "get_knowledge_text": KNOWLEDGE,
    "change_knowledge_text": KNOWLEDGE,
    "remove_knowledge_text": Consumed(knowledge_text),
    "get_canned_reply": CANNED_REPLY,
    "change_canned_reply": CANNED_REPLY,
    "render_canned_reply": CANNED_REPLY,
    "remove_canned_reply": Consumed(canned_reply),
    "get_team": TEAM,
    "change_team": TEAM,
    "remove_team": Consumed(team),
    "get_routing_rule": RULE,
    "change_routing_rule": RULE,
    "remove_routing_rule": Consumed(rule),
    "get_number": NUMBER,
    "verify_number": NUMBER,
    "register_number": NUMBER,
    "change_number": NUMBER,
    "disconnect_number": Consumed(number),
    "get_template": TEMPLATE,
    "list_template_history": TEMPLATE,
    "preview_template": TEMPLATE,
    "change_template": Consumed(approved_template),
    "delete_template": Consumed(template),
    # Only one's own can be ended. A program has none.
    "end_session": Consumed(lambda: sign_in(WORLD["email"] or REGULAR.get())["session_id"]),
    "discard_unowned_event": OneOf(WORLD["unowned_events"]),
    "change_plan": Standing(lambda: WORLD["other_organization"]),
}

# Somebody of the same role, whose sessions all end.
LEAVING = Consumed(lambda: join(WORLD["role"])[1]["access_token"])


def our_own(url):
    """Nothing is posted to strangers: an address that could be anybody's becomes that of the test's own receiver."""
    return WORLD["webhook"] if url.lower().startswith(("http:", "https:")) else url


# What stands in the fields of an operation's body that cannot be made up.
FIELDS = {
    "create_session": {"id_token": lambda _: id_token(REGULAR.get())},
    "refresh_session": {"refresh_token": lambda _: REFRESH_TOKEN.get()},
    "create_contact": {"phone": lambda _: next(PHONES)},
    "turn_kill_switch": {"phone_number_id": lambda _: WORLD["number"]},
    "create_direct_message": {"phone_number_id": lambda _: WORLD["number"]},
    "render_canned_reply": {"conversation_id": lambda _: CONVERSATION.get()},
    "dry_run_routing_rules": {"conversation_id": lambda _: CONVERSATION.get()},
    "create_template": {"name": lambda _: next(TEMPLATE_NAMES), "business_account_id": lambda _: WORLD["account"]},
    "connect_number": {
        "phone_number_id": lambda _: next(NUMBERS),
        "business_account_id": lambda _: WORLD["account"],
        "access_token": lambda _: WORLD["token"],
    },
    "change_number": {"access_token": lambda _: WORLD["token"]},
    "create_webhook_endpoint": {"url": our_own},
    "change_webhook_endpoint": {"url": our_own},
}

# Lists of ids in the fields of an operation's body.
NAMED = {
    "create_knowledge_text": {"assistants": ASSISTANT},
    "change_knowledge_text": {"assistants": ASSISTANT},
    "create_team": {"members": MEMBER},
    "change_team": {"members": MEMBER},
}

# What is used up besides the object in the path.
USED = {"remove_note": NOTE, "refresh_session": REFRESH_TOKEN, "end_sessions": LEAVING}

# Where what these operations make is found.
FOLDERS = {
    "create_api_key": "/api-keys",
    "create_webhook_endpoint": "/webhook-endpoints",
    "create_invitation": "/invitations",
    "create_segment": "/segments",
    "create_attribute": "/attributes",
    "create_assistant": "/assistants",
    "create_knowledge_text": "/knowledge",
    "create_canned_reply": "/canned-replies",
    "create_team": "/teams",
    "create_routing_rule": "/routing-rules",
    "create_template": "/templates",
    "connect_number": "/numbers",
}


def operation_id(case):
    return case.operation.definition.raw["operationId"]


def is_operators(case):
    return case.operation.definition.raw["x-permission"] == "operator"


def is_meant(case, location):
    """Whether the request is as the document has it in this place."""
    return case.meta is None or not case.meta.is_negative_at(location)


@schemathesis.auth(refresh_interval=None)
class Credential:
    """The credential of this run."""

    def get(self, case, context):
        if operation_id(case) == "end_sessions" and WORLD["role"]:
            return {"Authorization": f"Bearer {LEAVING.get()}"}
        return WORLD["credential"]

    def set(self, case, data, context):
        case.headers.update(data)


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = operation_id(case)
    if operation in OBJECTS and is_meant(case, ParameterLocation.PATH):
        case.path_parameters["id"] = OBJECTS[operation].get()
    if "If-Match" in case.headers and is_meant(case, ParameterLocation.HEADER):
        case.headers["If-Match"] = "*"
    if "cursor" in case.query and is_meant(case, ParameterLocation.QUERY):
        # The one of a page that was read before; a schema cannot say more.
        del case.query["cursor"]
    if operation in NAMED and isinstance(case.body, dict) and is_meant(case, ParameterLocation.BODY):
        # Those that are made up belong to the organization.
        for field, of_the_organization in NAMED[operation].items():
            if isinstance(case.body.get(field), list):
                case.body[field] = [of_the_organization.get() for _ in case.body[field]][:1]
    if operation == "reorder_routing_rules" and isinstance(case.body, dict) and is_meant(case, ParameterLocation.BODY):
        case.body["ids"] = [listed["id"] for listed in ask("GET", "/routing-rules")["data"]]
    if operation in REPORTS and is_meant(case, ParameterLocation.QUERY):
        # Days that are near each other, and one of whom the figures are about; a schema cannot say more.
        for name in ("from", "to"):
            case.query.pop(name, None)
        for name in [name for name in ABOUT if name in case.query][1:]:
            del case.query[name]
    if operation == "trace_message" and is_meant(case, ParameterLocation.QUERY):
        case.query["id"] = WORLD["message"]
    if operation == "remove_note" and is_meant(case, ParameterLocation.PATH):
        case.path_parameters["note"] = NOTE.get()
    if operation == "get_message_media" and is_meant(case, ParameterLocation.PATH):
        case.path_parameters["message"] = WORLD["picture"]
    if operation == "create_direct_message" and isinstance(case.body, dict) and is_meant(case, ParameterLocation.BODY):
        # Whose window is open; a message to quote is one of theirs.
        case.body["to"] = {"contact_id": WORLD["contact"]}
        case.body.pop("reply_to", None)
    if operation == "get_contact_export_part" and is_meant(case, ParameterLocation.PATH):
        case.path_parameters["part"] = 1
    if operation in FIELDS and isinstance(case.body, dict) and is_meant(case, ParameterLocation.BODY):
        for field, value in FIELDS[operation].items():
            if isinstance(case.body.get(field), str):
                case.body[field] = value(case.body[field])
    if operation in {"create_session", "refresh_session"} or is_operators(case):
        # A sign-in and a wrong credential count for the client: the next one is another.
        case.headers["Connection"] = "close"


@schemathesis.hook
def after_call(context, case, response):
    if not 200 <= response.status_code < 300:
        return
    operation = operation_id(case)
    for used in (OBJECTS.get(operation), USED.get(operation)):
        if used:
            used.used()
    if operation in FOLDERS:
        shown = response.json()
        id = shown.get("id") or shown.get("key") or shown["phone_number_id"]
        path = f"{FOLDERS[operation]}/{made(FOLDERS[operation], id)}"
        # Later steps of a stateful test go on with it.
        if case.meta.phase.name is not TestPhase.STATEFUL:
            leave(path)
