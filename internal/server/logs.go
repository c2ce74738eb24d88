package server

import (
	"time"

	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"
)

// The tags of log lines that operators search for.
const (
	logDisconnect = "[WS_DISCONNECT] client disconnecting"
	logCleanup    = "[WS_CLEANUP] removing client from pool"
	logReassembly = "[WS_REASSEMBLY] message arriving in fragments"
	logTimeout    = "[WS_REASSEMBLY_TIMEOUT] dropping partial message"
)

// sieve lets through at most as many lines as a log can bear.
type sieve struct {
	reassembly *rate.Limiter
	timeout    *rate.Limiter
	refused    *rate.Limiter
	dropped    *rate.Limiter
}

func newSieve() sieve {
	return sieve{
		reassembly: rate.NewLimiter(1, 1),
		timeout:    rate.NewLimiter(10, 10),
		refused:    rate.NewLimiter(1, 10),
		dropped:    rate.NewLimiter(10, 10),
	}
}

// notice logs what a transport reports of its reassembly.
func (s *sieve) notice(log zerolog.Logger, n transport.Notice) {
	switch n.Kind {
	case transport.Reassembly:
		if e := log.Debug(); e.Enabled() && s.reassembly.Allow() {
			e.Int("fragments", n.Fragments).Float64("elapsed_s", seconds(n.Elapsed)).Float64("timeout_s", seconds(n.Timeout)).
				Int("size", n.Size).Int("expected", n.Expected).Msg(logReassembly)
		}
	case transport.Timeout:
		if s.timeout.Allow() {
			log.Warn().Float64("elapsed_s", seconds(n.Elapsed)).Int("fragments", n.Fragments).
				Int("size", n.Size).Int("expected", n.Expected).Msg(logTimeout)
		}
	case transport.BadPacket:
		if e := log.Debug(); e.Enabled() && s.dropped.Allow() {
			e.Str("reason", packet.CleanText(n.Err.Error())).Int("size", n.Size).Msg("bad packet dropped")
		}
	}
}

// seconds is a duration as the log shows it.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
