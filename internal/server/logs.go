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

// logSampler limits log lines that peers can cause.
type logSampler struct {
	reassembly *rate.Limiter
	timeout    *rate.Limiter
	refused    *rate.Limiter
	dropped    *rate.Limiter
}

func newLogSampler() logSampler {
	return logSampler{
		reassembly: rate.NewLimiter(1, 1),
		timeout:    rate.NewLimiter(10, 10),
		refused:    rate.NewLimiter(1, 10),
		dropped:    rate.NewLimiter(10, 10),
	}
}

// reassembling logs a message that arrives in fragments.
func (s *logSampler) reassembling(log zerolog.Logger, m transport.Message) {
	if e := log.Debug(); e.Enabled() && s.reassembly.Allow() {
		e.Int("fragments", m.Fragments).Float64("elapsed_s", seconds(m.Elapsed)).Float64("timeout_s", seconds(m.Timeout)).
			Int("size", m.Size).Int("expected", m.Expected).Msg(logReassembly)
	}
}

// timedOut logs a message that missed its deadline.
func (s *logSampler) timedOut(log zerolog.Logger, m transport.Message) {
	if s.timeout.Allow() {
		log.Warn().Float64("elapsed_s", seconds(m.Elapsed)).Int("fragments", m.Fragments).
			Int("size", m.Size).Int("expected", m.Expected).Msg(logTimeout)
	}
}

// badPacket logs a message that was dropped for its content.
func (s *logSampler) badPacket(log zerolog.Logger, m transport.Message, err error) {
	if e := log.Debug(); e.Enabled() && s.dropped.Allow() {
		e.Str("reason", packet.CleanText(err.Error())).Int("size", m.Size).Msg("bad packet dropped")
	}
}

// seconds returns a duration as the log shows it.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
