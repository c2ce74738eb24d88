// Package packet is ACIP as bytes: the 22-byte header, the packet types with their payloads, the limits, the close
// codes, and the shared buffer that holds a packet.
//
// It does no input or output. No parser here panics on a peer's bytes, and none allocates by a number that it has not
// checked. All integers on the wire are big-endian. The packet layout is that of the public C project zfogg/ascii-chat
// at commit 73fe49337; types 7000–7099 are ours.
package packet
