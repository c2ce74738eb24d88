package address

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"acip/internal/fault"
	"acip/internal/textfile"
)

// Trust is how servers are known by TLS: the system's certificates, and those of a PEM file. It is nil without a
// file. Errors are of the file.
func Trust(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := textfile.Read(file)
	if err != nil {
		return nil, fmt.Errorf("certificates to trust: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any; Windows and macOS have theirs
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &fault.Usage{Text: file + " has no certificate in it", Remedy: "--tls-ca takes a PEM file, such as the server's --tls-cert"}
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}
