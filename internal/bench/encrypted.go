package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"acip/internal/bench/load"
)

// encrypted is what TLS costs: each receiver's copy has a key of its own, so that nothing of it is shared. There is no goal,
// and no rate, since the receivers' decrypting takes as much of the machine.
func encrypted(ctx context.Context, b *bench) ([]Figure, error) {
	const n = 32
	cert, err := newCertificate(b.tmp)
	if err != nil {
		return nil, err
	}
	var bare, secret, ratio []float64
	for range b.rounds {
		plain, err := b.flood(ctx, target{kind: load.Raw}, n)
		if err != nil {
			return nil, err
		}
		coded, err := b.flood(ctx, target{kind: load.ACIP, cert: cert}, n)
		if err != nil {
			return nil, fmt.Errorf("by TLS: %w", err)
		}
		bare, secret, ratio = append(bare, plain.cpuPerGB), append(secret, coded.cpuPerGB), append(ratio, coded.cpuPerGB/plain.cpuPerGB)
	}
	return []Figure{figure("fanout_tls_cpu_ratio_32", median(ratio), "× raw TCP").
		beside("CPU s/GB: acip with TLS %.3f, raw TCP without %.3f", median(secret), median(bare))}, nil
}

// certificate is one of a server's own.
type certificate struct {
	cert, key string // PEM files
	roots     *x509.CertPool
}

// flags is how acip-server is told of it.
func (c *certificate) flags() []string { return []string{"--tls-cert", c.cert, "--tls-key", c.key} }

// newCertificate makes one for 127.0.0.1, for an hour, in dir.
func newCertificate(dir string) (*certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	c := &certificate{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), roots: x509.NewCertPool()}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	c.roots.AppendCertsFromPEM(text)
	if err := os.WriteFile(c.cert, text, 0o600); err != nil {
		return nil, err
	}
	return c, os.WriteFile(c.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600)
}
