"""A gRPC client of its own, plaintext and one call a connection: what no client of the suite does can be done with it,
such as calling a method that does not exist, sending a traceparent or asking for reflection.

    answer = call("127.0.0.1:50051", "/pkg.Service/Method", message(string(1, "x")), {"traceparent": "00-…-01"})
    answer.status, answer.messages
"""
import socket
import struct
from dataclasses import dataclass, field

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
TRUE_BINARY_METADATA = 0xFE03  # gRPC's own setting: without it, binary metadata would come Huffman-coded

# The names of HPACK's static table that a server's answer may use (RFC 7541, appendix A).
STATIC_NAMES = {8: ":status", 9: ":status", 10: ":status", 11: ":status", 12: ":status", 13: ":status", 14: ":status",
                28: "content-length", 31: "content-type", 33: "date", 54: "server", 16: "accept-encoding",
                26: "content-encoding", 15: "accept-charset"}
STATIC_SIZE = 61


@dataclass
class Answer:
    headers: dict = field(default_factory=dict)
    messages: list = field(default_factory=list)

    @property
    def status(self):
        return int(self.headers["grpc-status"])


def call(address, method, request, metadata=None, timeout=30):
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
                           _frame(SETTINGS, 0, 0, struct.pack(">HI", TRUE_BINARY_METADATA, 1)))
        headers = {":method": "POST", ":scheme": "http", ":path": method, ":authority": address, "te": "trailers",
                   "content-type": "application/grpc"} | (metadata or {})
        block = b"".join(b"\0" + _text(name) + _text(value) for name, value in headers.items())
        connection.sendall(_frame(HEADERS, END_HEADERS, 1, block))
        connection.sendall(_frame(DATA, END_STREAM, 1, struct.pack(">BI", 0, len(request)) + request))
        return _read_answer(connection)


def _read_answer(connection):
    answer, body, block, table = Answer(), b"", b"", []
    while True:
        kind, flags, stream, payload = _read_frame(connection)
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(_frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            connection.sendall(_frame(PING, ACK, 0, payload))
        elif kind in (GOAWAY, RST_STREAM):
            raise ConnectionError(f"the server ended the call: frame {kind}, {payload!r}")
        elif kind == DATA:
            body += _without_padding(flags, payload)
        elif kind in (HEADERS, CONTINUATION):
            block += _without_padding(flags, payload) if kind == HEADERS else payload
            if flags & END_HEADERS:
                answer.headers.update(_decode(block, table))
                block = b""
        if stream == 1 and flags & END_STREAM and kind in (DATA, HEADERS):
            while body:
                size = struct.unpack(">xI", body[:5])[0]
                answer.messages.append(body[5:5 + size])
                body = body[5 + size:]
            return answer


def _frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _read_frame(connection):
    size, kind, flags, stream = struct.unpack(">IBBI", b"\0" + _read(connection, 9))
    return kind, flags, stream, _read(connection, size)


def _read(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the server closed the connection")
        data += piece
    return data


def _without_padding(flags, payload):
    if flags & PADDED:
        payload = payload[1:len(payload) - payload[0]]
    return payload[5:] if flags & PRIORITY else payload


def _text(text):
    data = text.encode()
    assert len(data) < 127
    return bytes([len(data)]) + data


# HPACK (RFC 7541), as far as gRPC's servers use it: their texts are never Huffman-coded.
def _decode(block, table):
    headers = {}
    while block:
        first = block[0]
        if first & 0x80:  # an entry of a table
            index, block = _integer(block, 7)
            name, value = table[index - STATIC_SIZE - 1] if index > STATIC_SIZE else (STATIC_NAMES[index], "200")
        elif first & 0xE0 == 0x20:
            _, block = _integer(block, 5)  # another size of the table
            continue
        else:
            index, block = _integer(block, 6 if first & 0x40 else 4)
            if index == 0:
                name, block = _string(block)
            else:
                name = table[index - STATIC_SIZE - 1][0] if index > STATIC_SIZE else STATIC_NAMES[index]
            value, block = _string(block)
            if first & 0x40:
                table.insert(0, (name, value))
        headers[name] = value
    return headers


def _integer(block, bits):
    limit = (1 << bits) - 1
    value, at, shift = block[0] & limit, 1, 0
    if value == limit:
        while True:
            byte = block[at]
            value += (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                break
    return value, block[at:]


def _string(block):
    assert not block[0] & 0x80, "a Huffman-coded text"
    size, block = _integer(block, 7)
    return block[:size].decode("latin-1"), block[size:]


# Protobuf messages, field by field.
def string(number, text):
    data = text.encode() if isinstance(text, str) else text
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def integer(number, value):
    return _varint(number << 3) + _varint(value)


def message(*fields):
    return b"".join(fields)


def _varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
