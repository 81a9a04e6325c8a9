package auth

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"software.sslmate.com/src/go-pkcs12"
)

const certificateName = "the client certificate"

// certificateMethod signs in as an application that holds the private key of a
// certificate.
func certificateMethod() method {
	return method{
		name:  certificateName,
		word:  "client_certificate",
		by:    func(c *Config) []Setting { return []Setting{c.ClientCertificate, c.ClientCertificatePath} },
		needs: func(c *Config) []Setting { return []Setting{c.TenantID, c.ClientID} },
		open:  openCertificate,
	}
}

func openCertificate(c *Config) (signIn, error) {
	if c.ClientCertificatePassword.Text != "" {
		c.Learn(c.ClientCertificatePassword.Text)
	}
	setting, data, err := certificateData(c)
	if err != nil {
		return nil, certificateError(err.Error(), setting)
	}
	certificates, key, err := parseCertificate(data, c.ClientCertificatePassword.Text)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, certificateError(fmt.Sprintf("the password does not open the PFX file of %s", setting), c.ClientCertificatePassword, setting)
	case err != nil:
		return nil, certificateError(err.Error(), setting)
	}
	credential, err := confidential.NewCredFromCert(certificates, key)
	if err != nil {
		return nil, certificateError(err.Error(), setting)
	}
	leaf := certificates[0]
	if now := time.Now(); now.After(leaf.NotAfter) {
		return nil, certificateError(fmt.Sprintf("the certificate %q expired at %s", leaf.Subject, leaf.NotAfter.UTC().Format(time.RFC3339)), setting)
	}
	return newApplication(c, certificateName, setting, func() (confidential.Credential, error) { return credential, nil }), nil
}

func certificateError(problem string, settings ...Setting) error {
	return &Error{Doing: "signing in with " + certificateName, Settings: settings, Problem: problem}
}

// certificateData returns the bytes of the certificate and the setting they
// come from.
func certificateData(c *Config) (Setting, []byte, error) {
	inline := first(c.ClientCertificate, c.ClientCertificatePath)
	if inline.Name == c.ClientCertificatePath.Name {
		data, err := os.ReadFile(inline.Text)
		return inline, data, err
	}
	c.Learn(inline.Text)
	if isPEM([]byte(inline.Text)) {
		return inline, []byte(inline.Text), nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(inline.Text), ""))
	if err != nil {
		return inline, nil, errors.New("the value is neither PEM nor base64; give PEM text, or a PFX file in base64")
	}
	return inline, data, nil
}

func isPEM(data []byte) bool { return bytes.Contains(data, []byte("-----BEGIN ")) }

// parseCertificate reads PEM or PFX and puts the certificate that belongs to
// the key first.
func parseCertificate(data []byte, password string) ([]*x509.Certificate, crypto.PrivateKey, error) {
	if isPEM(data) {
		certificates, key, err := confidential.CertFromPEM(data, "")
		if err != nil {
			return nil, nil, fmt.Errorf("the PEM data cannot be used: %w", err)
		}
		return leafFirst(certificates, key), key, nil
	}
	key, leaf, chain, err := pkcs12.DecodeChain(data, password)
	if err != nil {
		return nil, nil, fmt.Errorf("the data is neither PEM nor a PFX file that can be read: %w", err)
	}
	return append([]*x509.Certificate{leaf}, chain...), key, nil
}

// leafFirst finds the certificate of the key in a chain of any order.
func leafFirst(certificates []*x509.Certificate, key crypto.PrivateKey) []*x509.Certificate {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return certificates
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok {
		return certificates
	}
	for i, certificate := range certificates {
		if public.Equal(certificate.PublicKey) {
			certificates[0], certificates[i] = certificates[i], certificates[0]
			break
		}
	}
	return certificates
}
