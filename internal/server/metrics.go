package server

import (
	"acip/pool"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// newRegistry has the server's own metrics, read when they are asked for, and
// those of the Go runtime and of the process.
func newRegistry(s *Server) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{s}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// collector turns what /stats shows into metrics. Members are not told apart:
// their names are theirs, and there would be a new time series for each session.
type collector struct{ s *Server }

// metric is one name, its help and the labels that it has.
func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("acip_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector; it describes nothing, which makes
// the collector an unchecked one.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	p, own := c.s.pool.Stats(), c.s.own()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	gauge(metric("slots", "Slots in the pool."), float64(p.Slots.Total))
	gauge(metric("slots_used", "Slots taken."), float64(p.Slots.Used))
	gauge(metric("rooms", "Rooms with somebody in them."), float64(len(p.Rooms)))
	gauge(metric("connections", "Open connections, of all kinds."), float64(own.Connections))
	gauge(metric("waiting_connections", "Upgraded connections without a hello."), float64(own.Waiting))
	gauge(metric("buffers", "Packets in memory."), float64(own.Buffers))
	count(metric("joined_total", "Sessions that got a slot."), own.Joined)
	count(metric("violations_total", "Connections ended for breaking the protocol."), own.Violations)
	count(metric("rate_limited_total", "Packets above a rate."), own.Limited)
	count(metric("bad_packets_total", "Packets dropped for their content or at their deadline."), own.Dropped)
	count(metric("unknown_packets_total", "Packets of unknown types."), own.Unknown)
	ended := metric("ended_total", "Sessions that ended, by close code.", "code")
	for name, n := range own.Ended {
		count(ended, n, name)
	}
	refused := metric("refused_total", "Connections refused, by reason.", "reason")
	for name, n := range own.Refused {
		count(refused, n, name)
	}
	c.collectRooms(p, gauge)
}

// collectRooms sums what is in the rooms now. These are gauges: the sums fall
// when a member leaves.
func (c collector) collectRooms(p pool.Stats, gauge func(*prometheus.Desc, float64, ...string)) {
	var in, out, bytesIn, bytesOut uint64
	drops := map[string]uint64{}
	for _, r := range p.Rooms {
		for _, m := range r.Members {
			in, out = in+m.FramesIn, out+m.FramesOut
			bytesIn, bytesOut = bytesIn+m.BytesIn, bytesOut+m.BytesOut
			for why, n := range m.Dropped {
				drops[why] += n
			}
		}
	}
	gauge(metric("frames_in", "Pictures from the members now connected."), float64(in))
	gauge(metric("frames_out", "Pictures to them."), float64(out))
	gauge(metric("bytes_in", "Bytes of pictures from them."), float64(bytesIn))
	gauge(metric("bytes_out", "Bytes of pictures to them."), float64(bytesOut))
	dropped := metric("dropped", "Pictures for them that were not sent, by reason.", "reason")
	for why, n := range drops {
		gauge(dropped, float64(n), why)
	}
}
