package client

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// trust is how servers are known by TLS: the system's certificates, and those of a PEM file. It is nil without a file.
func trust(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificates to trust: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any; Windows and macOS have theirs
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &UsageError{file + " has no certificate in it", "--tls-ca takes a PEM file, such as the server's --tls-cert"}
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}
