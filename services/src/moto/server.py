"""A moto server whose SQS and DynamoDB do what Amazon documents where moto itself does not.

What moto leaves out of SQS: a FIFO queue remembers for five minutes what it took, also what was deleted since; a receipt
counts until its time is over or the message is received again; a group waits for all of its messages in flight; a message
is hidden for twelve hours after its receive at most; what is older than the queue's retention is gone; two consumers at
once never get the same message. Moto also reads the clock several times for every message.

What it leaves out of DynamoDB: a condition holds while its write is carried out, also among calls at once; a transaction
is carried out once under its token, for ten minutes.

Its clock is ahead by the seconds in the file that `CLOCK_AHEAD` names, if it is set. Under libfaketime a server of many
threads takes seconds for what takes milliseconds here: they all read the clock while they wait for each other.
"""

import copy
import datetime
import os
import threading
import time

from moto.core import utils

if ahead := os.environ.get("CLOCK_AHEAD"):
    real = utils.utcnow

    def utcnow():
        with open(ahead, encoding="ascii") as seconds:
            return real() + datetime.timedelta(seconds=float(seconds.read()))

    # Before the other modules take it from there.
    utils.utcnow = utcnow

from moto.core.responses import ActionResult
from moto.core.utils import unix_time_millis
from moto.dynamodb import responses
from moto.dynamodb.exceptions import DynamodbException
from moto.server import main
from moto.sqs import models
from moto.sqs.exceptions import InvalidParameterValue, ReceiptHandleIsInvalid, SQSException

LONGEST_VISIBILITY = 12 * 3600 * 1000
DEDUPLICATION = 5 * 60 * 1000
TOKEN = 10 * 60 * 1000

alone = threading.RLock()


class MessageNotInflight(SQSException):
    def __init__(self):
        super().__init__("AWS.SimpleQueueService.MessageNotInflight", "The specified message is not in flight.")


def invalid_receipt(receipt, reason):
    return InvalidParameterValue(f"Value {receipt} for parameter ReceiptHandle is invalid. Reason: {reason}")


def in_flight(message, now):
    return message.approximate_receive_count > 0 and now <= message.visible_at


def waits(message, now):
    return now <= message.visible_at or now < message.delayed_until


class Queue(models.Queue):
    # Moto tells by the module which service a class belongs to.
    __module__ = models.__name__

    def kept(self, chosen=lambda message, now: True):
        """The chosen messages of those that are not older than the retention."""
        with alone:
            now = unix_time_millis()
            oldest = now - self.message_retention_period * 1000
            self._messages = [message for message in self._messages if message.sent_timestamp > oldest]
            return [message for message in self._messages if chosen(message, now)]

    @property
    def messages(self):
        return self.kept(lambda message, now: not waits(message, now))

    @property
    def approximate_number_of_messages_delayed(self):
        return len(self.kept(lambda message, now: now < message.delayed_until))

    @property
    def approximate_number_of_messages_not_visible(self):
        return len(self.kept(in_flight))

    def add_message(self, message):
        with alone:
            if self.fifo_queue and self.took(message):
                return
            self._messages.append(message)

    def took(self, message):
        """Whether it has taken the message's deduplication id before; from now on it has."""
        taken = self.__dict__.setdefault("taken", {})
        scope = message.group_id if self.deduplication_scope == "messageGroup" else None
        key = (scope, message.deduplication_id)
        if key in taken and message.sent_timestamp - taken[key] < DEDUPLICATION:
            return True
        taken[key] = message.sent_timestamp
        return False

    def take(self, count, visibility):
        """Up to so many messages, which are in flight from now on."""
        now, found = unix_time_millis(), []
        busy = {message.group_id for message in self.kept(in_flight)}
        for message in self.kept():
            if len(found) == count:
                break
            if waits(message, now):
                busy.add(message.group_id)
            elif self.fifo_queue and message.group_id in busy:
                continue
            elif self.gives_up(message):
                self.bury(message, now)
            else:
                message.mark_received(visibility_timeout=visibility)
                message.received_at = now
                found.append(copy.copy(message))
        return found

    def gives_up(self, message):
        limit = self.redrive_policy["maxReceiveCount"] if self.dead_letter_queue else None
        return limit is not None and message.approximate_receive_count >= limit

    def bury(self, message, now):
        """Moves the message to the dead letters, where a FIFO queue begins its time anew."""
        self._messages.remove(message)
        if self.fifo_queue:
            message.sent_timestamp = int(now)
        self.dead_letter_queue._messages.append(message)

    def find(self, receipt):
        return next((message for message in self._messages if message.had_receipt_handle(receipt)), None)

    def delete_message(self, receipt):
        with alone:
            message = self.find(receipt)
            if message is None and receipt in self.deleted_messages:
                return
            if message is None:
                raise ReceiptHandleIsInvalid()
            now = unix_time_millis()
            if self.fifo_queue and not (message.receipt_handle == receipt and in_flight(message, now)):
                raise invalid_receipt(receipt, "The receipt handle has expired.")
            self._messages.remove(message)
            self.deleted_messages.update(message.all_receipt_handles)

    def hide(self, receipt, seconds):
        with alone:
            message = self.find(receipt)
            if message is None:
                reason = "Message does not exist or is not available for visibility timeout change."
                raise invalid_receipt(receipt, reason)
            now = unix_time_millis()
            if message.receipt_handle != receipt or not in_flight(message, now):
                raise MessageNotInflight()
            if now + seconds * 1000 > message.received_at + LONGEST_VISIBILITY:
                raise InvalidParameterValue(
                    f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total "
                    "VisibilityTimeout for the message is beyond the limit [43200 seconds]"
                )
            message.change_visibility(seconds)
            if seconds == 0:
                message.visible_at = 0


def receive_message(backend, name, count, wait, visibility, names=None):
    queue, end = backend.get_queue(name), time.monotonic() + wait
    while True:
        with alone:
            found = queue.take(count, visibility)
        if found or time.monotonic() >= end:
            return found
        time.sleep(0.02)


def change_message_visibility(backend, queue_name, receipt_handle, visibility_timeout):
    backend.get_queue(queue_name).hide(receipt_handle, visibility_timeout)


class IdempotentParameterMismatch(DynamodbException):
    def __init__(self):
        name = "IdempotentParameterMismatchException"
        super().__init__(f"com.amazonaws.dynamodb.v20120810#{name}", "The token was used for another transaction.")


class Tables(responses.DynamoHandler):
    one_call = threading.Lock()

    def call_action(self):
        with self.one_call:
            return super().call_action()

    def transact_write_items(self):
        token, items, now = self.body.get("ClientRequestToken"), self.body["TransactItems"], unix_time_millis()
        done = self.dynamodb_backend.__dict__.setdefault("done", {})
        if token in done and now - done[token][0] < TOKEN:
            if done[token][1] != items:
                raise IdempotentParameterMismatch()
            return ActionResult({})
        answer = super().transact_write_items()
        if token is not None:
            done[token] = now, items
        return answer


responses.DynamoHandler = Tables
models.Queue = Queue
models.SQSBackend.receive_message = receive_message
models.SQSBackend.change_message_visibility = change_message_visibility
main()
