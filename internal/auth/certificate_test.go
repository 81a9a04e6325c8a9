package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/mde-as-code/terraform-provider-mde/internal/auth"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const password = "pfx-pass-word"

// pair is a certificate and its key.
type pair struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// certify makes a self-signed certificate that ends at a time.
func certify(t *testing.T, key crypto.Signer, notAfter time.Time) pair {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pipeline"}, NotBefore: notAfter.Add(-48 * time.Hour), NotAfter: notAfter}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pair{certificate, key}
}

// rsaKey is made once: it takes long.
var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func rsaPair(t *testing.T, notAfter time.Time) pair {
	t.Helper()
	key, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	return certify(t, key, notAfter)
}

func (p pair) pem(t *testing.T) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.certificate.Raw}))
}

func (p pair) pfx(t *testing.T, encoder *pkcs12.Encoder, password string) []byte {
	t.Helper()
	data, err := encoder.Encode(p.key, p.certificate, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func file(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "certificate")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// folded breaks base64 into lines, as the base64 command does.
func folded(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	return text[:76] + "\n" + text[76:] + "\n"
}

func TestCertificate_signsIn(t *testing.T) {
	t.Parallel()
	valid := rsaPair(t, time.Now().Add(24*time.Hour))
	sim := start(t, mdesim.Options{Certificates: []*x509.Certificate{valid.certificate}})
	inline := func(text string) func(*auth.Config) {
		return func(c *auth.Config) { c.ClientCertificate = set("client_certificate", text) }
	}
	path := func(data []byte) func(*auth.Config) {
		return func(c *auth.Config) { c.ClientCertificatePath = set("client_certificate_path", file(t, data)) }
	}
	locked := func(next func(*auth.Config)) func(*auth.Config) {
		return func(c *auth.Config) {
			c.ClientCertificatePassword = set("client_certificate_password", password)
			next(c)
		}
	}
	for name, change := range map[string]func(*auth.Config){
		"PEM inline":              inline(valid.pem(t)),
		"PEM file":                path([]byte(valid.pem(t))),
		"PFX inline":              locked(inline(folded(valid.pfx(t, pkcs12.Modern2023, password)))),
		"PFX file":                locked(path(valid.pfx(t, pkcs12.Modern2023, password))),
		"PFX file of old Windows": locked(path(valid.pfx(t, pkcs12.LegacyRC2, password))),
		"PFX without password":    path(valid.pfx(t, pkcs12.Passwordless, "")),
		"block before environment": func(c *auth.Config) {
			path([]byte(valid.pem(t)))(c)
			c.ClientCertificate = auth.Setting{Name: "client_certificate", Text: "rubbish", Origin: auth.FromVariable("ARM_CLIENT_CERTIFICATE")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t, sim)
			change(&c)
			token, err := open(t, c).Token(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			works(t, sim, token)
		})
	}
}

func TestCertificate_explainsWhatIsWrong(t *testing.T) {
	t.Parallel()
	valid := rsaPair(t, time.Now().Add(24*time.Hour))
	expired := rsaPair(t, time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC))
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	elliptical := certify(t, curve, time.Now().Add(24*time.Hour))
	sim := start(t, mdesim.Options{})
	for name, tt := range map[string]struct {
		text, path, password string
		setting, says        string
	}{
		"wrong password":    {path: file(t, valid.pfx(t, pkcs12.Modern2023, password)), password: "wrong", setting: "client_certificate_password", says: "the password does not open the PFX file"},
		"password missing":  {path: file(t, valid.pfx(t, pkcs12.Modern2023, password)), setting: "client_certificate_password", says: "the password does not open the PFX file"},
		"expired":           {text: expired.pem(t), setting: "client_certificate", says: "expired at 2024-02-03T04:05:06Z"},
		"no such file":      {path: "/nowhere/at-all.pfx", setting: "client_certificate_path", says: "/nowhere/at-all.pfx: no such file"},
		"rubbish":           {text: "%%%", setting: "client_certificate", says: "neither PEM nor base64"},
		"base64 of rubbish": {text: "cnViYmlzaA==", setting: "client_certificate", says: "neither PEM nor a PFX file"},
		"no key":            {text: strings.SplitAfter(valid.pem(t), "-----END PRIVATE KEY-----\n")[1], setting: "client_certificate", says: "no private key found"},
		"no RSA":            {text: elliptical.pem(t), setting: "client_certificate", says: "key must be an RSA key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t, sim)
			if tt.text != "" {
				c.ClientCertificate = set("client_certificate", tt.text)
			}
			if tt.path != "" {
				c.ClientCertificatePath = set("client_certificate_path", tt.path)
			}
			if tt.password != "" {
				c.ClientCertificatePassword = set("client_certificate_password", tt.password)
			}
			_, err := auth.New(t.Context(), c)
			var signIn *auth.Error
			if !errors.As(err, &signIn) || signIn.Settings[0].Name != tt.setting || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v; want %s: … %s", err, tt.setting, tt.says)
			}
		})
	}
}

func TestCertificate_thatTheApplicationDoesNotHave(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	c := config(t, sim)
	c.ClientCertificate = set("client_certificate", rsaPair(t, time.Now().Add(time.Hour)).pem(t))
	_, err := open(t, c).Token(t.Context())
	var signIn *auth.Error
	if !errors.As(err, &signIn) || signIn.Code != "AADSTS700027" || signIn.Settings[0].Name != "client_certificate" {
		t.Errorf("got %v", err)
	}
}
