package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/testkit"
	"acip/internal/testkit/gallery"
	"acip/packet"
)

// proxyKind is a proxy whose configuration stands in docs/deploy.md.
type proxyKind struct {
	name   string // of the program, and of the language of its block in the document
	port   string // how the configuration says which port it listens at, and how a test says so
	listen string
	before string // what a test puts before the configuration
	args   []string
}

// proxyKinds are all of them. CONFIG, DIR, PORT and ADMIN are filled in.
func proxyKinds() []proxyKind {
	return []proxyKind{
		{name: "nginx", port: "listen 443 ssl;", listen: "listen PORT ssl;",
			args: []string{"-p", "DIR", "-c", "CONFIG", "-e", "stderr", "-g", "daemon off; pid DIR/pid; error_log stderr;"}},
		{name: "haproxy", port: "bind :443 ", listen: "bind :PORT ", args: []string{"-f", "CONFIG"}},
		{name: "caddy", port: "acip.example.org {", listen: "https://localhost:PORT {",
			before: "{\n\tadmin 127.0.0.1:ADMIN\n\tauto_https disable_redirects\n}\n",
			args:   []string{"run", "--config", "CONFIG", "--adapter", "caddyfile"}},
	}
}

// proxied is a proxy that runs.
type proxied struct {
	port, dir, config, admin string
	ca                       string // the file of the certificate that it shows
	roots                    *x509.CertPool
}

// starter makes a command, here or in a namespace.
type starter func(name string, args ...string) *exec.Cmd

// proxy starts one with the configuration of the document, in front of a server. The test is skipped where the program is
// not installed.
func proxy(t *testing.T, k proxyKind, start starter, server string, ips ...net.IP) *proxied {
	t.Helper()
	program, err := exec.LookPath(k.name)
	if err != nil {
		t.Skipf("%s is not installed", k.name)
	}
	p := &proxied{dir: t.TempDir(), port: freePort(t), admin: freePort(t)}
	p.config, p.ca = filepath.Join(p.dir, "config"), filepath.Join(p.dir, "fullchain.pem")
	p.roots = p.certify(t, ips)
	text := documented(t, k.name)
	for _, r := range [][2]string{{k.port, k.listen}, {"127.0.0.1:27226", server}, {"/etc/ssl/acip/", p.dir + "/"}} {
		if !strings.Contains(text, r[0]) {
			t.Fatalf("the documented configuration of %s does not say %q", k.name, r[0])
		}
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	fill := strings.NewReplacer("CONFIG", p.config, "DIR", p.dir, "PORT", p.port, "ADMIN", p.admin)
	if err := os.WriteFile(p.config, []byte(fill.Replace(k.before+text)), 0o600); err != nil {
		t.Fatal(err)
	}
	var args []string
	for _, a := range k.args {
		args = append(args, fill.Replace(a))
	}
	cmd := start(program, args...)
	var said bytes.Buffer
	cmd.Stderr, cmd.Dir, cmd.Env = &said, p.dir, append(os.Environ(), "HOME="+p.dir, "XDG_DATA_HOME="+p.dir, "XDG_CONFIG_HOME="+p.dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // nginx ends its workers, which a kill would leave behind
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", k.name, said.String())
		}
	})
	return p
}

// documented is the only block of docs/deploy.md in that language.
func documented(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```"+language+"\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("docs/deploy.md has no configuration of %s", language)
	}
	return block
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// certify writes the files that the configurations name: a certificate for this machine, its key, and both in one.
func (p *proxied) certify(t *testing.T, ips []net.IP) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"localhost"}, IPAddresses: ips}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	for name, b := range map[string][]byte{"fullchain.pem": chain, "privkey.pem": private, "bundle.pem": append(bytes.Clone(chain), private...)} {
		if err := os.WriteFile(filepath.Join(p.dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(chain)
	return roots
}

// get asks the proxy for a page until it passes the request on.
func (p *proxied) get(t *testing.T, header http.Header) *http.Response {
	t.Helper()
	trip := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.roots}, DisableKeepAlives: true}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequest(http.MethodGet, "https://localhost:"+p.port+packet.DefaultPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header.Clone()
		resp, err := trip.RoundTrip(r)
		if err == nil && resp.StatusCode < 500 {
			return resp
		}
		if time.Now().After(end) {
			t.Fatalf("%v, %v", resp, err)
		}
	}
}

// TestDocumentedProxies: through nginx, HAProxy and Caddy, configured as docs/deploy.md says, clients join and see, and a
// page that came from there may join.
func TestDocumentedProxies(t *testing.T) {
	for _, k := range proxyKinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			_, server, _ := strings.Cut(relay(t), "://")
			p := proxy(t, k, exec.Command, server)
			upgrade := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
				"Sec-Websocket-Key": {"c2l4dGVlbiBieXRlcyBvaw=="}, "Sec-Websocket-Protocol": {packet.Subprotocol}, "Origin": {"https://localhost:" + p.port}}
			page := p.get(t, upgrade)
			_ = page.Body.Close()
			if page.StatusCode != http.StatusSwitchingProtocols {
				t.Errorf("a page of the same host gets %s", page.Status)
			}
			p.call(t, func(more func(string)) {
				if k.name == "caddy" {
					p.reload(t)
					more("after the proxy's reload")
				}
			})
		})
	}
}

// call is a call of two through the proxy, which must see pictures, also while and after what is done to them.
func (p *proxied) call(t *testing.T, do func(more func(when string))) {
	t.Helper()
	addr, size := "wss://localhost:"+p.port, frame.Size{W: 160, H: 120}
	dims := fmt.Sprintf("%dx%d", size.W, size.H)
	sender, said := play(t, "sender", "--source", "pattern", "--send-only", "--codec", "jpeg", "--capture-size", dims, "--tls-ca", p.ca, addr)
	viewer, pictures := play(t, "viewer", "--view-only", "--output", "rgb", "--peer", "sender", "--size", dims, "--tls-ca", p.ca, addr)
	var seen gallery.Gallery
	var quiet, watching sync.WaitGroup
	quiet.Go(func() { _, _ = io.Copy(io.Discard, said) })
	watching.Go(func() { seen.Look(pictures, size) })
	more(t, &seen, "through the proxy")
	do(func(when string) { more(t, &seen, when) })
	sender.end(t, &quiet)
	viewer.end(t, &watching)
	seen.Check(t)
}

// reload has Caddy read its configuration again, upon which it closes all WebSockets.
func (p *proxied) reload(t *testing.T) {
	t.Helper()
	cmd := exec.Command("caddy", "reload", "--force", "--config", p.config, "--adapter", "caddyfile", "--address", "127.0.0.1:"+p.admin)
	cmd.Env = append(os.Environ(), "HOME="+p.dir)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
}

// TestSlowViewerBehindAProxy: a viewer whose link is a tenth of what is sent sees pictures of now. Where the socket alone
// was asked what is under way, they were seconds old within seconds, and older and older.
func TestSlowViewerBehindAProxy(t *testing.T) {
	n := testkit.NewNamespace(t)
	n.Shape("tbf rate 256kbit burst 8kb latency 200ms")
	_, server, _ := strings.Cut(relayBy(t, n.Command), "://")
	p := proxy(t, proxyKinds()[0], n.Command, server, net.ParseIP(n.Address(0)))
	sender := n.Command(testkit.ProgramPath("acip-client"), "--source", "pattern", "--send-only", "--codec", "jpeg", "--capture-size", "320x240", "ws://"+server)
	sender.Env = []string{"HOME=" + t.TempDir(), "USER=tester"}
	if err := sender.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = sender.Process.Kill(), sender.Wait() })
	size := frame.Size{W: 320, H: 240}
	viewer, pictures := play(t, "viewer", "--view-only", "--output", "rgb", "--peer", "tester", "--size", "320x240", "--wait",
		"--tls-ca", p.ca, "wss://"+n.Address(0)+":"+p.port)
	var seen gallery.Gallery
	var watching sync.WaitGroup
	watching.Go(func() { seen.Look(pictures, size) })
	for range 6 {
		more(t, &seen, "behind the proxy")
	}
	viewer.end(t, &watching)
	text, err := os.ReadFile(viewer.stats)
	var sum struct {
		Age struct{ P50, P99 float64 } `json:"age_ms"`
	}
	if err == nil {
		err = json.Unmarshal(text, &sum)
	}
	if err != nil || sum.Age.P50 > 1000 || sum.Age.P99 > 2500 { // ms; 1 and 300 on a machine that is idle
		t.Errorf("ages %+v, %v", sum.Age, err)
	}
}
