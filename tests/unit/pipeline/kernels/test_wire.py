from __future__ import annotations

import socket

from nbship.pipeline.kernels.wire import Inbox, encode, receive

MESSAGES = [{"a": 1}, {"b": "line\nbreak", "c": "\udcff"}, {}]


def test_messages_arrive_whole_however_they_are_cut():
    data = b"".join(encode(message) for message in MESSAGES)
    inbox = Inbox()
    assert [message for byte in data for message in inbox.feed(bytes([byte]))] == MESSAGES
    assert Inbox().feed(data) == MESSAGES


def test_receive_waits_for_one_message():
    one, other = socket.socketpair()
    with one, other:
        one.sendall(encode(MESSAGES[1]))
        assert receive(other) == MESSAGES[1]


def test_receive_tells_when_the_other_side_has_gone():
    one, other = socket.socketpair()
    with other:
        one.sendall(b'{"half": ')
        one.close()
        assert receive(other) is None
