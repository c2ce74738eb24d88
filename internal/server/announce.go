package server

import (
	"net"

	"acip/internal/lan"
)

// announce answers those who look for a server in this network, if that was asked for. Where it cannot be done the log
// says so: calls go on without.
func (s *Server) announce(a net.Addr) *lan.Announcement {
	tcp, ok := a.(*net.TCPAddr)
	if s.config.Announce == "" || !ok {
		return nil
	}
	an, err := lan.Announce(s.config.Announce, tcp.IP, tcp.Port, s.config.CertFile != "")
	if err != nil {
		s.config.Log.Warn().Err(err).Str("addr", a.String()).Msg("cannot announce this server in the network")
		return nil
	}
	s.config.Log.Info().Str("name", s.config.Announce).Msg("announced on this network")
	return an
}
