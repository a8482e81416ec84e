"""A QUIC server and clients of aioquic, and a resolver that answers every question with nothing, over UDP and TCP."""
import asyncio
import socketserver
import ssl
import struct
import sys
import threading

PORT = 4433


async def serve(address, certificate, key):
    from aioquic.asyncio import serve as listen
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.packet import QuicProtocolVersion

    configuration = QuicConfiguration(
        is_client=False,
        alpn_protocols=["hq-interop"],
        supported_versions=[QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2],
    )
    configuration.load_cert_chain(certificate, key)
    await listen(address, PORT, configuration=configuration)
    await asyncio.Event().wait()


async def ask(address, client):
    from aioquic.asyncio import connect
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.packet import QuicProtocolVersion

    async def connection(name, version, **more):
        configuration = QuicConfiguration(
            is_client=True, server_name=name, verify_mode=ssl.CERT_NONE, original_version=version,
            supported_versions=[version], **more)
        async with connect(address, PORT, configuration=configuration) as protocol:
            await protocol.ping()

    one, two = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2
    # As many protocols as make a hello that needs two datagrams, as a post-quantum key share does.
    long = ["hq-interop"] + [f"protocol-{number:03}" for number in range(140)]
    await connection("one.example", one, alpn_protocols=["hq-interop"])
    await connection("two.example", two, alpn_protocols=["hq-interop"])
    await connection("long-one.example", one, alpn_protocols=long)
    await connection("long-two.example", two, alpn_protocols=long)


def response(query):
    return query[:2] + bytes([query[2] | 0x80, 0]) + query[4:6] + bytes(6) + query[12 : query.index(0, 12) + 5]


class Datagrams(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(response(self.request[0]), self.client_address)


class Streams(socketserver.StreamRequestHandler):
    def handle(self):
        while len(length := self.rfile.read(2)) == 2:
            answer = response(self.rfile.read(struct.unpack(">H", length)[0]))
            self.wfile.write(struct.pack(">H", len(answer)) + answer)


def answer(address):
    threading.Thread(target=socketserver.ThreadingUDPServer((address, 53), Datagrams).serve_forever).start()
    socketserver.ThreadingTCPServer((address, 53), Streams).serve_forever()


match sys.argv[1:]:
    case ["serve", *rest]:
        asyncio.run(serve(*rest))
    case ["ask", *rest]:
        asyncio.run(ask(*rest))
    case ["answer", address]:
        answer(address)
