# SPDX-License-Identifier: GPL-2.0
"""peers.py KIND PORT - who the programs of run talk to, by the platform's sockets.

They listen on every address, so that by Linux's rules 0.0.0.0 would reach them.
"""
import http.server
import re
import socket
import socketserver
import struct
import sys
import threading


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


class Stream(socketserver.StreamRequestHandler):
    """What comes goes back. The others read so many bytes, or end."""

    def take(self, size):
        data = self.rfile.read(size)
        if len(data) < size:
            raise SystemExit
        return data

    def handle(self):
        while data := self.request.recv(2000):
            self.request.sendall(data)


class Mqtt(Stream):
    """Everybody is told everything."""
    subscribers = []

    def handle(self):
        while True:
            kind = self.take(1)
            size = self.take(1)
            rest = self.take(size[0])
            if kind[0] >> 4 == 1:
                self.request.sendall(b"\x20\x02\0\0")
            elif kind[0] >> 4 == 8:
                self.subscribers.append(self.request)
                self.request.sendall(b"\x90\x03" + rest[:2] + b"\0")
            elif kind[0] >> 4 == 3:
                for subscriber in self.subscribers:
                    subscriber.sendall(kind + size + rest)
            elif kind[0] >> 4 == 12:
                self.request.sendall(b"\xd0\0")


class Amqp(Stream):
    """Prints what is published."""
    answers = {
        (10, 11): ((10, 30), struct.pack("!HIH", 10, 131072, 0)),
        (10, 40): ((10, 41), b"\0"),
        (20, 10): ((20, 11), b"\0\0\0\0"),
        (20, 40): ((20, 41), b""),
        (10, 50): ((10, 51), b""),
    }

    def say(self, channel, method, arguments):
        self.request.sendall(struct.pack("!BHIHH", 1, channel, 4 + len(arguments), *method) +
                             arguments + b"\xce")

    def handle(self):
        self.take(8)
        self.say(0, (10, 10), b"\0\x09\0\0\0\0\0\0\0\x05PLAIN\0\0\0\x05en_US")
        while True:
            kind, channel, size = struct.unpack("!BHI", self.take(7))
            body = self.take(size + 1)[:-1]
            if kind == 3:
                print("published:", body.decode(), flush=True)
            elif kind == 1 and (answer := self.answers.get(struct.unpack("!HH", body[:4]))):
                self.say(channel, *answer)


class Rtmp(Stream):
    """The greeting, and the first words of what the client wants."""

    def handle(self):
        theirs = self.take(1 + 1536)[1:]
        self.request.sendall(b"\x03" + bytes(1536) + theirs)
        self.take(1536)
        if b"connect" in self.rfile.read1(2000):
            print("asked to connect", flush=True)


DESCRIPTION = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType>
<controlURL>/control</controlURL>
</service><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
<controlURL>/control</controlURL>
</service></serviceList></device></root>
"""
VALUES = {
    "GetStatusInfo": "<NewConnectionStatus>Connected</NewConnectionStatus>"
                     "<NewUptime>1</NewUptime>",
    "GetExternalIPAddress": "<NewExternalIPAddress>9.8.7.6</NewExternalIPAddress>",
}


class Web(http.server.BaseHTTPRequestHandler):
    """A gateway of a home, and other pages."""
    protocol_version = "HTTP/1.1"

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        self.answer(DESCRIPTION if self.path == "/gateway.xml" else f"this is {self.path}\n")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        name = re.search(r"#(\w+)", self.headers["SOAPAction"])[1]
        self.answer(f"<Envelope><Body><{name}Response>{VALUES.get(name, '')}"
                    f"</{name}Response></Body></Envelope>")

    def log_message(self, *_):
        pass


def datagrams(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", port))
    while True:
        data, sender = s.recvfrom(2000)
        s.sendto(data, sender)


def discovery(web_port):
    """Says to the group's callers where the gateway is."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", 1900))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton("239.255.255.250") + socket.inet_aton("127.0.0.1"))
    reply = (f"HTTP/1.1 200 OK\r\nLOCATION: http://127.0.0.1:{web_port}/gateway.xml\r\n"
             "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"
             "USN: uuid:1\r\n\r\n")
    while True:
        data, sender = s.recvfrom(2000)
        if data.startswith(b"M-SEARCH"):
            s.sendto(reply.encode(), sender)


kind, port = sys.argv[1], int(sys.argv[2])
if kind == "dgram":
    datagrams(port)
if kind == "web":
    threading.Thread(target=discovery, args=(port,), daemon=True).start()
Server(("", port), {"stream": Stream, "mqtt": Mqtt, "amqp": Amqp, "rtmp": Rtmp,
                    "web": Web}[kind]).serve_forever()
