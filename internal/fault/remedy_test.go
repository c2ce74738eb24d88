package fault

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"acip/packet"
	"acip/transport"
)

// TestEveryCloseCodeHasARemedy, except a normal end and a session that another one took over on purpose.
func TestEveryCloseCodeHasARemedy(t *testing.T) {
	for _, c := range packet.Codes() {
		none := c.Code == packet.CodeBye || c.Code == packet.CodeTakenOver
		_, hint := Explain(fmt.Errorf("call: %w", packet.CloseError{Code: c.Code}))
		if (hint == "") != none || hint != CloseRemedy(c.Code) {
			t.Errorf("%s: %q", c.Name, hint)
		}
	}
	if CloseRemedy(4999) != "" {
		t.Error("a remedy for a code that is not known")
	}
}

// TestDialRemedies: what helps if there is no connection, with the address as it was typed.
func TestDialRemedies(t *testing.T) {
	now := time.Now()
	expired := x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{NotAfter: now.Add(-time.Hour)}}
	early := x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{NotBefore: now.Add(time.Hour)}}
	other := x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"acip.test"}, IPAddresses: []net.IP{{127, 0, 0, 1}}}}
	clock := "clock says " + now.UTC().Format("2006-01-02")
	doctor := "acip-client doctor wss://h looks closer"
	past := "NO_PROXY=h acip-client wss://h"
	for name, c := range map[string]struct {
		e    transport.DialError
		says []string
	}{
		"address":         {transport.DialError{Kind: transport.DialAddress}, []string{"an address is host"}},
		"refused":         {transport.DialError{Kind: transport.DialRefused}, []string{"acip-server", "27226"}},
		"not found":       {transport.DialError{Kind: transport.DialNotFound}, []string{"check the spelling", doctor}},
		"unreachable":     {transport.DialError{Kind: transport.DialUnreachable}, []string{"firewall", doctor}},
		"timeout":         {transport.DialError{Kind: transport.DialTimeout}, []string{"firewall", doctor}},
		"failed":          {transport.DialError{Kind: transport.DialFailed}, []string{doctor}},
		"failed, plainly": {transport.DialError{Kind: transport.DialFailed, URL: "ws://h:1/acip"}, []string{"acip-client wss://h:1"}},
		"self-signed":     {transport.DialError{Kind: transport.DialTLS, Err: x509.UnknownAuthorityError{}}, []string{"acip-client --tls-ca FILE wss://h"}},
		"expired":         {transport.DialError{Kind: transport.DialTLS, Err: expired}, []string{clock, "renew", doctor}},
		"too early":       {transport.DialError{Kind: transport.DialTLS, Err: early}, []string{clock, "too early", doctor}},
		"another name":    {transport.DialError{Kind: transport.DialTLS, Err: other}, []string{"for: acip.test, 127.0.0.1", doctor}},
		"no name":         {transport.DialError{Kind: transport.DialTLS, Err: x509.HostnameError{}}, []string{"must be valid for the host", doctor}},
		"not TLS": {transport.DialError{Kind: transport.DialTLS, Detail: "that port does not use TLS"},
			[]string{"acip-client ws://h"}},
		"only TLS":        {transport.DialError{Kind: transport.DialTLS, URL: "ws://h/acip"}, []string{"acip-client wss://h"}},
		"a web server":    {transport.DialError{Kind: transport.DialNotACIP, Status: 200}, []string{"check the port"}},
		"not HTTP":        {transport.DialError{Kind: transport.DialNotACIP, URL: "ws://h/acip"}, []string{"check the port", "acip-client wss://h"}},
		"ascii-chat":      {transport.DialError{Kind: transport.DialSubprotocol}, []string{"ascii-chat", "acip-client --version", "Sec-WebSocket-Protocol"}},
		"busy":            {transport.DialError{Kind: transport.DialStatus, Status: 429}, []string{"acip-client --wait wss://h"}},
		"forbidden":       {transport.DialError{Kind: transport.DialStatus, Status: 403}, []string{"operator", doctor}},
		"upgrade":         {transport.DialError{Kind: transport.DialUpgrade}, []string{"proxy_set_header Upgrade $http_upgrade;"}},
		"proxy":           {transport.DialError{Kind: transport.DialProxy}, []string{"check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY", past}},
		"proxy's setting": {transport.DialError{Kind: transport.DialProxy, Err: &transport.ProxySettingError{}}, []string{"socks5://", past}},
		"proxy's password": {transport.DialError{Kind: transport.DialProxy,
			Err: &transport.ProxyError{Host: "p:1", Status: http.StatusProxyAuthRequired}}, []string{"http://NAME:PASSWORD@p:1", past}},
		"proxy refuses": {transport.DialError{Kind: transport.DialProxy, Err: &transport.ProxyError{Status: 403}}, []string{"allow CONNECT", past}},
	} {
		if c.e.URL == "" {
			c.e.URL = "wss://h/acip"
		}
		sentence, hint := Explain(fmt.Errorf("join: %w", &c.e))
		for _, s := range c.says {
			if !strings.Contains(hint, s) {
				t.Errorf("%s: %q does not say %q", name, hint, s)
			}
		}
		if sentence != "join: "+c.e.Error() || strings.Contains(DialRemedy(&c.e), "doctor") {
			t.Errorf("%s: %q, %q", name, sentence, DialRemedy(&c.e))
		}
	}
	if _, hint := Explain(&transport.DialError{Kind: transport.DialCanceled, Err: errors.New("x")}); hint != "" {
		t.Errorf("a remedy for what was given up: %q", hint)
	}
}

// TestGroundPackagesNameNoProgram: sentences of packet and transport are neutral, since not only acip-client prints them.
func TestGroundPackagesNameNoProgram(t *testing.T) {
	var sentences []string
	for _, c := range packet.Codes() {
		sentences = append(sentences, c.Meaning, packet.CloseError{Code: c.Code}.Error())
	}
	for k := transport.DialFailed; k <= transport.DialCanceled; k++ {
		sentences = append(sentences, (&transport.DialError{URL: "ws://h/acip", Kind: k}).Error())
	}
	for _, s := range sentences {
		if strings.Contains(s, "acip-") || strings.Contains(s, "--") {
			t.Errorf("%q", s)
		}
	}
}
