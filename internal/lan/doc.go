// Package lan lets a server be found in its own network.
//
// A server announces itself by multicast DNS as _acip._tcp, a client asks who is there. Whatever comes back was written
// by strangers: names are cleaned, addresses are checked, and nothing is connected to. Where there is no multicast,
// nothing is found, quickly and without a word.
package lan
