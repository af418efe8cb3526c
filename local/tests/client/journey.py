"""A program's journey through the API, with nothing but a client that was generated from the document."""

import os
import time
from http import HTTPStatus

from porfin_client import AuthenticatedClient
from porfin_client.api.conversations import get_conversation, list_conversations
from porfin_client.api.events import list_events
from porfin_client.api.members import create_invitation, list_invitations
from porfin_client.api.messages import create_message, list_messages
from porfin_client.api.webhooks import create_webhook_endpoint, get_webhook_endpoint
from porfin_client.models import (
    Conversation,
    EventType,
    Invitation,
    Message,
    MessageContent,
    NewInvitation,
    NewInvitationRole,
    NewMessage,
    NewWebhookEndpoint,
    NewWebhookEndpointTypesItem,
    Problem,
    TextContent,
    TextContentType,
    WebhookEndpoint,
)

client = AuthenticatedClient(
    base_url=os.environ["PORFIN_URL"],
    token=os.environ["PORFIN_API_KEY"],
    auth_header_name="X-API-Key",
    prefix="",
    raise_on_unexpected_status=True,
)


def reads_what_a_customer_wrote():
    listed = list_conversations.sync(client=client, limit=10)
    assert len(listed.data) == 1, listed
    conversation = get_conversation.sync(listed.data[0].id, client=client)
    assert isinstance(conversation, Conversation), conversation
    assert conversation.contact.name == "Ana Teste", conversation
    assert conversation.window.open_, conversation
    messages = list_messages.sync(conversation.id, client=client)
    written = messages.data[-1]
    assert written.content["body"] == "Vocês têm bolo?", written
    return conversation


def answers_once(conversation):
    body = NewMessage(content=TextContent(type_=TextContentType.TEXT, body="Temos sim, de cenoura!"))
    answers = [
        create_message.sync_detailed(conversation.id, client=client, body=body, idempotency_key="journey-1")
        for _ in range(2)
    ]
    for answer in answers:
        assert answer.status_code == HTTPStatus.CREATED, answer
        assert isinstance(answer.parsed, Message), answer
    assert answers[0].parsed.id == answers[1].parsed.id, answers
    assert answers[1].headers["idempotency-replayed"] == "true", answers

    other = NewMessage(content=TextContent(type_=TextContentType.TEXT, body="Não temos."))
    refused = create_message.sync(conversation.id, client=client, body=other, idempotency_key="journey-1")
    assert isinstance(refused, Problem), refused
    assert (refused.status, refused.code) == (409, "idempotency_key_reused"), refused
    return answers[0].parsed


def invites_somebody():
    wanted = NewInvitation(email="bia@padaria.example", role=NewInvitationRole.AGENT)
    invitation = create_invitation.sync(client=client, body=wanted, idempotency_key="journey-2")
    assert isinstance(invitation, Invitation), invitation
    assert invitation.token, invitation
    listed = list_invitations.sync(client=client)
    assert [known.email for known in listed.data] == ["bia@padaria.example"], listed


def asks_to_be_told():
    wanted = NewWebhookEndpoint(
        url="https://shop.example/porfin", types=[NewWebhookEndpointTypesItem("message.received")]
    )
    endpoint = create_webhook_endpoint.sync(client=client, body=wanted)
    assert isinstance(endpoint, WebhookEndpoint), endpoint
    assert endpoint.secret.startswith("whsec_"), endpoint
    known = get_webhook_endpoint.sync(endpoint.id, client=client)
    assert known.url == "https://shop.example/porfin", known


def finds_in_the_feed(message):
    """Reads on until the message is told of: the feed is numbered soon after what it tells."""
    after, until = 0, time.monotonic() + 60
    types = []
    while time.monotonic() < until:
        events = list_events.sync(client=client, after=after)
        types += [event.type_ for event in events.data]
        if any(message.id in str(event.data.to_dict()) for event in events.data):
            assert EventType("message.received") in types, types
            return
        after = events.next_after
    raise AssertionError(f"{message.id} is not told of: {types}")


conversation = reads_what_a_customer_wrote()
message = answers_once(conversation)
invites_somebody()
asks_to_be_told()
finds_in_the_feed(message)
