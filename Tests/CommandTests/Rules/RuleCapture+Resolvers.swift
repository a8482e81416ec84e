import TestSupport
import Wire

/// DNS in clear on other ports, and under encryption.
extension RuleCapture {
  static let resolvers: [Self] = [
    Self(
      "dns.other-port",
      yes: [datagram(5353, dnsQuery("www.example.org")), datagram(443, dnsQuery("example.org", type: 28))],
      no: [
        datagram(53, dnsQuery("www.example.org")),
        // A multicast DNS question, which asks nobody to recurse.
        datagram(5353, dnsMessage(id: 0, flags: 0, dnsQuestion(dnsName("printer.local")))),
        datagram(1053, filler(24)),
      ]),
    Self(
      "dns.answer",
      yes: [
        datagram(40_000, dnsResponse("www.example.org", [address("198.51.100.80")]), from: 53),
        segment(40_000, [], flags: 0x12, from: 53),
      ],
      no: [datagram(53, dnsQuery("www.example.org"), from: 53), datagram(40_000, filler(20), from: 54)]),
    Self(
      "dns.https-name",
      yes: [
        segment(443, tlsClientHello("dns.google")), segment(443, tlsClientHello("mozilla.cloudflare-dns.com")),
        segment(8443, tlsClientHello("DNS.Quad9.net")),
      ],
      no: [
        segment(443, tlsClientHello("www.google")), segment(443, tlsClientHello("dns.google.example.org")),
        segment(80, request("dns.google")),
      ]),
    Self(
      "dns.tls", yes: [segment(853), segment(853, tlsClientHello("dns.google"))],
      no: [segment(854), datagram(853, filler(40)), segment(443)]),
    Self(
      "dns.quic", yes: [datagram(853, quic(0xC3, 1)), datagram(853, [0x43] + filler(40))],
      no: [segment(853), datagram(854, quic(0xC3, 1))]),
    Self(
      "dns.https",
      yes: [
        segment(to: "1.1.1.1", "2606:4700:4700::1111", 443), segment(to: "8.8.4.4", "2001:4860:4860::8844", 443),
        segment(to: "9.9.9.9", "2620:fe::fe", 443, tlsClientHello("www.example.org")),
        datagram(to: "94.140.14.14", "2a10:50c0::ad1:ff", 443, [0x43] + filler(40)),
        segment(to: "194.242.2.4", "2a07:e340::4", 443), segment(to: "45.90.28.17", "2a07:a8c0::12:3456", 443),
      ],
      no: [
        segment(to: "1.1.1.4", "2606:4700:4700::1114", 443), segment(to: "1.1.1.1", "2606:4700:4700::1111", 80),
        datagram(to: "8.8.8.8", "2001:4860:4860::8888", 53, dnsQuery("example.org")),
      ]),
  ]
}
