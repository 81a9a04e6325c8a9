package provider_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// severalReads makes the provider call the API from several goroutines at once.
const severalReads = `
data "mde_machine" "by_name" {
  count             = 5
  computer_dns_name = "desktop-01.contoso.com"
}

resource "mde_library_file" "this" {
  count     = 5
  file_name = "note-${count.index}.txt"
  content   = "note"
}
`

// TestAccSignIn signs in as a real process does, at an HTTPS authority.
func TestAccSignIn(t *testing.T) {
	t.Parallel()
	certificate, key := newCertificate(t)
	pemFile := pemBundle(t, certificate, key)
	pfxFile, err := pkcs12.Modern.Encode(key, certificate, nil, "pfx-password")
	if err != nil {
		t.Fatal(err)
	}
	for name, prove := range map[string]func(env *acctest.Env, w *acctest.Folder){
		"client secret": func(env *acctest.Env, w *acctest.Folder) {
			w.Setenv("MDE_CLIENT_SECRET", env.Sim.ClientSecret())
		},
		"certificate as PEM": func(_ *acctest.Env, w *acctest.Folder) {
			w.Setenv("MDE_CLIENT_CERTIFICATE", string(pemFile))
		},
		"certificate as PEM file": func(_ *acctest.Env, w *acctest.Folder) {
			w.Write("certificate.pem", string(pemFile))
			w.Setenv("MDE_CLIENT_CERTIFICATE_PATH", w.Path("certificate.pem"))
		},
		"certificate as PFX": func(_ *acctest.Env, w *acctest.Folder) {
			w.Setenv("MDE_CLIENT_CERTIFICATE", base64.StdEncoding.EncodeToString(pfxFile))
			w.Setenv("MDE_CLIENT_CERTIFICATE_PASSWORD", "pfx-password")
		},
		"certificate as PFX file": func(_ *acctest.Env, w *acctest.Folder) {
			w.Write("certificate.pfx", string(pfxFile))
			w.Setenv("MDE_CLIENT_CERTIFICATE_PATH", w.Path("certificate.pfx"))
			w.Setenv("MDE_CLIENT_CERTIFICATE_PASSWORD", "pfx-password")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, mdesim.Options{Certificates: []*x509.Certificate{certificate}})
			w := acctest.Workspace(t)
			w.SignIn(env)
			prove(env, w)
			w.Write("main.tf", severalReads)
			w.Init()

			w.Plan()
			if got := env.Sim.Count(mdesim.OpToken); got != 1 {
				t.Errorf("a plan, which is one provider process, made %d token requests", got)
			}
			env.Sim.ResetJournal()
			w.Apply()
			if got := env.Sim.Count(mdesim.OpToken); got != 2 {
				t.Errorf("an apply, which is two provider processes, made %d token requests", got)
			}
		})
	}
}

// TestAccSignIn_refused shows what a user with a wrong setting reads.
func TestAccSignIn_refused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(w *acctest.Folder)
		want  []string
	}{
		"wrong secret": {
			spoil: func(w *acctest.Folder) { w.Setenv("MDE_CLIENT_SECRET", "not-the-secret") },
			want:  []string{"AADSTS7000215", "client_secret", "MDE_CLIENT_SECRET"},
		},
		"unknown tenant": {
			spoil: func(w *acctest.Folder) { w.Setenv("MDE_TENANT_ID", "00000000-0000-4000-8000-000000000000") },
			want:  []string{"AADSTS90002", "tenant_id", "MDE_TENANT_ID"},
		},
		"unknown client": {
			spoil: func(w *acctest.Folder) { w.Setenv("MDE_CLIENT_ID", "00000000-0000-4000-8000-000000000000") },
			want:  []string{"AADSTS700016", "client_id", "MDE_CLIENT_ID"},
		},
		"unreachable authority": {
			spoil: func(w *acctest.Folder) { w.Setenv("MDE_AUTHORITY_HOST", "https://127.0.0.1:1") },
			want:  []string{"https://127.0.0.1:1", "authority_host"},
		},
		"untrusted authority": {
			spoil: func(w *acctest.Folder) { w.Setenv("SSL_CERT_FILE", w.Path("terraform.tf")) },
			want:  []string{"certificate", "authority_host"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
			w.SignIn(env)
			w.Setenv("MDE_CLIENT_SECRET", env.Sim.ClientSecret())
			w.Write("main.tf", `data "mde_machine" "this" { computer_dns_name = "desktop-01.contoso.com" }`)
			w.Init()
			test.spoil(w)

			output := strings.Join(strings.Fields(strings.ReplaceAll(w.RunError("plan", "-no-color"), "│", "")), " ")
			for _, want := range test.want {
				if !strings.Contains(output, want) {
					t.Errorf("the error does not speak of %q:\n%s", want, output)
				}
			}
			if calls := env.Sim.Count(mdesim.OpListMachines, mdesim.OpGetMachine); calls > 0 {
				t.Errorf("%d calls were made without a token", calls)
			}
		})
	}
}

// newCertificate returns a self-signed certificate for an application.
func newCertificate(t *testing.T) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "terraform"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// pemBundle is a certificate followed by its private key.
func pemBundle(t *testing.T, certificate *x509.Certificate, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var bundle bytes.Buffer
	for _, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: certificate.Raw}, {Type: "PRIVATE KEY", Bytes: der}} {
		if err := pem.Encode(&bundle, block); err != nil {
			t.Fatal(err)
		}
	}
	return bundle.Bytes()
}
