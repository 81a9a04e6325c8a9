package mdesim

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"time"
)

// authority is a certificate authority and the leaf that it vouches for.
type authority struct {
	// bundle holds the CA's certificate and key.
	bundle []byte
	caPEM  []byte
	leaf   tls.Certificate
}

// newAuthority makes a CA, or takes the one in bundle, and issues a leaf for
// the loopback addresses.
func newAuthority(bundle []byte) (*authority, error) {
	if len(bundle) == 0 {
		var err error
		if bundle, err = newCABundle(); err != nil {
			return nil, err
		}
	}
	ca, err := tls.X509KeyPair(bundle, bundle)
	if err != nil {
		return nil, fmt.Errorf("reading the CA: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate("localhost", 2)
	template.DNSNames = []string{"localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leaf, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, key.Public(), ca.PrivateKey)
	if err != nil {
		return nil, err
	}
	return &authority{
		bundle: bundle,
		caPEM:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate[0]}),
		leaf:   tls.Certificate{Certificate: [][]byte{leaf, ca.Certificate[0]}, PrivateKey: key},
	}, nil
}

func newCABundle() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate("mdesim CA", 1)
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var bundle bytes.Buffer
	err = errors.Join(
		pem.Encode(&bundle, &pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.Encode(&bundle, &pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	)
	return bundle.Bytes(), err
}

// certificate is a template that is valid for ten years around now.
func certificate(name string, serial int64) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().AddDate(10, 0, 0),
	}
}

func (a *authority) config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{a.leaf}, MinVersion: tls.VersionTLS12}
}

// CACertPEM is the certificate that vouches for the token endpoint.
func (s *Server) CACertPEM() []byte { return bytes.Clone(s.authority.caPEM) }

// CABundlePEM is CACertPEM and its private key, for [Options.CA]: a server that
// is started again is then still trusted.
func (s *Server) CABundlePEM() []byte { return bytes.Clone(s.authority.bundle) }

// silent swallows what net/http says about connections that are cut.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }
