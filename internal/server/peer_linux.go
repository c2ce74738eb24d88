package server

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// peerUser is the user whose process on this machine has the other end of a connection from peer to here, by the
// kernel's tables of sockets (proc_pid_net(5)). False where they cannot be read or have no such end.
func peerUser(peer, here netip.AddrPort) (uid int, ok bool) {
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		uid, ok = findUser(bufio.NewScanner(f), peer, here)
		_ = f.Close()
		if ok {
			return uid, true
		}
	}
	return 0, false
}

// findUser looks for a socket between two ends in a table: its columns are number, local and remote address, state, two
// of queues and timers each, retransmissions, user.
func findUser(table *bufio.Scanner, local, remote netip.AddrPort) (uid int, ok bool) {
	for table.Scan() {
		columns := strings.Fields(table.Text())
		if len(columns) < 8 || kernelEnd(columns[1]) != local || kernelEnd(columns[2]) != remote {
			continue
		}
		uid, err := strconv.Atoi(columns[7])
		return uid, err == nil
	}
	return 0, false
}

// kernelEnd reads an address as the kernel's tables have it: words of 32 bits in the machine's order, and a port.
func kernelEnd(s string) netip.AddrPort {
	words, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(words)
	n, perr := strconv.ParseUint(port, 16, 16)
	if err != nil || perr != nil || len(b)%4 != 0 {
		return netip.AddrPort{}
	}
	for word := range slices.Chunk(b, 4) {
		binary.NativeEndian.PutUint32(word, binary.BigEndian.Uint32(word))
	}
	ip, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(ip.Unmap(), uint16(n))
}
